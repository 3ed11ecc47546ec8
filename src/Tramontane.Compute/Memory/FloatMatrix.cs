namespace Tramontane.Compute.Memory;

/// <summary>Float32 activations, [rows, columns] row-major, in aligned native memory that the owner disposes of.</summary>
public sealed unsafe class FloatMatrix : IDisposable
{
    private readonly AlignedBuffer<float> _memory;

    /// <summary>Allocates; the content is zero.</summary>
    /// <param name="rows">Rows, usually the most tokens of a batch.</param>
    /// <param name="columns">Columns, a multiple of nothing in particular.</param>
    public FloatMatrix(int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(columns);
        Rows = rows;
        Columns = columns;
        _memory = new AlignedBuffer<float>((long)rows * columns);
    }

    /// <summary>Rows.</summary>
    public int Rows { get; }

    /// <summary>Columns; also the elements from one row to the next.</summary>
    public int Columns { get; }

    /// <summary>One row.</summary>
    public Span<float> Row(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Rows, nameof(row));
        return new Span<float>(RowPointer(row), Columns);
    }

    /// <summary>Where a row begins; valid until the matrix is disposed of.</summary>
    internal float* RowPointer(int row) => (float*)_memory.Address + ((long)row * Columns);

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();
}
