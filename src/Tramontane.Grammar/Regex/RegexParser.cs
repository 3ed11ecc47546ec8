using System.Buffers;
using System.Globalization;
using System.Text;

namespace Tramontane.Grammar.Regex;

/// <summary>
/// Reads the regular part of ECMA-262's expressions (with the <c>u</c> flag's view of characters) and the spellings that Python and
/// Rust share with it. What is not regular or has no fixed meaning (back references, look-behind, word boundaries) is refused by name.
/// </summary>
internal sealed class RegexParser
{
    private readonly string _text;
    private readonly int _maxDepth;
    private readonly int _maxRepeat;
    private bool _ignoreCase;
    private bool _dotAll;
    private int _position;
    private int _depth;

    private RegexParser(string text, GrammarLimits limits, bool ignoreCase, bool dotAll)
    {
        _text = text;
        _maxDepth = limits.MaxDepth;
        _maxRepeat = limits.MaxRepeat;
        _ignoreCase = ignoreCase;
        _dotAll = dotAll;
    }

    private bool AtEnd => _position >= _text.Length;

    /// <exception cref="GrammarException">The text is no expression, or one that cannot be enforced; the column says where.</exception>
    public static RegexNode Parse(string text, GrammarLimits limits, bool ignoreCase = false, bool dotAll = false)
    {
        if (text.Length > limits.MaxTextLength)
        {
            throw new GrammarException($"The regular expression has {text.Length} characters; at most {limits.MaxTextLength} are allowed.");
        }

        var parser = new RegexParser(text, limits, ignoreCase, dotAll);
        RegexNode node = parser.ParseChoice();
        return parser.AtEnd ? node : throw parser.Fault("unmatched ')'");
    }

    private RegexNode ParseChoice()
    {
        if (++_depth > _maxDepth)
        {
            throw Fault($"groups are nested deeper than {_maxDepth}");
        }

        var choices = new List<RegexNode> { ParseSequence() };
        while (!AtEnd && _text[_position] == '|')
        {
            _position++;
            choices.Add(ParseSequence());
        }

        _depth--;
        return choices.Count == 1 ? choices[0] : new RegexNode.Choice(choices);
    }

    private RegexNode ParseSequence()
    {
        var items = new List<RegexNode>();
        while (!AtEnd && _text[_position] is not ('|' or ')'))
        {
            items.Add(ParseQuantified());
        }

        return items.Count == 1 ? items[0] : new RegexNode.Sequence(items);
    }

    private RegexNode ParseQuantified()
    {
        RegexNode atom = ParseAtom();
        while (!AtEnd)
        {
            (int minimum, int maximum)? counts = _text[_position] switch
            {
                '*' => (0, ExpressionArena.Unbounded),
                '+' => (1, ExpressionArena.Unbounded),
                '?' => (0, 1),
                '{' => TryParseCounts(),
                _ => null,
            };
            if (counts is not (int min, int max))
            {
                break;
            }

            _position++;
            if (!AtEnd && _text[_position] == '?')
            {
                _position++; // lazy: the same texts match
            }
            else if (!AtEnd && _text[_position] == '+')
            {
                throw Fault("possessive repetition is not supported");
            }

            if (atom is RegexNode.StartAnchor or RegexNode.EndAnchor or RegexNode.LookAhead)
            {
                throw Fault("an anchor or look-ahead cannot be repeated");
            }

            atom = new RegexNode.Repetition(atom, min, max);
        }

        return atom;
    }

    // At '{'. Leaves the position at '}', or answers null and leaves it: then the brace is a plain character.
    private (int Minimum, int Maximum)? TryParseCounts()
    {
        int end = _text.IndexOf('}', _position);
        if (end < 0)
        {
            return null;
        }

        string body = _text[(_position + 1)..end];
        int comma = body.IndexOf(',', StringComparison.Ordinal);
        string low = comma < 0 ? body : body[..comma], high = comma < 0 ? body : body[(comma + 1)..];
        if (low.Length == 0 || !low.All(char.IsAsciiDigit) || !high.All(char.IsAsciiDigit))
        {
            return null;
        }

        int minimum = Count(low), maximum = high.Length == 0 ? ExpressionArena.Unbounded : Count(high);
        if (maximum != ExpressionArena.Unbounded && maximum < minimum)
        {
            throw Fault($"the counts {{{body}}} are in the wrong order");
        }

        _position = end;
        return (minimum, maximum);
    }

    private int Count(string digits) => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value <= _maxRepeat
        ? value : throw Fault($"a repetition of {(digits.Length > 20 ? digits[..20] + "…" : digits)} is above the limit of {_maxRepeat}");

    private RegexNode ParseAtom()
    {
        char c = _text[_position];
        switch (c)
        {
            case '(':
                return ParseGroup();
            case '[':
                _position++;
                return Set(ParseClass());
            case '.':
                _position++;
                return new RegexNode.Characters(_dotAll ? CodePointSet.All : CodePointSet.LineEnds.Complement());
            case '^':
                _position++;
                return new RegexNode.StartAnchor();
            case '$':
                _position++;
                return new RegexNode.EndAnchor();
            case '\\':
                _position++;
                return ParseEscape();
            case '*' or '+' or '?':
                throw Fault($"nothing to repeat before '{c}'");
            default:
                return Set(CodePointSet.Of(NextCodePoint()));
        }
    }

    private RegexNode ParseGroup()
    {
        int start = _position++;
        bool ignoreCase = _ignoreCase, dotAll = _dotAll;
        bool? negativeLook = null;
        bool isPlain = Take("?:");
        if (!isPlain && Take("?="))
        {
            negativeLook = false;
        }
        else if (!isPlain && Take("?!"))
        {
            negativeLook = true;
        }
        else if (!isPlain && (Peek("?<=") || Peek("?<!")))
        {
            throw Fault("look-behind is not supported");
        }
        else if (!isPlain && (Take("?<") || Take("?P<")))
        {
            int end = _text.IndexOf('>', _position);
            _position = end < 0 ? throw Fault("the group's name is not closed by '>'") : end + 1;
        }
        else if (!isPlain && Peek("?"))
        {
            _position++;
            bool on = true;
            for (; !AtEnd && _text[_position] is not (':' or ')'); _position++)
            {
                switch (_text[_position])
                {
                    case 'i': _ignoreCase = on; break;
                    case 's': _dotAll = on; break;
                    case 'u' when on: break;
                    case '-': on = false; break;
                    default: throw Fault("this kind of group is not supported");
                }
            }

            if (!AtEnd && _text[_position] == ')')
            {
                _position++;
                return new RegexNode.Sequence([]); // (?i): from here to the end of the enclosing group
            }

            _position++;
        }

        RegexNode node = ParseChoice();
        if (AtEnd)
        {
            _position = start;
            throw Fault("the group is not closed");
        }

        _position++;
        (_ignoreCase, _dotAll) = (ignoreCase, dotAll);
        return negativeLook is bool negative ? new RegexNode.LookAhead(node, negative) : node;
    }

    private RegexNode ParseEscape()
    {
        if (AtEnd)
        {
            throw Fault("the expression ends with a backslash");
        }

        char c = _text[_position];
        switch (c)
        {
            case 'b' or 'B':
                throw Fault("word boundaries are not supported; spell out what may stand there");
            case 'A':
                _position++;
                return new RegexNode.StartAnchor();
            case 'z' or 'Z':
                _position++;
                return new RegexNode.EndAnchor();
            case 'k' or (>= '1' and <= '9'):
                throw Fault("back references are not supported");
            default:
                return Set(ParseEscapedSet());
        }
    }

    private RegexNode.Characters Set(CodePointSet set) => new(_ignoreCase ? set.IgnoringCase() : set);

    // After the backslash: a class or a single character.
    private CodePointSet ParseEscapedSet()
    {
        char c = _text[_position++];
        switch (c)
        {
            case 'd': return CodePointSet.Digits;
            case 'D': return CodePointSet.Digits.Complement();
            case 'w': return CodePointSet.Word;
            case 'W': return CodePointSet.Word.Complement();
            case 's': return CodePointSet.Space;
            case 'S': return CodePointSet.Space.Complement();
            case 'p' or 'P':
                CodePointSet category = ParseCategory();
                return c == 'p' ? category : category.Complement();
            case 'n': return CodePointSet.Of('\n');
            case 'r': return CodePointSet.Of('\r');
            case 't': return CodePointSet.Of('\t');
            case 'f': return CodePointSet.Of('\f');
            case 'v': return CodePointSet.Of('\v');
            case 'a': return CodePointSet.Of(7);
            case 'e': return CodePointSet.Of(27);
            case '0': return CodePointSet.Of(0);
            case 'x': return CodePointSet.Of(ParseHex(2));
            case 'u': return CodePointSet.Of(ParseUnicode());
            case 'U': return CodePointSet.Of(ParseHex(8));
            case 'c' when !AtEnd && char.IsAsciiLetter(_text[_position]): return CodePointSet.Of(_text[_position++] % 32);
            default:
                if (char.IsAsciiLetterOrDigit(c))
                {
                    _position--;
                    throw Fault($"unknown escape '\\{c}'");
                }

                _position--;
                return CodePointSet.Of(NextCodePoint());
        }
    }

    private CodePointSet ParseCategory()
    {
        string name;
        if (!AtEnd && _text[_position] == '{')
        {
            int end = _text.IndexOf('}', _position);
            if (end < 0)
            {
                throw Fault("\\p{ is not closed");
            }

            name = _text[(_position + 1)..end];
            _position = end + 1;
        }
        else
        {
            name = AtEnd ? "" : _text[_position++].ToString();
        }

        foreach (string prefix in (ReadOnlySpan<string>)["General_Category=", "gc="])
        {
            name = name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name;
        }

        return name is "Any" ? CodePointSet.All : name is "ASCII" ? CodePointSet.Of((0, 127))
            : CodePointSet.Category(name) ?? throw Fault($"the class \\p{{{name}}} is not known; general categories such as \\p{{L}} are");
    }

    private int ParseUnicode()
    {
        if (Take("{"))
        {
            int end = _text.IndexOf('}', _position);
            if (end < 0 || !int.TryParse(_text.AsSpan(_position, end - _position), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value) || !Rune.IsValid(value))
            {
                throw Fault("\\u{…} does not name a character");
            }

            _position = end + 1;
            return value;
        }

        int unit = ParseHex(4, allowSurrogate: true);
        if (unit is >= 0xD800 and < 0xDC00 && Take("\\u"))
        {
            int low = ParseHex(4, allowSurrogate: true);
            return low is >= 0xDC00 and < 0xE000 ? char.ConvertToUtf32((char)unit, (char)low) : throw Fault("a lone surrogate is no character");
        }

        return unit is >= 0xD800 and < 0xE000 ? throw Fault("a lone surrogate is no character") : unit;
    }

    private int ParseHex(int digits, bool allowSurrogate = false)
    {
        if (_position + digits > _text.Length
            || !int.TryParse(_text.AsSpan(_position, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value)
            || !(Rune.IsValid(value) || (allowSurrogate && value <= 0xFFFF)))
        {
            throw Fault($"{digits} hexadecimal digits of a character are expected");
        }

        _position += digits;
        return value;
    }

    // After '['.
    private CodePointSet ParseClass()
    {
        int start = _position - 1;
        bool negated = Take("^");
        CodePointSet result = CodePointSet.Empty;
        while (true)
        {
            if (AtEnd)
            {
                _position = start;
                throw Fault("the character class is not closed by ']'");
            }

            if (_text[_position] == ']') // [] is the empty class, as in ECMA-262
            {
                _position++;
                break;
            }

            CodePointSet item = ParseClassItem(out bool single);
            if (single && _position + 1 < _text.Length && _text[_position] == '-' && _text[_position + 1] != ']')
            {
                _position++;
                CodePointSet high = ParseClassItem(out bool singleHigh);
                if (singleHigh)
                {
                    (int from, int to) = (item.Ranges[0].First, high.Ranges[0].First);
                    if (to < from)
                    {
                        throw Fault("a range of a character class is in the wrong order");
                    }

                    item = CodePointSet.Of((from, to)).Intersect(CodePointSet.All);
                }
                else
                {
                    item = item.Union(CodePointSet.Of('-')).Union(high);
                }
            }

            result = result.Union(item);
        }

        if (_ignoreCase)
        {
            result = result.IgnoringCase();
        }

        return negated ? result.Complement() : result;
    }

    private CodePointSet ParseClassItem(out bool single)
    {
        if (_text[_position] != '\\')
        {
            if (Peek("[:"))
            {
                throw Fault("POSIX classes such as [:alpha:] are not supported; use \\p{L} or ranges");
            }

            single = true;
            return CodePointSet.Of(NextCodePoint());
        }

        _position++;
        if (AtEnd)
        {
            throw Fault("the expression ends with a backslash");
        }

        char c = _text[_position];
        single = c is not ('d' or 'D' or 'w' or 'W' or 's' or 'S' or 'p' or 'P');
        if (c == 'b')
        {
            _position++;
            return CodePointSet.Of('\b');
        }

        return ParseEscapedSet();
    }

    private int NextCodePoint()
    {
        if (Rune.DecodeFromUtf16(_text.AsSpan(_position), out Rune rune, out int length) != OperationStatus.Done)
        {
            throw Fault("a lone surrogate is no character");
        }

        _position += length;
        return rune.Value;
    }

    private bool Peek(string text) => string.CompareOrdinal(_text, _position, text, 0, text.Length) == 0;

    private bool Take(string text)
    {
        if (!Peek(text))
        {
            return false;
        }

        _position += text.Length;
        return true;
    }

    private GrammarException Fault(string message) => new($"regular expression: {message}", 1, Math.Min(_position, _text.Length) + 1);
}
