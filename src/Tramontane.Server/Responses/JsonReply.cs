using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Tramontane.Server.Anthropic;
using Tramontane.Server.OpenAI;
using Tramontane.Server.Requests;

namespace Tramontane.Server.Responses;

/// <summary>Writes one JSON body.</summary>
internal static class JsonReply
{
    internal const string ContentType = "application/json; charset=utf-8";

    /// <summary>A reader that takes as much is no stalled one.</summary>
    private const int PieceBytes = 1 << 20;

    internal static async Task WriteAsync<T>(HttpContext context, int status, T value, JsonTypeInfo<T> type)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(value, type);
        await WriteAsync(context, status, body);
    }

    internal static async Task WriteAsync(HttpContext context, int status, ReadOnlyMemory<byte> body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = ContentType;
        context.Response.ContentLength = body.Length;
        while (body.Length > PieceBytes)
        {
            await WritePieceAsync(context, body[..PieceBytes]);
            body = body[PieceBytes..];
        }

        await WritePieceAsync(context, body);
    }

    private static ValueTask WritePieceAsync(HttpContext context, ReadOnlyMemory<byte> piece)
    {
        ValueTask write = context.Response.Body.WriteAsync(piece, context.RequestAborted);
        return write.IsCompletedSuccessfully ? write : SlowReader.WaitAsync(context, write.AsTask());
    }

    /// <summary>Writes an error in the shape of the client's dialect.</summary>
    internal static Task WriteErrorAsync(HttpContext context, ApiError error)
    {
        ClientStyle style = ClientStyle.Of(context);
        if (error.RetryAfterSeconds is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        return style.IsAnthropic
            ? WriteAsync(context, AnthropicError.Status(error), AnthropicError.From(error, context.TraceIdentifier), AnthropicJson.Relaxed.AnthropicError)
            : style.HasNumericErrorCodes
            ? WriteAsync(context, error.Status, OpenRouterError.From(error), OpenAIJson.Relaxed.OpenRouterError)
            : WriteAsync(context, error.Status, OpenAIError.From(error), OpenAIJson.Relaxed.OpenAIError);
    }
}
