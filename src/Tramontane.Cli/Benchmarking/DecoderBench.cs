using System.Diagnostics;
using Tramontane.Compute.Kernels;
using Tramontane.Compute.Memory;
using Tramontane.Compute.Threading;
using Tramontane.Inference.Model;
using Tramontane.Inference.Weights;

namespace Tramontane.Cli.Benchmarking;

/// <summary>
/// Times the decoder with random tokens, as llama-bench does: prefill of whole prompts, and decoding, behind
/// a context of any depth. Logits are computed as in serving, for the last row of a prompt and for every decoded row; sampling is not timed.
/// </summary>
internal sealed class DecoderBench : IDisposable
{
    private const int MaxBatchTokens = 512; // rows of a forward pass, the engine's default

    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(2); // until the compiler has optimised the kernels

    private readonly Decoder _decoder;
    private readonly RaggedBatch _batch = new();
    private readonly int _sequenceCount;
    private readonly int _depth;
    private readonly int[][] _tokens; // [sequence][position]
    private readonly int[][] _blocks; // [sequence][block]

    /// <summary>Allocates the cache.</summary>
    /// <param name="weights">The model.</param>
    /// <param name="team">Threads.</param>
    /// <param name="compute">How activations meet quantised weights.</param>
    /// <param name="keyValueType">How keys and values are cached.</param>
    /// <param name="sequenceCount">Sequences computed together.</param>
    /// <param name="depth">Tokens that stand in each sequence already.</param>
    /// <param name="maxTokens">Longest sequence behind them.</param>
    public DecoderBench(DecoderWeights weights, ThreadTeam team, ComputeMode compute, KeyValueType keyValueType, int sequenceCount, int depth, int maxTokens)
    {
        _depth = depth;
        maxTokens += depth;
        int blocksEach = (maxTokens + KeyValueBlocks.BlockTokens - 1) / KeyValueBlocks.BlockTokens;
        _sequenceCount = sequenceCount;
        _decoder = new Decoder(
            weights,
            new DecoderOptions
            {
                ComputeMode = compute,
                KeyValueType = keyValueType,
                KeyValueBlockCount = checked(sequenceCount * blocksEach),
                MaxBatchTokens = Math.Max(MaxBatchTokens, sequenceCount),
                MaxLogitRows = sequenceCount,
            },
            team);
        var random = new Random(42);
        _tokens = [.. Enumerable.Range(0, sequenceCount).Select(_ => Enumerable.Range(0, maxTokens).Select(_ => random.Next(weights.Config.VocabularySize)).ToArray())];
        _blocks = [.. Enumerable.Range(0, sequenceCount).Select(sequence => Enumerable.Range(sequence * blocksEach, blocksEach).ToArray())];
    }

    /// <summary>Computes the context that the measurements stand behind.</summary>
    public void Fill() => Prefill(0, _depth);

    /// <summary>Reads the weights into memory and lets the compiler finish.</summary>
    public void WarmUp(int promptTokens, int generatedTokens)
    {
        long started = Stopwatch.GetTimestamp();
        do
        {
            Prefill(_depth, Math.Min(promptTokens, MaxBatchTokens));
            Decode(Math.Min(generatedTokens, 16));
        }
        while (Stopwatch.GetElapsedTime(started) < s_warmUp);
    }

    /// <summary>What the prompts of all sequences take.</summary>
    public BenchTime TimePrefill(int tokenCount) => Time(() => Prefill(_depth, tokenCount));

    /// <summary>What steps of one token for every sequence take.</summary>
    public BenchTime TimeDecode(int tokenCount) => Time(() => Decode(tokenCount));

    /// <inheritdoc/>
    public void Dispose() => _decoder.Dispose();

    private static BenchTime Time(Action body)
    {
        TimeSpan used = Environment.CpuUsage.TotalTime;
        long started = Stopwatch.GetTimestamp();
        body();
        return new BenchTime(Stopwatch.GetElapsedTime(started).TotalSeconds, (Environment.CpuUsage.TotalTime - used).TotalSeconds);
    }

    private void Prefill(int first, int tokenCount)
    {
        for (int sequence = 0; sequence < _sequenceCount; sequence++)
        {
            for (int position = first; position < first + tokenCount;)
            {
                int count = Math.Min(first + tokenCount - position, MaxBatchTokens - _batch.TokenCount);
                bool isLast = position + count == first + tokenCount;
                _batch.Add(_tokens[sequence].AsSpan(position, count), position, _blocks[sequence], isLast ? 1 : 0);
                position += count;
                if (_batch.TokenCount == MaxBatchTokens)
                {
                    Forward();
                }
            }
        }

        if (_batch.TokenCount > 0)
        {
            Forward();
        }
    }

    private void Decode(int tokenCount)
    {
        for (int position = _depth; position < _depth + tokenCount; position++)
        {
            for (int sequence = 0; sequence < _sequenceCount; sequence++)
            {
                _batch.Add(_tokens[sequence].AsSpan(position, 1), position, _blocks[sequence], 1);
            }

            Forward();
        }
    }

    private void Forward()
    {
        _decoder.Forward(_batch);
        _batch.Clear();
    }
}

/// <summary>What one sample took.</summary>
/// <param name="Seconds">Of the clock.</param>
/// <param name="ProcessorSeconds">Of all threads; on a busy machine this says more.</param>
internal readonly record struct BenchTime(double Seconds, double ProcessorSeconds);
