using Tramontane.Inference.Engine;
using Tramontane.Testing;

namespace Tramontane.Server.Tests.Clients;

/// <summary>Real engines over the models of the repository.</summary>
internal static class TestModel
{
    /// <summary>The smallest model there is: random weights, 512 tokens of vocabulary.</summary>
    internal static InferenceEngine LoadTiny() => Load(Repository.Golden("model/tiny-s/tiny-s.f32.gguf"), contextLength: 2048);

    /// <summary>The same with room for the prompts of agents.</summary>
    internal static InferenceEngine LoadTinyLong() => Load(Repository.Golden("model/tiny-s/tiny-s.f32.gguf"), contextLength: 32_768);

    /// <summary>The same with the vision encoder that belongs to it.</summary>
    internal static InferenceEngine LoadTinyWithVision() =>
        Load(Repository.Golden("model/tiny-s/tiny-s.f32.gguf"), contextLength: 4096, Repository.Golden("model/tiny-s/mmproj-tiny-s.f16.gguf"));

    /// <summary>The demo model, whose answers are known.</summary>
    internal static InferenceEngine LoadDemo() => Load(Path.Combine(Repository.Root, "models", "demo", "tramontane-demo.gguf"), contextLength: 1024);

    private static InferenceEngine Load(string path, int contextLength, string? vision = null) => InferenceEngine.Load(new EngineOptions
    {
        ModelPath = path,
        VisionPath = vision,
        ContextLength = contextLength,
        MaxBatch = 8,
        Threads = 1,
    });
}
