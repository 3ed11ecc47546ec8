using System.Text.Encodings.Web;
using System.Text.Json;

namespace Tramontane.Server.Anthropic.Messages;

/// <summary>The arguments of a call as the object that this API demands.</summary>
internal static class ToolInput
{
    /// <summary>Where text goes that the model wrote and that is no JSON object.</summary>
    internal const string InvalidKey = "invalid_json";

    internal static JsonElement Empty { get; } = Parse("{}");

    /// <summary>The arguments; what is no JSON object becomes the text under <see cref="InvalidKey"/>.</summary>
    internal static JsonElement From(string arguments)
    {
        try
        {
            if (arguments.Length == 0)
            {
                return Empty;
            }

            JsonElement parsed = Parse(arguments);
            if (parsed.ValueKind == JsonValueKind.Object)
            {
                return parsed;
            }
        }
        catch (JsonException)
        {
        }

        return Parse($$"""{"{{InvalidKey}}":"{{JsonEncodedText.Encode(arguments, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}}"}""");
    }

    private static JsonElement Parse(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
