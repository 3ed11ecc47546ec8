using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Tramontane.Compute.Kernels;

/// <summary>
/// A format of 256-element super-blocks, unpacked for integer products. The value of element k is
/// <c>scale · scales[k / 16] · q[k] − minimumScale · minimums[k / 16]</c> with unsigned q; formats that store signed
/// values express their offset as a minimum. Layouts: ggml-common.h of llama.cpp.
/// </summary>
internal unsafe interface ISuperBlockFormat
{
    /// <summary>Bytes of one super-block.</summary>
    static abstract int Bytes { get; }

    /// <summary>What is taken from q before it is scaled, for formats that store signed values; 0 for those with minimums.</summary>
    static abstract int Offset { get; }

    /// <summary>Elements that share a scale: 16 or 32.</summary>
    static abstract int SubBlock { get; }

    /// <summary>
    /// Whether the eight products that a 16-bit lane gathers in a sub-block of 16 fit once the offset is taken: 8 · 127 · |q − Offset| &lt; 2¹⁵,
    /// though they would not before.
    /// </summary>
    static virtual bool FitsLessOffset => false;

    /// <summary>How many sums of two products with values in −127 … 127 fit 16 bits: 32767 / (2 · 127 · greatest q), as a power of two.</summary>
    static abstract int SumsIn16Bits { get; }

    /// <summary>Unpacks the 256 values in natural order, 64 to a vector.</summary>
    static abstract void Values(byte* block, out Vector512<byte> q0, out Vector512<byte> q1, out Vector512<byte> q2, out Vector512<byte> q3);

    /// <summary>Unpacks scales and minimums of the 16 sub-blocks of 16 elements, and the two factors they are relative to.</summary>
    static abstract void Scales(byte* block, out Vector256<short> scales, out Vector256<short> minimums, out float scale, out float minimumScale);

    /// <summary>The products of one super-block of four rows with one token, see <see cref="FourRows"/>.</summary>
    static abstract void Products(
        byte* b0, byte* b1, byte* b2, byte* b3, byte* x,
        out Vector128<int> products, out Vector128<int> minimumProducts, out Vector128<float> scales, out Vector128<float> minimumScales);

    /// <summary>The products of one super-block of four rows with a few tokens, see <see cref="FewTokens"/>.</summary>
    static abstract void FewProducts(
        byte* b0, byte* b1, byte* b2, byte* b3, byte* x, long tokenStride, int tokenCount, FewSums sums,
        out Vector128<float> scales, out Vector128<float> minimumScales);
}

/// <summary>A format with the header of Q4_K and 4 × 32 bytes of nibble pairs: each 32 bytes hold one sub-block in their low and the next in their high nibbles.</summary>
internal unsafe interface INibbleSuperBlockFormat : ISuperBlockFormat
{
    /// <summary>
    /// Unpacks the values with 512-bit vectors, as <see cref="ActivationLayout.Quartered"/> has them: the first halves of sub-blocks 0, 2, 4
    /// and 6, a quarter each, then their second halves, then the same of sub-blocks 1, 3, 5 and 7.
    /// </summary>
    static abstract void QuarteredValues(byte* block, out Vector512<byte> q0, out Vector512<byte> q1, out Vector512<byte> q2, out Vector512<byte> q3);
}

/// <summary>Q4_K: half d, half dmin, 12 bytes of 6-bit scales and minimums, 4 × 32 bytes of nibble pairs.</summary>
internal readonly unsafe struct Q4KFormat : INibbleSuperBlockFormat
{
    public static int Bytes => 144;

    public static int Offset => 0;

    public static int SubBlock => 32;

    public static int SumsIn16Bits => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Values(byte* block, out Vector512<byte> q0, out Vector512<byte> q1, out Vector512<byte> q2, out Vector512<byte> q3)
    {
        Vector512<byte> low = Vector512.Create((byte)15);
        byte* nibbles = block + 16;
        q0 = Lanes.ShiftHalves(nibbles, 0, 4) & low;
        q1 = Lanes.ShiftHalves(nibbles + 32, 0, 4) & low;
        q2 = Lanes.ShiftHalves(nibbles + 64, 0, 4) & low;
        q3 = Lanes.ShiftHalves(nibbles + 96, 0, 4) & low;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scales(byte* block, out Vector256<short> scales, out Vector256<short> minimums, out float scale, out float minimumScale)
    {
        scale = Lanes.HalfToSingle(*(ushort*)block);
        minimumScale = Lanes.HalfToSingle(*(ushort*)(block + 2));

        // Twelve bytes hold eight 6-bit scales and eight 6-bit minimums: the first four of each in the low bits of bytes
        // 0-3 and 4-7; the other four have their low nibbles in bytes 8-11 and their top bits on top of bytes 0-7.
        uint a = *(uint*)(block + 4), b = *(uint*)(block + 8), c = *(uint*)(block + 12);
        ulong eightScales = (a & 0x3F3F3F3F) | ((ulong)((c & 0x0F0F0F0F) | ((a >> 2) & 0x30303030)) << 32);
        ulong eightMinimums = (b & 0x3F3F3F3F) | ((ulong)(((c >> 4) & 0x0F0F0F0F) | ((b >> 2) & 0x30303030)) << 32);
        scales = RepeatEachTwice(eightScales);
        minimums = RepeatEachTwice(eightMinimums);
    }

    // A sub-block of 32 elements is two of 16.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> RepeatEachTwice(ulong eightBytes)
    {
        Vector128<byte> twice = Vector128.Shuffle(
            Vector128.CreateScalar(eightBytes).AsByte(),
            Vector128.Create((byte)0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7));
        return Lanes.Widen(twice);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void FewProducts(
        byte* b0, byte* b1, byte* b2, byte* b3, byte* x, long tokenStride, int tokenCount, FewSums sums,
        out Vector128<float> scales, out Vector128<float> minimumScales)
    {
        if (Avx512BW.IsSupported)
        {
            FewTokens.NibbleProducts<Q4KFormat>(b0, b1, b2, b3, x, tokenStride, tokenCount, sums, out scales, out minimumScales);
        }
        else
        {
            FewTokens.Products<Q4KFormat>(b0, b1, b2, b3, x, tokenStride, tokenCount, sums, out scales, out minimumScales);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Products(
        byte* b0, byte* b1, byte* b2, byte* b3, byte* x,
        out Vector128<int> products, out Vector128<int> minimumProducts, out Vector128<float> scales, out Vector128<float> minimumScales)
    {
        if (Avx512BW.IsSupported)
        {
            FourRows.NibbleProducts<Q4KFormat>(b0, b1, b2, b3, x, out products, out minimumProducts, out scales, out minimumScales);
        }
        else
        {
            FourRows.Products<Q4KFormat>(b0, b1, b2, b3, x, out products, out minimumProducts, out scales, out minimumScales);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void QuarteredValues(byte* block, out Vector512<byte> q0, out Vector512<byte> q1, out Vector512<byte> q2, out Vector512<byte> q3)
    {
        Lanes.SplitQuarters(block + 16, out Vector512<byte> first, out Vector512<byte> second);
        Vector512<byte> low = Vector512.Create((byte)15);
        q0 = first & low;
        q1 = second & low;
        q2 = (first.AsUInt16() >>> 4).AsByte() & low;
        q3 = (second.AsUInt16() >>> 4).AsByte() & low;
    }
}

/// <summary>Q5_K: as Q4_K, with 32 bytes of fifth bits (bit j of byte i belongs to element 32 j + i) before the nibbles.</summary>
internal readonly unsafe struct Q5KFormat : INibbleSuperBlockFormat
{
    public static int Bytes => 176;

    public static int Offset => 0;

    public static int SubBlock => 32;

    public static int SumsIn16Bits => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Values(byte* block, out Vector512<byte> q0, out Vector512<byte> q1, out Vector512<byte> q2, out Vector512<byte> q3)
    {
        Vector512<byte> low = Vector512.Create((byte)15), one = Vector512.Create((byte)1);
        byte* fifth = block + 16;
        byte* nibbles = block + 48;
        q0 = (Lanes.ShiftHalves(nibbles, 0, 4) & low) | ((Lanes.ShiftHalves(fifth, 0, 1) & one) << 4);
        q1 = (Lanes.ShiftHalves(nibbles + 32, 0, 4) & low) | ((Lanes.ShiftHalves(fifth, 2, 3) & one) << 4);
        q2 = (Lanes.ShiftHalves(nibbles + 64, 0, 4) & low) | ((Lanes.ShiftHalves(fifth, 4, 5) & one) << 4);
        q3 = (Lanes.ShiftHalves(nibbles + 96, 0, 4) & low) | ((Lanes.ShiftHalves(fifth, 6, 7) & one) << 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scales(byte* block, out Vector256<short> scales, out Vector256<short> minimums, out float scale, out float minimumScale) =>
        Q4KFormat.Scales(block, out scales, out minimums, out scale, out minimumScale);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void FewProducts(
        byte* b0, byte* b1, byte* b2, byte* b3, byte* x, long tokenStride, int tokenCount, FewSums sums,
        out Vector128<float> scales, out Vector128<float> minimumScales)
    {
        if (Avx512BW.IsSupported)
        {
            FewTokens.NibbleProducts<Q5KFormat>(b0, b1, b2, b3, x, tokenStride, tokenCount, sums, out scales, out minimumScales);
        }
        else
        {
            FewTokens.Products<Q5KFormat>(b0, b1, b2, b3, x, tokenStride, tokenCount, sums, out scales, out minimumScales);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Products(
        byte* b0, byte* b1, byte* b2, byte* b3, byte* x,
        out Vector128<int> products, out Vector128<int> minimumProducts, out Vector128<float> scales, out Vector128<float> minimumScales)
    {
        if (Avx512BW.IsSupported)
        {
            FourRows.NibbleProducts<Q5KFormat>(b0, b1, b2, b3, x, out products, out minimumProducts, out scales, out minimumScales);
        }
        else
        {
            FourRows.Products<Q5KFormat>(b0, b1, b2, b3, x, out products, out minimumProducts, out scales, out minimumScales);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void QuarteredValues(byte* block, out Vector512<byte> q0, out Vector512<byte> q1, out Vector512<byte> q2, out Vector512<byte> q3)
    {
        Lanes.SplitQuarters(block + 48, out Vector512<byte> first, out Vector512<byte> second);
        Vector512<byte> low = Vector512.Create((byte)15), top = Vector512.Create((byte)16);

        // The fifth bit of sub-block j is bit j: quarter i is shifted so that the one of sub-block 2 i comes to bit 4, of 2 i + 1 to bit 5.
        Vector512<ulong> counts = Vector512.Create(0UL, 0, 2, 2, 4, 4, 6, 6);
        Vector512<ulong> fifth0 = (Avx512F.ShiftRightLogicalVariable(FourTokens.Broadcast(block + 16).AsUInt64(), counts) & Vector512.Create(0x0303030303030303UL)) << 4;
        Vector512<ulong> fifth1 = (Avx512F.ShiftRightLogicalVariable(FourTokens.Broadcast(block + 32).AsUInt64(), counts) & Vector512.Create(0x0303030303030303UL)) << 4;
        q0 = (first & low) | (fifth0.AsByte() & top);
        q1 = (second & low) | (fifth1.AsByte() & top);
        q2 = ((first.AsUInt16() >>> 4).AsByte() & low) | ((fifth0 >>> 1).AsByte() & top);
        q3 = ((second.AsUInt16() >>> 4).AsByte() & low) | ((fifth1 >>> 1).AsByte() & top);
    }
}

/// <summary>Q6_K: 128 bytes of low nibbles, 64 bytes of 2-bit tops, 16 signed scales, half d; values are offset by 32.</summary>
internal readonly unsafe struct Q6KFormat : ISuperBlockFormat
{
    public static int Bytes => 210;

    public static int Offset => 32;

    public static int SubBlock => 16;

    public static bool FitsLessOffset => true;

    public static int SumsIn16Bits => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Values(byte* block, out Vector512<byte> q0, out Vector512<byte> q1, out Vector512<byte> q2, out Vector512<byte> q3)
    {
        Vector512<byte> low = Vector512.Create((byte)15), two = Vector512.Create((byte)3);
        Vector512<byte> nibbles0 = Vector512.Load(block), nibbles1 = Vector512.Load(block + 64);
        byte* tops0 = block + 128, tops1 = block + 160;
        q0 = (nibbles0 & low) | ((Lanes.ShiftHalves(tops0, 0, 2) & two) << 4);
        q1 = (nibbles0 >>> 4) | ((Lanes.ShiftHalves(tops0, 4, 6) & two) << 4);
        q2 = (nibbles1 & low) | ((Lanes.ShiftHalves(tops1, 0, 2) & two) << 4);
        q3 = (nibbles1 >>> 4) | ((Lanes.ShiftHalves(tops1, 4, 6) & two) << 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scales(byte* block, out Vector256<short> scales, out Vector256<short> minimums, out float scale, out float minimumScale)
    {
        scales = Lanes.Widen(Vector128.Load((sbyte*)block + 192));
        minimums = scales << 5; // times Offset
        scale = minimumScale = Lanes.HalfToSingle(*(ushort*)(block + 208));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void FewProducts(
        byte* b0, byte* b1, byte* b2, byte* b3, byte* x, long tokenStride, int tokenCount, FewSums sums,
        out Vector128<float> scales, out Vector128<float> minimumScales) =>
        FewTokens.Products<Q6KFormat>(b0, b1, b2, b3, x, tokenStride, tokenCount, sums, out scales, out minimumScales);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Products(
        byte* b0, byte* b1, byte* b2, byte* b3, byte* x,
        out Vector128<int> products, out Vector128<int> minimumProducts, out Vector128<float> scales, out Vector128<float> minimumScales)
    {
        if (Avx512BW.IsSupported)
        {
            FourRows.SixBitProducts(b0, b1, b2, b3, x, out products, out scales);
            (minimumProducts, minimumScales) = (default, default); // its offset is taken already
        }
        else
        {
            FourRows.Products<Q6KFormat>(b0, b1, b2, b3, x, out products, out minimumProducts, out scales, out minimumScales);
        }
    }
}

/// <summary>Q3_K: 32 bytes of third bits, 64 bytes of 2-bit values, 12 bytes of 6-bit scales, half d; values are offset by 4.</summary>
internal readonly unsafe struct Q3KFormat : ISuperBlockFormat
{
    public static int Bytes => 110;

    public static int Offset => 4;

    public static int SubBlock => 16;

    public static int SumsIn16Bits => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Values(byte* block, out Vector512<byte> q0, out Vector512<byte> q1, out Vector512<byte> q2, out Vector512<byte> q3)
    {
        Vector512<byte> two = Vector512.Create((byte)3), one = Vector512.Create((byte)1);
        byte* third = block, low0 = block + 32, low1 = block + 64;
        q0 = (Lanes.ShiftHalves(low0, 0, 2) & two) | ((Lanes.ShiftHalves(third, 0, 1) & one) << 2);
        q1 = (Lanes.ShiftHalves(low0, 4, 6) & two) | ((Lanes.ShiftHalves(third, 2, 3) & one) << 2);
        q2 = (Lanes.ShiftHalves(low1, 0, 2) & two) | ((Lanes.ShiftHalves(third, 4, 5) & one) << 2);
        q3 = (Lanes.ShiftHalves(low1, 4, 6) & two) | ((Lanes.ShiftHalves(third, 6, 7) & one) << 2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scales(byte* block, out Vector256<short> scales, out Vector256<short> minimums, out float scale, out float minimumScale)
    {
        // Sixteen 6-bit scales, offset by 32: low nibbles of 0-7 and 8-15 share bytes 0-7; byte 8 + i holds the top bits of i, i + 4, i + 8, i + 12.
        uint a = *(uint*)(block + 96), b = *(uint*)(block + 100), tops = *(uint*)(block + 104);
        ulong first = ((a & 0x0F0F0F0F) | ((tops & 0x03030303) << 4)) | ((ulong)((b & 0x0F0F0F0F) | (((tops >> 2) & 0x03030303) << 4)) << 32);
        ulong second = (((a >> 4) & 0x0F0F0F0F) | (((tops >> 4) & 0x03030303) << 4)) | ((ulong)(((b >> 4) & 0x0F0F0F0F) | (((tops >> 6) & 0x03030303) << 4)) << 32);
        scales = Lanes.Widen(Vector128.Create(first, second).AsByte()) - Vector256.Create((short)32);
        minimums = scales << 2; // times Offset
        scale = minimumScale = Lanes.HalfToSingle(*(ushort*)(block + 108));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void FewProducts(
        byte* b0, byte* b1, byte* b2, byte* b3, byte* x, long tokenStride, int tokenCount, FewSums sums,
        out Vector128<float> scales, out Vector128<float> minimumScales) =>
        FewTokens.Products<Q3KFormat>(b0, b1, b2, b3, x, tokenStride, tokenCount, sums, out scales, out minimumScales);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Products(
        byte* b0, byte* b1, byte* b2, byte* b3, byte* x,
        out Vector128<int> products, out Vector128<int> minimumProducts, out Vector128<float> scales, out Vector128<float> minimumScales) =>
        FourRows.Products<Q3KFormat>(b0, b1, b2, b3, x, out products, out minimumProducts, out scales, out minimumScales);
}

/// <summary>Q2_K: 16 bytes of 4-bit scales (low) and minimums (high), 64 bytes of 2-bit values, half d, half dmin.</summary>
internal readonly unsafe struct Q2KFormat : ISuperBlockFormat
{
    public static int Bytes => 84;

    public static int Offset => 0;

    public static int SubBlock => 16;

    public static int SumsIn16Bits => 32;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Values(byte* block, out Vector512<byte> q0, out Vector512<byte> q1, out Vector512<byte> q2, out Vector512<byte> q3)
    {
        Vector512<byte> two = Vector512.Create((byte)3);
        byte* low0 = block + 16, low1 = block + 48;
        q0 = Lanes.ShiftHalves(low0, 0, 2) & two;
        q1 = Lanes.ShiftHalves(low0, 4, 6) & two;
        q2 = Lanes.ShiftHalves(low1, 0, 2) & two;
        q3 = Lanes.ShiftHalves(low1, 4, 6) & two;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scales(byte* block, out Vector256<short> scales, out Vector256<short> minimums, out float scale, out float minimumScale)
    {
        Vector256<short> both = Lanes.Widen(Vector128.Load(block));
        scales = both & Vector256.Create((short)15);
        minimums = both >>> 4;
        scale = Lanes.HalfToSingle(*(ushort*)(block + 80));
        minimumScale = Lanes.HalfToSingle(*(ushort*)(block + 82));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void FewProducts(
        byte* b0, byte* b1, byte* b2, byte* b3, byte* x, long tokenStride, int tokenCount, FewSums sums,
        out Vector128<float> scales, out Vector128<float> minimumScales) =>
        FewTokens.Products<Q2KFormat>(b0, b1, b2, b3, x, tokenStride, tokenCount, sums, out scales, out minimumScales);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Products(
        byte* b0, byte* b1, byte* b2, byte* b3, byte* x,
        out Vector128<int> products, out Vector128<int> minimumProducts, out Vector128<float> scales, out Vector128<float> minimumScales) =>
        FourRows.Products<Q2KFormat>(b0, b1, b2, b3, x, out products, out minimumProducts, out scales, out minimumScales);
}
