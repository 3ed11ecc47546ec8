using Tramontane.Inference.Engine;
using Tramontane.Testing;

namespace Tramontane.Server.Tests.Clients;

/// <summary>A real engine over the smallest model there is: random weights, 512 tokens of vocabulary.</summary>
internal static class TestModel
{
    internal static InferenceEngine Load() => InferenceEngine.Load(new EngineOptions
    {
        ModelPath = Repository.Golden("model/tiny-s/tiny-s.f32.gguf"),
        ContextLength = 2048,
        MaxBatch = 8,
        Threads = 1,
    });
}
