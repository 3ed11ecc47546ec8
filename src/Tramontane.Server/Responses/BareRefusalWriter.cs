using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Tramontane.Server.OpenAI;
using Tramontane.Server.Requests;

namespace Tramontane.Server.Responses;

/// <summary>
/// Gives a body to the refusals that Kestrel writes before any request exists: a request line that is too long, headers
/// that are too large or malformed. They never reach the application, so they are recognised on their way to the socket.
/// </summary>
internal sealed class BareRefusalWriter(PipeWriter inner) : PipeWriter
{
    private const int MaxHeadLength = 1024;

    private Memory<byte> _memory;
    private int _pending; // bytes in _memory that the inner writer does not know of yet
    private bool _hasCommitted; // since the last flush

    /// <summary>Puts a writer of this kind in front of every connection.</summary>
    internal static void Use(ListenOptions listen) => listen.Use(next => connection =>
    {
        connection.Transport = new Transport(connection.Transport.Input, new BareRefusalWriter(connection.Transport.Output));
        return next(connection);
    });

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        Commit();
        return _memory = inner.GetMemory(sizeHint);
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        _pending += bytes;
        if (_pending > MaxHeadLength)
        {
            Commit();
        }
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (!_hasCommitted && _pending > 0 && Describe(_memory.Span[.._pending]) is { } described)
        {
            _pending = 0;
            described.CopyTo(inner.GetSpan(described.Length));
            inner.Advance(described.Length);
        }

        Commit();
        _hasCommitted = false;
        return inner.FlushAsync(cancellationToken);
    }

    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.UnflushedBytes + _pending;

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null)
    {
        Commit();
        inner.Complete(exception);
    }

    public override ValueTask CompleteAsync(Exception? exception = null)
    {
        Commit();
        return inner.CompleteAsync(exception);
    }

    /// <summary>The whole reply in place of a head without a body; null for everything else.</summary>
    internal static byte[]? Describe(ReadOnlySpan<byte> written)
    {
        const int StatusAt = 9; // behind "HTTP/1.1 "
        if (!written.StartsWith("HTTP/1.1 4"u8) || !written.EndsWith("\r\n\r\n"u8) || written.Length > MaxHeadLength
            || written.IndexOf("\r\nContent-Length: 0\r\n"u8) < 0 || written.IndexOf("x-request-id"u8) >= 0
            || !int.TryParse(written[StatusAt..(StatusAt + 3)], CultureInfo.InvariantCulture, out int status))
        {
            return null;
        }

        string id = Identifiers.New("req_");
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(OpenAIError.From(ToError(status)), OpenAIJson.Relaxed.OpenAIError);
        string head = Encoding.ASCII.GetString(written[..^2]).Replace(
            "\r\nContent-Length: 0\r\n", $"\r\nContent-Length: {body.Length}\r\nContent-Type: {JsonReply.ContentType}\r\nx-request-id: {id}\r\nrequest-id: {id}\r\n", StringComparison.Ordinal);
        return [.. Encoding.ASCII.GetBytes(head + "\r\n"), .. body];
    }

    private static ApiError ToError(int status) => status switch
    {
        StatusCodes.Status414UriTooLong => new ApiError(status, "The path and query of the request are too long.", "uri_too_long"),
        StatusCodes.Status431RequestHeaderFieldsTooLarge => new ApiError(status, "The headers of the request are too large.", "headers_too_large"),
        StatusCodes.Status408RequestTimeout => new ApiError(status, "The request did not arrive in time.", "request_timeout"),
        _ => new ApiError(status, "The request is no valid HTTP/1.1.", "invalid_http"),
    };

    private void Commit()
    {
        if (_pending > 0)
        {
            inner.Advance(_pending);
            _pending = 0;
            _hasCommitted = true;
        }
    }

    private sealed record Transport(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
