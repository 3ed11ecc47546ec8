using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Tramontane.Compute.Kernels;

/// <summary>
/// One super-block of four rows with a few tokens: the exact integers and factors of <see cref="SuperBlockKernel{TFormat}"/>, left in
/// <see cref="FewSums"/>. A row is unpacked into registers once and meets the tokens one after the other. The general way serves any
/// format; the one for Q4_K and Q5_K decodes the headers of the four rows side by side and takes two rows to each load of a token.
/// </summary>
internal static unsafe class FewTokens
{
    /// <summary>Any format.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Products<TFormat>(
        byte* b0, byte* b1, byte* b2, byte* b3, byte* x, long tokenStride, int tokenCount, FewSums sums,
        out Vector128<float> scales, out Vector128<float> minimumScales)
        where TFormat : struct, ISuperBlockFormat
    {
        Row<TFormat>(b0, 0, x, tokenStride, tokenCount, sums, out float d0, out float e0);
        Row<TFormat>(b1, 1, x, tokenStride, tokenCount, sums, out float d1, out float e1);
        Row<TFormat>(b2, 2, x, tokenStride, tokenCount, sums, out float d2, out float e2);
        Row<TFormat>(b3, 3, x, tokenStride, tokenCount, sums, out float d3, out float e3);
        scales = Vector128.Create(d0, d1, d2, d3);
        minimumScales = Vector128.Create(e0, e1, e2, e3);
        if (TFormat.Offset == 0)
        {
            for (int token = 0; token < tokenCount; token++)
            {
                sums.SumMinimums(token);
            }
        }
    }

    /// <summary>Q4_K and Q5_K with 512-bit vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void NibbleProducts<TFormat>(
        byte* b0, byte* b1, byte* b2, byte* b3, byte* x, long tokenStride, int tokenCount, FewSums sums,
        out Vector128<float> scales, out Vector128<float> minimumScales)
        where TFormat : struct, INibbleSuperBlockFormat
    {
        FourRows.NibbleHeaders(b0, b1, b2, b3, out Vector512<short> subScales, out Vector512<short> minimums, out scales, out minimumScales);
        RowPair<TFormat>(b0, b1, 0, subScales, x, tokenStride, tokenCount, sums);
        RowPair<TFormat>(b2, b3, 2, Avx512F.Shuffle4x128(subScales.AsInt64(), subScales.AsInt64(), 0b01_00_11_10).AsInt16(), x, tokenStride, tokenCount, sums);
        x += new ActivationLayout(ActivationForm.SuperBlocks, 1).Sums32;
        for (int token = 0; token < tokenCount; token++, x += tokenStride)
        {
            Reduction.SumQuarters(Lanes.MultiplyAddPairs(minimums, FourTokens.Broadcast(x).AsInt16())).Store(sums.Minimum(token));
        }
    }

    // A method of its own, or the compiler's budget for inlining ends in it; without a loop it would be compiled unoptimised at first.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Row<TFormat>(
        byte* block, int row, byte* x, long tokenStride, int tokenCount, FewSums sums, out float scale, out float minimumScale)
        where TFormat : struct, ISuperBlockFormat
    {
        TFormat.Values(block, out Vector512<byte> q0, out Vector512<byte> q1, out Vector512<byte> q2, out Vector512<byte> q3);
        TFormat.Scales(block, out Vector256<short> scales, out Vector256<short> minimums, out scale, out minimumScale);
        Vector512<short> s0 = Lanes.RepeatFour(scales, 0), s1 = Lanes.RepeatFour(scales, 4);
        Vector512<short> s2 = Lanes.RepeatFour(scales, 8), s3 = Lanes.RepeatFour(scales, 12);
        int sums16 = new ActivationLayout(ActivationForm.SuperBlocks, 1).Sums16;
        for (int token = 0; token < tokenCount; token++, x += tokenStride)
        {
            sbyte* values = (sbyte*)x;
            Vector256<int> products;
            if (Vector512.IsHardwareAccelerated)
            {
                products = Halved(
                    (Scaled(q0, Vector512.Load(values), s0) + Scaled(q1, Vector512.Load(values + 64), s1))
                    + (Scaled(q2, Vector512.Load(values + 128), s2) + Scaled(q3, Vector512.Load(values + 192), s3)));
            }
            else
            {
                products = (Scaled(q0.GetLower(), values, s0.GetLower()) + Scaled(q0.GetUpper(), values + 32, s0.GetUpper()))
                    + (Scaled(q1.GetLower(), values + 64, s1.GetLower()) + Scaled(q1.GetUpper(), values + 96, s1.GetUpper()))
                    + ((Scaled(q2.GetLower(), values + 128, s2.GetLower()) + Scaled(q2.GetUpper(), values + 160, s2.GetUpper()))
                    + (Scaled(q3.GetLower(), values + 192, s3.GetLower()) + Scaled(q3.GetUpper(), values + 224, s3.GetUpper())));
            }

            Vector256<int> minimumProducts = Lanes.MultiplyAddPairs(minimums, Vector256.Load((short*)(x + sums16)));
            if (TFormat.Offset != 0)
            {
                products -= minimumProducts;
            }
            else
            {
                minimumProducts.Store(sums.RowMinimums(token, row));
            }

            products.Store(sums.RowProducts(token, row));
        }
    }

    // Two rows of Q4_K or Q5_K. Their scales are the first sixteen.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void RowPair<TFormat>(
        byte* b0, byte* b1, int row, Vector512<short> scales, byte* x, long tokenStride, int tokenCount, FewSums sums)
        where TFormat : struct, INibbleSuperBlockFormat
    {
        TFormat.QuarteredValues(b0, out Vector512<byte> q00, out Vector512<byte> q01, out Vector512<byte> q02, out Vector512<byte> q03);
        TFormat.QuarteredValues(b1, out Vector512<byte> q10, out Vector512<byte> q11, out Vector512<byte> q12, out Vector512<byte> q13);
        Vector512<short> even0 = Lanes.RepeatFour(scales, 0, 2, 4, 6), odd0 = Lanes.RepeatFour(scales, 1, 3, 5, 7);
        Vector512<short> even1 = Lanes.RepeatFour(scales, 8, 10, 12, 14), odd1 = Lanes.RepeatFour(scales, 9, 11, 13, 15);
        sbyte* values = (sbyte*)x + new ActivationLayout(ActivationForm.SuperBlocks, 1).Quartered;
        for (int token = 0; token < tokenCount; token++, values += tokenStride)
        {
            Vector512<sbyte> x0 = Vector512.Load(values), x1 = Vector512.Load(values + 64);
            Vector512<sbyte> x2 = Vector512.Load(values + 128), x3 = Vector512.Load(values + 192);
            Halved(FourRows.Quartered(q00, q01, q02, q03, even0, odd0, x0, x1, x2, x3)).Store(sums.RowProducts(token, row));
            Halved(FourRows.Quartered(q10, q11, q12, q13, even1, odd1, x0, x1, x2, x3)).Store(sums.RowProducts(token, row + 1));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Halved(Vector512<int> sums) => sums.GetLower() + sums.GetUpper();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Scaled(Vector256<byte> q, sbyte* x, Vector256<short> scale) =>
        Lanes.MultiplyAddPairs(Lanes.MultiplyAddPairs(q, Vector256.Load(x)), scale);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Scaled(Vector512<byte> q, Vector512<sbyte> x, Vector512<short> scale) =>
        Lanes.MultiplyAddPairs(Lanes.MultiplyAddPairs(q, x), scale);
}
