using Tramontane.Compute.Memory;
using Tramontane.Compute.Quantization;
using Tramontane.Compute.Threading;

namespace Tramontane.Compute.Kernels;

/// <summary>
/// A weight matrix of any format as float32 in the order that <see cref="PanelMatMul"/> reads: panels of 32 rows, and in
/// each the 32 weights of one column side by side. Made for products with many inputs, which repay the expansion. The
/// memory is somebody else's and is filled anew for each matrix.
/// </summary>
public sealed unsafe class WeightPanels : ITeamJob
{
    private readonly AlignedBuffer<float> _memory;
    private readonly long _start;
    private readonly long _capacity;
    private readonly AlignedBuffer<float> _rowScratch; // [worker][columns]
    private WeightMatrix? _source;

    /// <summary>Takes a part of a buffer.</summary>
    /// <param name="memory">Room for the panels.</param>
    /// <param name="start">First element that is ours.</param>
    /// <param name="capacity">Elements that are ours.</param>
    /// <param name="rowScratch">A row of the widest matrix for each worker of the team; may be shared between instances.</param>
    public WeightPanels(AlignedBuffer<float> memory, long start, long capacity, AlignedBuffer<float> rowScratch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, memory.Length - start);
        (_memory, _start, _capacity, _rowScratch) = (memory, start, capacity, rowScratch);
    }

    /// <summary>Outputs of the matrix that is packed now; zero before the first.</summary>
    public int Rows { get; private set; }

    /// <summary>Inputs of the matrix that is packed now.</summary>
    public int Columns { get; private set; }

    /// <summary>Elements that a matrix takes: rows are filled up to a multiple of 32.</summary>
    public static long Length(int rows, int columns) => (long)((rows + PanelKernel.Columns - 1) / PanelKernel.Columns) * PanelKernel.Columns * columns;

    /// <summary>Packs a matrix in place of the last one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It does not fit.</exception>
    public void Pack(WeightMatrix source, ThreadTeam team)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Length(source.Rows, source.Columns), _capacity, nameof(source));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)team.WorkerCount * source.Columns, _rowScratch.Length, nameof(source));
        (_source, Rows, Columns) = (source, source.Rows, source.Columns);
        team.Run(this, PanelCount);
        _source = null;
    }

    internal int PanelCount => (Rows + PanelKernel.Columns - 1) / PanelKernel.Columns;

    /// <summary>[column, 32] of one panel.</summary>
    internal float* Panel(int index) => (float*)_memory.Address + _start + ((long)index * PanelKernel.Columns * Columns);

    /// <inheritdoc/>
    void ITeamJob.Execute(int item, int worker)
    {
        float* panel = Panel(item), row = (float*)_rowScratch.Address + ((long)worker * Columns);
        for (int j = 0; j < PanelKernel.Columns; j++)
        {
            int source = (item * PanelKernel.Columns) + j;
            if (source >= Rows)
            {
                for (int k = 0; k < Columns; k++)
                {
                    panel[(k * PanelKernel.Columns) + j] = 0;
                }

                continue;
            }

            float* values = row;
            if (_source!.Type == TensorType.F32)
            {
                values = (float*)_source.RowPointer(source);
            }
            else
            {
                Expansion.Row(_source, source, row);
            }

            for (int k = 0; k < Columns; k++)
            {
                panel[((long)k * PanelKernel.Columns) + j] = values[k];
            }
        }
    }
}
