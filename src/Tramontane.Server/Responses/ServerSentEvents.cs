using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Tramontane.Server.Responses;

/// <summary>
/// The event stream of one reply. What a step wrote is flushed at once; a reader that does not keep up holds back its
/// own source and nobody else's. Not thread-safe.
/// </summary>
internal sealed class ServerSentEvents
{
    private static readonly byte[] s_comment = ": keep-alive\n\n"u8.ToArray();

    private readonly HttpContext _context;
    private readonly PipeWriter _writer;
    private readonly TimeProvider _time;
    private readonly TimeSpan _keepAlive;

    /// <summary>Sets the headers; nothing is sent before the first flush.</summary>
    internal ServerSentEvents(HttpContext context, TimeProvider time, ServerOptions options)
    {
        _context = context;
        _writer = context.Response.BodyWriter;
        _time = time;
        _keepAlive = TimeSpan.FromSeconds(options.KeepAliveSeconds);
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-cache";
        context.Response.Headers["X-Accel-Buffering"] = "no"; // nginx would collect the events otherwise
    }

    /// <summary>What is sent when there is no news: a comment, unless the dialect has an event for it.</summary>
    internal ReadOnlyMemory<byte> KeepAlive { get; init; } = s_comment;

    /// <summary>Buffers one event with a name.</summary>
    internal void Write<T>(string name, T value, JsonTypeInfo<T> type)
    {
        _writer.Write("event: "u8);
        _writer.Write(Encoding.UTF8.GetBytes(name));
        _writer.Write("\n"u8);
        Write(value, type);
    }

    /// <summary>Buffers one event with a JSON object as its data.</summary>
    internal void Write<T>(T value, JsonTypeInfo<T> type)
    {
        _writer.Write("data: "u8);
        using (var json = new Utf8JsonWriter(_writer, new JsonWriterOptions { Encoder = type.Options.Encoder, SkipValidation = true }))
        {
            JsonSerializer.Serialize(json, value, type);
        }

        _writer.Write("\n\n"u8);
    }

    /// <summary>Buffers the event that ends OpenAI's streams.</summary>
    internal void WriteDone() => _writer.Write("data: [DONE]\n\n"u8);

    /// <summary>Sends what is buffered; waits while the client takes nothing.</summary>
    /// <exception cref="OperationCanceledException">The client is gone, or took nothing for too long, after which the connection is closed.</exception>
    internal async ValueTask FlushAsync()
    {
        ValueTask<FlushResult> flush = _writer.FlushAsync(_context.RequestAborted);
        if (flush.IsCompletedSuccessfully)
        {
            _ = flush.Result;
            _context.RequestAborted.ThrowIfCancellationRequested();
            return;
        }

        await SlowReader.WaitAsync(_context, flush.AsTask());
    }

    /// <summary>Writes and flushes each item as it comes, with a comment line whenever nothing came for a while.</summary>
    internal async Task RelayAsync<T>(IAsyncEnumerable<T> source, Action<T> write)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_context.RequestAborted);
        IAsyncEnumerator<T> items = source.GetAsyncEnumerator(stop.Token);
        Task<bool> next = Task.FromResult(false);
        try
        {
            while (true)
            {
                next = items.MoveNextAsync().AsTask();
                while (!await CompletesSoonAsync(next))
                {
                    _writer.Write(KeepAlive.Span);
                    await FlushAsync();
                }

                if (!await next)
                {
                    return;
                }

                write(items.Current);
                await FlushAsync();
            }
        }
        finally
        {
            // An enumerator may not be disposed while it moves: stop the move first.
            await stop.CancelAsync();
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await items.DisposeAsync();
        }
    }

    private async ValueTask<bool> CompletesSoonAsync(Task task)
    {
        if (task.IsCompleted)
        {
            return true;
        }

        using var stopTimer = new CancellationTokenSource();
        Task timer = Task.Delay(_keepAlive, _time, stopTimer.Token);
        Task first = await Task.WhenAny(task, timer);
        await stopTimer.CancelAsync();
        return first == task;
    }
}
