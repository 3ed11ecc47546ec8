using Tramontane.Compute.Memory;
using Tramontane.Compute.Quantization;
using Tramontane.Compute.Threading;

namespace Tramontane.Compute.Kernels;

/// <summary>How the inputs of products with quantised weights are represented.</summary>
public enum ComputeMode
{
    /// <summary>Rounded to 8-bit integers with a scale per 32 or 256 elements, as llama.cpp does it.</summary>
    Fast,

    /// <summary>Left in float32; weights are expanded to float32.</summary>
    Exact,
}

/// <summary>
/// Products of weight matrices with a batch of inputs, y[token, row] = Σ weights[row, column] · x[token, column],
/// shared out over a team of threads by rows. Each element of y is summed in one fixed order, whatever the number of
/// tokens or threads: the same input gives the same bits alone and in any batch.
/// </summary>
public sealed unsafe class MatMul : ITeamJob, IDisposable
{
    // Weights that one work item reads: small enough to share out evenly, large enough to hide the handing-out.
    private const int ChunkBytes = 96 * 1024;

    private readonly ThreadTeam _team;
    private readonly ComputeMode _mode;
    private readonly QuantizedActivations _activations;
    private readonly int _maxTokens;
    private readonly int _maxColumns;
    private readonly AlignedBuffer<byte> _scratch; // [worker]: expanded or unpacked rows, and sums

    private FloatMatrix? _input; // held, as the activations know only its address
    private WeightMatrix? _weights;
    private float* _output;
    private long _outputStride;
    private int _rowsPerItem;

    /// <summary>Allocates scratch for inputs of up to <paramref name="maxColumns"/> elements and <paramref name="maxTokens"/> tokens.</summary>
    public MatMul(ThreadTeam team, ComputeMode mode, int maxTokens, int maxColumns)
    {
        _team = team;
        _mode = mode;
        _maxTokens = maxTokens;
        _maxColumns = maxColumns;
        _activations = new QuantizedActivations(maxTokens, maxColumns);
        _scratch = new AlignedBuffer<byte>(team.WorkerCount * ScratchBytesPerWorker(maxTokens, maxColumns));
    }

    /// <summary>Bytes of scratch that an instance of this size takes.</summary>
    public static long ScratchBytes(int workerCount, int maxTokens, int maxColumns) =>
        QuantizedActivations.Bytes(maxTokens, maxColumns) + (workerCount * ScratchBytesPerWorker(maxTokens, maxColumns));

    /// <summary>
    /// Takes the inputs, the first <paramref name="tokenCount"/> rows of <paramref name="x"/>, for the products that follow.
    /// They must stay as they are until then; they are rounded once, however many matrices they meet.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The rows do not lie in <paramref name="x"/>, or are more or wider than this instance was made for.</exception>
    public void SetInput(FloatMatrix x, int tokenCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(tokenCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tokenCount, Math.Min(_maxTokens, x.Rows));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(x.Columns, _maxColumns, nameof(x));
        _input = x;
        _activations.Set(x.RowPointer(0), x.Columns, tokenCount, x.Columns);
    }

    /// <summary>Writes the products of all rows of <paramref name="weights"/> with the inputs to <paramref name="y"/>.</summary>
    public void Multiply(WeightMatrix weights, FloatMatrix y)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(weights.Columns, _activations.Columns, nameof(weights));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(weights.Rows, y.Columns, nameof(weights));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_activations.TokenCount, y.Rows, nameof(y));

        if (UsesIntegers(weights.Type))
        {
            _activations.Require(FormFor(weights.Type), _team);
        }

        _weights = weights;
        _output = y.RowPointer(0);
        _outputStride = y.Columns;
        _rowsPerItem = RowsPerItem(weights);
        _team.Run(this, (weights.Rows + _rowsPerItem - 1) / _rowsPerItem);
        GC.KeepAlive(y); // the workers know only its address
    }

    /// <inheritdoc/>
    void ITeamJob.Execute(int item, int worker)
    {
        WeightMatrix weights = _weights!;
        int first = item * _rowsPerItem, end = Math.Min(first + _rowsPerItem, weights.Rows);
        byte* scratch = (byte*)_scratch.Address + (worker * ScratchBytesPerWorker(_maxTokens, _maxColumns));
        if (!UsesIntegers(weights.Type))
        {
            FloatKernel.Multiply(weights, first, end, _activations.Source, _activations.SourceStride, _activations.TokenCount, _output, _outputStride, (float*)scratch);
            return;
        }

        switch (weights.Type)
        {
            case TensorType.Q2_K: SuperBlocks<Q2KFormat>(weights, first, end, scratch); break;
            case TensorType.Q3_K: SuperBlocks<Q3KFormat>(weights, first, end, scratch); break;
            case TensorType.Q4_K: SuperBlocks<Q4KFormat>(weights, first, end, scratch); break;
            case TensorType.Q5_K: SuperBlocks<Q5KFormat>(weights, first, end, scratch); break;
            case TensorType.Q6_K: SuperBlocks<Q6KFormat>(weights, first, end, scratch); break;
            case TensorType.Q4_0: Bytes<Q40Format>(weights, first, end, scratch); break;
            case TensorType.Q4_1: Bytes<Q41Format>(weights, first, end, scratch); break;
            case TensorType.Q5_0: Bytes<Q50Format>(weights, first, end, scratch); break;
            case TensorType.Q5_1: Bytes<Q51Format>(weights, first, end, scratch); break;
            case TensorType.Q8_0: Words<Q80Format>(weights, first, end, scratch); break;
            case TensorType.IQ4_NL: Words<IQ4NLFormat>(weights, first, end, scratch); break;
            case TensorType.IQ4_XS: Words<IQ4XSFormat>(weights, first, end, scratch); break;
            default: throw new InvalidOperationException($"No integer kernel for {weights.Type}.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _activations.Dispose();
        _scratch.Dispose();
    }

    private static long ScratchBytesPerWorker(int maxTokens, int maxColumns)
    {
        // The kernel with the largest unpacked blocks stands for all.
        long tiles = Math.Max(TileLoop<SuperBlockKernel<Q4KFormat>>.ScratchBytes(maxTokens), TileLoop<Block32Kernel<Q80Format, WordProducts<Q80Format>>>.ScratchBytes(maxTokens));
        return (Math.Max((long)FloatKernel.RowsPerTile * maxColumns * sizeof(float), tiles) + 63) / 64 * 64;
    }

    // Rows that one work item does: whole tiles, and for many tokens as many as are unpacked together.
    private int RowsPerItem(WeightMatrix weights)
    {
        int rows = ChunkBytes / weights.RowBytes / FloatKernel.RowsPerTile * FloatKernel.RowsPerTile;
        bool manyTokens = UsesIntegers(weights.Type) && _activations.GroupTokens > 1 && _activations.GroupCount > 2;
        return Math.Max(rows, manyTokens ? TileLoop<SuperBlockKernel<Q4KFormat>>.RowsPerPass : FloatKernel.RowsPerTile);
    }

    private bool UsesIntegers(TensorType type) => _mode == ComputeMode.Fast && TensorTypes.BlockElements(type) > 1;

    private void SuperBlocks<TFormat>(WeightMatrix weights, int first, int end, byte* scratch)
        where TFormat : struct, ISuperBlockFormat => Tiles<SuperBlockKernel<TFormat>>(weights, first, end, scratch);

    private void Bytes<TFormat>(WeightMatrix weights, int first, int end, byte* scratch)
        where TFormat : struct, ISmallBlock32Format => Tiles<Block32Kernel<TFormat, ByteProducts<TFormat>>>(weights, first, end, scratch);

    private void Words<TFormat>(WeightMatrix weights, int first, int end, byte* scratch)
        where TFormat : struct, IBlock32Format => Tiles<Block32Kernel<TFormat, WordProducts<TFormat>>>(weights, first, end, scratch);

    private void Tiles<TKernel>(WeightMatrix weights, int first, int end, byte* scratch)
        where TKernel : struct, ITileKernel =>
        TileLoop<TKernel>.Multiply(weights, first, end, _activations, _output, _outputStride, scratch);

    private static ActivationForm FormFor(TensorType type) => type switch
    {
        TensorType.Q2_K or TensorType.Q3_K or TensorType.Q4_K or TensorType.Q5_K or TensorType.Q6_K => ActivationForm.SuperBlocks,
        TensorType.Q4_0 or TensorType.Q4_1 or TensorType.Q5_0 or TensorType.Q5_1 => ActivationForm.Bytes,
        _ => ActivationForm.Words,
    };
}
