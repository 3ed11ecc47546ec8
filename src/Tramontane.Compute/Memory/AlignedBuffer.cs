using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Tramontane.Compute.Memory;

/// <summary>
/// Native memory that begins on a cache line and outside the garbage collector's reach. The content is zero at first;
/// pages of a large buffer that were never touched take no memory. The owner disposes of it.
/// </summary>
/// <typeparam name="T">The element.</typeparam>
public sealed unsafe class AlignedBuffer<T> : IDisposable
    where T : unmanaged
{
    /// <summary>Bytes: a cache line, and the widest vector.</summary>
    public const int Alignment = 64;

    private void* _allocation;
    private T* _data;

    /// <summary>Allocates.</summary>
    /// <param name="length">Number of elements; may be more than a span can hold.</param>
    /// <exception cref="OutOfMemoryException">The system refuses.</exception>
    public AlignedBuffer(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        nuint bytes = checked(((nuint)length * (nuint)sizeof(T)) + Alignment);
        // calloc takes large blocks straight from the system and does not clear them again; aligned_alloc would have to be cleared.
        _allocation = NativeMemory.AllocZeroed(bytes);
        _data = (T*)(((nuint)_allocation + (Alignment - 1)) & ~(nuint)(Alignment - 1));
        Length = length;
        LargePages.Ask(_allocation, (long)bytes);
    }

    /// <summary>Number of elements.</summary>
    public long Length { get; }

    /// <summary>Where the elements begin; valid until the buffer is disposed of or unreachable.</summary>
    public nint Address => (nint)_data;

    /// <summary>One element.</summary>
    public ref T this[long index]
    {
        get
        {
            ObjectDisposedException.ThrowIf(_data is null, this);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((ulong)index, (ulong)Length, nameof(index));
            return ref Unsafe.AsRef<T>(_data + index);
        }
    }

    /// <summary>All elements; valid until the buffer is disposed of or unreachable.</summary>
    /// <exception cref="OverflowException">There are more than a span can hold: take a <see cref="Slice"/>.</exception>
    public Span<T> Span => Slice(0, checked((int)Length));

    /// <summary>Some of the elements; valid until the buffer is disposed of or unreachable.</summary>
    public Span<T> Slice(long start, int length)
    {
        ObjectDisposedException.ThrowIf(_data is null, this);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)start, (ulong)Length, nameof(start));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length - start);
        return new Span<T>(_data + start, length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(_allocation);
        _allocation = null;
        _data = null;
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the memory of a buffer that was never disposed of.</summary>
    ~AlignedBuffer() => Dispose();
}
