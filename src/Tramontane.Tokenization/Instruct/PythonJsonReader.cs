using System.Globalization;
using System.Text;

namespace Tramontane.Tokenization.Instruct;

/// <summary>A recursive reader over UTF-16 text with Python's rules; every method returns null on text that is not JSON.</summary>
internal ref struct PythonJsonReader
{
    private readonly ReadOnlySpan<char> _text;
    private int _position;
    private int _depth;

    public PythonJsonReader(ReadOnlySpan<char> text) => _text = text;

    /// <summary>Whether reading stopped because the text is nested too deep.</summary>
    public bool TooDeep { get; private set; }

    public PythonJsonValue? ReadDocument()
    {
        SkipSpace();
        PythonJsonValue? value = ReadValue();
        SkipSpace();
        return _position == _text.Length ? value : null;
    }

    private PythonJsonValue? ReadValue()
    {
        if (_position >= _text.Length)
        {
            return null;
        }

        switch (_text[_position])
        {
            case '{':
                return Nested(array: false);
            case '[':
                return Nested(array: true);
            case '"':
                return ReadString() is string text ? new PythonJsonValue(JsonKind.String, text) : null;
            case 'n':
                return Literal("null", JsonKind.Null);
            case 't':
                return Literal("true", JsonKind.True);
            case 'f':
                return Literal("false", JsonKind.False);
            case 'N':
                return Literal("NaN", JsonKind.Number);
            case 'I':
                return Literal("Infinity", JsonKind.Number);
            case '-' when _position + 1 < _text.Length && _text[_position + 1] == 'I':
                return Literal("-Infinity", JsonKind.Number);
            default:
                return ReadNumber();
        }
    }

    private PythonJsonValue? Nested(bool array)
    {
        if (_depth == PythonJson.MaxDepth)
        {
            TooDeep = true;
            return null;
        }

        _depth++;
        PythonJsonValue? value = array ? ReadArray() : ReadObject();
        _depth--;
        return value;
    }

    private PythonJsonValue? ReadArray()
    {
        var array = new PythonJsonValue(JsonKind.Array);
        _position++;
        SkipSpace();
        if (TryTake(']'))
        {
            return array;
        }

        while (true)
        {
            SkipSpace();
            if (ReadValue() is not PythonJsonValue item)
            {
                return null;
            }

            array.Items.Add(item);
            SkipSpace();
            if (TryTake(']'))
            {
                return array;
            }

            if (!TryTake(','))
            {
                return null;
            }
        }
    }

    private PythonJsonValue? ReadObject()
    {
        var result = new PythonJsonValue(JsonKind.Object);
        _position++;
        SkipSpace();
        if (TryTake('}'))
        {
            return result;
        }

        while (true)
        {
            SkipSpace();
            if (_position >= _text.Length || _text[_position] != '"' || ReadString() is not string key)
            {
                return null;
            }

            SkipSpace();
            if (!TryTake(':'))
            {
                return null;
            }

            SkipSpace();
            if (ReadValue() is not PythonJsonValue value)
            {
                return null;
            }

            result.Set(key, value);
            SkipSpace();
            if (TryTake('}'))
            {
                return result;
            }

            if (!TryTake(','))
            {
                return null;
            }
        }
    }

    // A lone surrogate escape stays a lone surrogate here; the tokenizer counts it as U+FFFD.
    private string? ReadString()
    {
        StringBuilder? built = null;
        int start = ++_position;
        while (_position < _text.Length)
        {
            char c = _text[_position];
            if (c == '"')
            {
                ReadOnlySpan<char> run = _text[start.._position++];
                return built is null ? run.ToString() : built.Append(run).ToString();
            }

            if (c < ' ')
            {
                return null;
            }

            if (c != '\\')
            {
                _position++;
                continue;
            }

            built = (built ?? new StringBuilder()).Append(_text[start.._position]);
            if (!TryReadEscape(out char escaped))
            {
                return null;
            }

            built.Append(escaped);
            start = _position;
        }

        return null;
    }

    private bool TryReadEscape(out char escaped)
    {
        escaped = '\0';
        if (_position + 1 >= _text.Length)
        {
            return false;
        }

        char c = _text[_position + 1];
        _position += 2;
        if (c == 'u')
        {
            if (_position + 4 > _text.Length
                || !ushort.TryParse(_text.Slice(_position, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort code))
            {
                return false;
            }

            _position += 4;
            escaped = (char)code;
            return true;
        }

        int index = "\"\\/bfnrt".IndexOf(c, StringComparison.Ordinal);
        escaped = index < 0 ? '\0' : "\"\\/\b\f\n\r\t"[index];
        return index >= 0;
    }

    // -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?
    private PythonJsonValue? ReadNumber()
    {
        int start = _position;
        int end = start + (_text[start] == '-' ? 1 : 0);
        int integerEnd = SkipDigits(end);
        if (integerEnd == end)
        {
            return null;
        }

        end = _text[end] == '0' ? end + 1 : integerEnd;
        bool isFloat = false;
        if (end < _text.Length && _text[end] == '.' && SkipDigits(end + 1) is int fractionEnd && fractionEnd > end + 1)
        {
            end = fractionEnd;
            isFloat = true;
        }

        if (end < _text.Length && _text[end] is 'e' or 'E')
        {
            int digits = end + (end + 1 < _text.Length && _text[end + 1] is '+' or '-' ? 2 : 1);
            int exponentEnd = SkipDigits(digits);
            if (exponentEnd > digits)
            {
                end = exponentEnd;
                isFloat = true;
            }
        }

        _position = end;
        ReadOnlySpan<char> number = _text[start..end];
        if (isFloat)
        {
            return new PythonJsonValue(JsonKind.Number, PythonJson.FormatFloat(double.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture)));
        }

        return new PythonJsonValue(JsonKind.Number, number is "-0" ? "0" : number.ToString());
    }

    private readonly int SkipDigits(int position)
    {
        while (position < _text.Length && char.IsAsciiDigit(_text[position]))
        {
            position++;
        }

        return position;
    }

    private PythonJsonValue? Literal(string literal, JsonKind kind)
    {
        if (!_text[_position..].StartsWith(literal, StringComparison.Ordinal))
        {
            return null;
        }

        _position += literal.Length;
        return new PythonJsonValue(kind, literal);
    }

    private bool TryTake(char c)
    {
        if (_position < _text.Length && _text[_position] == c)
        {
            _position++;
            return true;
        }

        return false;
    }

    private void SkipSpace()
    {
        while (_position < _text.Length && _text[_position] is ' ' or '\t' or '\n' or '\r')
        {
            _position++;
        }
    }
}
