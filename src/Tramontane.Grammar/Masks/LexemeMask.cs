using System.Numerics;
using System.Runtime.InteropServices;

namespace Tramontane.Grammar.Masks;

/// <summary>
/// What the tokens of a vocabulary do to one lexeme that is being read: those that stay inside it (or end exactly with it), and the
/// places where a token goes on after the lexeme's end, which depend on what comes next.
/// </summary>
internal sealed class LexemeMask
{
    /// <summary>Tokens that stay, as bits; null when they are few and listed instead.</summary>
    public required ulong[]? Dense { get; init; }

    /// <summary>Tokens that stay, when they are few.</summary>
    public required int[] Sparse { get; init; }

    /// <summary>Trie nodes of the first byte after the lexeme's end, grouped by that byte.</summary>
    public required int[] Exits { get; init; }

    /// <summary>The bytes that occur in <see cref="Exits"/>, ascending, with the index where each byte's group begins.</summary>
    public required (byte Value, int Start)[] ExitGroups { get; init; }

    public long MemoryBytes => 96 + ((Dense?.Length ?? 0) * 8L) + (Sparse.Length * 4L) + (Exits.Length * 4L) + (ExitGroups.Length * 8L);

    /// <summary>Adds the tokens that stay to a mask.</summary>
    public void AddTo(Span<ulong> mask)
    {
        if (Dense is not null)
        {
            Span<Vector<ulong>> target = MemoryMarshal.Cast<ulong, Vector<ulong>>(mask);
            ReadOnlySpan<Vector<ulong>> source = MemoryMarshal.Cast<ulong, Vector<ulong>>(Dense);
            for (int i = 0; i < target.Length; i++)
            {
                target[i] |= source[i];
            }

            for (int i = target.Length * Vector<ulong>.Count; i < mask.Length; i++) // what fills no vector
            {
                mask[i] |= Dense[i];
            }
        }

        foreach (int token in Sparse)
        {
            mask[token >> 6] |= 1UL << (token & 63);
        }
    }
}
