using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Tramontane.Compute.Kernels;

/// <summary>
/// The few vector operations that the cross-platform API lacks, each on AVX-512, AVX2 and portable code with the same
/// result in every lane. Kernels are written once on top of them, always 512 bits wide, so that the order of additions,
/// and with it every bit of the result, does not depend on the width of the hardware.
/// </summary>
internal static class Lanes
{
    /// <summary>Products of unsigned and signed bytes, neighbours added: 64 products in 32 sums. Sums must fit 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> MultiplyAddPairs(Vector512<byte> unsigned, Vector512<sbyte> signed)
    {
        if (Avx512BW.IsSupported)
        {
            return Avx512BW.MultiplyAddAdjacent(unsigned, signed);
        }

        if (Avx2.IsSupported)
        {
            return Vector512.Create(
                Avx2.MultiplyAddAdjacent(unsigned.GetLower(), signed.GetLower()),
                Avx2.MultiplyAddAdjacent(unsigned.GetUpper(), signed.GetUpper()));
        }

        return MultiplyAddPairsPortable(unsigned, signed);
    }

    /// <summary>Products of unsigned and signed bytes, neighbours added: 32 products in 16 sums. Sums must fit 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> MultiplyAddPairs(Vector256<byte> unsigned, Vector256<sbyte> signed) =>
        Avx2.IsSupported
            ? Avx2.MultiplyAddAdjacent(unsigned, signed)
            : MultiplyAddPairsPortable(unsigned.ToVector512(), signed.ToVector512()).GetLower();

    /// <summary>Products of 16-bit integers, neighbours added: 32 products in 16 sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> MultiplyAddPairs(Vector512<short> a, Vector512<short> b)
    {
        if (Avx512BW.IsSupported)
        {
            return Avx512BW.MultiplyAddAdjacent(a, b);
        }

        if (Avx2.IsSupported)
        {
            return Vector512.Create(
                Avx2.MultiplyAddAdjacent(a.GetLower(), b.GetLower()),
                Avx2.MultiplyAddAdjacent(a.GetUpper(), b.GetUpper()));
        }

        return MultiplyAddPairsPortable(a, b);
    }

    /// <summary>Products of 16-bit integers, neighbours added: 16 products in 8 sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> MultiplyAddPairs(Vector256<short> a, Vector256<short> b) =>
        Avx2.IsSupported
            ? Avx2.MultiplyAddAdjacent(a, b)
            : MultiplyAddPairsPortable(a.ToVector512(), b.ToVector512()).GetLower();

    /// <summary>The same 32 bytes twice, as 64-bit words shifted right by <paramref name="lower"/> and <paramref name="upper"/> bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Vector512<byte> ShiftHalves(byte* bytes, int lower, int upper)
    {
        if (Avx512F.IsSupported)
        {
            // Element by element, so that constant arguments make a constant vector. Not BroadcastVector256ToVector512: the
            // compiler of .NET 10.0 encodes the displacement of its memory operand for 16 bytes instead of 32.
            (ulong l, ulong u) = ((ulong)lower, (ulong)upper);
            Vector512<ulong> counts = Vector512.Create(l, l, l, l, u, u, u, u);
            Vector256<ulong> half = Vector256.Load((ulong*)bytes);
            return Avx512F.ShiftRightLogicalVariable(Avx512F.InsertVector256(half.ToVector512Unsafe(), half, 1), counts).AsByte();
        }

        Vector256<ulong> words = Vector256.Load((ulong*)bytes);
        return Vector512.Create(words >>> lower, words >>> upper).AsByte();
    }

    /// <summary>Four of sixteen values, from <paramref name="first"/> on (0, 4, 8 or 12), each repeated in eight lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> RepeatFour(Vector256<short> values, short first)
    {
        if (!Avx512BW.IsSupported && Avx2.IsSupported)
        {
            // The half that holds them in both halves, then the bytes of one value in each.
            Vector256<byte> half = (first < 8 ? Avx2.Permute2x128(values, values, 0x00) : Avx2.Permute2x128(values, values, 0x11)).AsByte();
            return Vector512.Create(Avx2.Shuffle(half, RepeatTwoBytes(first % 8)), Avx2.Shuffle(half, RepeatTwoBytes((first % 8) + 2))).AsInt16();
        }

        return RepeatFour(values, first, (short)(first + 1), (short)(first + 2), (short)(first + 3));
    }

    /// <summary>Four of sixteen values, each repeated in eight lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> RepeatFour(Vector256<short> values, short a, short b, short c, short d)
    {
        if (Avx512BW.IsSupported)
        {
            // The index vector is a constant for constant arguments: one permutation.
            Vector512<short> index = Vector512.Create(
                a, a, a, a, a, a, a, a, b, b, b, b, b, b, b, b, c, c, c, c, c, c, c, c, d, d, d, d, d, d, d, d);
            return Avx512BW.PermuteVar32x16(values.ToVector512Unsafe(), index);
        }

        return Vector512.Create(
            Vector256.Create(Vector128.Create(values.GetElement(a)), Vector128.Create(values.GetElement(b))),
            Vector256.Create(Vector128.Create(values.GetElement(c)), Vector128.Create(values.GetElement(d))));
    }

    // Indices that repeat a 16-bit value in one half of a vector and the next in the other; a constant for a constant argument.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> RepeatTwoBytes(int first)
    {
        short a = (short)((2 * first) | (((2 * first) + 1) << 8)), b = (short)(a + 0x0202);
        return Vector256.Create(a, a, a, a, a, a, a, a, b, b, b, b, b, b, b, b).AsByte();
    }

    /// <summary>Four values, each repeated in a quarter; constant arguments make a constant vector of indices. For AVX-512 alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> RepeatFour(Vector512<short> values, short a, short b, short c, short d) =>
        Avx512BW.PermuteVar32x16(values, Vector512.Create(
            a, a, a, a, a, a, a, a, b, b, b, b, b, b, b, b, c, c, c, c, c, c, c, c, d, d, d, d, d, d, d, d));

    /// <summary>128 bytes as two vectors: the first 16 of each 32 in one, the others in the other. For AVX-512 alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void SplitQuarters(byte* bytes, out Vector512<byte> first, out Vector512<byte> second)
    {
        Vector512<long> lower = Vector512.Load((long*)bytes), upper = Vector512.Load((long*)(bytes + 64));
        first = Avx512F.Shuffle4x128(lower, upper, 0b10_00_10_00).AsByte();
        second = Avx512F.Shuffle4x128(lower, upper, 0b11_01_11_01).AsByte();
    }

    /// <summary>Four values, repeated in every quarter; constant arguments make a constant vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> RepeatQuarter(uint a, uint b, uint c, uint d) =>
        Vector512.Create(a, b, c, d, a, b, c, d, a, b, c, d, a, b, c, d);

    /// <summary>Sixteen bytes from each of four places. For AVX-512 alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Vector512<byte> Quarters(byte* a, byte* b, byte* c, byte* d)
    {
        Vector512<int> vector = Avx512F.InsertVector128(Vector128.Load((int*)a).ToVector256Unsafe().ToVector512Unsafe(), Vector128.Load((int*)b), 1);
        vector = Avx512F.InsertVector128(vector, Vector128.Load((int*)c), 2);
        return Avx512F.InsertVector128(vector, Vector128.Load((int*)d), 3).AsByte();
    }

    /// <summary>32 bytes from each of two places. For AVX-512 alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Vector512<sbyte> Halves(byte* a, byte* b) =>
        Avx512F.InsertVector256(Vector256.Load((long*)a).ToVector512Unsafe(), Vector256.Load((long*)b), 1).AsSByte();

    /// <summary>Sixteen unsigned bytes as 16-bit integers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Widen(Vector128<byte> values)
    {
        if (Avx2.IsSupported)
        {
            return Avx2.ConvertToVector256Int16(values);
        }

        (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(values);
        return Vector256.Create(low, high).AsInt16();
    }

    /// <summary>Sixteen signed bytes as 16-bit integers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<short> Widen(Vector128<sbyte> values)
    {
        if (Avx2.IsSupported)
        {
            return Avx2.ConvertToVector256Int16(values);
        }

        (Vector128<short> low, Vector128<short> high) = Vector128.Widen(values);
        return Vector256.Create(low, high);
    }

    /// <summary>32 signed bytes as 16-bit integers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Widen(Vector256<sbyte> values)
    {
        if (Avx512BW.IsSupported)
        {
            return Avx512BW.ConvertToVector512Int16(values);
        }

        return Vector512.Create(Widen(values.GetLower()), Widen(values.GetUpper()));
    }

    /// <summary>Sixteen unsigned 16-bit integers as 32-bit integers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Widen(Vector256<ushort> values)
    {
        if (Avx512F.IsSupported)
        {
            return Avx512F.ConvertToVector512UInt32(values);
        }

        (Vector256<uint> low, Vector256<uint> high) = Vector256.Widen(values);
        return Vector512.Create(low, high);
    }

    /// <summary>Single precision from half precision, exact for every finite value, subnormals included.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float HalfToSingle(ushort half)
    {
        // The exponent field moves from bias 15 to bias 127: a multiplication by 2^112, which also normalises subnormals.
        int bits = ((half & 0x8000) << 16) | ((half & 0x7FFF) << 13);
        return BitConverter.Int32BitsToSingle(bits) * 5.192296858534828e33f;
    }

    /// <summary>Half-precision values in the upper 16 bits of each lane as single precision, exact for every finite value. The lower bits do not matter.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> UpperHalfToSingle(Vector128<int> halves) =>
        ((halves >> 3) & Vector128.Create(unchecked((int)0x8FFFE000))).AsSingle() * Vector128.Create(5.192296858534828e33f);

    /// <summary>Sixteen half-precision values as single precision, exact for every finite value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> HalfToSingle(Vector256<ushort> halves)
    {
        // With the sign in the upper half, one shift moves sign and exponent to their places, three bits too many between them.
        Vector512<int> wide = WidenSigned(halves.AsInt16());
        return ((wide << 13) & Vector512.Create(unchecked((int)0x8FFFE000))).AsSingle() * Vector512.Create(5.192296858534828e33f);
    }

    /// <summary>Sixteen signed bytes as single precision.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> ToSingle(Vector128<sbyte> values) =>
        Vector512.ConvertToSingle(Avx512F.IsSupported ? Avx512F.ConvertToVector512Int32(values) : WidenSigned(Widen(values)));

    /// <summary>Sixteen signed 16-bit integers as 32-bit integers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> WidenSigned(Vector256<short> values)
    {
        if (Avx512F.IsSupported)
        {
            return Avx512F.ConvertToVector512Int32(values);
        }

        (Vector256<int> low, Vector256<int> high) = Vector256.Widen(values);
        return Vector512.Create(low, high);
    }

    /// <summary>The definition of the byte products: even and odd bytes taken apart inside 16-bit lanes.</summary>
    internal static Vector512<short> MultiplyAddPairsPortable(Vector512<byte> unsigned, Vector512<sbyte> signed)
    {
        Vector512<short> u = unsigned.AsInt16(), s = signed.AsInt16();
        Vector512<short> even = (u & Vector512.Create((short)0xFF)) * ((s << 8) >> 8);
        Vector512<short> odd = (u >>> 8) * (s >> 8);
        return even + odd;
    }

    /// <summary>The definition of the 16-bit products: even and odd values taken apart inside 32-bit lanes.</summary>
    internal static Vector512<int> MultiplyAddPairsPortable(Vector512<short> a, Vector512<short> b)
    {
        Vector512<int> x = a.AsInt32(), y = b.AsInt32();
        return (((x << 16) >> 16) * ((y << 16) >> 16)) + ((x >> 16) * (y >> 16));
    }
}
