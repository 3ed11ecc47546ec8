using System.Text.Json;
using Tramontane.Grammar.Gbnf;
using Tramontane.Grammar.JsonSchema;
using Tramontane.Grammar.Lark;
using Tramontane.Grammar.Masks;
using Tramontane.Grammar.Matching;
using Tramontane.Grammar.Regex;

namespace Tramontane.Grammar;

/// <summary>
/// A grammar made ready for one vocabulary. It is safe for concurrent use; its matchers share what they find out (states,
/// transitions, masks), within the limit of <see cref="GrammarLimits.CacheBytes"/>.
/// </summary>
public sealed class CompiledGrammar
{
    private readonly GrammarLimits _limits;
    private readonly int _compiledExpressions;
    private readonly int _compiledStates;
    private long _coreLimit;
    private bool _measure;

    internal CompiledGrammar(TokenVocabulary vocabulary, GrammarLimits limits, Func<GrammarParts, GrammarProgram> compile)
    {
        Vocabulary = vocabulary;
        _limits = limits;
        _coreLimit = limits.CacheBytes;
        var arena = new ExpressionArena(limits.MaxExpressionNodes);
        var lexemes = new JsonLexemes(arena); // first of all, so that the shared string masks know its expressions by number
        var lexer = new Lexer(arena, limits.MaxEmptinessSteps, limits.MaxWork);
        GrammarProgram program = compile(new GrammarParts(lexer, lexemes, limits));
        lexer.IsCompiled = true;
        _compiledExpressions = arena.Count;
        _compiledStates = lexer.StateCount;
        Machine = new Machine(program);
        Masks = new MaskComputer(vocabulary, Machine, lexemes, limits);
        if (Machine.Threads(Machine.Start).IsEmpty && !Machine.IsAccepting(Machine.Start))
        {
            throw new GrammarException("No text fits this grammar.");
        }
    }

    /// <summary>The vocabulary that masks are made for.</summary>
    public TokenVocabulary Vocabulary { get; }

    /// <summary>Bytes of states, transitions and masks that are held at the moment, roughly.</summary>
    public long CacheBytes
    {
        get
        {
            lock (Gate)
            {
                return Machine.CoreBytes + Machine.BulkBytes + Masks.MemoryBytes;
            }
        }
    }

    internal Lock Gate { get; } = new();

    internal Machine Machine { get; }

    internal MaskComputer Masks { get; }

    /// <summary>Counts how often the states were forgotten: numbers of states are valid within one epoch.</summary>
    internal int Epoch { get; private set; }

    /// <summary>JSON texts that fit a schema, written compactly or with one space after commas and colons.</summary>
    /// <exception cref="GrammarException">The schema is wrong or cannot be enforced exactly; the pointer says where.</exception>
    public static CompiledGrammar FromJsonSchema(TokenVocabulary vocabulary, JsonElement schema, JsonSchemaOptions? options = null, GrammarLimits? limits = null)
    {
        limits ??= GrammarLimits.Default;
        return new CompiledGrammar(vocabulary, limits, parts =>
        {
            var program = new GrammarProgram { Lexer = parts.Lexer };
            int root = new SchemaProgramBuilder(parts.Lexer, parts.Lexemes, options ?? JsonSchemaOptions.Exact, limits).Add(program, schema);
            program.Start = new Symbol(SymbolKind.Value, root);
            return program;
        });
    }

    /// <summary>Texts that match a regular expression as a whole.</summary>
    /// <exception cref="GrammarException">The expression is wrong or not regular; the column says where.</exception>
    public static CompiledGrammar FromRegex(TokenVocabulary vocabulary, string pattern, GrammarLimits? limits = null)
    {
        limits ??= GrammarLimits.Default;
        return new CompiledGrammar(vocabulary, limits, parts =>
        {
            int expression = new RegexCompiler(new Utf8Encoder(parts.Lexer.Arena)).Whole(RegexParser.Parse(pattern, limits));
            return OfLexeme(parts.Lexer, expression);
        });
    }

    /// <summary>One of the given texts.</summary>
    /// <exception cref="GrammarException">There is no text, or they are too long together.</exception>
    public static CompiledGrammar FromChoices(TokenVocabulary vocabulary, IReadOnlyList<string> choices, GrammarLimits? limits = null)
    {
        limits ??= GrammarLimits.Default;
        if (choices.Count == 0 || choices.Sum(c => (long)c.Length) > limits.MaxTextLength)
        {
            throw new GrammarException(choices.Count == 0 ? "There is no choice." : $"The choices have more than {limits.MaxTextLength} characters together.");
        }

        return new CompiledGrammar(vocabulary, limits, parts =>
        {
            var encoder = new Utf8Encoder(parts.Lexer.Arena);
            return OfLexeme(parts.Lexer, parts.Lexer.Arena.Automaton(new LiteralSet(choices.Select(encoder.Encode))));
        });
    }

    /// <summary>Texts of a grammar put together in code.</summary>
    /// <param name="vocabulary">The vocabulary.</param>
    /// <param name="rules">Rules by name; only what can be reached from the first counts.</param>
    /// <param name="start">The rule that a whole text must fit.</param>
    /// <param name="limits">What compiling may cost.</param>
    /// <exception cref="GrammarException">A rule is missing, a part is wrong, or no text fits.</exception>
    public static CompiledGrammar FromRules(TokenVocabulary vocabulary, IReadOnlyDictionary<string, GrammarNode> rules, string start = "start", GrammarLimits? limits = null) =>
        new(vocabulary, limits ?? GrammarLimits.Default, parts => RuleCompiler.Compile(parts, rules, start));

    /// <summary>Texts that fit one node.</summary>
    /// <exception cref="GrammarException">A part is wrong, or no text fits.</exception>
    public static CompiledGrammar FromNode(TokenVocabulary vocabulary, GrammarNode node, GrammarLimits? limits = null) =>
        FromRules(vocabulary, new Dictionary<string, GrammarNode> { ["start"] = node }, "start", limits);

    /// <summary>Texts of a grammar in Lark's notation, from its rule <c>start</c>.</summary>
    /// <exception cref="GrammarException">The grammar is wrong; line and column say where.</exception>
    public static CompiledGrammar FromLark(TokenVocabulary vocabulary, string grammar, GrammarLimits? limits = null) =>
        FromRules(vocabulary, LarkParser.Parse(grammar, limits ?? GrammarLimits.Default), "start", limits);

    /// <summary>Texts of a grammar in llama.cpp's format, from its rule <c>root</c>.</summary>
    /// <exception cref="GrammarException">The grammar is wrong; line and column say where.</exception>
    public static CompiledGrammar FromGbnf(TokenVocabulary vocabulary, string grammar, GrammarLimits? limits = null) =>
        FromRules(vocabulary, GbnfParser.Parse(grammar, limits ?? GrammarLimits.Default), "root", limits);

    /// <summary>A matcher at the beginning of a text.</summary>
    public GrammarMatcher CreateMatcher() => new(this);

    /// <summary>
    /// Keeps to the limit; the caller holds the gate. First what is quickly found again goes; states go when they alone are too many,
    /// and then matchers find theirs again from their tokens. Where that takes more than the limit, it is what the limit must be.
    /// </summary>
    internal void Trim()
    {
        if (Machine.BulkBytes + Masks.MemoryBytes > _limits.CacheBytes)
        {
            Machine.ForgetTransitions();
            Masks.Reset();
        }

        if (_measure)
        {
            _coreLimit = Math.Max(_limits.CacheBytes, Machine.CoreBytes * 2);
            _measure = false;
        }

        if (Machine.CoreBytes > _coreLimit)
        {
            Machine.Lexer.Truncate(_compiledExpressions, _compiledStates);
            Masks.Reset();
            Machine.Reset();
            Epoch++;
            _measure = true;
        }
    }

    private static GrammarProgram OfLexeme(Lexer lexer, int expression)
    {
        int state = lexer.StateOfLexeme(expression);
        return state == Lexer.Dead ? throw new GrammarException("No text fits this expression.")
            : new GrammarProgram { Lexer = lexer, Start = new Symbol(SymbolKind.Lexeme, state) };
    }
}

/// <summary>What a compiler writes its lexemes into.</summary>
internal sealed record GrammarParts(Lexer Lexer, JsonLexemes Lexemes, GrammarLimits Limits);
