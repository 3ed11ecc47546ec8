using Tramontane.Server.Requests;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Server.Anthropic.Messages;

/// <summary>Reads content blocks that hold text or what becomes text.</summary>
internal static class BlockReader
{
    /// <summary>A text, or text blocks: <c>system</c>.</summary>
    internal static IReadOnlyList<ContentPart> ReadTexts(JsonField content)
    {
        if (content.IsString)
        {
            return [new TextPart(content.String()!)];
        }

        var parts = new List<ContentPart>();
        foreach (JsonField block in content.Items("a string or an array of content blocks"))
        {
            JsonField type = block.Required().Object()["type"].Required();
            if (type.Choice("text") is not null)
            {
                parts.Add(ReadText(block));
            }
        }

        return parts;
    }

    /// <summary>What a tool gave back: nothing, a text, or text and image blocks.</summary>
    internal static IReadOnlyList<ContentPart> ReadResult(JsonField content)
    {
        if (content.IsString)
        {
            return [new TextPart(content.String()!)];
        }

        var parts = new List<ContentPart>();
        foreach (JsonField block in content.Items("a string or an array of content blocks"))
        {
            string? type = block.Required().Object()["type"].Required().String();
            if (ReadContent(block, type) is { } part)
            {
                parts.Add(part);
            }
            else if (type is not null)
            {
                block["type"].Refuse(ApiError.NotOneOf(block["type"].Path, type, ["text", "image"]));
            }
        }

        return parts;
    }

    /// <summary>A text, image or document block as a part of a message; null for every other type.</summary>
    internal static ContentPart? ReadContent(JsonField block, string? type)
    {
        switch (type)
        {
            case "text":
                return ReadText(block);
            case "document":
                return ReadDocument(block["source"].Required().Object());
            case "image":
                return ReadImage(block);
            default:
                return null;
        }
    }

    private static ImagePart ReadImage(JsonField block)
    {
        JsonField source = block["source"].Required().Object();
        JsonField type = source["type"].Required();
        string? url = null;
        switch (type.String())
        {
            case "base64":
                string? media = source["media_type"].Required().Choice("image/jpeg", "image/png", "image/gif", "image/webp");
                url = $"data:{media};base64,{source["data"].Required().String()}";
                break;
            case "url":
                url = source["url"].Required().String();
                break;
            case { } other:
                type.Refuse(ApiError.NotOneOf(type.Path, other, ["base64", "url"]));
                break;
        }

        return new ImagePart(default, url) { Place = block.Path };
    }

    private static TextPart ReadText(JsonField block)
    {
        JsonField text = block["text"].Required();
        string read = text.String() ?? "";
        if (text.IsString && read.Length == 0)
        {
            text.Refuse(ApiError.BadRequest(
                $"Invalid '{text.Path}': empty string. Text content blocks must hold text.", "empty_string", block.Path, "text content blocks must be non-empty"));
        }

        return new TextPart(read);
    }

    private static TextPart ReadDocument(JsonField source)
    {
        JsonField type = source["type"].Required();
        if (type.String() is { } other and not "text")
        {
            type.Refuse(ApiError.NotSupportedValue(type.Path, $"Documents of type '{other}' are not supported: send their text as a source of type 'text'."));
        }

        return new TextPart(source["data"].Required().String() ?? "");
    }
}
