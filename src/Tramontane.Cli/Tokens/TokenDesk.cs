using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using Tramontane.Cli.CommandLine;
using Tramontane.Tokenization;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Cli.Tokens;

/// <summary>Answers encoding and decoding requests, one JSON line each. A bad line gets an error and harms no other.</summary>
/// <param name="tokenizer">The vocabulary.</param>
/// <param name="mode">How strictly chats are checked.</param>
/// <param name="controlTokens">What decoding does with control tokens.</param>
internal sealed class TokenDesk(Tokenizer tokenizer, ValidationMode mode, ControlTokens controlTokens)
{
    // Schemas of tools may be nested; mistral-common's own limit is Python's recursion limit of 1000.
    private static readonly JsonDocumentOptions s_json = new() { MaxDepth = 1000 };

    private readonly InstructFormat _format = new(tokenizer, mode);
    private readonly List<int> _ids = [];

    /// <summary>Answers every line. Answers are handed on before the input is waited for, so that a dialogue works too.</summary>
    public void AnswerLines(Stream input, Stream output)
    {
        using var buffered = new BufferedStream(output, 64 * 1024);
        using var writer = new Utf8JsonWriter(buffered); // escapes all but ASCII: no reader can take a character for a line's end
        var reader = new LineReader(input, buffered.Flush);
        while (reader.TryRead(out Span<byte> line))
        {
            Answer(line, writer);
            writer.Flush();
            buffered.WriteByte((byte)'\n');
            writer.Reset();
        }
    }

    /// <summary>The prompt of a chat request.</summary>
    /// <exception cref="CommandFailure">The text is no JSON, or the request is refused.</exception>
    public int[] EncodeChat(byte[] json)
    {
        try
        {
            JsonSurrogates.Repair(json);
            using JsonDocument request = JsonDocument.Parse(json, s_json);
            return TryEncodeChat(request.RootElement, out EncodedChat? chat, out ChatFormatError? error)
                ? chat!.Tokens
                : throw new CommandFailure($"{error!.ReferenceType}: {error.Message}");
        }
        catch (JsonException exception)
        {
            throw new CommandFailure($"The chat request is not JSON: {exception.Message}");
        }
    }

    private void Answer(Span<byte> line, Utf8JsonWriter writer)
    {
        try
        {
            if (!Utf8.IsValid(line))
            {
                WriteError(writer, "UnicodeDecodeError", "The line is not UTF-8: encode it so.");
                return;
            }

            JsonSurrogates.Repair(line);
            var json = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = s_json.MaxDepth });
            using JsonDocument request = JsonDocument.ParseValue(ref json);
            if (json.Read())
            {
                throw new JsonException("One line holds one request.");
            }

            Answer(request.RootElement, writer);
        }
        catch (JsonException exception)
        {
            WriteError(writer, "JSONDecodeError", $"The line is not one JSON request: {exception.Message}");
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // A fault of ours, but the other lines deserve their answers.
            WriteError(writer, exception.GetType().Name, exception.Message);
        }
    }

    private void Answer(JsonElement request, Utf8JsonWriter writer)
    {
        bool isObject = request.ValueKind == JsonValueKind.Object;
        if (isObject && !request.TryGetProperty("messages", out _))
        {
            if (request.TryGetProperty("text", out JsonElement text))
            {
                Encode(text, writer);
                return;
            }

            if (request.TryGetProperty("ids", out JsonElement ids))
            {
                Decode(ids, writer);
                return;
            }
        }

        if (TryEncodeChat(request, out EncodedChat? chat, out ChatFormatError? error))
        {
            WriteIds(writer, chat!.Tokens);
        }
        else
        {
            WriteError(writer, error!.ReferenceType, error.Message);
        }
    }

    private bool TryEncodeChat(JsonElement request, out EncodedChat? chat, out ChatFormatError? error)
    {
        chat = null;
        return OpenAIChatParser.TryParse(request, out ChatConversation? conversation, out error)
            && _format.TryEncode(conversation, out chat, out error);
    }

    private void Encode(JsonElement text, Utf8JsonWriter writer)
    {
        if (text.ValueKind != JsonValueKind.String)
        {
            WriteError(writer, "ValidationError", $"'text' must be a string, found {text.ValueKind}.");
            return;
        }

        WriteIds(writer, tokenizer.Encode(text.GetString()));
    }

    private void Decode(JsonElement ids, Utf8JsonWriter writer)
    {
        _ids.Clear();
        if (ids.ValueKind != JsonValueKind.Array)
        {
            WriteError(writer, "ValidationError", $"'ids' must be a list of token ids, found {ids.ValueKind}.");
            return;
        }

        foreach (JsonElement id in ids.EnumerateArray())
        {
            if (id.ValueKind != JsonValueKind.Number || !id.TryGetInt32(out int value))
            {
                WriteError(writer, "ValidationError", $"'ids' must hold whole numbers only, found {id.GetRawText()}.");
                return;
            }

            _ids.Add(value);
        }

        try
        {
            string text = tokenizer.Decode(CollectionsMarshal.AsSpan(_ids), controlTokens);
            writer.WriteStartObject();
            writer.WriteString("text", text);
            writer.WriteEndObject();
        }
        catch (UnknownTokenException exception)
        {
            WriteError(writer, "KeyError", exception.Message);
        }
    }

    private static void WriteIds(Utf8JsonWriter writer, int[] ids)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("ids");
        foreach (int id in ids)
        {
            writer.WriteNumberValue(id);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteError(Utf8JsonWriter writer, string type, string message)
    {
        writer.Reset(); // what an interrupted answer may have left
        writer.WriteStartObject();
        writer.WriteStartObject("error");
        writer.WriteString("type", type);
        writer.WriteString("message", message);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
