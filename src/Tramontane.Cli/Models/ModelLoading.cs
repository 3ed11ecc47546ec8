using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Tramontane.Cli.CommandLine;
using Tramontane.Cli.Terminal;
using Tramontane.Imaging;
using Tramontane.Inference.Engine;

namespace Tramontane.Cli.Models;

/// <summary>Loads a model and says on standard error what was loaded.</summary>
internal static class ModelLoading
{
    /// <summary>Loads, with a word on the demo model when nothing better was asked for.</summary>
    public static InferenceEngine Load(EngineOptions options)
    {
        InferenceEngine engine = InferenceEngine.Load(options);
        if (options.ModelPath == ModelLocator.DemoPath)
        {
            Notices.Warn($"This is the bundled demo model ({Sizes.Count(engine.Model.ParameterCount)} parameters): it shows that everything works and knows little.");
            Notices.Warn("Run the real one with --model PATH/Mistral-Small-3.2-24B-Instruct-2506-Q4_K_M.gguf, or any GGUF of that model.");
        }

        return engine;
    }

    /// <summary>Says what runs, how, and in how much memory.</summary>
    public static void Describe(InferenceEngine engine, EngineOptions options)
    {
        ModelInfo model = engine.Model;
        MemoryPlan memory = engine.Memory;
        Notices.Fact("Model", $"{model.Name} ({model.FileName}, {Sizes.Count(model.ParameterCount)} parameters)");
        Notices.Fact("Context", $"{model.ContextLength} tokens for each of up to {options.MaxBatch} sequences at a time");
        Notices.Fact("Memory", $"{Sizes.Bytes(memory.WeightBytes)} weights (mapped from the file) + {Sizes.Bytes(memory.CacheBytes)} {options.KeyValueType} cache"
            + $" + {Sizes.Bytes(memory.ScratchBytes)} scratch{(memory.VisionBytes > 0 ? $" + up to {Sizes.Bytes(memory.VisionBytes)} for images" : "")}, of {Sizes.Bytes(memory.AvailableBytes)} available");
        Notices.Fact("Vision", model.TakesImages ? Path.GetFileName(options.VisionPath!) : "none: text alone (--mmproj FILE adds it)");
        if (model.TakesImages && !ImageDecoder.LibraryIsInstalled)
        {
            Notices.Warn("libvips is not installed, so only BMP images can be read (Debian: apt-get install libvips42).");
        }

        Notices.Fact("Compute", $"{(engine.Threads == 1 ? "1 thread" : $"{engine.Threads} threads")}, {VectorUnit()}, {options.ComputeMode.ToString().ToLowerInvariant()}");
        if (options.PrefixFile is { } file)
        {
            Notices.Fact("Prompts", $"{engine.RestoredTokens} cached tokens from {file}");
            WarnOfPrefixFile(engine, file);
        }

        if (!memory.WeightsStayInMemory)
        {
            Notices.Warn("The weights do not fit into memory beside the cache: they will be read from disk again and again. Lower --ctx or --max-batch, or take a smaller file.");
        }
    }

    /// <summary>Says what went wrong with the file of cached prompts, if anything did.</summary>
    public static void WarnOfPrefixFile(InferenceEngine engine, string file)
    {
        if (engine.PrefixFileProblem is { } problem)
        {
            Notices.Warn($"{file}: {problem}. Prompts are computed again.");
        }
    }

    private static string VectorUnit() => Vector512.IsHardwareAccelerated ? "AVX-512" : Avx2.IsSupported ? "AVX2" : "128-bit vectors";
}
