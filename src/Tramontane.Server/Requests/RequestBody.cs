using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Server.Requests;

/// <summary>Reads the one JSON object that a request carries.</summary>
internal static class RequestBody
{
    /// <summary>Deeper nesting is refused. Schemas of tools are the deepest that occurs.</summary>
    internal const int MaxDepth = 128;

    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = MaxDepth };

    /// <summary>The body's bytes, or the refusal.</summary>
    internal static async ValueTask<(Memory<byte> Body, ApiError? Error)> ReadAsync(HttpRequest request, long maxBytes, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[16 * 1024]; // grows with what arrives, never with what the headers promise
        int length = 0;
        while (true)
        {
            int read;
            try
            {
                read = await request.Body.ReadAsync(buffer.AsMemory(length), cancellationToken);
            }
            catch (BadHttpRequestException e)
            {
                return (default, e.StatusCode == StatusCodes.Status413PayloadTooLarge
                    ? ApiError.BodyTooLarge(maxBytes)
                    : new ApiError(e.StatusCode, "The request body could not be read: " + e.Message));
            }

            if (read == 0)
            {
                return (buffer.AsMemory(0, length), null);
            }

            length += read;
            if (length > maxBytes)
            {
                return (default, ApiError.BodyTooLarge(maxBytes));
            }

            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }
        }
    }

    /// <summary>The body as a document, which the caller disposes, or the refusal.</summary>
    internal static (JsonDocument? Document, ApiError? Error) Parse(Memory<byte> body)
    {
        body = WithoutByteOrderMark(body);
        if (body.IsEmpty)
        {
            return (null, ApiError.MalformedJson("The body is empty."));
        }

        if (!Utf8.IsValid(body.Span))
        {
            return (null, ApiError.MalformedJson("It is not valid UTF-8."));
        }

        JsonSurrogates.Repair(body.Span);
        try
        {
            JsonDocument document = JsonDocument.Parse(body, s_options);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return (document, null);
            }

            string found = JsonField.Describe(document.RootElement);
            document.Dispose();
            return (null, ApiError.MalformedJson($"Expected an object, but got {found}."));
        }
        catch (JsonException e)
        {
            return (null, ApiError.MalformedJson($"It is malformed, or nested deeper than {MaxDepth} levels, at line {e.LineNumber + 1}, byte {e.BytePositionInLine}."));
        }
    }

    /// <summary>
    /// The refusal of a body with a number that a double cannot hold, <c>1e999</c>, wherever it stands; null for none.
    /// Apart from <see cref="Parse"/>, so that a field that is read can name itself first.
    /// </summary>
    /// <param name="body">A body that was parsed.</param>
    internal static ApiError? RefuseInfiniteNumbers(Memory<byte> body)
    {
        const int MostDigits = 308; // so many cannot reach 1.8e308 without an exponent
        ReadOnlySpan<byte> json = WithoutByteOrderMark(body).Span;
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.Number
                || (reader.ValueSpan.Length <= MostDigits && !reader.ValueSpan.ContainsAny((byte)'e', (byte)'E'))
                || (reader.TryGetDouble(out double value) && double.IsFinite(value)))
            {
                continue;
            }

            string number = Encoding.ASCII.GetString(reader.ValueSpan[..Math.Min(reader.ValueSpan.Length, 32)]);
            ReadOnlySpan<byte> before = json[..(int)reader.TokenStartIndex];
            return ApiError.MalformedJson(
                $"The number {number}{(reader.ValueSpan.Length > 32 ? "…" : "")} is beyond the range of a 64-bit floating-point number, at line {before.Count((byte)'\n') + 1}, byte {before.Length - before.LastIndexOf((byte)'\n') - 1}.");
        }

        return null;
    }

    private static Memory<byte> WithoutByteOrderMark(Memory<byte> body)
    {
        ReadOnlySpan<byte> byteOrderMark = [0xEF, 0xBB, 0xBF];
        return body.Span.StartsWith(byteOrderMark) ? body[byteOrderMark.Length..] : body;
    }
}
