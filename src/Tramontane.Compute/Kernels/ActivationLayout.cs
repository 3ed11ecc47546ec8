using System.Runtime.CompilerServices;

namespace Tramontane.Compute.Kernels;

/// <summary>The forms in which activations are rounded to 8-bit integers.</summary>
internal enum ActivationForm
{
    /// <summary>Nothing is rounded yet.</summary>
    None,

    /// <summary>One scale for 256 elements, for the K-quants.</summary>
    SuperBlocks,

    /// <summary>One scale for 32 elements, for formats whose values are small enough for products of bytes.</summary>
    Bytes,

    /// <summary>One scale for 32 elements, each widened to 16 bits, for formats whose values need all 8 bits.</summary>
    Words,
}

/// <summary>
/// Where things lie in the rounded activations of one group of tokens and one block of columns. Values and sums are
/// interleaved in pieces of <c>64 / tokens</c> bytes per token; scales stand in the lanes in which products end up.
/// </summary>
/// <param name="form">What is laid out.</param>
/// <param name="tokens">Tokens of a group: 1, 4 or 16; SuperBlocks: 1 or 16.</param>
internal readonly struct ActivationLayout(ActivationForm form, int tokens)
{
    /// <summary>Columns of a block.</summary>
    public int Columns
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ColumnsOf(form);
    }

    /// <summary>Bytes of the values.</summary>
    public int ValueBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (form == ActivationForm.Words ? 2 : 1) * Columns * tokens;
    }

    /// <summary>
    /// SuperBlocks, one token: the values once more, by quarters of vectors: elements 0 to 15 of each 64, then 16 to 31, 32 to 47 and
    /// 48 to 63. A sub-block of 32 then lies in the same quarter of two neighbouring vectors.
    /// </summary>
    public int Quartered
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ValueBytes;
    }

    /// <summary>SuperBlocks: sums of 32 neighbouring values, eight 16-bit integers per token.</summary>
    public int Sums32
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ValueBytes + (tokens == 1 ? 256 : 0);
    }

    /// <summary>SuperBlocks: sums of 16 neighbouring values, sixteen 16-bit integers per token.</summary>
    public int Sums16
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Sums32 + (16 * tokens);
    }

    /// <summary>
    /// SuperBlocks, sixteen tokens: for each 16 neighbouring values two sums of eight, of values 0, 1, 4, 5, 8, 9, 12, 13
    /// and of the others: what a 16-bit lane adds up.
    /// </summary>
    public int LaneSums
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Sums32 + (48 * tokens);
    }

    /// <summary>Bytes, Words: the sum of all values of the block, a 32-bit integer in each lane of its token.</summary>
    public int Sums
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ValueBytes;
    }

    /// <summary>The scale, a float32 in each lane of its token.</summary>
    public int Scales
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => form == ActivationForm.SuperBlocks ? Sums32 + ((tokens == 16 ? 112 : 48) * tokens) : ValueBytes + (4 * Lanes);
    }

    /// <summary>Lanes in which a token's scale is found: one vector for a group, or a single value for a single token.</summary>
    public int Lanes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => tokens == 1 ? 1 : 16;
    }

    /// <summary>Bytes from one block to the next.</summary>
    public int Stride
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (Scales + (4 * Lanes) + 63) / 64 * 64;
    }

    /// <summary>Columns of a block of a form.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ColumnsOf(ActivationForm form) => form == ActivationForm.SuperBlocks ? 256 : 32;
}
