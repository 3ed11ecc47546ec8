using System.Text;
using Tramontane.Grammar.Regex;

namespace Tramontane.Grammar.JsonSchema;

/// <summary>The lexemes of JSON as expressions.</summary>
internal sealed class JsonLexemes
{
    /// <summary>Digits before the point of a short number: as many as the largest 64-bit integer has.</summary>
    public const int IntegerDigits = 19;

    /// <summary>Digits behind the point of a short number: what tells any two doubles between 0.1 and 1 apart.</summary>
    public const int FractionDigits = 17;

    /// <summary>Digits of the exponent of a short number, which therefore stays below 1e119: within the range of a double.</summary>
    public const int ExponentDigits = 2;

    private readonly ExpressionArena _arena;

    public JsonLexemes(ExpressionArena arena)
    {
        _arena = arena;
        Strings = new JsonStringEncoder(arena);
        int digit = Class("09"), digits = _arena.Repeat(digit, 1, ExpressionArena.Unbounded);
        int integer = _arena.Concat(_arena.Optional(_arena.Byte((byte)'-')), _arena.Or(_arena.Byte((byte)'0'), _arena.Concat(Class("19"), _arena.Star(digit))));
        PlainInteger = integer;
        ZeroFraction = _arena.Optional(_arena.Concat(_arena.Byte((byte)'.'), _arena.Repeat(_arena.Byte((byte)'0'), 1, ExpressionArena.Unbounded)));
        PlainNumber = _arena.Concat(integer, _arena.Optional(_arena.Concat(_arena.Byte((byte)'.'), digits)));
        int exponent = _arena.Concat(_arena.Or(_arena.Byte((byte)'e'), _arena.Byte((byte)'E')), _arena.Optional(_arena.Or(_arena.Byte((byte)'+'), _arena.Byte((byte)'-'))), digits);
        Number = _arena.Concat(PlainNumber, _arena.Optional(exponent));
        Quote = _arena.Byte((byte)'"');
        StringContent = _arena.Star(Strings.Encode(CodePointSet.All));
        FreeStringTail = FreeStringRest();
        FreeString = _arena.Concat(Quote, FreeStringTail);
        StringTail = _arena.Concat(StringContent, Quote);
        Null = _arena.Literal("null"u8);
        True = _arena.Literal("true"u8);
        False = _arena.Literal("false"u8);
        OpenObject = _arena.Byte((byte)'{');
        CloseObject = _arena.Byte((byte)'}');
        OpenArray = _arena.Byte((byte)'[');
        CloseArray = _arena.Byte((byte)']');
        int space = _arena.Optional(_arena.Byte((byte)' '));
        Comma = _arena.Concat(_arena.Byte((byte)','), space);
        Colon = _arena.Concat(_arena.Byte((byte)':'), space);
        int shortInteger = _arena.Concat(_arena.Optional(_arena.Byte((byte)'-')), _arena.Or(_arena.Byte((byte)'0'), _arena.Concat(Class("19"), _arena.Repeat(digit, 0, IntegerDigits - 1))));
        ShortPlainNumber = _arena.Concat(shortInteger, _arena.Optional(_arena.Concat(_arena.Byte((byte)'.'), _arena.Repeat(digit, 1, FractionDigits))));
        int shortExponent = _arena.Concat(
            _arena.Or(_arena.Byte((byte)'e'), _arena.Byte((byte)'E')), _arena.Optional(_arena.Or(_arena.Byte((byte)'+'), _arena.Byte((byte)'-'))), _arena.Repeat(digit, 1, ExponentDigits));
        ShortNumber = _arena.Concat(ShortPlainNumber, _arena.Optional(shortExponent));
    }

    /// <summary>Characters inside a string in their one spelling; see <see cref="JsonStringEncoder"/>.</summary>
    public JsonStringEncoder Strings { get; }

    /// <summary>Any number, exponents included.</summary>
    public int Number { get; }

    /// <summary>Any number without exponent: what all numeric constraints work on.</summary>
    public int PlainNumber { get; }

    /// <summary>Numbers with few digits, so that a model comes to their end.</summary>
    public int ShortNumber { get; }

    /// <summary>Those without exponent.</summary>
    public int ShortPlainNumber { get; }

    /// <summary>Integers without point and exponent.</summary>
    public int PlainInteger { get; }

    /// <summary>A fraction of zeros or none.</summary>
    public int ZeroFraction { get; }

    public int Quote { get; }

    /// <summary>What may stand between the quotes, each character in its one spelling.</summary>
    public int StringContent { get; }

    /// <summary>Any string in any spelling of JSON; escaped surrogates come in pairs.</summary>
    public int FreeString { get; }

    /// <summary>What follows the opening quote of any string.</summary>
    public int FreeStringTail { get; }

    /// <summary>What follows the opening quote of a string in its one spelling.</summary>
    public int StringTail { get; }

    /// <summary>One character of a string in its one spelling.</summary>
    public int Character => Strings.Encode(CodePointSet.All);

    public int Null { get; }

    public int True { get; }

    public int False { get; }

    public int OpenObject { get; }

    public int CloseObject { get; }

    public int OpenArray { get; }

    public int CloseArray { get; }

    /// <summary>Comma and at most one space.</summary>
    public int Comma { get; }

    /// <summary>Colon and at most one space.</summary>
    public int Colon { get; }

    /// <summary>The content between quotes as a whole string.</summary>
    public int Quoted(int content) => _arena.Concat(Quote, content, Quote);

    /// <summary>The content of one of the given strings.</summary>
    public int OneOf(IReadOnlyCollection<string> texts) => texts.Count switch
    {
        0 => ExpressionArena.Nothing,
        1 => _arena.Literal(Strings.Encode(texts.First())),
        _ => _arena.Automaton(new LiteralSet(texts.Select(Strings.Encode))),
    };

    /// <summary>All spellings without exponent of the given numbers.</summary>
    public int OneOf(IReadOnlyCollection<ExactDecimal> numbers)
    {
        var integers = new List<byte[]>();
        int result = ExpressionArena.Nothing;
        foreach (ExactDecimal number in numbers)
        {
            string text = (number.IsNegative ? "-" : "") + number.IntegerText;
            if (number.IsInteger)
            {
                integers.Add(Encoding.ASCII.GetBytes(text));
                if (number.Digits.IsZero)
                {
                    integers.Add("-0"u8.ToArray());
                }
            }
            else
            {
                int literal = _arena.Literal(Encoding.ASCII.GetBytes($"{text}.{number.FractionText}"));
                result = _arena.Or(result, _arena.Concat(literal, _arena.Star(_arena.Byte((byte)'0'))));
            }
        }

        int whole = integers.Count == 1 ? _arena.Literal(integers[0]) : _arena.Automaton(new LiteralSet(integers));
        return _arena.Or(result, _arena.Concat(whole, ZeroFraction));
    }

    private int Class(string range) => _arena.Bytes(ByteSet.Range((byte)range[0], (byte)range[1]));

    private int FreeStringRest()
    {
        int hex = _arena.Or([Class("09"), Class("af"), Class("AF")]);
        int d = _arena.Or(_arena.Byte((byte)'d'), _arena.Byte((byte)'D'));
        int backslash = _arena.Byte((byte)'\\'), u = _arena.Byte((byte)'u');
        int eightToB = _arena.Or([Class("89"), Class("ab"), Class("AB")]);
        int cToF = _arena.Or(Class("cf"), Class("CF"));
        int noSurrogate = _arena.Or(
            _arena.Concat(_arena.Or([Class("09"), Class("ac"), Class("AC"), Class("ef"), Class("EF")]), hex, hex, hex),
            _arena.Concat(d, Class("07"), hex, hex));
        int pair = _arena.Concat([d, eightToB, hex, hex, backslash, u, d, cToF, hex, hex]);
        int shortEscape = ExpressionArena.Nothing;
        foreach (byte c in "\"\\/bfnrt"u8)
        {
            shortEscape = _arena.Or(shortEscape, _arena.Byte(c));
        }

        int escape = _arena.Concat(backslash, _arena.Or(shortEscape, _arena.Concat(u, _arena.Or(noSurrogate, pair))));
        int character = _arena.Or(new Utf8Encoder(_arena).Encode(JsonStringEncoder.PlainCharacters), escape);
        return _arena.Concat(_arena.Star(character), Quote);
    }
}
