using Tramontane.Inference.Engine;

namespace Tramontane.Server.Observability;

/// <summary>Whether new work would be taken: yes from the start of the server until it, or its engine, stops.</summary>
internal sealed class EngineHealth(IInferenceEngine engine)
{
    private volatile bool _serving;

    internal bool IsReady => _serving && engine.IsReady;

    internal void ReportStarted() => _serving = true;

    internal void ReportStopping() => _serving = false;
}
