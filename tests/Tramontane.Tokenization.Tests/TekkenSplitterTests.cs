using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Tramontane.Tokenization.Tests;

/// <summary>
/// Holds the written-out rules to Tekken's own regular expression. The expression runs over one letter per scalar
/// value, its class, so that .NET's UTF-16 engine sees every scalar as one character.
/// </summary>
public sealed class TekkenSplitterTests
{
    // U Lu Lt, l Ll, o Lm Lo, m M, N digits, n line ends, _ U+0020, s other white space, / slash, p the rest.
    private static readonly Regex s_pieces = new(
        "[^nUloN]?[Uom]*[lom]+|[^nUloN]?[Uom]+[lom]*|N|_?[mp/]+[n/]*|[sn_]*n+|[sn_]+(?![^sn_])|[sn_]+", RegexOptions.CultureInvariant);

    [Fact]
    public void NextPiece_RandomText_CutsWhereTheRegularExpressionCuts()
    {
        for (int seed = 0; seed < 6_000; seed++)
        {
            var random = new Random(seed);
            string text = RandomText.Next(random, random.Next(1, 40));
            Assert.True(Expected(text).SequenceEqual(Actual(text)), $"seed {seed}: '{text}' is cut differently");
        }
    }

    [Theory]
    [InlineData("a\n  b", "a|\n| | b")]
    [InlineData("a  b", "a| | b")]
    [InlineData("HTTPServer don't", "HTTPServer| don|'t")]
    [InlineData("x = 12.5;\r\n\r\n", "x| =| |1|2|.|5|;\r\n\r\n")]
    [InlineData("https://example.org/a", "https|://|example|.org|/a")]
    [InlineData("  \n  \n   end", "  \n  \n|  | end")]
    public void NextPiece_Example_CutsAsWritten(string text, string pieces)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        Assert.Equal(pieces.Split('|'), Actual(text).Select(p => Encoding.UTF8.GetString(utf8, p.Start, p.Length)));
    }

    private static List<(int Start, int Length)> Expected(string text)
    {
        var classes = new StringBuilder();
        var offsets = new List<int>();
        int offset = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            classes.Append(ClassOf(rune));
            offsets.Add(offset);
            offset += rune.Utf8SequenceLength;
        }

        offsets.Add(offset);
        return [.. s_pieces.Matches(classes.ToString()).Select(m => (offsets[m.Index], offsets[m.Index + m.Length] - offsets[m.Index]))];
    }

    private static List<(int Start, int Length)> Actual(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        var pieces = new List<(int, int)>();
        for (int start = 0, length; start < utf8.Length; start += length)
        {
            length = TekkenSplitter.NextPiece(utf8.AsSpan(start));
            pieces.Add((start, length));
        }

        return pieces;
    }

    private static char ClassOf(Rune rune) => rune.Value switch
    {
        '\r' or '\n' => 'n',
        ' ' => '_',
        '/' => '/',
        _ when Rune.IsWhiteSpace(rune) => 's',
        _ => Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter => 'U',
            UnicodeCategory.LowercaseLetter => 'l',
            UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => 'o',
            UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => 'm',
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => 'N',
            _ => 'p',
        },
    };
}
