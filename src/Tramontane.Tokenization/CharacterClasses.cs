using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Tramontane.Tokenization;

/// <summary>What the splitter needs to know of a Unicode scalar value.</summary>
[Flags]
internal enum CharacterClass : byte
{
    None = 0,

    /// <summary>Carriage return or line feed.</summary>
    NewLine = 1,

    /// <summary>General category L*.</summary>
    Letter = 2,

    /// <summary>General category N*.</summary>
    Number = 4,

    /// <summary>May stand in the first part of a word: Lu, Lt, Lm, Lo, M*.</summary>
    Upper = 8,

    /// <summary>May stand in the second part of a word: Ll, Lm, Lo, M*.</summary>
    Lower = 16,

    /// <summary>Unicode White_Space.</summary>
    Space = 32,

    /// <summary>A slash, which may follow punctuation in one piece.</summary>
    Slash = 64,
}

/// <summary>Character classes by table for the Basic Multilingual Plane (64 KiB), by category above it.</summary>
internal static class CharacterClasses
{
    private static readonly CharacterClass[] s_basicPlane = BuildBasicPlane();

    [MethodImpl(MethodImplOptions.AggressiveInlining)] // one load per character of the hot loop
    public static CharacterClass Of(int scalar) =>
        (uint)scalar < 0x10000 ? s_basicPlane[scalar] : Classify(scalar);

    /// <summary>The definition, by Unicode general category and White_Space.</summary>
    internal static CharacterClass Classify(int scalar)
    {
        CharacterClass result = CharUnicodeInfo.GetUnicodeCategory(scalar) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter => CharacterClass.Letter | CharacterClass.Upper,
            UnicodeCategory.LowercaseLetter => CharacterClass.Letter | CharacterClass.Lower,
            UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter =>
                CharacterClass.Letter | CharacterClass.Upper | CharacterClass.Lower,
            UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark =>
                CharacterClass.Upper | CharacterClass.Lower,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharacterClass.Number,
            _ => CharacterClass.None,
        };
        if (scalar is '\r' or '\n')
        {
            result |= CharacterClass.NewLine;
        }

        if (scalar == '/')
        {
            result |= CharacterClass.Slash;
        }

        return Rune.IsValid(scalar) && Rune.IsWhiteSpace(new Rune(scalar)) ? result | CharacterClass.Space : result;
    }

    private static CharacterClass[] BuildBasicPlane()
    {
        var table = new CharacterClass[0x10000];
        for (int i = 0; i < table.Length; i++)
        {
            table[i] = Classify(i);
        }

        return table;
    }
}
