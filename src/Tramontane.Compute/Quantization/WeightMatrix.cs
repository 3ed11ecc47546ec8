using System.Diagnostics;

namespace Tramontane.Compute.Quantization;

/// <summary>
/// A matrix of weights, [rows, columns], row-major in its stored format, that lies in somebody else's memory
/// (usually a mapped file) and is never copied whole. Columns are the inputs, rows the outputs of a linear layer.
/// </summary>
public sealed unsafe class WeightMatrix
{
    private readonly byte* _data;
    private readonly object? _owner; // keeps the memory alive for as long as the matrix is reachable

    /// <summary>Describes a matrix at an address. The caller answers for the address; a mapped file checks its own ranges.</summary>
    public WeightMatrix(TensorType type, int rows, int columns, nint address, object? owner)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(columns);
        if (!TensorTypes.IsSupported(type) || columns % TensorTypes.BlockElements(type) != 0)
        {
            throw new ArgumentException($"Rows of {columns} columns cannot be stored as {type}.", nameof(type));
        }

        Type = type;
        Rows = rows;
        Columns = columns;
        RowBytes = (int)TensorTypes.RowBytes(type, columns);
        _data = (byte*)address;
        _owner = owner;
    }

    /// <summary>The stored format.</summary>
    public TensorType Type { get; }

    /// <summary>Outputs.</summary>
    public int Rows { get; }

    /// <summary>Inputs.</summary>
    public int Columns { get; }

    /// <summary>Bytes from one row to the next.</summary>
    public int RowBytes { get; }

    /// <summary>Bytes in all.</summary>
    public long ByteLength => (long)Rows * RowBytes;

    /// <summary>The stored blocks of one row.</summary>
    public ReadOnlySpan<byte> Row(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Rows, nameof(row));
        return new ReadOnlySpan<byte>(RowPointer(row), RowBytes);
    }

    /// <summary>Where one row begins; valid while the matrix is reachable.</summary>
    internal byte* RowPointer(int row)
    {
        Debug.Assert((uint)row < (uint)Rows);
        return _data + ((long)row * RowBytes);
    }
}
