using System.Globalization;
using System.Text;

namespace Tramontane.Grammar;

/// <summary>Reads a grammar's text with lines and columns for faults.</summary>
internal sealed class TextScanner
{
    private readonly string _text;

    public TextScanner(string text, GrammarLimits limits)
    {
        if (text.Length > limits.MaxTextLength)
        {
            throw new GrammarException($"The grammar has {text.Length} characters; at most {limits.MaxTextLength} are allowed.");
        }

        _text = text.ReplaceLineEndings("\n");
    }

    public int Position { get; set; }

    public bool AtEnd => Position >= _text.Length;

    /// <summary>The next character; NUL at the end.</summary>
    public char Peek(int ahead = 0) => Position + ahead < _text.Length ? _text[Position + ahead] : '\0';

    public bool TryTake(string expected)
    {
        bool found = string.CompareOrdinal(_text, Position, expected, 0, expected.Length) == 0;
        Position += found ? expected.Length : 0;
        return found;
    }

    public void Take(string expected)
    {
        if (!TryTake(expected))
        {
            throw Fault($"'{expected}' is expected");
        }
    }

    /// <summary>The characters from here on that a test holds for.</summary>
    public string TakeWhile(Func<char, bool> test)
    {
        int start = Position;
        while (!AtEnd && test(_text[Position]))
        {
            Position++;
        }

        return _text[start..Position];
    }

    public int Number() => int.TryParse(TakeWhile(char.IsAsciiDigit), NumberStyles.None, CultureInfo.InvariantCulture, out int value)
        ? value : throw Fault("a number is expected");

    /// <summary>A text in double quotes with backslash escapes, from the opening quote on.</summary>
    public string Quoted()
    {
        Take("\"");
        var builder = new StringBuilder();
        while (Peek() != '"')
        {
            if (AtEnd || Peek() == '\n')
            {
                throw Fault("the text is not closed by '\"'");
            }

            builder.Append(Peek() == '\\' ? Escape() : _text[Position++].ToString());
        }

        Position++;
        return builder.ToString();
    }

    /// <summary>Everything up to an unescaped end mark, backslashes kept; the mark is taken.</summary>
    public string Raw(char end)
    {
        int start = Position;
        bool inClass = false;
        while (Peek() != end || inClass)
        {
            if (AtEnd || Peek() == '\n')
            {
                Position = start;
                throw Fault($"this is not closed by '{end}'");
            }

            inClass = Peek() switch { '[' when end == '/' => true, ']' => false, _ => inClass };
            Position += Peek() == '\\' ? 2 : 1;
        }

        return _text[start..Position++];
    }

    /// <summary>The text between two positions.</summary>
    public string Between(int start, int end) => _text[start..Math.Min(end, _text.Length)];

    public GrammarException Fault(string message)
    {
        int end = Math.Min(Position, _text.Length);
        int line = _text.AsSpan(0, end).Count('\n') + 1;
        return new GrammarException(message + ".", line, end - (_text.AsSpan(0, end).LastIndexOf('\n') + 1) + 1);
    }

    private string Escape()
    {
        Position++;
        char c = Peek();
        Position++;
        return c switch
        {
            'n' => "\n",
            'r' => "\r",
            't' => "\t",
            'f' => "\f",
            'b' => "\b",
            '0' => "\0",
            '"' or '\\' or '/' or '\'' or '[' or ']' or '-' or '^' => c.ToString(),
            'x' => Hex(2),
            'u' => Hex(4),
            'U' => Hex(8),
            _ => throw Fault($"unknown escape '\\{c}'"),
        };
    }

    private string Hex(int digits)
    {
        if (Position + digits > _text.Length || !int.TryParse(_text.AsSpan(Position, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value) || !Rune.IsValid(value))
        {
            throw Fault($"{digits} hexadecimal digits of a character are expected");
        }

        Position += digits;
        return new Rune(value).ToString();
    }
}
