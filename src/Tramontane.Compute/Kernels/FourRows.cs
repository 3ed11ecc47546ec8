using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Tramontane.Compute.Kernels;

/// <summary>
/// One super-block of four rows with one token: the exact integers I and M and the factors of
/// <see cref="SuperBlockKernel{TFormat}"/>, a lane for each row. The general way takes row by row what the format unpacks;
/// the ways for Q4_K and Q5_K and for Q6_K take values in an order that needs the fewest steps, and the first decodes the
/// headers of the four rows side by side.
/// </summary>
internal static unsafe class FourRows
{
    /// <summary>Any format.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Products<TFormat>(
        byte* b0, byte* b1, byte* b2, byte* b3, byte* x,
        out Vector128<int> products, out Vector128<int> minimumProducts, out Vector128<float> scales, out Vector128<float> minimumScales)
        where TFormat : struct, ISuperBlockFormat
    {
        Row<TFormat>(b0, x, out Vector512<int> i0, out Vector256<int> m0, out float d0, out float e0);
        Row<TFormat>(b1, x, out Vector512<int> i1, out Vector256<int> m1, out float d1, out float e1);
        Row<TFormat>(b2, x, out Vector512<int> i2, out Vector256<int> m2, out float d2, out float e2);
        Row<TFormat>(b3, x, out Vector512<int> i3, out Vector256<int> m3, out float d3, out float e3);
        products = Reduction.SumEach(i0, i1, i2, i3);
        minimumProducts = TFormat.Offset == 0 ? Reduction.SumEach(m0, m1, m2, m3) : default;
        scales = Vector128.Create(d0, d1, d2, d3);
        minimumScales = Vector128.Create(e0, e1, e2, e3);
    }

    /// <summary>Q4_K and Q5_K, whose headers are the same, with 512-bit vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void NibbleProducts<TFormat>(
        byte* b0, byte* b1, byte* b2, byte* b3, byte* x,
        out Vector128<int> products, out Vector128<int> minimumProducts, out Vector128<float> scales, out Vector128<float> minimumScales)
        where TFormat : struct, INibbleSuperBlockFormat
    {
        var layout = new ActivationLayout(ActivationForm.SuperBlocks, 1);
        NibbleHeaders(b0, b1, b2, b3, out Vector512<short> subScales, out Vector512<short> minimums, out scales, out minimumScales);

        byte* quartered = x + layout.Quartered;
        Vector512<sbyte> x0 = Vector512.Load((sbyte*)quartered), x1 = Vector512.Load((sbyte*)quartered + 64);
        Vector512<sbyte> x2 = Vector512.Load((sbyte*)quartered + 128), x3 = Vector512.Load((sbyte*)quartered + 192);
        products = Reduction.SumEach(
            Row<TFormat>(b0, subScales, 0, x0, x1, x2, x3), Row<TFormat>(b1, subScales, 8, x0, x1, x2, x3),
            Row<TFormat>(b2, subScales, 16, x0, x1, x2, x3), Row<TFormat>(b3, subScales, 24, x0, x1, x2, x3));
        Vector512<int> offsets = Avx512BW.MultiplyAddAdjacent(minimums, FourTokens.Broadcast(x + layout.Sums32).AsInt16());
        minimumProducts = Reduction.SumQuarters(offsets);
    }

    /// <summary>The headers of four blocks of Q4_K or Q5_K with 512-bit vectors: eight scales and eight minimums of a row in each quarter, and their factors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void NibbleHeaders(
        byte* b0, byte* b1, byte* b2, byte* b3,
        out Vector512<short> subScales, out Vector512<short> minimums, out Vector128<float> scales, out Vector128<float> minimumScales)
    {
        // A quarter is a row: d and dmin, then 12 bytes with eight 6-bit scales and eight 6-bit minimums (see Q4KFormat.Scales).
        Vector512<uint> header = Lanes.Quarters(b0, b1, b2, b3).AsUInt32();
        Vector512<uint> direct = Avx512F.Shuffle(header, 0b11_10_11_01), tops = Avx512F.Shuffle(header, 0b10_10_01_01);
        direct = Avx512F.ShiftRightLogicalVariable(direct, Lanes.RepeatQuarter(0, 0, 0, 4)) & Lanes.RepeatQuarter(0x3F3F3F3F, 0x0F0F0F0F, 0x3F3F3F3F, 0x0F0F0F0F);
        tops = (tops >>> 2) & Lanes.RepeatQuarter(0, 0x30303030, 0, 0x30303030);
        Vector512<byte> bytes = (direct | tops).AsByte();
        subScales = Avx512BW.UnpackLow(bytes, Vector512<byte>.Zero).AsInt16();
        minimums = Avx512BW.UnpackHigh(bytes, Vector512<byte>.Zero).AsInt16();

        Vector128<int> halves = Vector128.Create(*(int*)b0, *(int*)b1, *(int*)b2, *(int*)b3);
        scales = Lanes.UpperHalfToSingle(halves << 16);
        minimumScales = Lanes.UpperHalfToSingle(halves);
    }

    /// <summary>Q6_K with 512-bit vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SixBitProducts(
        byte* b0, byte* b1, byte* b2, byte* b3, byte* x, out Vector128<int> products, out Vector128<float> scales)
    {
        // A vector of values holds 32 of the first 128 elements and the same 32 of the others.
        Vector512<sbyte> x0 = Lanes.Halves(x, x + 128), x1 = Lanes.Halves(x + 32, x + 160);
        Vector512<sbyte> x2 = Lanes.Halves(x + 64, x + 192), x3 = Lanes.Halves(x + 96, x + 224);
        Vector256<short> sums = Vector256.Load((short*)(x + new ActivationLayout(ActivationForm.SuperBlocks, 1).Sums16));
        products = Reduction.SumEach(
            SixBitRow(b0, sums, x0, x1, x2, x3), SixBitRow(b1, sums, x0, x1, x2, x3),
            SixBitRow(b2, sums, x0, x1, x2, x3), SixBitRow(b3, sums, x0, x1, x2, x3));

        // The scale is the block's last half: read with the one before it, so that nothing behind the row is touched.
        int at = Q6KFormat.Bytes - 4;
        scales = Lanes.UpperHalfToSingle(Vector128.Create(*(int*)(b0 + at), *(int*)(b1 + at), *(int*)(b2 + at), *(int*)(b3 + at)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> SixBitRow(
        byte* block, Vector256<short> sums, Vector512<sbyte> x0, Vector512<sbyte> x1, Vector512<sbyte> x2, Vector512<sbyte> x3)
    {
        Vector512<byte> low = Vector512.Create((byte)0x0F), top = Vector512.Create((byte)0x30);
        Vector512<byte> nibbles0 = Lanes.Halves(block, block + 64).AsByte(), nibbles1 = Lanes.Halves(block + 32, block + 96).AsByte();
        Vector512<ushort> tops = Vector512.Load((ushort*)(block + 128));
        Vector512<byte> q0 = (nibbles0 & low) | ((tops << 4).AsByte() & top);
        Vector512<byte> q1 = (nibbles1 & low) | ((tops << 2).AsByte() & top);
        Vector512<byte> q2 = ((nibbles0.AsUInt16() >>> 4).AsByte() & low) | (tops.AsByte() & top);
        Vector512<byte> q3 = ((nibbles1.AsUInt16() >>> 4).AsByte() & low) | ((tops >>> 2).AsByte() & top);
        Vector256<short> scales = Lanes.Widen(Vector128.Load((sbyte*)block + 192));
        Vector512<int> p0 = Lanes.MultiplyAddPairs(Lanes.MultiplyAddPairs(q0, x0), Lanes.RepeatFour(scales, 0, 1, 8, 9));
        Vector512<int> p1 = Lanes.MultiplyAddPairs(Lanes.MultiplyAddPairs(q1, x1), Lanes.RepeatFour(scales, 2, 3, 10, 11));
        Vector512<int> p2 = Lanes.MultiplyAddPairs(Lanes.MultiplyAddPairs(q2, x2), Lanes.RepeatFour(scales, 4, 5, 12, 13));
        Vector512<int> p3 = Lanes.MultiplyAddPairs(Lanes.MultiplyAddPairs(q3, x3), Lanes.RepeatFour(scales, 6, 7, 14, 15));
        return (p0 + p1) + (p2 + p3) - Lanes.MultiplyAddPairs(scales << 5, sums).ToVector512(); // the offset is 32
    }

    // One row in general: sixteen partial sums of I, eight of M.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Row<TFormat>(byte* block, byte* x, out Vector512<int> products, out Vector256<int> minimumProducts, out float scale, out float minimumScale)
        where TFormat : struct, ISuperBlockFormat
    {
        var layout = new ActivationLayout(ActivationForm.SuperBlocks, 1);
        TFormat.Values(block, out Vector512<byte> q0, out Vector512<byte> q1, out Vector512<byte> q2, out Vector512<byte> q3);
        TFormat.Scales(block, out Vector256<short> scales, out Vector256<short> minimums, out scale, out minimumScale);
        sbyte* values = (sbyte*)x;
        Vector512<int> p0 = Lanes.MultiplyAddPairs(Lanes.MultiplyAddPairs(q0, Vector512.Load(values)), Lanes.RepeatFour(scales, 0));
        Vector512<int> p1 = Lanes.MultiplyAddPairs(Lanes.MultiplyAddPairs(q1, Vector512.Load(values + 64)), Lanes.RepeatFour(scales, 4));
        Vector512<int> p2 = Lanes.MultiplyAddPairs(Lanes.MultiplyAddPairs(q2, Vector512.Load(values + 128)), Lanes.RepeatFour(scales, 8));
        Vector512<int> p3 = Lanes.MultiplyAddPairs(Lanes.MultiplyAddPairs(q3, Vector512.Load(values + 192)), Lanes.RepeatFour(scales, 12));
        products = (p0 + p1) + (p2 + p3);
        minimumProducts = Lanes.MultiplyAddPairs(minimums, Vector256.Load((short*)(x + layout.Sums16)));
        if (TFormat.Offset != 0)
        {
            products -= minimumProducts.ToVector512();
        }
    }

    /// <summary>Products of quartered values: the two halves of a sub-block are added in 16 bits before they meet its scale.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Quartered(
        Vector512<byte> q0, Vector512<byte> q1, Vector512<byte> q2, Vector512<byte> q3, Vector512<short> even, Vector512<short> odd,
        Vector512<sbyte> x0, Vector512<sbyte> x1, Vector512<sbyte> x2, Vector512<sbyte> x3) =>
        Lanes.MultiplyAddPairs(Lanes.MultiplyAddPairs(q0, x0) + Lanes.MultiplyAddPairs(q1, x1), even)
        + Lanes.MultiplyAddPairs(Lanes.MultiplyAddPairs(q2, x2) + Lanes.MultiplyAddPairs(q3, x3), odd);

    // One row of Q4_K or Q5_K: sixteen partial sums of I. Its scales begin at a lane of those of all four.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Row<TFormat>(
        byte* block, Vector512<short> scales, short first, Vector512<sbyte> x0, Vector512<sbyte> x1, Vector512<sbyte> x2, Vector512<sbyte> x3)
        where TFormat : struct, INibbleSuperBlockFormat
    {
        TFormat.QuarteredValues(block, out Vector512<byte> q0, out Vector512<byte> q1, out Vector512<byte> q2, out Vector512<byte> q3);
        Vector512<short> even = Lanes.RepeatFour(scales, first, (short)(first + 2), (short)(first + 4), (short)(first + 6));
        Vector512<short> odd = Lanes.RepeatFour(scales, (short)(first + 1), (short)(first + 3), (short)(first + 5), (short)(first + 7));
        return Quartered(q0, q1, q2, q3, even, odd, x0, x1, x2, x3);
    }
}
