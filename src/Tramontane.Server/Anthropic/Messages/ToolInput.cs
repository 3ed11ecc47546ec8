using System.Text;
using System.Text.Json;

namespace Tramontane.Server.Anthropic.Messages;

/// <summary>
/// The arguments of a call as the object that this API demands: what Anthropic's packages put together from the pieces of
/// a stream. A call that the token limit cuts keeps the values that are whole and loses the one that is not, a number
/// without anything behind it included.
/// </summary>
internal static class ToolInput
{
    /// <summary>A model may nest as deep as its context is long.</summary>
    internal const int MaxDepth = 1 << 20;

    internal static JsonElement Empty { get; } = Parse("{}"u8.ToArray());

    /// <summary>The object of the whole values.</summary>
    /// <param name="arguments">A JSON object, or its beginning. What follows something that is no JSON is left out.</param>
    internal static JsonElement From(string arguments)
    {
        byte[] json = Encoding.UTF8.GetBytes(arguments);
        var reader = new Utf8JsonReader(json, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = MaxDepth }));
        var closing = new Stack<byte>();
        int length = 0; // of what can be closed to a whole object
        try
        {
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.StartObject:
                        closing.Push((byte)'}');
                        break;
                    case JsonTokenType.StartArray when closing.Count == 0:
                        return Empty; // no object
                    case JsonTokenType.StartArray:
                        closing.Push((byte)']');
                        break;
                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        closing.Pop();
                        break;
                    case JsonTokenType.PropertyName:
                        continue; // its value is still to come
                }

                length = (int)reader.BytesConsumed;
                if (closing.Count == 0)
                {
                    break;
                }
            }
        }
        catch (JsonException)
        {
            // The grammar behind every call lets no such text through; what is before it stands.
        }

        return length == 0 || json[0] != '{' ? Empty : Parse([.. json.AsSpan(0, length), .. closing]);
    }

    private static JsonElement Parse(byte[] json)
    {
        using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
        return document.RootElement.Clone();
    }
}
