using System.Diagnostics;
using System.Text.Json.Serialization;
using Tramontane.Compute.Threading;
using Tramontane.Inference.Vision;
using Tramontane.Inference.Weights;
using Tramontane.Tokenization.Images;

namespace Tramontane.Cli.Benchmarking;

/// <summary>Times the vision encoder on images of noise, and the memory that it takes beside its weights.</summary>
internal static class VisionBench
{
    /// <summary>Measures.</summary>
    /// <param name="weights">The encoder.</param>
    /// <param name="name">What is said of where the weights are from.</param>
    /// <param name="sizes">Images.</param>
    /// <param name="threads">Compute threads; null for one per physical core.</param>
    /// <param name="repetitions">Samples of each size; the best counts, since other programs only take away.</param>
    /// <param name="progress">Told what is measured now.</param>
    public static VisionReport Run(VisionWeights weights, string name, IReadOnlyList<ImageSize> sizes, int? threads, int repetitions, Action<string> progress)
    {
        using var team = new ThreadTeam(threads ?? Processors.PhysicalCoreCount);
        var results = new List<VisionResult>();
        Measure(weights, team, new ImageSize(weights.Config.PatchSize * weights.Config.MergeSize, weights.Config.PatchSize * weights.Config.MergeSize), 1); // brings a mapped file into memory
        foreach (ImageSize size in sizes)
        {
            progress($"{size.Width} x {size.Height}");
            results.Add(Measure(weights, team, size, repetitions));
        }

        return new VisionReport(name, team.WorkerCount, results);
    }

    private static VisionResult Measure(VisionWeights weights, ThreadTeam team, ImageSize size, int repetitions)
    {
        var rgb = new byte[size.Width * size.Height * 3];
        new Random(1).NextBytes(rgb);
        var configuration = new ImageConfiguration { PatchSize = weights.Config.PatchSize, SpatialMergeSize = weights.Config.MergeSize, MaxImageSize = weights.Config.ImageSize };
        long started = Stopwatch.GetTimestamp();
        if (!PreparedImage.TryCreate(rgb, size, configuration, out PreparedImage? image))
        {
            throw new CommandLine.CommandFailure($"{size.Width}x{size.Height} is too thin for an image: change --size.", CommandLine.CommandFailure.Usage);
        }

        double prepareSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        GC.Collect();
        long before = ProcessMemory.ResetPeak();
        double best = double.PositiveInfinity, leastProcessor = double.PositiveInfinity, longestStep = 0;
        for (int i = 0; i < repetitions; i++)
        {
            using var encoder = new VisionEncoder(weights, team);
            using ImageEncoding encoding = encoder.Begin(image);
            started = Stopwatch.GetTimestamp();
            TimeSpan processor = Environment.CpuUsage.TotalTime;
            bool goesOn;
            do
            {
                long step = Stopwatch.GetTimestamp();
                goesOn = encoding.Advance();
                longestStep = Math.Max(longestStep, Stopwatch.GetElapsedTime(step).TotalSeconds);
            }
            while (goesOn);
            best = Math.Min(best, Stopwatch.GetElapsedTime(started).TotalSeconds);
            leastProcessor = Math.Min(leastProcessor, (Environment.CpuUsage.TotalTime - processor).TotalSeconds);
        }

        long? peak = ProcessMemory.Peak() is { } most && before > 0 ? most - before : null;
        return new VisionResult(
            $"{size.Width}x{size.Height}", image.PatchCount, image.Grid.Columns * image.Grid.Rows, image.Grid.TokenCount,
            prepareSeconds, best, leastProcessor, longestStep, Operations(weights.Config, image) / best / 1e9, peak, VisionEncoder.ScratchBytes(weights.Config, team.WorkerCount, image.PatchCount));
    }

    // Two per multiply-add of all products; norms, exponentials and rotations are left out.
    private static double Operations(VisionConfig c, PreparedImage image)
    {
        double patches = image.PatchCount, tokens = image.Grid.Columns * image.Grid.Rows;
        double layer = (4.0 * c.Dim * c.Dim) + (3.0 * c.Dim * c.HiddenDim) + (2 * patches * c.Dim);
        double projector = ((double)c.MergeSize * c.MergeSize * c.Dim * c.Dim) + ((double)c.Dim * c.OutputDim) + ((double)c.OutputDim * c.OutputDim);
        return 2 * ((patches * ((c.LayerCount * layer) + ((double)c.Dim * c.PatchLength))) + (tokens * projector));
    }
}

/// <summary>What <c>bench vision --json</c> prints.</summary>
internal sealed record VisionReport(
    [property: JsonPropertyName("weights")] string Weights,
    [property: JsonPropertyName("n_threads")] int ThreadCount,
    [property: JsonPropertyName("results")] IReadOnlyList<VisionResult> Results);

/// <summary>One image size. Processor seconds are those of all threads together: they say more than the clock where others use the machine.</summary>
internal sealed record VisionResult(
    [property: JsonPropertyName("size")] string Size,
    [property: JsonPropertyName("patches")] int Patches,
    [property: JsonPropertyName("embeddings")] int Embeddings,
    [property: JsonPropertyName("tokens")] int Tokens,
    [property: JsonPropertyName("prepare_seconds")] double PrepareSeconds,
    [property: JsonPropertyName("encode_seconds")] double EncodeSeconds,
    [property: JsonPropertyName("processor_seconds")] double ProcessorSeconds,
    [property: JsonPropertyName("longest_step_seconds")] double LongestStepSeconds,
    [property: JsonPropertyName("gflops")] double Gigaflops,
    [property: JsonPropertyName("peak_extra_bytes")] long? PeakExtraBytes,
    [property: JsonPropertyName("scratch_bytes")] long ScratchBytes);
