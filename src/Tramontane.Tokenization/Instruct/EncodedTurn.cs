using System.Text;
using Tramontane.Tokenization.Images;

namespace Tramontane.Tokenization.Instruct;

/// <summary>
/// The tokens of one merged message. Control tokens are placed by hand around text parts, each of which is encoded on
/// its own, so that no text can become a control token or merge across a border.
/// </summary>
/// <param name="tokenizer">The vocabulary.</param>
/// <param name="messageIndex">The message's place in the conversation as it came, for refusals.</param>
internal sealed class EncodedTurn(Tokenizer tokenizer, int messageIndex)
{
    public List<int> Tokens { get; } = [];

    /// <summary>Images with positions counted from the turn's first token.</summary>
    public List<ImageSlot> Images { get; } = [];

    public void Clear()
    {
        Tokens.Clear();
        Images.Clear();
    }

    /// <summary>The block of tools, before the message that follows.</summary>
    public void AddTools(IReadOnlyList<ToolDefinition> tools)
    {
        var json = new StringBuilder("[");
        foreach (ToolDefinition tool in tools)
        {
            json.Append(json.Length > 1 ? ", " : "").Append("{\"type\": \"function\", \"function\": {\"name\": ");
            PythonJson.WriteString(tool.Name, json);
            json.Append(", \"description\": ");
            PythonJson.WriteString(tool.Description, json);
            json.Append(", \"parameters\": ").Append(Reserialize(tool.ParametersJson)).Append("}}");
        }

        Tokens.Add(SpecialTokens.BeginAvailableTools);
        AddText(json.Append(']').ToString());
        Tokens.Add(SpecialTokens.EndAvailableTools);
    }

    /// <param name="message">A normalised message.</param>
    /// <param name="isOpen">The model goes on from this assistant message, so nothing ends it.</param>
    public void AddMessage(ChatMessage message, bool isOpen)
    {
        switch (message.Role)
        {
            case ChatRole.System:
                Tokens.Add(SpecialTokens.BeginSystemPrompt);
                AddContent(message.Content);
                Tokens.Add(SpecialTokens.EndSystemPrompt);
                break;
            case ChatRole.User:
                Tokens.Add(SpecialTokens.BeginInstruction);
                // A text with one image behind it: the image goes first, as in training.
                AddContent(message.Content is [TextPart text, ImagePart image] ? [image, text] : message.Content);
                Tokens.Add(SpecialTokens.EndInstruction);
                break;
            case ChatRole.Assistant:
                AddAssistant(message, isOpen);
                break;
            default:
                Tokens.Add(SpecialTokens.BeginToolResults);
                AddText(message.ToolCallId ?? "");
                Tokens.Add(SpecialTokens.ToolContent);
                AddContent(message.Content); // verbatim, even when it is JSON
                Tokens.Add(SpecialTokens.EndToolResults);
                break;
        }
    }

    private void AddAssistant(ChatMessage message, bool isOpen)
    {
        if (message.Content.Count == 0 && message.ToolCalls.Count == 0)
        {
            throw Refuse(ChatFormatErrorKind.NotEncodable, "empty-assistant",
                "an assistant message has neither text nor tool calls: leave it out or give it one of them.");
        }

        foreach (ContentPart part in message.Content)
        {
            AddPart(part is TextPart text ? new TextPart(text.Text.TrimEnd(' ')) : part);
        }

        foreach (ToolCall call in message.ToolCalls)
        {
            Tokens.Add(SpecialTokens.ToolCalls);
            AddText(call.Name);
            if (call.Id != ConversationValidator.NoId)
            {
                Tokens.Add(SpecialTokens.CallId);
                AddText(call.Id);
            }

            Tokens.Add(SpecialTokens.Arguments);
            AddText(call.Arguments.Length == 0 ? "{}" : Reserialize(call.Arguments));
        }

        if (!isOpen)
        {
            Tokens.Add(SpecialTokens.Eos);
        }
    }

    private void AddContent(IReadOnlyList<ContentPart> content)
    {
        foreach (ContentPart part in content)
        {
            AddPart(part);
        }
    }

    private void AddPart(ContentPart part)
    {
        switch (part)
        {
            case TextPart text:
                AddText(text.Text);
                break;
            case ImagePart image:
                AddImage(image);
                break;
            case UnsupportedPart { Type: "thinking" }:
                throw Refuse(ChatFormatErrorKind.NotEncodable, "thinking",
                    "this model has no thinking: leave 'thinking' chunks and 'reasoning_content' out.");
            default:
                string type = part is UnsupportedPart other ? other.Type : part.GetType().Name;
                throw Refuse(ChatFormatErrorKind.UnsupportedContent, "content-type", $"this model takes text and images, not '{type}': leave it out.");
        }
    }

    private void AddText(string text) => tokenizer.Encode(text, Tokens);

    private void AddImage(ImagePart image)
    {
        if (image.Size == default)
        {
            throw RefuseUnknown(image.Source ?? "");
        }

        if (!ImageGrid.TryCreate(image.Size, tokenizer.Images, out ImageGrid grid))
        {
            throw Refuse(ChatFormatErrorKind.UnsupportedContent, "image-size",
                $"an image of {image.Size.Width} x {image.Size.Height} pixels is too thin: no side may vanish when the longer one is shrunk to {tokenizer.Images.MaxImageSize}.");
        }

        Images.Add(new ImageSlot(image, Tokens.Count, grid));
        grid.AppendTokens(Tokens);
    }

    private ChatFormatException RefuseUnknown(string source)
    {
        bool isRemote = source.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || source.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
        string shown = source.Length <= 80 ? source : source[..80] + "…";
        if (isRemote || ImageDataUrl.IsImage(source))
        {
            return Refuse(ChatFormatErrorKind.UnidentifiedImage, "image-format",
                $"the image at '{shown}' could not be read: send a PNG, JPEG, GIF, WebP or BMP.");
        }

        return Refuse(ChatFormatErrorKind.UnsupportedImageSource, "image-source",
            $"the image source '{shown}' is not served: use 'data:image/…;base64,…' or an http(s) address.");
    }

    // Valid JSON in Python's spelling; anything else as one JSON string.
    private string Reserialize(string json)
    {
        switch (PythonJson.Load(json, out PythonJsonValue? value))
        {
            case JsonReading.Ok:
                return PythonJson.Dump(value!);
            case JsonReading.TooDeep:
                throw Refuse(ChatFormatErrorKind.UnknownValue, "json-depth",
                    $"tool call arguments are nested more than {PythonJson.MaxDepth} deep: flatten them.");
            default:
                var text = new StringBuilder();
                PythonJson.WriteString(json, text);
                return text.ToString();
        }
    }

    private ChatFormatException Refuse(ChatFormatErrorKind kind, string rule, string message) =>
        new(new ChatFormatError(kind, ChatFormatStage.Encode, messageIndex, rule, $"Message {messageIndex}: {message}"));
}
