using System.Runtime.CompilerServices;

namespace Tramontane.Tokenization;

/// <summary>
/// Cuts text into the pieces that byte-pair merges never cross. The same pieces as Tekken's regular expression
/// (see <see cref="TekkenFile.Pattern"/>), found by its alternatives written out as rules over Unicode scalar values.
/// </summary>
internal static class TekkenSplitter
{
    private const CharacterClass WordPart = CharacterClass.Letter | CharacterClass.Number;
    private const CharacterClass NotPrefix = WordPart | CharacterClass.NewLine;
    private const CharacterClass NotPunctuation = WordPart | CharacterClass.Space;

    /// <summary>Length in bytes of the first piece of <paramref name="text"/>.</summary>
    /// <param name="text">Valid UTF-8, at least one byte.</param>
    public static int NextPiece(ReadOnlySpan<byte> text)
    {
        int first = Decode(text, 0, out CharacterClass kind);

        // Rules 1 and 2: a word, with one character before it that is neither letter, digit nor line end.
        bool mayPrefix = (kind & NotPrefix) == 0;
        int withPrefix = 0, withoutPrefix = 0;
        if (mayPrefix && first < text.Length)
        {
            withPrefix = Word(text, first, out bool endsLower);
            if (endsLower)
            {
                return withPrefix;
            }
        }

        if ((kind & (CharacterClass.Upper | CharacterClass.Lower)) != 0)
        {
            withoutPrefix = Word(text, 0, out bool endsLower);
            if (endsLower)
            {
                return withoutPrefix;
            }
        }

        if (withPrefix > first)
        {
            return withPrefix;
        }

        if (withoutPrefix > 0)
        {
            return withoutPrefix;
        }

        // Rule 3: digits stand alone.
        if ((kind & CharacterClass.Number) != 0)
        {
            return first;
        }

        // Rule 4: punctuation, with one space before it and line ends or slashes after it.
        int start = text[0] == ' ' ? first : 0;
        int end = SkipPunctuation(text, start);
        return end > start ? SkipLineEnds(text, end) : WhiteSpace(text);
    }

    /// <summary>
    /// The end of an upper-then-lower word from <paramref name="start"/>. When the word holds a character of class
    /// Lower (<paramref name="endsLower"/>), it reaches to the end of the Lower run that follows the last such
    /// character of the Upper run; otherwise it is the Upper run, which may be empty.
    /// </summary>
    private static int Word(ReadOnlySpan<byte> text, int start, out bool endsLower)
    {
        int position = start, lastLower = -1;
        while (position < text.Length)
        {
            int next = Decode(text, position, out CharacterClass kind);
            if ((kind & CharacterClass.Lower) != 0)
            {
                lastLower = position;
            }

            if ((kind & CharacterClass.Upper) == 0)
            {
                break;
            }

            position = next;
        }

        endsLower = lastLower >= 0;
        if (!endsLower)
        {
            return position;
        }

        position = lastLower;
        while (position < text.Length)
        {
            int next = Decode(text, position, out CharacterClass kind);
            if ((kind & CharacterClass.Lower) == 0)
            {
                break;
            }

            position = next;
        }

        return position;
    }

    private static int SkipPunctuation(ReadOnlySpan<byte> text, int position)
    {
        while (position < text.Length)
        {
            int next = Decode(text, position, out CharacterClass kind);
            if ((kind & NotPunctuation) != 0)
            {
                break;
            }

            position = next;
        }

        return position;
    }

    private static int SkipLineEnds(ReadOnlySpan<byte> text, int position)
    {
        while (position < text.Length && text[position] is (byte)'\r' or (byte)'\n' or (byte)'/')
        {
            position++;
        }

        return position;
    }

    // Rule 5: white space up to the last line end; else all but the last character, which belongs to the next word.
    private static int WhiteSpace(ReadOnlySpan<byte> text)
    {
        int position = 0, last = 0, afterLineEnd = 0;
        while (position < text.Length)
        {
            int next = Decode(text, position, out CharacterClass kind);
            if ((kind & CharacterClass.Space) == 0)
            {
                break;
            }

            last = position;
            position = next;
            if ((kind & CharacterClass.NewLine) != 0)
            {
                afterLineEnd = next;
            }
        }

        if (afterLineEnd > 0)
        {
            return afterLineEnd;
        }

        return position == text.Length || last == 0 ? position : last;
    }

    /// <summary>Reads one scalar value; returns the position after it. The text is valid UTF-8, so nothing is checked.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // the ASCII branch is most of the splitter's time
    private static int Decode(ReadOnlySpan<byte> text, int position, out CharacterClass kind)
    {
        int lead = text[position];
        if (lead < 0x80)
        {
            kind = CharacterClasses.Of(lead);
            return position + 1;
        }

        return DecodeLong(text, position, lead, out kind);
    }

    private static int DecodeLong(ReadOnlySpan<byte> text, int position, int lead, out CharacterClass kind)
    {
        if (lead < 0xE0)
        {
            kind = CharacterClasses.Of(((lead & 0x1F) << 6) | (text[position + 1] & 0x3F));
            return position + 2;
        }

        if (lead < 0xF0)
        {
            kind = CharacterClasses.Of(((lead & 0x0F) << 12) | ((text[position + 1] & 0x3F) << 6) | (text[position + 2] & 0x3F));
            return position + 3;
        }

        kind = CharacterClasses.Of(((lead & 0x07) << 18) | ((text[position + 1] & 0x3F) << 12)
            | ((text[position + 2] & 0x3F) << 6) | (text[position + 3] & 0x3F));
        return position + 4;
    }
}
