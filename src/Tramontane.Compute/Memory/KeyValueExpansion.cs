using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Tramontane.Compute.Kernels;

namespace Tramontane.Compute.Memory;

/// <summary>
/// Cached keys or values of one head in one block as float32. While a block is expanded, the same lines of the block that
/// is read next are asked for: blocks lie apart, and the hardware would find each anew.
/// </summary>
internal static unsafe class KeyValueExpansion
{
    private const int BlockTokens = KeyValueBlocks.BlockTokens;

    /// <summary>Copies float32.</summary>
    public static void Singles(float* source, int count, long toNext, float* destination)
    {
        for (int i = 0; i < count; i += 16)
        {
            Ask(source + i, toNext);
            Vector512.Load(source + i).Store(destination + i);
        }
    }

    /// <summary>Expands half precision.</summary>
    public static void Halves(ushort* source, int count, long toNext, float* destination)
    {
        for (int i = 0; i < count; i += 32)
        {
            Ask(source + i, toNext);
            Lanes.HalfToSingle(Vector256.Load(source + i)).Store(destination + i);
            Lanes.HalfToSingle(Vector256.Load(source + i + 16)).Store(destination + i + 16);
        }
    }

    /// <summary>Expands Q8_0 keys, [dimension][position]; the scales behind them are [group of 32 dimensions][position].</summary>
    public static void KeyBytes(sbyte* source, int headDim, long toNext, float* destination)
    {
        ushort* scales = (ushort*)(source + (BlockTokens * headDim));
        for (int group = 0; group < headDim / KeyValueBlocks.ScaleGroup; group++, scales += BlockTokens)
        {
            Vector512<float> lower = Lanes.HalfToSingle(Vector256.Load(scales)), upper = Lanes.HalfToSingle(Vector256.Load(scales + 16));
            for (int d = 0; d < KeyValueBlocks.ScaleGroup; d++, source += BlockTokens, destination += BlockTokens)
            {
                Ask(source, toNext);
                (Lanes.ToSingle(Vector128.Load(source)) * lower).Store(destination);
                (Lanes.ToSingle(Vector128.Load(source + 16)) * upper).Store(destination + 16);
            }
        }
    }

    /// <summary>Expands Q8_0 values, [position][dimension]; the scales are as those of keys.</summary>
    public static void ValueBytes(sbyte* source, int headDim, int positions, long toNext, float* destination)
    {
        ushort* scales = (ushort*)(source + (BlockTokens * headDim));
        for (int p = 0; p < positions; p++)
        {
            for (int group = 0; group < headDim / KeyValueBlocks.ScaleGroup; group++, source += KeyValueBlocks.ScaleGroup, destination += KeyValueBlocks.ScaleGroup)
            {
                Ask(source, toNext);
                Vector512<float> scale = Vector512.Create(Lanes.HalfToSingle(scales[(group * BlockTokens) + p]));
                (Lanes.ToSingle(Vector128.Load(source)) * scale).Store(destination);
                (Lanes.ToSingle(Vector128.Load(source + 16)) * scale).Store(destination + 16);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Ask(void* address, long toNext)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0((byte*)address + toNext);
        }
    }
}
