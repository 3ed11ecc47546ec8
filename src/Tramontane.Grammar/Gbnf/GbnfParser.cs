namespace Tramontane.Grammar.Gbnf;

/// <summary>
/// Reads llama.cpp's grammar format (grammars/README.md of that project): rules <c>name ::= …</c> with texts, character classes,
/// groups, alternatives and repetitions, beginning at <c>root</c>. A rule goes on over line ends inside parentheses and after <c>|</c>.
/// </summary>
internal sealed class GbnfParser
{
    private readonly TextScanner _scanner;
    private readonly int _maxDepth;
    private readonly Dictionary<string, GrammarNode> _rules = new(StringComparer.Ordinal);
    private int _depth;

    private GbnfParser(string text, GrammarLimits limits)
    {
        _scanner = new TextScanner(text, limits);
        _maxDepth = limits.MaxDepth;
    }

    /// <exception cref="GrammarException">The text is no such grammar; line and column say where.</exception>
    public static IReadOnlyDictionary<string, GrammarNode> Parse(string text, GrammarLimits limits)
    {
        var parser = new GbnfParser(text, limits);
        for (parser.Skip(lineEnds: true); !parser._scanner.AtEnd; parser.Skip(lineEnds: true))
        {
            parser.ParseRule();
        }

        return parser._rules.ContainsKey("root") ? parser._rules : throw new GrammarException("The grammar has no rule 'root'.");
    }

    private static bool IsName(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_';

    private void ParseRule()
    {
        string name = _scanner.TakeWhile(IsName);
        if (name.Length == 0)
        {
            throw _scanner.Fault("a rule's name is expected");
        }

        Skip(lineEnds: true);
        _scanner.Take("::=");
        Skip(lineEnds: true);
        GrammarNode node = ParseChoice(inGroup: false);
        if (!_scanner.AtEnd && _scanner.Peek() != '\n')
        {
            throw _scanner.Fault("the end of the rule is expected");
        }

        if (!_rules.TryAdd(name, node))
        {
            throw _scanner.Fault($"the rule '{name}' is defined twice");
        }
    }

    private GrammarNode ParseChoice(bool inGroup)
    {
        if (++_depth > _maxDepth)
        {
            throw _scanner.Fault($"groups are nested deeper than {_maxDepth}");
        }

        var items = new List<GrammarNode> { ParseSequence(inGroup) };
        while (_scanner.TryTake("|"))
        {
            Skip(lineEnds: true);
            items.Add(ParseSequence(inGroup));
        }

        _depth--;
        return items.Count == 1 ? items[0] : new GrammarNode.Choice([.. items]);
    }

    private GrammarNode.Sequence ParseSequence(bool inGroup)
    {
        var items = new List<GrammarNode>();
        while (true)
        {
            Skip(inGroup);
            char c = _scanner.Peek();
            GrammarNode item;
            if (c == '"')
            {
                item = new GrammarNode.Text(_scanner.Quoted());
            }
            else if (c == '[')
            {
                _scanner.Position++;
                item = new GrammarNode.Regex($"[{_scanner.Raw(']')}]");
            }
            else if (_scanner.TryTake("."))
            {
                item = new GrammarNode.Regex(".", DotMatchesLineEnds: true);
            }
            else if (_scanner.TryTake("("))
            {
                Skip(lineEnds: true);
                item = ParseChoice(inGroup: true);
                _scanner.Take(")");
            }
            else if (IsName(c))
            {
                item = new GrammarNode.Reference(_scanner.TakeWhile(IsName));
            }
            else
            {
                return new GrammarNode.Sequence([.. items]);
            }

            items.Add(ParseRepetition(item));
        }
    }

    private GrammarNode ParseRepetition(GrammarNode item)
    {
        while (true)
        {
            if (_scanner.TryTake("*"))
            {
                item = new GrammarNode.Repeat(item);
            }
            else if (_scanner.TryTake("+"))
            {
                item = new GrammarNode.Repeat(item, 1);
            }
            else if (_scanner.TryTake("?"))
            {
                item = new GrammarNode.Repeat(item, 0, 1);
            }
            else if (_scanner.TryTake("{"))
            {
                int minimum = _scanner.Peek() == ',' ? 0 : _scanner.Number();
                int? maximum = !_scanner.TryTake(",") ? minimum : _scanner.Peek() == '}' ? null : _scanner.Number();
                _scanner.Take("}");
                item = new GrammarNode.Repeat(item, minimum, maximum);
            }
            else
            {
                return item;
            }
        }
    }

    private void Skip(bool lineEnds)
    {
        while (true)
        {
            _scanner.TakeWhile(c => c is ' ' or '\t' || (lineEnds && c == '\n'));
            if (_scanner.Peek() != '#')
            {
                return;
            }

            _scanner.TakeWhile(c => c != '\n');
        }
    }
}
