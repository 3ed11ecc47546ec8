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
        ReadOnlySpan<byte> byteOrderMark = [0xEF, 0xBB, 0xBF];
        if (body.Span.StartsWith(byteOrderMark))
        {
            body = body[byteOrderMark.Length..];
        }

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
}
