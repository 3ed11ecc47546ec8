using System.Globalization;
using System.Text;
using System.Text.Json;
using Tramontane.Grammar.JsonSchema;

namespace Tramontane.Grammar.Lark;

/// <summary>
/// Reads grammars in Lark's notation (lark-parser.readthedocs.io, "Grammar Reference"), beginning at <c>start</c>: rules, terminals, texts,
/// expressions with flags, ranges, groups, repetitions, <c>%ignore</c>, the common imports; and as llguidance writes them <c>%json {…}</c>
/// and control tokens <c>&lt;[id]&gt;</c>. Terminals are not cut out by a lexer first: every way to read a text as the rules say is accepted.
/// </summary>
internal sealed class LarkParser
{
    private static readonly Dictionary<string, string> s_common = new(StringComparer.Ordinal)
    {
        ["DIGIT"] = "[0-9]", ["HEXDIGIT"] = "[0-9a-fA-F]", ["INT"] = "[0-9]+", ["SIGNED_INT"] = "[+-]?[0-9]+", ["DECIMAL"] = @"[0-9]+\.[0-9]*|\.[0-9]+",
        ["FLOAT"] = @"[0-9]+[eE][+-]?[0-9]+|([0-9]+\.[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?",
        ["NUMBER"] = @"([0-9]+|[0-9]+\.[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", ["SIGNED_NUMBER"] = @"[+-]?([0-9]+|[0-9]+\.[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?",
        ["SIGNED_FLOAT"] = @"[+-]?([0-9]+[eE][+-]?[0-9]+|([0-9]+\.[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?)",
        ["ESCAPED_STRING"] = """
            "([^"\\\n]|\\.)*"
            """.Trim(),
        ["LCASE_LETTER"] = "[a-z]", ["UCASE_LETTER"] = "[A-Z]", ["LETTER"] = "[A-Za-z]", ["WORD"] = "[A-Za-z]+", ["CNAME"] = "[A-Za-z_][A-Za-z0-9_]*",
        ["WS_INLINE"] = @"[ \t]+", ["WS"] = @"[ \t\f\r\n]+", ["CR"] = @"\r", ["LF"] = @"\n", ["NEWLINE"] = @"(\r?\n)+",
        ["SH_COMMENT"] = @"#[^\n]*", ["CPP_COMMENT"] = @"//[^\n]*", ["SQL_COMMENT"] = @"--[^\n]*",
    };

    private readonly TextScanner _scanner;
    private readonly GrammarLimits _limits;
    private readonly Dictionary<string, GrammarNode> _rules = new(StringComparer.Ordinal);
    private readonly List<GrammarNode> _ignored = [];
    private int _depth;

    private LarkParser(string text, GrammarLimits limits)
    {
        _scanner = new TextScanner(text, limits);
        _limits = limits;
    }

    /// <exception cref="GrammarException">The text is no such grammar; line and column say where.</exception>
    public static IReadOnlyDictionary<string, GrammarNode> Parse(string text, GrammarLimits limits)
    {
        var parser = new LarkParser(text, limits);
        for (parser.Skip(lineEnds: true); !parser._scanner.AtEnd; parser.Skip(lineEnds: true))
        {
            if (parser._scanner.TryTake("%"))
            {
                parser.ParseDirective();
            }
            else
            {
                parser.ParseRule();
            }
        }

        if (!parser._rules.TryGetValue("start", out GrammarNode? start))
        {
            throw new GrammarException("The grammar has no rule 'start'.");
        }

        if (parser._ignored.Count == 0)
        {
            return parser._rules;
        }

        // What is ignored may stand before every terminal in a rule, and at the end.
        GrammarNode ignored = new GrammarNode.Repeat(new GrammarNode.Choice([.. parser._ignored]));
        var rules = new Dictionary<string, GrammarNode>(StringComparer.Ordinal) { [" ignored"] = ignored };
        var between = new GrammarNode.Reference(" ignored");
        foreach ((string name, GrammarNode node) in parser._rules)
        {
            rules[name] = IsTerminal(name) ? node : WithIgnored(node, between);
        }

        rules["start"] = new GrammarNode.Sequence(WithIgnored(start, between), between);
        return rules;
    }

    private static GrammarNode WithIgnored(GrammarNode node, GrammarNode between) => node switch
    {
        GrammarNode.Sequence sequence => new GrammarNode.Sequence([.. sequence.Items.Select(item => WithIgnored(item, between))]),
        GrammarNode.Choice choice => new GrammarNode.Choice([.. choice.Items.Select(item => WithIgnored(item, between))]),
        GrammarNode.Repeat repeat => repeat with { Item = WithIgnored(repeat.Item, between) },
        GrammarNode.Reference reference when !IsTerminal(reference.Rule) => reference,
        _ => new GrammarNode.Sequence(between, node),
    };

    private static bool IsName(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    private static bool IsTerminal(string name) => name.TrimStart('_') is { Length: > 0 } rest && char.IsAsciiLetterUpper(rest[0]);

    private void ParseDirective()
    {
        string directive = _scanner.TakeWhile(char.IsAsciiLetter);
        Skip(lineEnds: false);
        switch (directive)
        {
            case "ignore":
                _ignored.Add(ParseChoice(inGroup: false));
                break;
            case "import":
                ParseImport();
                break;
            default:
                throw _scanner.Fault($"the directive '%{directive}' is not supported");
        }
    }

    private void ParseImport()
    {
        string path = _scanner.TakeWhile(c => IsName(c) || c == '.');
        if (!path.StartsWith("common", StringComparison.Ordinal))
        {
            throw _scanner.Fault("only 'common' can be imported from");
        }

        Skip(lineEnds: false);
        if (_scanner.TryTake("("))
        {
            do
            {
                Skip(lineEnds: true);
                string name = _scanner.TakeWhile(IsName);
                Import(name, name);
                Skip(lineEnds: true);
            }
            while (_scanner.TryTake(","));
            _scanner.Take(")");
            return;
        }

        string terminal = path[(path.IndexOf('.', StringComparison.Ordinal) + 1)..];
        Skip(lineEnds: false);
        string alias = _scanner.TryTake("->") ? TakeName() : terminal;
        Import(terminal, alias);
    }

    private void Import(string terminal, string name) =>
        Define(name, s_common.TryGetValue(terminal, out string? pattern) ? new GrammarNode.Regex(pattern) : throw _scanner.Fault($"common has no terminal '{terminal}'"));

    private string TakeName()
    {
        Skip(lineEnds: false);
        string name = _scanner.TakeWhile(IsName);
        return name.Length > 0 ? name : throw _scanner.Fault("a name is expected");
    }

    private void ParseRule()
    {
        _scanner.TakeWhile(c => c is '?' or '!');
        string name = TakeName();
        if (_scanner.TryTake("."))
        {
            _scanner.TryTake("-");
            _scanner.Number(); // priorities choose between readings; all are accepted here
        }

        if (_scanner.Peek() == '{')
        {
            throw _scanner.Fault("templates are not supported");
        }

        Skip(lineEnds: false);
        _scanner.Take(":");
        Define(name, ParseChoice(inGroup: false));
    }

    private void Define(string name, GrammarNode node)
    {
        if (!_rules.TryAdd(name, node))
        {
            throw _scanner.Fault($"'{name}' is defined twice");
        }
    }

    private GrammarNode ParseChoice(bool inGroup)
    {
        if (++_depth > _limits.MaxDepth)
        {
            throw _scanner.Fault($"groups are nested deeper than {_limits.MaxDepth}");
        }

        var items = new List<GrammarNode> { ParseSequence(inGroup) };
        while (TryTakeBar(inGroup))
        {
            items.Add(ParseSequence(inGroup));
        }

        _depth--;
        return items.Count == 1 ? items[0] : new GrammarNode.Choice([.. items]);
    }

    // An alternative may begin on the next line.
    private bool TryTakeBar(bool inGroup)
    {
        int position = _scanner.Position;
        Skip(lineEnds: true);
        if (_scanner.TryTake("|"))
        {
            return true;
        }

        _scanner.Position = inGroup ? _scanner.Position : position;
        return false;
    }

    private GrammarNode.Sequence ParseSequence(bool inGroup)
    {
        var items = new List<GrammarNode>();
        while (true)
        {
            Skip(inGroup);
            if (_scanner.TryTake("->"))
            {
                TakeName(); // a name for the tree
                return new GrammarNode.Sequence([.. items]);
            }

            if (ParseItem() is not GrammarNode item)
            {
                return new GrammarNode.Sequence([.. items]);
            }

            items.Add(ParseRepetition(item));
        }
    }

    private GrammarNode? ParseItem()
    {
        char c = _scanner.Peek();
        if (c == '"')
        {
            return ParseText();
        }

        if (c == '/' && _scanner.Peek(1) != '/')
        {
            _scanner.Position++;
            string pattern = _scanner.Raw('/');
            string flags = _scanner.TakeWhile(char.IsAsciiLetterLower);
            if (flags.Any(flag => flag is not ('i' or 's' or 'u')))
            {
                throw _scanner.Fault($"of the flags '{flags}' only i, s and u are supported");
            }

            return new GrammarNode.Regex(pattern, flags.Contains('i', StringComparison.Ordinal), flags.Contains('s', StringComparison.Ordinal));
        }

        if (_scanner.TryTake("("))
        {
            GrammarNode group = ParseChoice(inGroup: true);
            _scanner.Take(")");
            return group;
        }

        if (_scanner.TryTake("["))
        {
            GrammarNode optional = ParseChoice(inGroup: true);
            _scanner.Take("]");
            return new GrammarNode.Repeat(optional, 0, 1);
        }

        if (_scanner.TryTake("<["))
        {
            int id = _scanner.Number();
            _scanner.Take("]>");
            return new GrammarNode.Token(id);
        }

        return _scanner.TryTake("%json") ? ParseJson() : IsName(c) ? new GrammarNode.Reference(_scanner.TakeWhile(IsName)) : null;
    }

    private GrammarNode ParseText()
    {
        string text = _scanner.Quoted();
        if (_scanner.TryTake(".."))
        {
            string last = _scanner.Quoted();
            if (text.EnumerateRunes().Count() != 1 || last.EnumerateRunes().Count() != 1)
            {
                throw _scanner.Fault("a range goes from one character to another");
            }

            return new GrammarNode.Regex($"[{Hex(text)}-{Hex(last)}]");
        }

        return _scanner.TryTake("i")
            ? new GrammarNode.Regex(string.Concat(text.EnumerateRunes().Select(rune => Hex(rune.ToString()))), IgnoresCase: true) : new GrammarNode.Text(text);
    }

    private static string Hex(string character) => $"\\u{{{char.ConvertToUtf32(character, 0).ToString("x", CultureInfo.InvariantCulture)}}}";

    // The object behind %json, found by its braces.
    private GrammarNode.Json ParseJson()
    {
        Skip(lineEnds: true);
        int start = _scanner.Position, open = 0;
        do
        {
            char c = _scanner.Peek();
            if (_scanner.AtEnd)
            {
                _scanner.Position = start;
                throw _scanner.Fault("an object with a schema is expected");
            }

            _scanner.Position++;
            open += c == '{' ? 1 : c == '}' ? -1 : 0;
            while (c == '"' && !_scanner.AtEnd && _scanner.Peek() != '"')
            {
                _scanner.Position += _scanner.Peek() == '\\' ? 2 : 1;
            }

            _scanner.Position += c == '"' ? 1 : 0;
        }
        while (open > 0);
        try
        {
            using JsonDocument document = JsonDocument.Parse(Encoding.UTF8.GetBytes(_scanner.Between(start, _scanner.Position)), new JsonDocumentOptions { MaxDepth = _limits.MaxDepth });
            return new GrammarNode.Json(document.RootElement.Clone(), JsonSchemaOptions.Generation);
        }
        catch (JsonException fault)
        {
            _scanner.Position = start;
            throw _scanner.Fault($"the schema is no JSON: {fault.Message}");
        }
    }

    private GrammarNode ParseRepetition(GrammarNode item)
    {
        if (_scanner.TryTake("*"))
        {
            return new GrammarNode.Repeat(item);
        }

        if (_scanner.TryTake("+"))
        {
            return new GrammarNode.Repeat(item, 1);
        }

        if (_scanner.TryTake("?"))
        {
            return new GrammarNode.Repeat(item, 0, 1);
        }

        int position = _scanner.Position;
        Skip(lineEnds: false);
        if (!_scanner.TryTake("~"))
        {
            _scanner.Position = position;
            return item;
        }

        Skip(lineEnds: false);
        int minimum = _scanner.Number();
        return new GrammarNode.Repeat(item, minimum, _scanner.TryTake("..") ? _scanner.Number() : minimum);
    }

    private void Skip(bool lineEnds)
    {
        while (true)
        {
            _scanner.TakeWhile(c => c is ' ' or '\t' || (lineEnds && c == '\n'));
            if (_scanner.Peek() != '#' && !(_scanner.Peek() == '/' && _scanner.Peek(1) == '/'))
            {
                return;
            }

            _scanner.TakeWhile(c => c != '\n');
        }
    }
}
