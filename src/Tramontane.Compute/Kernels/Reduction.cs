using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Tramontane.Compute.Kernels;

/// <summary>Sums over lanes. Those of floats have an order of our own: the library's may change with the hardware.</summary>
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

    /// <summary>The sums of four vectors of integers, in the order of the arguments.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> SumEach(Vector512<int> a, Vector512<int> b, Vector512<int> c, Vector512<int> d) =>
        SumEach(a.GetLower() + a.GetUpper(), b.GetLower() + b.GetUpper(), c.GetLower() + c.GetUpper(), d.GetLower() + d.GetUpper());

    /// <summary>The sums of four vectors of integers, in the order of the arguments.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> SumEach(Vector256<int> a, Vector256<int> b, Vector256<int> c, Vector256<int> d)
    {
        Vector256<int> each = SumHalves(a, b, c, d);
        return each.GetLower() + each.GetUpper();
    }

    /// <summary>For each quarter q of the vectors: the sums of the quarters of a, b, c and d, in lanes 4q to 4q + 3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> SumQuarters(Vector512<int> a, Vector512<int> b, Vector512<int> c, Vector512<int> d)
    {
        if (Avx512F.IsSupported)
        {
            Vector512<long> ab = (Avx512F.UnpackLow(a, b) + Avx512F.UnpackHigh(a, b)).AsInt64();
            Vector512<long> cd = (Avx512F.UnpackLow(c, d) + Avx512F.UnpackHigh(c, d)).AsInt64();
            return Avx512F.UnpackLow(ab, cd).AsInt32() + Avx512F.UnpackHigh(ab, cd).AsInt32();
        }

        return Vector512.Create(
            SumHalves(a.GetLower(), b.GetLower(), c.GetLower(), d.GetLower()),
            SumHalves(a.GetUpper(), b.GetUpper(), c.GetUpper(), d.GetUpper()));
    }

    /// <summary>The sum of each quarter.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> SumQuarters(Vector512<int> vector)
    {
        Vector256<int> lower = vector.GetLower(), upper = vector.GetUpper();
        if (Avx2.IsSupported)
        {
            Vector256<int> pairs = Avx2.HorizontalAdd(lower, upper); // by quarters: 0 and 2, then 1 and 3
            return Sse2.Shuffle(Ssse3.HorizontalAdd(pairs.GetLower(), pairs.GetUpper()), 0b11_01_10_00);
        }

        return Vector128.Create(
            Vector128.Sum(lower.GetLower()), Vector128.Sum(lower.GetUpper()), Vector128.Sum(upper.GetLower()), Vector128.Sum(upper.GetUpper()));
    }

    // For each half of the vectors: the sums of the halves of a, b, c and d.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> SumHalves(Vector256<int> a, Vector256<int> b, Vector256<int> c, Vector256<int> d)
    {
        if (Avx2.IsSupported)
        {
            Vector256<long> ab = (Avx2.UnpackLow(a, b) + Avx2.UnpackHigh(a, b)).AsInt64();
            Vector256<long> cd = (Avx2.UnpackLow(c, d) + Avx2.UnpackHigh(c, d)).AsInt64();
            return Avx2.UnpackLow(ab, cd).AsInt32() + Avx2.UnpackHigh(ab, cd).AsInt32();
        }

        return Vector256.Create(
            Vector128.Create(Vector128.Sum(a.GetLower()), Vector128.Sum(b.GetLower()), Vector128.Sum(c.GetLower()), Vector128.Sum(d.GetLower())),
            Vector128.Create(Vector128.Sum(a.GetUpper()), Vector128.Sum(b.GetUpper()), Vector128.Sum(c.GetUpper()), Vector128.Sum(d.GetUpper())));
    }
}
