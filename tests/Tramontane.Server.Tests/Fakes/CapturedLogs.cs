using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Tramontane.Server.Tests.Fakes;

/// <summary>Keeps every line that is logged, whatever its level.</summary>
internal sealed class CapturedLogs : ILoggerProvider, ILogger
{
    internal ConcurrentQueue<(LogLevel Level, string Line)> Lines { get; } = [];

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Enqueue((logLevel, $"{formatter(state, exception)} {exception}"));

    public void Dispose()
    {
    }
}
