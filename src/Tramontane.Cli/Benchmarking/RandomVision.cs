using Tramontane.Compute.Memory;
using Tramontane.Compute.Quantization;
using Tramontane.Inference.Weights;

namespace Tramontane.Cli.Benchmarking;

/// <summary>A vision encoder of Mistral Small 3.2's shape with random F16 weights, for measuring where the real file is not at hand.</summary>
internal sealed class RandomVision : IDisposable
{
    private const int RepeatedWeights = 1 << 20;

    private readonly AlignedBuffer<ushort> _memory;
    private long _used;

    public RandomVision()
    {
        var config = new VisionConfig
        {
            Dim = 1024, LayerCount = 24, Heads = 16, HiddenDim = 4096, OutputDim = 5120, PatchSize = 14, ImageSize = 1540, MergeSize = 2, NormEpsilon = 1e-5f,
        };
        long layer = (4L * config.Dim * config.Dim) + (3L * config.Dim * config.HiddenDim);
        long projector = (4L * config.Dim * config.Dim) + ((long)config.OutputDim * config.Dim) + ((long)config.OutputDim * config.OutputDim);
        _memory = new AlignedBuffer<ushort>((config.LayerCount * layer) + projector + ((long)config.Dim * config.PatchLength));
        Fill();
        Weights = new VisionWeights
        {
            Config = config,
            PatchEmbedding = Next(config.Dim, config.PatchLength),
            InputNorm = Ones(config.Dim),
            Layers = [.. Enumerable.Range(0, config.LayerCount).Select(_ => new LayerWeights
            {
                AttentionNorm = Ones(config.Dim),
                Query = Next(config.Dim, config.Dim),
                Key = Next(config.Dim, config.Dim),
                Value = Next(config.Dim, config.Dim),
                Output = Next(config.Dim, config.Dim),
                FfnNorm = Ones(config.Dim),
                Gate = Next(config.HiddenDim, config.Dim),
                Up = Next(config.HiddenDim, config.Dim),
                Down = Next(config.Dim, config.HiddenDim),
            })],
            ProjectorNorm = Ones(config.Dim),
            Merger = Next(config.Dim, 4 * config.Dim),
            ProjectorIn = Next(config.OutputDim, config.Dim),
            ProjectorOut = Next(config.OutputDim, config.OutputDim),
        };
    }

    /// <summary>The weights; valid until disposal.</summary>
    public VisionWeights Weights { get; }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    private static float[] Ones(int count)
    {
        var ones = new float[count];
        Array.Fill(ones, 1);
        return ones;
    }

    // A million different values, again and again: what they are does not change the time.
    private void Fill()
    {
        var random = new Random(42);
        var values = new ushort[RepeatedWeights];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = BitConverter.HalfToUInt16Bits((Half)((random.NextSingle() - 0.5f) * 0.1f));
        }

        for (long start = 0; start < _memory.Length; start += RepeatedWeights)
        {
            int count = (int)Math.Min(RepeatedWeights, _memory.Length - start);
            values.AsSpan(0, count).CopyTo(_memory.Slice(start, count));
        }
    }

    private WeightMatrix Next(int rows, int columns)
    {
        var matrix = new WeightMatrix(TensorType.F16, rows, columns, _memory.Address + (nint)(_used * sizeof(ushort)), _memory);
        _used += (long)rows * columns;
        return matrix;
    }
}
