using Tramontane.Server.Requests;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Server.OpenAI.Chat;

/// <summary>Reads the content of a message: a text, or parts.</summary>
internal static class ContentReader
{
    /// <param name="content">The field; absent gives no parts.</param>
    /// <param name="textParts">Types of part that hold text: a refusal under its own name, the others as <c>text</c>.</param>
    internal static IReadOnlyList<ContentPart> Read(JsonField content, params string[] textParts)
    {
        if (content.IsString)
        {
            return [new TextPart(content.String()!)];
        }

        var parts = new List<ContentPart>();
        foreach (JsonField part in content.Items("a string or an array of content parts"))
        {
            string type = part.Required().Object()["type"].Required().String() ?? "";
            if (textParts.Contains(type))
            {
                parts.Add(new TextPart(part[type == "refusal" ? type : "text"].Required().String() ?? ""));
            }
            else
            {
                part.Refuse(Refusal(part["type"].Path, part.Path, type, textParts));
            }
        }

        return parts;
    }

    /// <summary>The refusal of an image.</summary>
    internal static ApiError NoVision(string path) =>
        ApiError.NotSupportedValue(path, $"'{path}' holds an image, but this build of the server has no vision. Send text only.");

    private static ApiError Refusal(string typePath, string partPath, string type, string[] textParts) => type switch
    {
        "image_url" or "input_image" or "image" => NoVision(partPath),
        "input_audio" or "audio" => ApiError.NotSupportedValue(partPath, $"'{partPath}' holds audio, which the model cannot hear. Send text only."),
        "file" or "input_file" => ApiError.NotSupportedValue(partPath, $"'{partPath}' holds a file. Files are not supported: send their text."),
        _ => ApiError.NotOneOf(typePath, type, textParts),
    };
}
