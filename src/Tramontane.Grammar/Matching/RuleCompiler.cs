using Tramontane.Grammar.JsonSchema;
using Tramontane.Grammar.Regex;

namespace Tramontane.Grammar.Matching;

/// <summary>Compiles rules into a program. Left recursion, which the machine cannot run, is turned into right recursion of the same language.</summary>
internal sealed class RuleCompiler
{
    private const int MaxItems = 500_000;
    private readonly Lexer _lexer;
    private readonly JsonLexemes _lexemes;
    private readonly GrammarLimits _limits;
    private readonly Utf8Encoder _encoder;
    private readonly GrammarProgram _program;
    private readonly IReadOnlyDictionary<string, GrammarNode> _named;
    private readonly Dictionary<string, int> _ruleOf = new(StringComparer.Ordinal);
    private readonly List<List<Symbol[]>> _rules = [];
    private int _items;
    private int _depth;

    private RuleCompiler(GrammarParts parts, IReadOnlyDictionary<string, GrammarNode> named)
    {
        (_lexer, _lexemes, _limits) = (parts.Lexer, parts.Lexemes, parts.Limits);
        _encoder = new Utf8Encoder(_lexer.Arena);
        _program = new GrammarProgram { Lexer = _lexer };
        _named = named;
    }

    public static GrammarProgram Compile(GrammarParts parts, IReadOnlyDictionary<string, GrammarNode> rules, string start)
    {
        var compiler = new RuleCompiler(parts, rules);
        compiler._program.Start = compiler.Named(start);
        LeftRecursion.Remove(compiler._rules, MaxItems);
        compiler.CutUnproductive();
        compiler.Emit();
        return compiler._program;
    }

    private Symbol Named(string name)
    {
        if (!_named.TryGetValue(name, out GrammarNode? node))
        {
            throw new GrammarException($"The rule '{name}' is used and not defined.");
        }

        if (!_ruleOf.TryGetValue(name, out int rule))
        {
            rule = NewRule();
            _ruleOf.Add(name, rule);
            _rules[rule].AddRange(Alternatives(node));
        }

        return new Symbol(SymbolKind.Rule, rule);
    }

    private int NewRule()
    {
        _rules.Add([]);
        return _rules.Count - 1;
    }

    private List<Symbol[]> Alternatives(GrammarNode node)
    {
        if (node is not GrammarNode.Choice choice)
        {
            return [Parts(node)];
        }

        var result = new List<Symbol[]>();
        foreach (GrammarNode item in choice.Items)
        {
            result.AddRange(Alternatives(item));
        }

        return result;
    }

    private Symbol[] Parts(GrammarNode node)
    {
        Symbol[] parts = node is GrammarNode.Sequence sequence ? [.. sequence.Items.SelectMany(Parts)] : [Compile(node)];
        _items += parts.Length;
        return _items <= MaxItems ? parts : throw new GrammarException($"The grammar has more than {MaxItems} parts; use fewer alternatives or smaller counts.");
    }

    private Symbol Compile(GrammarNode node)
    {
        if (++_depth > _limits.MaxDepth * 4)
        {
            throw new GrammarException($"The grammar is nested deeper than {_limits.MaxDepth * 4}.");
        }

        Symbol symbol = node switch
        {
            GrammarNode.Text text => Lexeme(_lexer.Arena.Literal(_encoder.Encode(text.Value))),
            GrammarNode.Regex regex => Lexeme(new RegexCompiler(_encoder).Whole(RegexParser.Parse(regex.Pattern, _limits, regex.IgnoresCase, regex.DotMatchesLineEnds))),
            GrammarNode.Token token => Lexeme(_lexer.Arena.Literal(TokenVocabulary.SpecialBytes(token.Id))),
            GrammarNode.Json json => new Symbol(SymbolKind.Value, new SchemaProgramBuilder(_lexer, _lexemes, json.Options, _limits).Add(_program, json.Schema)),
            GrammarNode.Reference reference => Named(reference.Rule),
            GrammarNode.Repeat repeat => Repeat(repeat),
            _ => Rule(node),
        };
        _depth--;
        return symbol;
    }

    private Symbol Lexeme(int expression) => new(SymbolKind.Lexeme, _lexer.StateOfLexeme(expression));

    private Symbol Rule(GrammarNode node)
    {
        int rule = NewRule();
        _rules[rule].AddRange(Alternatives(node));
        return new Symbol(SymbolKind.Rule, rule);
    }

    // item{m,n}: m items, then up to n - m more, each of which may be the last; without bound a rule that calls itself at its end.
    private Symbol Repeat(GrammarNode.Repeat repeat)
    {
        if (repeat.Minimum < 0 || repeat.Maximum < repeat.Minimum || Math.Max(repeat.Minimum, repeat.Maximum ?? 0) > MaxItems)
        {
            throw new GrammarException($"A repetition of {repeat.Minimum} to {repeat.Maximum} times is not possible.");
        }

        Symbol item = Compile(repeat.Item);
        Symbol? rest = null;
        if (repeat.Maximum is null)
        {
            int star = NewRule();
            rest = new Symbol(SymbolKind.Rule, star);
            _rules[star].Add([]);
            _rules[star].Add([item, rest.Value]);
        }

        for (int i = repeat.Minimum; i < repeat.Maximum; i++)
        {
            int optional = NewRule();
            _rules[optional].Add([]);
            _rules[optional].Add(rest is Symbol more ? [item, more] : [item]);
            rest = new Symbol(SymbolKind.Rule, optional);
        }

        int whole = NewRule();
        _items += repeat.Minimum + (2 * ((repeat.Maximum ?? 0) - repeat.Minimum));
        Symbol[] parts = [.. Enumerable.Repeat(item, repeat.Minimum), .. rest is Symbol tail ? (Symbol[])[tail] : []];
        _rules[whole].Add(parts);
        return new Symbol(SymbolKind.Rule, whole);
    }

    // Alternatives that no finite text fits would be ways into a dead end.
    private void CutUnproductive()
    {
        bool[] productive = new bool[_rules.Count];
        bool IsProductive(Symbol symbol) => symbol.Kind switch
        {
            SymbolKind.Lexeme => symbol.Index != Lexer.Dead,
            SymbolKind.Rule => productive[symbol.Index],
            _ => true, // a schema without values was refused
        };
        for (bool changed = true; changed;)
        {
            changed = false;
            for (int rule = 0; rule < productive.Length; rule++)
            {
                if (!productive[rule] && _rules[rule].Any(alternative => alternative.All(IsProductive)))
                {
                    productive[rule] = changed = true;
                }
            }
        }

        foreach (List<Symbol[]> alternatives in _rules)
        {
            alternatives.RemoveAll(alternative => !alternative.All(IsProductive));
        }

        if (!productive[_program.Start.Index])
        {
            throw new GrammarException("No text fits this grammar.");
        }
    }

    private void Emit()
    {
        foreach (List<Symbol[]> alternatives in _rules)
        {
            var starts = new List<int>();
            foreach (Symbol[] alternative in alternatives)
            {
                starts.Add(_program.Items.Count);
                foreach (Symbol symbol in alternative)
                {
                    _program.Items.Add(symbol);
                }

                _program.Items.Add(null);
            }

            _program.Rules.Add([.. starts]);
        }
    }
}
