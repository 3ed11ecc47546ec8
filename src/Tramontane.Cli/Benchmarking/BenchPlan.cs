using System.Runtime.Intrinsics;
using Tramontane.Cli.CommandLine;
using Tramontane.Compute.Threading;
using Tramontane.Inference.Engine;
using Tramontane.Inference.Weights;

namespace Tramontane.Cli.Benchmarking;

/// <summary>What to measure.</summary>
/// <param name="Engine">The model and how it is run.</param>
/// <param name="PromptTokens">Prompt length; 0 leaves prefill out.</param>
/// <param name="GeneratedTokens">Generated tokens; 0 leaves decoding out.</param>
/// <param name="Depth">Tokens that stand in each sequence before what is measured.</param>
/// <param name="Batches">Numbers of sequences computed together.</param>
/// <param name="Repetitions">Samples of each figure.</param>
internal sealed record BenchPlan(EngineOptions Engine, int PromptTokens, int GeneratedTokens, int Depth, IReadOnlyList<int> Batches, int Repetitions)
{
    /// <summary>Measures everything, one figure after the other.</summary>
    /// <param name="progress">Told what is measured now.</param>
    /// <exception cref="CommandFailure">The model has no positions for so many tokens.</exception>
    public BenchReport Run(Action<string> progress)
    {
        using var file = new GgufFile(Engine.ModelPath);
        DecoderWeights weights = DecoderWeights.Load(file);
        if ((long)Depth + Math.Max(PromptTokens, GeneratedTokens) > weights.Config.MaxPositions)
        {
            throw new CommandFailure($"The model has positions for {weights.Config.MaxPositions} tokens: lower -p, -n or -d.");
        }

        using var team = new ThreadTeam(Engine.Threads ?? Processors.PhysicalCoreCount);
        using var memory = new ReadBandwidth(team);
        progress("read bandwidth");
        double bandwidth = memory.Measure();
        long stepBytes = WeightBytesPerStep(weights);
        var timings = new List<(int Batch, bool IsPrefill, BenchTime[] Times)>();
        foreach (int batch in Batches)
        {
            using var bench = new DecoderBench(weights, team, Engine.ComputeMode, Engine.KeyValueType, batch, Depth, Math.Max(PromptTokens, GeneratedTokens));
            progress($"batch {batch}");
            bench.Fill();
            bench.WarmUp(PromptTokens, GeneratedTokens);
            if (PromptTokens > 0)
            {
                timings.Add((batch, true, Repeat(() => bench.TimePrefill(PromptTokens))));
            }

            if (GeneratedTokens > 0)
            {
                timings.Add((batch, false, Repeat(() => bench.TimeDecode(GeneratedTokens))));
            }

            bandwidth = Math.Max(bandwidth, memory.Measure()); // again: a neighbour may have been busy the first time
        }

        return new BenchReport(
            Path.GetFileName(file.Path),
            file.Length,
            file.Tensors.Sum(tensor => tensor.ElementCount),
            team.WorkerCount,
            Engine.ComputeMode.ToString().ToLowerInvariant(),
            Engine.KeyValueType.ToString().ToLowerInvariant(),
            Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : 128,
            stepBytes,
            bandwidth,
            [.. timings.Select(timing => Result(timing.Batch, timing.IsPrefill, timing.Times, stepBytes, bandwidth))]);
    }

    /// <summary>Bytes of all matrices and gains that a step reads once, however many rows it has; embeddings are looked up by row.</summary>
    internal static long WeightBytesPerStep(DecoderWeights weights)
    {
        long layers = weights.Layers.Sum(l => l.Query.ByteLength + l.Key.ByteLength + l.Value.ByteLength + l.Output.ByteLength
            + l.Gate.ByteLength + l.Up.ByteLength + l.Down.ByteLength + (sizeof(float) * (long)(l.AttentionNorm.Length + l.FfnNorm.Length)));
        return layers + weights.OutputHead.ByteLength + (sizeof(float) * (long)weights.OutputNorm.Length);
    }

    private BenchTime[] Repeat(Func<BenchTime> sample) => [.. Enumerable.Range(0, Repetitions).Select(_ => sample())];

    private BenchResult Result(int batch, bool isPrefill, BenchTime[] times, long stepBytes, double bandwidth)
    {
        int tokens = isPrefill ? PromptTokens : GeneratedTokens;
        double[] samples = [.. times.Select(t => batch * tokens / t.Seconds)];
        double average = samples.Average();
        double deviation = samples.Length < 2 ? 0 : Math.Sqrt(samples.Sum(s => (s - average) * (s - average)) / (samples.Length - 1));
        double processor = times.Min(t => t.ProcessorSeconds) / (batch * tokens);
        string depth = Depth == 0 ? "" : $"@{Depth}";
        double? weightRate = isPrefill ? null : stepBytes * average / batch;
        return new BenchResult(
            (isPrefill ? $"pp{tokens}" : $"tg{tokens}") + depth, batch, isPrefill ? tokens : 0, isPrefill ? 0 : tokens, Depth,
            average, deviation, samples, processor, weightRate, weightRate / bandwidth);
    }
}
