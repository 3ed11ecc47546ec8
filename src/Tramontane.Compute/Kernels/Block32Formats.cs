using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Tramontane.Compute.Kernels;

/// <summary>
/// A format whose scale belongs to 32 elements, unpacked for integer products. The value of element k is
/// <c>scale · q[k] + minimum</c> with signed q. Layouts: ggml-common.h of llama.cpp.
/// </summary>
internal unsafe interface IBlock32Format
{
    /// <summary>Bytes of 32 elements; of IQ4_XS on average.</summary>
    static abstract int Bytes { get; }

    /// <summary>Whether <c>minimum</c> is ever other than zero.</summary>
    static abstract bool HasMinimum { get; }

    /// <summary>Unpacks the values of block <paramref name="index"/> (32 elements) of a row.</summary>
    static abstract void Unpack(byte* row, int index, out Vector512<short> q);

    /// <summary>Unpacks what the values are scaled with.</summary>
    static abstract void Scale(byte* row, int index, out float scale, out float minimum);
}

/// <summary>A format of up to five bits, whose values can also be had as unsigned bytes: q[k] is value k less an offset.</summary>
internal unsafe interface ISmallBlock32Format : IBlock32Format
{
    /// <summary>What is taken from the unsigned values.</summary>
    static abstract int Offset { get; }

    /// <summary>How many sums of two products with values in −127 … 127 fit 16 bits: 32767 / (2 · 127 · greatest value), as a power of two.</summary>
    static abstract int SumsIn16Bits { get; }

    /// <summary>The unsigned values of block <paramref name="index"/> of a row.</summary>
    static abstract Vector256<byte> Values(byte* row, int index);
}

/// <summary>Q8_0: half d, 32 signed bytes.</summary>
internal readonly unsafe struct Q80Format : IBlock32Format
{
    public static int Bytes => 34;

    public static bool HasMinimum => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* row, int index, out Vector512<short> q) =>
        q = Lanes.Widen(Vector256.Load((sbyte*)row + ((long)index * Bytes) + 2));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scale(byte* row, int index, out float scale, out float minimum) =>
        Block32.Scale(row + ((long)index * Bytes), out scale, out minimum);
}

/// <summary>Q4_0: half d, 16 bytes of nibbles (low: elements 0-15, high: 16-31); values are offset by 8.</summary>
internal readonly unsafe struct Q40Format : ISmallBlock32Format
{
    public static int Bytes => 18;

    public static bool HasMinimum => false;

    public static int Offset => 8;

    public static int SumsIn16Bits => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Values(byte* row, int index) => Block32.Nibbles(row + ((long)index * Bytes) + 2);

    /// <summary>The scales of four neighbouring blocks of four rows, block b and row r in lane 4 b + r. For AVX-512 alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> FourScales(byte* b0, byte* b1, byte* b2, byte* b3)
    {
        // Words 0, 9, 18 and 27 of each row, two rows at a time.
        Vector512<short> index = Vector512.Create(0, 32, 9, 41, 0, 0, 0, 0, 18, 50, 27, 59, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        Vector256<int> first = Avx512BW.PermuteVar32x16x2(Vector512.Load((short*)b0), index, Vector512.Load((short*)b1)).GetLower().AsInt32();
        Vector256<int> second = Avx512BW.PermuteVar32x16x2(Vector512.Load((short*)b2), index, Vector512.Load((short*)b3)).GetLower().AsInt32();
        return Lanes.HalfToSingle(Avx2.UnpackLow(first, second).AsUInt16());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* row, int index, out Vector512<short> q) => q = Block32.Signed(Values(row, index), Offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scale(byte* row, int index, out float scale, out float minimum) =>
        Block32.Scale(row + ((long)index * Bytes), out scale, out minimum);
}

/// <summary>Q4_1: half d, half m, nibbles as Q4_0.</summary>
internal readonly unsafe struct Q41Format : ISmallBlock32Format
{
    public static int Bytes => 20;

    public static bool HasMinimum => true;

    public static int Offset => 0;

    public static int SumsIn16Bits => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Values(byte* row, int index) => Block32.Nibbles(row + ((long)index * Bytes) + 4);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* row, int index, out Vector512<short> q) => q = Block32.Signed(Values(row, index), Offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scale(byte* row, int index, out float scale, out float minimum) =>
        Block32.ScaleAndMinimum(row + ((long)index * Bytes), out scale, out minimum);
}

/// <summary>Q5_0: half d, 32 fifth bits, nibbles as Q4_0; values are offset by 16.</summary>
internal readonly unsafe struct Q50Format : ISmallBlock32Format
{
    public static int Bytes => 22;

    public static bool HasMinimum => false;

    public static int Offset => 16;

    public static int SumsIn16Bits => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Values(byte* row, int index)
    {
        byte* block = row + ((long)index * Bytes);
        return Block32.Nibbles(block + 6) | Block32.FifthBits(*(uint*)(block + 2));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* row, int index, out Vector512<short> q) => q = Block32.Signed(Values(row, index), Offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scale(byte* row, int index, out float scale, out float minimum) =>
        Block32.Scale(row + ((long)index * Bytes), out scale, out minimum);
}

/// <summary>Q5_1: half d, half m, 32 fifth bits, nibbles as Q4_0.</summary>
internal readonly unsafe struct Q51Format : ISmallBlock32Format
{
    public static int Bytes => 24;

    public static bool HasMinimum => true;

    public static int Offset => 0;

    public static int SumsIn16Bits => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Values(byte* row, int index)
    {
        byte* block = row + ((long)index * Bytes);
        return Block32.Nibbles(block + 8) | Block32.FifthBits(*(uint*)(block + 4));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* row, int index, out Vector512<short> q) => q = Block32.Signed(Values(row, index), Offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scale(byte* row, int index, out float scale, out float minimum) =>
        Block32.ScaleAndMinimum(row + ((long)index * Bytes), out scale, out minimum);
}

/// <summary>IQ4_NL: half d, nibbles as Q4_0 that index a table of 16 values.</summary>
internal readonly unsafe struct IQ4NLFormat : IBlock32Format
{
    public static int Bytes => 18;

    public static bool HasMinimum => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* row, int index, out Vector512<short> q) =>
        q = Lanes.Widen(Block32.TableValues(row + ((long)index * Bytes) + 2));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scale(byte* row, int index, out float scale, out float minimum) =>
        Block32.Scale(row + ((long)index * Bytes), out scale, out minimum);
}

/// <summary>
/// IQ4_XS: half d, 8 top and 8 × 4 low bits of scales (offset by 32), 8 × 16 bytes of nibbles as IQ4_NL. A super-block of
/// 256, but each 32 elements have a scale of their own, so it is read as eight blocks.
/// </summary>
internal readonly unsafe struct IQ4XSFormat : IBlock32Format
{
    private const int SuperBlockBytes = 136;

    public static int Bytes => SuperBlockBytes / 8;

    public static bool HasMinimum => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack(byte* row, int index, out Vector512<short> q) =>
        q = Lanes.Widen(Block32.TableValues(row + ((long)(index >> 3) * SuperBlockBytes) + 8 + ((index & 7) * 16)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scale(byte* row, int index, out float scale, out float minimum)
    {
        byte* superBlock = row + ((long)(index >> 3) * SuperBlockBytes);
        int sub = index & 7;
        int low = (superBlock[4 + (sub >> 1)] >> (4 * (sub & 1))) & 15;
        int high = (*(ushort*)(superBlock + 2) >> (2 * sub)) & 3;
        scale = Lanes.HalfToSingle(*(ushort*)superBlock) * ((low | (high << 4)) - 32);
        minimum = 0;
    }
}

/// <summary>Pieces that the formats of 32 share.</summary>
internal static unsafe class Block32
{
    /// <summary>A block that begins with its scale.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scale(byte* block, out float scale, out float minimum)
    {
        scale = Lanes.HalfToSingle(*(ushort*)block);
        minimum = 0;
    }

    /// <summary>A block that begins with its scale and its minimum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ScaleAndMinimum(byte* block, out float scale, out float minimum)
    {
        scale = Lanes.HalfToSingle(*(ushort*)block);
        minimum = Lanes.HalfToSingle(*(ushort*)(block + 2));
    }

    /// <summary>Unsigned bytes less an offset, as signed words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<short> Signed(Vector256<byte> values, int offset) =>
        Lanes.Widen((values - Vector256.Create((byte)offset)).AsSByte());

    /// <summary>Sixteen bytes as 32 nibbles: the low ones, then the high ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Nibbles(byte* bytes)
    {
        Vector128<byte> pairs = Vector128.Load(bytes);
        return Vector256.Create(pairs & Vector128.Create((byte)15), pairs >>> 4);
    }

    /// <summary>Bit i of <paramref name="bits"/> as 16 or 0 in byte i.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> FifthBits(uint bits)
    {
        // Each byte takes the byte of 'bits' that holds its bit, then tests that bit.
        Vector128<byte> source = Vector128.CreateScalar(bits).AsByte();
        Vector128<byte> low = Vector128.Shuffle(source, Vector128.Create((byte)0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1));
        Vector128<byte> high = Vector128.Shuffle(source, Vector128.Create((byte)2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3));
        Vector256<byte> select = Vector256.Create(0x8040201008040201ul).AsByte();
        return Vector256.Equals(Vector256.Create(low, high) & select, select) & Vector256.Create((byte)16);
    }

    /// <summary>Sixteen bytes of nibbles looked up in the value table of the IQ4 formats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<sbyte> TableValues(byte* bytes)
    {
        Vector128<sbyte> table = Vector128.Create((sbyte)-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);
        Vector256<byte> nibbles = Nibbles(bytes);
        return Vector256.Create(
            Vector128.Shuffle(table, nibbles.GetLower().AsSByte()),
            Vector128.Shuffle(table, nibbles.GetUpper().AsSByte()));
    }
}
