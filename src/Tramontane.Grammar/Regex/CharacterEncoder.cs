using System.Runtime.InteropServices;
using System.Text;

namespace Tramontane.Grammar.Regex;

/// <summary>Writes sets of characters as expressions over the bytes that encode them.</summary>
internal abstract class CharacterEncoder(ExpressionArena arena)
{
    private readonly Dictionary<CodePointSet, int> _encoded = [];

    public ExpressionArena Arena { get; } = arena;

    /// <summary>One character of the set.</summary>
    public int Encode(CodePointSet set)
    {
        if (!_encoded.TryGetValue(set, out int id))
        {
            id = EncodeCore(set);
            _encoded.Add(set, id);
        }

        return id;
    }

    /// <summary>The bytes that encode a text.</summary>
    public abstract byte[] Encode(string text);

    protected abstract int EncodeCore(CodePointSet set);

    /// <summary>UTF-8 of the set's characters: ranges are cut where the length or a lead byte's continuation bytes change.</summary>
    protected int Utf8(CodePointSet set)
    {
        var sequences = new List<int>();
        foreach ((int first, int last) in set.Ranges)
        {
            AddUtf8(sequences, first, last);
        }

        return Arena.Or(CollectionsMarshal.AsSpan(sequences));
    }

    private void AddUtf8(List<int> sequences, int first, int last)
    {
        ReadOnlySpan<int> lengthEnds = [0x7F, 0x7FF, 0xFFFF];
        foreach (int end in lengthEnds)
        {
            if (first <= end && last > end)
            {
                AddUtf8(sequences, first, end);
                first = end + 1;
            }
        }

        // Make all bytes but one either fixed or of the whole continuation range.
        for (int bits = 6; bits <= 18 && last > 0x7F; bits += 6)
        {
            int mask = (1 << bits) - 1;
            if ((first & ~mask) != (last & ~mask))
            {
                if ((first & mask) != 0)
                {
                    AddUtf8(sequences, first, first | mask);
                    AddUtf8(sequences, (first | mask) + 1, last);
                    return;
                }

                if ((last & mask) != mask)
                {
                    AddUtf8(sequences, first, (last & ~mask) - 1);
                    AddUtf8(sequences, last & ~mask, last);
                    return;
                }
            }
        }

        Span<byte> low = stackalloc byte[4], high = stackalloc byte[4];
        int length = new Rune(first).EncodeToUtf8(low);
        new Rune(last).EncodeToUtf8(high);
        int sequence = ExpressionArena.Epsilon;
        for (int i = length - 1; i >= 0; i--)
        {
            sequence = Arena.Concat(Arena.Bytes(ByteSet.Range(low[i], high[i])), sequence);
        }

        sequences.Add(sequence);
    }
}

/// <summary>Plain UTF-8.</summary>
internal sealed class Utf8Encoder(ExpressionArena arena) : CharacterEncoder(arena)
{
    public override byte[] Encode(string text) => Encoding.UTF8.GetBytes(text);

    protected override int EncodeCore(CodePointSet set) => Utf8(set);
}

/// <summary>
/// UTF-8 inside a JSON string, each character in exactly one spelling: that of Python's <c>json.dumps(ensure_ascii=False)</c>.
/// With one spelling per text, complements and lengths of expressions are those of the texts.
/// </summary>
internal sealed class JsonStringEncoder(ExpressionArena arena) : CharacterEncoder(arena)
{
    private static readonly byte[]?[] s_escapes = [.. Enumerable.Range(0, '\\' + 1).Select(c => Escape(c) is string text ? Encoding.ASCII.GetBytes(text) : null)];

    /// <summary>Characters that need no escape.</summary>
    public static CodePointSet PlainCharacters { get; } = CodePointSet.All.Except(CodePointSet.Of((0, 31), ('"', '"'), ('\\', '\\')));

    public static void Append(StringBuilder builder, Rune character)
    {
        string? escape = Escape(character.Value);
        if (escape is null)
        {
            builder.Append(character.ToString());
        }
        else
        {
            builder.Append(escape);
        }
    }

    public override byte[] Encode(string text)
    {
        var builder = new StringBuilder(text.Length + 8);
        foreach (Rune rune in text.EnumerateRunes())
        {
            Append(builder, rune);
        }

        return Encoding.UTF8.GetBytes(builder.ToString());
    }

    protected override int EncodeCore(CodePointSet set)
    {
        var spellings = new List<int> { Utf8(ReferenceEquals(set, CodePointSet.All) ? PlainCharacters : set.Intersect(PlainCharacters)) };
        for (int c = 0; c <= '\\'; c++)
        {
            if (s_escapes[c] is byte[] escape && set.Contains(c))
            {
                spellings.Add(Arena.Literal(escape));
            }
        }

        return Arena.Or(CollectionsMarshal.AsSpan(spellings));
    }

    private static string? Escape(int codePoint) => codePoint switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\b' => "\\b",
        '\f' => "\\f",
        < 32 => $"\\u{codePoint:x4}",
        _ => null,
    };
}
