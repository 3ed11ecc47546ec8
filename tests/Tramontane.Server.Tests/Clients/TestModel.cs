using Tramontane.Inference.Engine;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.Clients;

/// <summary>The engine that the client libraries talk to.</summary>
internal static class TestModel
{
    internal static EngineOwner Load() => new(new ScriptedEngine());
}

/// <summary>An engine, disposed with this.</summary>
internal sealed class EngineOwner(IInferenceEngine engine) : IDisposable
{
    internal IInferenceEngine Engine { get; } = engine;

    public void Dispose() => (Engine as IDisposable)?.Dispose();
}
