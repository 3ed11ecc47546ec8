using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Tramontane.Compute.Kernels;

/// <summary>Unsigned bytes, for formats of up to five bits: several products fit a sum of 16 bits.</summary>
internal readonly unsafe struct ByteProducts<TFormat> : IBlock32Products<TFormat>
    where TFormat : struct, ISmallBlock32Format
{
    public static ActivationForm Form => ActivationForm.Bytes;

    public static int ValueBytes => 32;

    public static int Offset => TFormat.Offset;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* row, int index, byte* destination) => TFormat.Values(row, index).Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Multiply(byte* row, int index, byte* x)
    {
        Vector256<short> pairs = Lanes.MultiplyAddPairs(TFormat.Values(row, index), Vector256.Load((sbyte*)x));
        return Lanes.MultiplyAddPairs(pairs, Vector256.Create((short)1)).ToVector512();
    }

    public static bool TakesFourBlocks => Avx512BW.IsSupported && typeof(TFormat) == typeof(Q40Format);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> FourBlocks(byte* r0, byte* r1, byte* r2, byte* r3, int index, byte* x)
    {
        // A quarter of a vector is a block: the first halves of its values in one, the second halves in the other.
        var layout = new ActivationLayout(Form, 1);
        int stride = layout.Stride;
        Vector512<long> lower = Lanes.Halves(x, x + stride).AsInt64(), upper = Lanes.Halves(x + (2 * stride), x + (3 * stride)).AsInt64();
        Vector512<sbyte> x0 = Avx512F.Shuffle4x128(lower, upper, 0b10_00_10_00).AsSByte(), x1 = Avx512F.Shuffle4x128(lower, upper, 0b11_01_11_01).AsSByte();
        x += layout.Sums;
        Vector512<int> sums = Avx512F.Shuffle(Lanes.Quarters(x, x + stride, x + (2 * stride), x + (3 * stride)).AsInt32(), 0);
        long at = (long)index * Q40Format.Bytes;
        Vector512<int> products = Reduction.SumQuarters(FourBlocks(r0 + at, x0, x1), FourBlocks(r1 + at, x0, x1), FourBlocks(r2 + at, x0, x1), FourBlocks(r3 + at, x0, x1));
        return Vector512.ConvertToSingle(products - (sums << 3)) * Q40Format.FourScales(r0 + at, r1 + at, r2 + at, r3 + at);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> FourBlocks(byte* blocks, Vector512<sbyte> x0, Vector512<sbyte> x1)
    {
        byte* nibbles = blocks + 2;
        Vector512<byte> low = Vector512.Create((byte)15);
        Vector512<byte> q = Lanes.Quarters(nibbles, nibbles + Q40Format.Bytes, nibbles + (2 * Q40Format.Bytes), nibbles + (3 * Q40Format.Bytes));
        Vector512<short> pairs = Lanes.MultiplyAddPairs(q & low, x0) + Lanes.MultiplyAddPairs((q.AsUInt16() >>> 4).AsByte() & low, x1);
        return Lanes.MultiplyAddPairs(pairs, Vector512.Create((short)1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Multiply<TGroup, TWidth>(
        byte* weights, byte* x0, byte* x1,
        out Vector512<int> i00, out Vector512<int> i01, out Vector512<int> i10, out Vector512<int> i11,
        out Vector512<int> i20, out Vector512<int> i21, out Vector512<int> i30, out Vector512<int> i31)
        where TGroup : struct, ITokenGroup
        where TWidth : struct, ITileWidth
    {
        i00 = i01 = i10 = i11 = i20 = i21 = i30 = i31 = default;
        int stepBytes = 64 / TGroup.Tokens, partSteps = Math.Min(32 / stepBytes, TFormat.SumsIn16Bits);
        for (int part = 0; part < 32 / stepBytes / partSteps; part++)
        {
            Vector512<short> p00 = default, p01 = default, p10 = default, p11 = default, p20 = default, p21 = default, p30 = default, p31 = default;
            for (int step = 0; step < partSteps; step++, weights += stepBytes, x0 += 64, x1 += 64)
            {
                Vector512<sbyte> v0 = Vector512.Load((sbyte*)x0), v1 = TWidth.Two ? Vector512.Load((sbyte*)x1) : default;
                Add<TGroup, TWidth>(weights, v0, v1, ref p00, ref p01);
                Add<TGroup, TWidth>(weights + 32, v0, v1, ref p10, ref p11);
                Add<TGroup, TWidth>(weights + 64, v0, v1, ref p20, ref p21);
                Add<TGroup, TWidth>(weights + 96, v0, v1, ref p30, ref p31);
            }

            Vector512<short> one = Vector512.Create((short)1);
            i00 += Lanes.MultiplyAddPairs(p00, one);
            i10 += Lanes.MultiplyAddPairs(p10, one);
            i20 += Lanes.MultiplyAddPairs(p20, one);
            i30 += Lanes.MultiplyAddPairs(p30, one);
            if (TWidth.Two)
            {
                i01 += Lanes.MultiplyAddPairs(p01, one);
                i11 += Lanes.MultiplyAddPairs(p11, one);
                i21 += Lanes.MultiplyAddPairs(p21, one);
                i31 += Lanes.MultiplyAddPairs(p31, one);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TGroup, TWidth>(byte* weights, Vector512<sbyte> v0, Vector512<sbyte> v1, ref Vector512<short> p0, ref Vector512<short> p1)
        where TGroup : struct, ITokenGroup
        where TWidth : struct, ITileWidth
    {
        Vector512<byte> w = TGroup.Broadcast(weights);
        p0 += Lanes.MultiplyAddPairs(w, v0);
        if (TWidth.Two)
        {
            p1 += Lanes.MultiplyAddPairs(w, v1);
        }
    }
}

/// <summary>Signed 16-bit words, for formats whose values fill 8 bits: a product of bytes would not fit its sum.</summary>
internal readonly unsafe struct WordProducts<TFormat> : IBlock32Products<TFormat>
    where TFormat : struct, IBlock32Format
{
    public static ActivationForm Form => ActivationForm.Words;

    public static int ValueBytes => 64;

    public static int Offset => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* row, int index, byte* destination)
    {
        TFormat.Unpack(row, index, out Vector512<short> q);
        q.Store((short*)destination);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Multiply(byte* row, int index, byte* x)
    {
        TFormat.Unpack(row, index, out Vector512<short> q);
        return Lanes.MultiplyAddPairs(q, Vector512.Load((short*)x));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Multiply<TGroup, TWidth>(
        byte* weights, byte* x0, byte* x1,
        out Vector512<int> i00, out Vector512<int> i01, out Vector512<int> i10, out Vector512<int> i11,
        out Vector512<int> i20, out Vector512<int> i21, out Vector512<int> i30, out Vector512<int> i31)
        where TGroup : struct, ITokenGroup
        where TWidth : struct, ITileWidth
    {
        i00 = i01 = i10 = i11 = i20 = i21 = i30 = i31 = default;
        int stepBytes = 64 / TGroup.Tokens;
        for (int step = 0; step < 64 / stepBytes; step++, weights += stepBytes, x0 += 64, x1 += 64)
        {
            Vector512<short> v0 = Vector512.Load((short*)x0), v1 = TWidth.Two ? Vector512.Load((short*)x1) : default;
            Add<TGroup, TWidth>(weights, v0, v1, ref i00, ref i01);
            Add<TGroup, TWidth>(weights + 64, v0, v1, ref i10, ref i11);
            Add<TGroup, TWidth>(weights + 128, v0, v1, ref i20, ref i21);
            Add<TGroup, TWidth>(weights + 192, v0, v1, ref i30, ref i31);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TGroup, TWidth>(byte* weights, Vector512<short> v0, Vector512<short> v1, ref Vector512<int> i0, ref Vector512<int> i1)
        where TGroup : struct, ITokenGroup
        where TWidth : struct, ITileWidth
    {
        Vector512<short> w = TGroup.Broadcast(weights).AsInt16();
        i0 += Lanes.MultiplyAddPairs(w, v0);
        if (TWidth.Two)
        {
            i1 += Lanes.MultiplyAddPairs(w, v1);
        }
    }
}
