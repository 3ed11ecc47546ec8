using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Tramontane.Compute.Kernels;

/// <summary>
/// Prefetching of weights that are read four rows at a time. Four short rows are streams that the hardware finds late and
/// loses soon; for them the next four rows are asked for as one stream, from the first byte to the last, while these are
/// computed. Long rows would not stay in the first-level cache until then; each is its own stream, a distance ahead.
/// </summary>
internal static unsafe class ReadAhead
{
    private const int LineBytes = 64;

    // Four rows that fill about half of a first-level cache of 32 KiB.
    private const int ShortRowBytes = 18 * 1024 / ITileKernel.Rows;

    // Of one of four streams: together they cover a latency of 200 ns at 20 GB/s.
    private const int Distance = 1024;

    /// <summary>Asks for what is read as much later as one block of each row. An address that is not mapped does no harm.</summary>
    /// <param name="rows">Where each row begins.</param>
    /// <param name="rowBytes">Bytes of a row; after these four rows the next four follow.</param>
    /// <param name="block">The block that is computed now.</param>
    /// <param name="blockBytes">Bytes of a block.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Ask(byte** rows, int rowBytes, int block, int blockBytes)
    {
        if (!Sse.IsSupported)
        {
            return;
        }

        if (rowBytes <= ShortRowBytes)
        {
            int bytes = ITileKernel.Rows * blockBytes;
            AskLines(rows[0] + ((long)ITileKernel.Rows * rowBytes) + ((long)block * bytes), bytes);
            return;
        }

        // Behind the end of a row comes the row four below it.
        long ahead = ((long)block * blockBytes) + Distance;
        ahead += ahead < rowBytes ? 0 : (ITileKernel.Rows - 1) * (long)rowBytes;
        AskLines(rows[0] + ahead, blockBytes);
        AskLines(rows[1] + ahead, blockBytes);
        AskLines(rows[2] + ahead, blockBytes);
        AskLines(rows[3] + ahead, blockBytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AskLines(byte* address, int byteCount)
    {
        for (int i = 0; i < byteCount; i += LineBytes)
        {
            Sse.Prefetch0(address + i);
        }
    }
}
