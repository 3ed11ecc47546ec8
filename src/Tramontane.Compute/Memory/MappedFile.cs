using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;
using Tramontane.Compute.Quantization;

namespace Tramontane.Compute.Memory;

/// <summary>
/// A file mapped into memory for reading: nothing is read before it is touched, and the system keeps or drops pages as
/// memory allows. Files larger than 2 GiB are usual, so offsets are long. Reading is safe from any thread. Another
/// process must not shorten the file meanwhile: the system ends a process that touches a page behind the new end.
/// </summary>
public sealed unsafe class MappedFile : IDisposable
{
    private readonly SafeMemoryMappedViewHandle? _view; // null for an empty file, which cannot be mapped
    private readonly byte* _data;
    private bool _lent; // a matrix may outlive this object; then the finaliser of the view unmaps, after the last matrix
    private bool _disposed;

    /// <summary>Maps a whole file.</summary>
    /// <param name="path">An existing file.</param>
    /// <exception cref="IOException">The file cannot be opened or mapped.</exception>
    public MappedFile(string path)
    {
        Path = path;
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.RandomAccess);
        Length = RandomAccess.GetLength(file);
        if (Length == 0)
        {
            return;
        }

        using MemoryMappedFile map = MemoryMappedFile.CreateFromFile(
            file, mapName: null, capacity: 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        // The view lives on without the map. Its accessor has no finaliser; the handle alone decides when to unmap.
        _view = map.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read).SafeMemoryMappedViewHandle;
        // Not AcquirePointer: its extra reference would keep the handle's finaliser from ever unmapping.
        _data = (byte*)_view.DangerousGetHandle();
        LargePages.Ask(_data, Length);
    }

    /// <summary>As given to the constructor.</summary>
    public string Path { get; }

    /// <summary>Bytes of the file when it was mapped.</summary>
    public long Length { get; }

    /// <summary>A part of the file; valid until this object is disposed of or unreachable.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie inside the file.</exception>
    public ReadOnlySpan<byte> Slice(long offset, int length)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        CheckRange(offset, length);
        return new ReadOnlySpan<byte>(_data + offset, length);
    }

    /// <summary>A matrix that lies in the file; the mapping stays for as long as the matrix is reachable, even after <see cref="Dispose"/>.</summary>
    /// <param name="offset">Bytes from the beginning of the file.</param>
    /// <param name="type">Stored format.</param>
    /// <param name="rows">Outputs.</param>
    /// <param name="columns">Inputs, a multiple of the format's block.</param>
    /// <exception cref="ArgumentOutOfRangeException">The matrix does not lie inside the file.</exception>
    public WeightMatrix Matrix(long offset, TensorType type, int rows, int columns)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(TensorTypes.RowBytes(type, columns), int.MaxValue, nameof(columns));
        CheckRange(offset, rows * TensorTypes.RowBytes(type, columns));
        var matrix = new WeightMatrix(type, rows, columns, (nint)(_data + offset), _view);
        _lent = true;
        return matrix;
    }

    /// <summary>Ends the use of this object. Unmaps at once unless a matrix was handed out; else with the last matrix.</summary>
    public void Dispose()
    {
        if (!_disposed && !_lent)
        {
            _view?.Dispose();
        }

        _disposed = true;
    }

    private void CheckRange(long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length - offset);
    }
}
