using Tramontane.Compute.Memory;
using Tramontane.Compute.Threading;

namespace Tramontane.Compute.Kernels;

/// <summary>
/// Products of packed float32 weights with many inputs, y[token, row] = Σ weights[row, column] · x[token, column], at the
/// speed of the multiply-add units. Each element is one sum over the columns from first to last, whatever the number of
/// tokens or threads.
/// </summary>
public sealed unsafe class PanelMatMul : ITeamJob, IDisposable
{
    // Columns of a panel that are used for all tokens before the next: 16 KiB, half of a small first-level cache.
    private const int ColumnBlock = 128;

    private readonly ThreadTeam _team;
    private readonly int _maxTokens;
    private readonly int _maxColumns;
    private readonly AlignedBuffer<float> _input; // [tile of 8 tokens][column][8]
    private readonly PackJob _pack;
    private WeightPanels? _weights;
    private FloatMatrix? _output;
    private int _outputRow;
    private int _tokenCount;
    private int _columns;

    /// <summary>Allocates room for inputs of up to <paramref name="maxColumns"/> elements and <paramref name="maxTokens"/> tokens.</summary>
    public PanelMatMul(ThreadTeam team, int maxTokens, int maxColumns)
    {
        (_team, _maxTokens, _maxColumns) = (team, maxTokens, maxColumns);
        _input = new AlignedBuffer<float>(ScratchFloats(maxTokens, maxColumns));
        _pack = new PackJob(this);
    }

    /// <summary>Bytes of scratch that an instance of this size takes.</summary>
    public static long ScratchBytes(int maxTokens, int maxColumns) => ScratchFloats(maxTokens, maxColumns) * sizeof(float);

    /// <summary>Takes a copy of the inputs, rows of <paramref name="x"/>, for the products that follow.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The rows do not lie in <paramref name="x"/>, or are more or wider than this instance was made for.</exception>
    public void SetInput(FloatMatrix x, int firstRow, int tokenCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(tokenCount);
        ArgumentOutOfRangeException.ThrowIfNegative(firstRow);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tokenCount, Math.Min(_maxTokens, x.Rows - firstRow));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(x.Columns, _maxColumns, nameof(x));
        (_tokenCount, _columns) = (tokenCount, x.Columns);
        _pack.Run(x, firstRow);
    }

    /// <summary>Writes the products of all rows of <paramref name="weights"/> with the inputs to rows of <paramref name="y"/> from <paramref name="firstRow"/> on.</summary>
    public void Multiply(WeightPanels weights, FloatMatrix y, int firstRow)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(weights.Columns, _columns, nameof(weights));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(weights.Rows, y.Columns, nameof(weights));
        ArgumentOutOfRangeException.ThrowIfNegative(firstRow);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_tokenCount, y.Rows - firstRow, nameof(y));
        (_weights, _output, _outputRow) = (weights, y, firstRow);
        _team.Run(this, weights.PanelCount);
    }

    /// <inheritdoc/>
    void ITeamJob.Execute(int item, int worker)
    {
        const int Rows = PanelKernel.Rows, Columns = PanelKernel.Columns;
        float* edge = stackalloc float[Rows * Columns]; // for tiles that reach over the end of the output
        float* panel = _weights!.Panel(item), input = (float*)_input.Address;
        long stride = _output!.Columns;
        int outputs = Math.Min(Columns, _weights.Rows - (item * Columns));
        for (int k = 0; k < _columns; k += ColumnBlock)
        {
            int count = Math.Min(ColumnBlock, _columns - k);
            for (int token = 0; token < _tokenCount; token += Rows)
            {
                float* a = input + ((long)token * _columns) + (k * Rows);
                float* y = _output.RowPointer(_outputRow + token) + (item * Columns);
                int tokens = Math.Min(Rows, _tokenCount - token);
                if (tokens == Rows && outputs == Columns)
                {
                    PanelKernel.Tile(a, Rows, panel + ((long)k * Columns), count, y, stride, accumulate: k > 0);
                    continue;
                }

                for (int i = 0; i < tokens; i++)
                {
                    new Span<float>(y + (i * stride), outputs).CopyTo(new Span<float>(edge + (i * Columns), outputs));
                }

                PanelKernel.Tile(a, Rows, panel + ((long)k * Columns), count, edge, Columns, accumulate: k > 0);
                for (int i = 0; i < tokens; i++)
                {
                    new Span<float>(edge + (i * Columns), outputs).CopyTo(new Span<float>(y + (i * stride), outputs));
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _input.Dispose();

    private static long ScratchFloats(int maxTokens, int maxColumns) =>
        (long)((maxTokens + PanelKernel.Rows - 1) / PanelKernel.Rows) * PanelKernel.Rows * maxColumns;

    /// <summary>Copies rows into tiles of eight, those beyond the last as zeros.</summary>
    private sealed class PackJob(PanelMatMul owner) : ITeamJob
    {
        private FloatMatrix? _x;
        private int _firstRow;

        public void Run(FloatMatrix x, int firstRow)
        {
            (_x, _firstRow) = (x, firstRow);
            owner._team.Run(this, (owner._tokenCount + PanelKernel.Rows - 1) / PanelKernel.Rows);
        }

        void ITeamJob.Execute(int item, int worker)
        {
            int columns = owner._columns, token = item * PanelKernel.Rows;
            float* tile = (float*)owner._input.Address + ((long)token * columns);
            for (int i = 0; i < PanelKernel.Rows; i++)
            {
                bool isThere = token + i < owner._tokenCount;
                float* row = isThere ? _x!.RowPointer(_firstRow + token + i) : null;
                for (int k = 0; k < columns; k++)
                {
                    tile[(k * PanelKernel.Rows) + i] = isThere ? row[k] : 0;
                }
            }
        }
    }
}
