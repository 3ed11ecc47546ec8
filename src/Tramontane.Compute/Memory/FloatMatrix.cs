using System.Runtime.InteropServices;

namespace Tramontane.Compute.Memory;

/// <summary>Float32 activations, [rows, columns] row-major, in aligned native memory that the owner disposes of.</summary>
public sealed unsafe class FloatMatrix : IDisposable
{
    private float* _data;

    /// <summary>Allocates; the content is zero.</summary>
    /// <param name="rows">Rows, usually the most tokens of a batch.</param>
    /// <param name="columns">Columns, a multiple of nothing in particular.</param>
    public FloatMatrix(int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(columns);
        Rows = rows;
        Columns = columns;
        nuint bytes = (nuint)rows * (nuint)columns * sizeof(float);
        _data = (float*)NativeMemory.AlignedAlloc(bytes, 64);
        NativeMemory.Clear(_data, bytes);
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
    internal float* RowPointer(int row) => _data + ((long)row * Columns);

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree(_data);
        _data = null;
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the memory of a matrix that was never disposed of.</summary>
    ~FloatMatrix() => Dispose();
}
