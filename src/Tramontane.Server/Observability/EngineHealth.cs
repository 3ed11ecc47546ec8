namespace Tramontane.Server.Observability;

/// <summary>Whether new work would be taken: yes from the start of the server until it, or its engine, stops.</summary>
internal sealed class EngineHealth
{
    private volatile bool _started;
    private volatile bool _stopped;

    internal bool IsReady => _started && !_stopped;

    internal void ReportStarted() => _started = true;

    internal void ReportStopped() => _stopped = true;
}
