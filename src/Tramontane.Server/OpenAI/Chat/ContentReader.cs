using Tramontane.Server.Images;
using Tramontane.Server.Requests;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Server.OpenAI.Chat;

/// <summary>Reads the content of a message: a text, or parts.</summary>
internal static class ContentReader
{
    /// <param name="content">The field; absent gives no parts.</param>
    /// <param name="imagePart">The type of part that holds an image; null where none may stand.</param>
    /// <param name="textParts">Types of part that hold text: a refusal under its own name, the others as <c>text</c>.</param>
    internal static IReadOnlyList<ContentPart> Read(JsonField content, string? imagePart, params string[] textParts)
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
            else if (type == imagePart)
            {
                parts.Add(ReadImage(part));
            }
            else
            {
                part.Refuse(Refusal(part["type"].Path, part.Path, type, imagePart is null ? textParts : [.. textParts, imagePart]));
            }
        }

        return parts;
    }

    /// <summary>The URL is the field itself, as with Mistral and with responses, or inside it.</summary>
    private static ImagePart ReadImage(JsonField part)
    {
        JsonField image = part["image_url"].Required();
        JsonField url = image.IsObject ? image["url"].Required() : image;
        _ = part["detail"].String();
        _ = image["detail"].String(); // of no effect: an image has the size that it has
        return new ImagePart(default, url.String()) { Place = image.Path };
    }

    private static ApiError Refusal(string typePath, string partPath, string type, string[] known) => type switch
    {
        "image_url" or "input_image" or "image" when !known.Intersect(["image_url", "input_image"]).Any() => ImageErrors.NotHere(partPath),
        "input_audio" or "audio" => ApiError.NotSupportedValue(partPath, $"'{partPath}' holds audio, which the model cannot hear. Send text only."),
        "file" or "input_file" => ApiError.NotSupportedValue(partPath, $"'{partPath}' holds a file. Files are not supported: send their text."),
        _ => ApiError.NotOneOf(typePath, type, known),
    };
}
