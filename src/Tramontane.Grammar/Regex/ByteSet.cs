using System.Numerics;

namespace Tramontane.Grammar.Regex;

/// <summary>A set of byte values, as 256 bits.</summary>
internal readonly record struct ByteSet(ulong W0, ulong W1, ulong W2, ulong W3)
{
    public static ByteSet All { get; } = new(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue);

    public bool IsEmpty => (W0 | W1 | W2 | W3) == 0;

    public static ByteSet Of(byte value) => Range(value, value);

    /// <summary>The values from <paramref name="first"/> to <paramref name="last"/>, both included.</summary>
    public static ByteSet Range(byte first, byte last)
    {
        Span<ulong> words = stackalloc ulong[4];
        words.Clear();
        for (int value = first; value <= last; value++)
        {
            words[value >> 6] |= 1UL << (value & 63);
        }

        return new ByteSet(words[0], words[1], words[2], words[3]);
    }

    /// <summary>The values that differ in membership from the value before them: between two of them all are in the set or none is.</summary>
    public ByteSet Edges => new(W0 ^ (W0 << 1), W1 ^ ((W1 << 1) | (W0 >> 63)), W2 ^ ((W2 << 1) | (W1 >> 63)), W3 ^ ((W3 << 1) | (W2 >> 63)));

    /// <summary>The smallest value of the set that is at least <paramref name="value"/>; 256 when there is none.</summary>
    public int NextFrom(int value)
    {
        for (int word = value >> 6; word < 4; word++)
        {
            ulong bits = word switch { 0 => W0, 1 => W1, 2 => W2, _ => W3 };
            bits = word == value >> 6 ? bits & (ulong.MaxValue << (value & 63)) : bits;
            if (bits != 0)
            {
                return (word << 6) + BitOperations.TrailingZeroCount(bits);
            }
        }

        return 256;
    }

    /// <summary>The set and one more value.</summary>
    public ByteSet With(int value)
    {
        ulong bit = 1UL << (value & 63);
        return (value >> 6) switch
        {
            0 => this with { W0 = W0 | bit },
            1 => this with { W1 = W1 | bit },
            2 => this with { W2 = W2 | bit },
            3 => this with { W3 = W3 | bit },
            _ => this,
        };
    }

    public bool Contains(int value)
    {
        ulong word = (value >> 6) switch { 0 => W0, 1 => W1, 2 => W2, _ => W3 };
        return ((word >> (value & 63)) & 1) != 0;
    }

    public static ByteSet operator |(ByteSet a, ByteSet b) => new(a.W0 | b.W0, a.W1 | b.W1, a.W2 | b.W2, a.W3 | b.W3);

    public static ByteSet operator &(ByteSet a, ByteSet b) => new(a.W0 & b.W0, a.W1 & b.W1, a.W2 & b.W2, a.W3 & b.W3);

    public static ByteSet operator ~(ByteSet a) => new(~a.W0, ~a.W1, ~a.W2, ~a.W3);
}
