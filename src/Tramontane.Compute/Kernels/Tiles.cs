using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Tramontane.Compute.Kernels;

/// <summary>
/// How many tokens a kernel does side by side, as a type, so that the compiler makes a version for each width.
/// A wider tile shares the unpacking of weights; it never changes how one element is summed.
/// </summary>
internal interface ITile
{
    /// <summary>1, 2, 4 or 8.</summary>
    static abstract int Tokens { get; }
}

internal readonly struct Tile1 : ITile
{
    public static int Tokens => 1;
}

internal readonly struct Tile2 : ITile
{
    public static int Tokens => 2;
}

internal readonly struct Tile4 : ITile
{
    public static int Tokens => 4;
}

internal readonly struct Tile8 : ITile
{
    public static int Tokens => 8;
}

/// <summary>Sums over lanes in an order of our own: the library's may change with the hardware.</summary>
internal static class Reduction
{
    /// <summary>Halves are added until one lane is left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector512<float> lanes)
    {
        Vector256<float> eight = lanes.GetLower() + lanes.GetUpper();
        Vector128<float> four = eight.GetLower() + eight.GetUpper();
        return (four[0] + four[2]) + (four[1] + four[3]);
    }
}
