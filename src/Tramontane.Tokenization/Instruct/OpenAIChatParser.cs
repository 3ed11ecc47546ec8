using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Tramontane.Tokenization.Images;

namespace Tramontane.Tokenization.Instruct;

/// <summary>
/// Reads a chat request in OpenAI's shape, with the refusals of mistral-common. Unknown keys are ignored. Before the
/// text becomes a <see cref="JsonElement"/>, <see cref="JsonSurrogates.Repair"/> must have seen it.
/// </summary>
public static class OpenAIChatParser
{
    private static readonly HashSet<string> s_unsupportedChunks = ["input_audio", "audio_url", "thinking"];

    /// <summary>Reads <c>messages</c>, <c>tools</c> and the fields that change the prompt.</summary>
    /// <param name="request">The request object.</param>
    /// <param name="conversation">What was read; null when refused.</param>
    /// <param name="error">The first fault; null when accepted.</param>
    /// <param name="imageSize">
    /// Pixel size of the image at a URL; null when it cannot be told, which is refused when the prompt is written.
    /// Left out: data URLs are read, other addresses cannot be told.
    /// </param>
    public static bool TryParse(
        JsonElement request,
        [NotNullWhen(true)] out ChatConversation? conversation,
        [NotNullWhen(false)] out ChatFormatError? error,
        Func<string, ImageSize?>? imageSize = null)
    {
        try
        {
            conversation = ParseRequest(request, imageSize ?? SizeOfDataUrl);
            error = null;
            return true;
        }
        catch (ChatFormatException refusal)
        {
            conversation = null;
            error = refusal.Error;
            return false;
        }
    }

    private static ImageSize? SizeOfDataUrl(string url) => ImageDataUrl.TryReadSize(url, out ImageSize size) ? size : null;

    private static ChatConversation ParseRequest(JsonElement request, Func<string, ImageSize?> imageSize)
    {
        RequireObject(request, null, "the request");
        JsonElement list = Required(request, "messages", null, "the request");
        if (list.ValueKind != JsonValueKind.Array)
        {
            throw WrongType(null, "'messages' must be a list");
        }

        var messages = new List<ChatMessage>();
        foreach (JsonElement item in list.EnumerateArray())
        {
            messages.Add(ParseMessage(item, messages.Count, imageSize));
        }

        int? limit = null;
        if (OptionalBoolean(request, "truncate_for_context_length", null))
        {
            limit = OptionalValue(request, "max_model_input_len") is JsonElement number
                ? number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out int value)
                    ? value
                    : throw WrongType(null, "'max_model_input_len' must be an integer")
                : throw Refuse(ChatFormatErrorKind.NotEncodable, null, "truncation",
                    "'truncate_for_context_length' needs a limit: set 'max_model_input_len'.", ChatFormatStage.Encode);
        }

        return new ChatConversation
        {
            Messages = messages,
            Tools = ParseTools(request),
            Model = OptionalString(request, "model", null),
            ReasoningEffort = OptionalString(request, "reasoning_effort", null),
            ContinueFinalMessage = OptionalBoolean(request, "continue_final_message", null),
            TruncateToTokens = limit,
        };
    }

    private static ChatMessage ParseMessage(JsonElement message, int index, Func<string, ImageSize?> imageSize)
    {
        RequireObject(message, index, $"message {index}");
        string? role = OptionalValue(message, "role") is { ValueKind: JsonValueKind.String } name ? name.GetString() : null;
        switch (role)
        {
            case "system":
                return new ChatMessage { Role = ChatRole.System, Content = RequiredContent(message, index, ChatRole.System, imageSize) };
            case "user":
                return new ChatMessage { Role = ChatRole.User, Content = RequiredContent(message, index, ChatRole.User, imageSize) };
            case "assistant":
                return ParseAssistant(message, index, imageSize);
            case "tool":
                List<ContentPart> content = RequiredContent(message, index, ChatRole.Tool, imageSize);
                JsonElement id = Required(message, "tool_call_id", index, $"message {index}");
                if (id.ValueKind is not (JsonValueKind.String or JsonValueKind.Null))
                {
                    throw WrongType(index, $"'tool_call_id' of message {index} must be a string");
                }

                return new ChatMessage
                {
                    Role = ChatRole.Tool,
                    Content = content,
                    ToolCallId = id.GetString(),
                    Name = OptionalString(message, "name", index),
                };
            default:
                throw Unknown(index, "role", $"Message {index} has the role '{role}': use system, user, assistant or tool.");
        }
    }

    private static ChatMessage ParseAssistant(JsonElement message, int index, Func<string, ImageSize?> imageSize)
    {
        List<ContentPart> content = OptionalValue(message, "content") is JsonElement value
            ? ParseContent(value, index, ChatRole.Assistant, imageSize)
            : [];
        if (OptionalValue(message, "reasoning_content") is not null || OptionalValue(message, "reasoning") is not null)
        {
            content.Insert(0, new UnsupportedPart("thinking"));
        }

        var calls = new List<ToolCall>();
        if (OptionalValue(message, "tool_calls") is JsonElement list)
        {
            if (list.ValueKind != JsonValueKind.Array)
            {
                throw Unknown(index, "tool-calls", $"'tool_calls' of message {index} must be a list, found {list.ValueKind}.");
            }

            foreach (JsonElement call in list.EnumerateArray())
            {
                calls.Add(ParseCall(call, index, $"tool call {calls.Count} of message {index}"));
            }
        }

        return new ChatMessage
        {
            Role = ChatRole.Assistant,
            Content = content,
            ToolCalls = calls,
            Prefix = OptionalBoolean(message, "prefix", index),
        };
    }

    private static ToolCall ParseCall(JsonElement call, int index, string where)
    {
        if (call.ValueKind != JsonValueKind.Object)
        {
            throw WrongType(index, $"{where} must be an object");
        }

        string id = call.TryGetProperty("id", out JsonElement given) ? String(given, index, $"'id' of {where}") : ConversationValidator.NoId;
        if (call.TryGetProperty("type", out JsonElement type) && !IsFunction(type))
        {
            throw WrongType(index, $"'type' of {where} must be \"function\"");
        }

        if (!call.TryGetProperty("function", out JsonElement function) || function.ValueKind != JsonValueKind.Object)
        {
            throw WrongType(index, $"{where} must have an object 'function'");
        }

        foreach (JsonProperty property in function.EnumerateObject())
        {
            if (property.Name is not ("name" or "arguments"))
            {
                throw WrongType(index, $"'function' of {where} must have no other keys than 'name' and 'arguments', found '{property.Name}'");
            }
        }

        if (!function.TryGetProperty("name", out JsonElement name) || !function.TryGetProperty("arguments", out JsonElement arguments))
        {
            throw WrongType(index, $"'function' of {where} must have 'name' and 'arguments'");
        }

        string text = arguments.ValueKind switch
        {
            JsonValueKind.String => arguments.GetString()!,
            JsonValueKind.Object => arguments.GetRawText(),
            JsonValueKind.Null => "{}",
            _ => throw WrongType(index, $"'arguments' of {where} must be a string of JSON or an object"),
        };
        return new ToolCall(id, String(name, index, $"'name' of {where}"), text);
    }

    private static List<ContentPart> RequiredContent(JsonElement message, int index, ChatRole role, Func<string, ImageSize?> imageSize)
    {
        JsonElement content = Required(message, "content", index, $"message {index}");
        return content.ValueKind != JsonValueKind.Null
            ? ParseContent(content, index, role, imageSize)
            : throw WrongType(index, $"'content' of message {index} must be a string or a list of chunks, found null");
    }

    private static List<ContentPart> ParseContent(JsonElement content, int index, ChatRole role, Func<string, ImageSize?> imageSize)
    {
        if (content.ValueKind == JsonValueKind.String)
        {
            return [new TextPart(content.GetString()!)];
        }

        if (content.ValueKind != JsonValueKind.Array)
        {
            throw Unknown(index, "content-type", $"'content' of message {index} must be a string or a list of chunks, found {content.ValueKind}.");
        }

        var parts = new List<ContentPart>();
        foreach (JsonElement chunk in content.EnumerateArray())
        {
            parts.Add(ParseChunk(chunk, index, role, $"chunk {parts.Count} of message {index}", imageSize));
        }

        return parts;
    }

    private static ContentPart ParseChunk(JsonElement chunk, int index, ChatRole role, string where, Func<string, ImageSize?> imageSize)
    {
        if (chunk.ValueKind != JsonValueKind.Object || !chunk.TryGetProperty("type", out JsonElement type))
        {
            throw Unknown(index, "chunk-type", $"{Capital(where)} must be an object with a 'type'.");
        }

        string? name = type.ValueKind == JsonValueKind.String ? type.GetString() : null;
        switch (name)
        {
            case "text":
                return chunk.TryGetProperty("text", out JsonElement text)
                    ? new TextPart(String(text, index, $"'text' of {where}"))
                    : throw WrongType(index, $"{where} must have a string 'text'");
            case "image_url":
                string url = ImageUrl(chunk, index, where);
                return role is ChatRole.User or ChatRole.Tool // a tool's images are refused when its message is checked
                    ? new ImagePart(imageSize(url) ?? default, url)
                    : throw WrongType(index, $"{where} must not be an image: only user messages have images");
            case "image":
                throw Refuse(ChatFormatErrorKind.UnsupportedContent, index, "chunk-type", $"{Capital(where)} has the type 'image': use 'image_url'.");
            case string known when s_unsupportedChunks.Contains(known):
                bool fits = known == "thinking" ? role is ChatRole.System or ChatRole.Assistant : role == ChatRole.User;
                return fits || role == ChatRole.Tool
                    ? new UnsupportedPart(known)
                    : throw WrongType(index, $"{where} must not be of type '{known}' in this role");
            default:
                throw Unknown(index, "chunk-type", $"{Capital(where)} has an unknown type: use 'text' or 'image_url'.");
        }
    }

    private static string ImageUrl(JsonElement chunk, int index, string where)
    {
        JsonElement value = Required(chunk, "image_url", index, where);
        if (value.ValueKind == JsonValueKind.String)
        {
            return value.GetString()!;
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            throw WrongType(index, $"'image_url' of {where} must be a string or an object with 'url'");
        }

        foreach (JsonProperty property in value.EnumerateObject())
        {
            if (property.Name is not ("url" or "detail"))
            {
                throw WrongType(index, $"'image_url' of {where} must have no other keys than 'url' and 'detail', found '{property.Name}'");
            }
        }

        OptionalString(value, "detail", index);
        return value.TryGetProperty("url", out JsonElement url)
            ? String(url, index, $"'url' of {where}")
            : throw WrongType(index, $"'image_url' of {where} must have a string 'url'");
    }

    private static List<ToolDefinition> ParseTools(JsonElement request)
    {
        var tools = new List<ToolDefinition>();
        if (OptionalValue(request, "tools") is not JsonElement list)
        {
            return tools;
        }

        if (list.ValueKind != JsonValueKind.Array)
        {
            throw WrongType(null, "'tools' must be a list");
        }

        foreach (JsonElement tool in list.EnumerateArray())
        {
            tools.Add(ParseTool(tool, $"tool {tools.Count}"));
        }

        return tools;
    }

    private static ToolDefinition ParseTool(JsonElement tool, string where)
    {
        RequireObject(tool, null, where);
        if (tool.TryGetProperty("type", out JsonElement type) && !IsFunction(type))
        {
            throw WrongType(null, $"'type' of {where} must be \"function\"");
        }

        if (!tool.TryGetProperty("function", out JsonElement function) || function.ValueKind != JsonValueKind.Object
            || !function.TryGetProperty("name", out JsonElement name))
        {
            throw WrongType(null, $"{where} must have an object 'function' with a 'name'");
        }

        if (function.TryGetProperty("strict", out JsonElement strict) && strict.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            throw WrongType(null, $"'strict' of {where} must be true or false");
        }

        string parameters = "{}";
        if (OptionalValue(function, "parameters") is JsonElement schema)
        {
            parameters = schema.ValueKind == JsonValueKind.Object ? schema.GetRawText() : throw WrongType(null, $"'parameters' of {where} must be an object");
        }

        return new ToolDefinition(String(name, null, $"'name' of {where}"), OptionalString(function, "description", null) ?? "", parameters);
    }

    private static bool IsFunction(JsonElement type) => type.ValueKind == JsonValueKind.String && type.ValueEquals("function"u8);

    private static JsonElement Required(JsonElement parent, string key, int? index, string where) => parent.TryGetProperty(key, out JsonElement value)
        ? value
        : throw Refuse(ChatFormatErrorKind.MissingKey, index, "missing-key", $"{Capital(where)} has no '{key}': add it.");

    // Absent and null are the same to most fields.
    private static JsonElement? OptionalValue(JsonElement parent, string key) =>
        parent.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static string? OptionalString(JsonElement parent, string key, int? index) =>
        OptionalValue(parent, key) is JsonElement value ? String(value, index, $"'{key}'") : null;

    private static bool OptionalBoolean(JsonElement parent, string key, int? index) => OptionalValue(parent, key)?.ValueKind switch
    {
        null or JsonValueKind.False => false,
        JsonValueKind.True => true,
        _ => throw WrongType(index, $"'{key}' must be true or false"),
    };

    private static string String(JsonElement value, int? index, string where) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw WrongType(index, $"{where} must be a string, found {value.ValueKind}");

    private static void RequireObject(JsonElement value, int? index, string where)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw Unknown(index, "object", $"{Capital(where)} must be an object, found {value.ValueKind}.");
        }
    }

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    private static ChatFormatException WrongType(int? index, string expectation) =>
        Refuse(ChatFormatErrorKind.WrongType, index, "wrong-type", Capital(expectation) + ".");

    private static ChatFormatException Unknown(int? index, string rule, string message) => Refuse(ChatFormatErrorKind.UnknownValue, index, rule, message);

    private static ChatFormatException Refuse(
        ChatFormatErrorKind kind, int? index, string rule, string message, ChatFormatStage stage = ChatFormatStage.Parse) =>
        new(new ChatFormatError(kind, stage, index, rule, message));
}
