using System.Text;
using System.Text.Json;
using Tramontane.Grammar;
using Tramontane.Grammar.JsonSchema;
using Tramontane.Inference.Engine;
using Tramontane.Server.Requests;
using Tramontane.Tokenization;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Server.Generation;

/// <summary>
/// Step 4: what a request asks of its answer's form, compiled. Equal demands share one grammar, which also keeps what it has found
/// out; the least recently used are dropped. Safe for concurrent use.
/// </summary>
internal sealed class ConstraintFactory(IInferenceEngine engine)
{
    private const int MaxKept = 64;
    private static readonly GrammarLimits s_limits = new() { MaxExpressionNodes = 250_000, MaxSchemaNodes = 50_000, CacheBytes = 24L << 20, MaxWork = 500_000 };
    private static readonly JsonElement s_anyObject = Parse("""{"type":"object"}""");
    private static readonly JsonElement s_noParameters = Parse("""{"type":"object","properties":{},"additionalProperties":false}""");
    private static readonly GrammarNode s_callId = new GrammarNode.Repeat(new GrammarNode.Sequence(new GrammarNode.Token(SpecialTokens.CallId), new GrammarNode.Regex("[A-Za-z0-9]{9}")), 0, 1);

    private readonly Lazy<TokenVocabulary> _vocabulary = new(() =>
    {
        Tokenizer tokenizer = engine.Tokenizer;
        return new TokenVocabulary(tokenizer.VocabularySize, tokenizer.TokenBytes, tokenizer.IsControl, SpecialTokens.Eos);
    });

    private readonly Dictionary<string, LinkedListNode<(string Key, CompiledGrammar Grammar)>> _kept = new(StringComparer.Ordinal);
    private readonly LinkedList<(string Key, CompiledGrammar Grammar)> _byUse = new();
    private readonly Lock _gate = new();

    /// <summary>The constraint of a request without tools.</summary>
    internal (Constraint? Constraint, ApiError? Error) Create(ResponseFormat format) => Create(format, ToolChoice.None, true, [], WireNames.Chat);

    /// <summary>The constraint; both null when the answer is free.</summary>
    /// <param name="format">What a text must fit.</param>
    /// <param name="choice">Whether and which tools are called.</param>
    /// <param name="parallel">Whether there may be more than one call.</param>
    /// <param name="tools">The tools on offer.</param>
    /// <param name="names">How errors call the tools' schemas.</param>
    internal (Constraint? Constraint, ApiError? Error) Create(ResponseFormat format, ToolChoice choice, bool parallel, IReadOnlyList<ToolDefinition> tools, WireNames names)
    {
        bool calls = choice.Mode != ToolChoiceMode.None && tools.Count > 0, text = choice.Mode != ToolChoiceMode.Required || !calls;
        if (!calls && format.Kind == ResponseFormatKind.Text)
        {
            return (null, null);
        }

        // Free text until the model opens a call: only from there on there is a grammar.
        bool armedByCall = calls && text && format.Kind == ResponseFormatKind.Text;
        string wanted = Key(format, choice, parallel, text, calls ? tools : []);
        if (!TryGet(wanted, out CompiledGrammar? grammar))
        {
            (grammar, ApiError? error) = Compile(format, text && !armedByCall, calls, choice, parallel, tools, names);
            if (grammar is null)
            {
                return (null, error);
            }

            Keep(wanted, grammar);
        }

        return (new Constraint(grammar!, armedByCall ? SpecialTokens.ToolCalls : null), null);
    }

    // Every part with its length: no two demands are written alike, whatever their texts hold.
    private static string Key(ResponseFormat format, ToolChoice choice, bool parallel, bool text, IReadOnlyList<ToolDefinition> tools)
    {
        var key = new StringBuilder();
        void Add(string? part) => key.Append(part?.Length ?? -1).Append(' ').Append(part).Append(' ');
        void AddAll(IReadOnlyCollection<string>? parts)
        {
            key.Append(parts?.Count ?? -1).Append(' ');
            foreach (string part in parts ?? [])
            {
                Add(part);
            }
        }

        Add($"{choice.Mode} {parallel} {text} {format.Kind}");
        AddAll(choice.Names is null ? null : [.. choice.Names]);
        Add(text ? format.Source : null);
        AddAll(text && format.Choices is not null ? [.. format.Choices] : null);
        AddAll([.. tools.SelectMany(tool => (string[])[tool.Name, tool.ParametersJson])]);
        return key.ToString();
    }

    private (CompiledGrammar? Grammar, ApiError? Error) Compile(
        ResponseFormat format, bool text, bool calls, ToolChoice choice, bool parallel, IReadOnlyList<ToolDefinition> tools, WireNames names)
    {
        var alternatives = new List<GrammarNode>();
        if (text)
        {
            try
            {
                CompiledGrammar own = format.Kind == ResponseFormatKind.Grammar ? FromText(format.Source!) : CompiledGrammar.FromNode(_vocabulary.Value, NodeOf(format), s_limits);
                if (!calls)
                {
                    return (own, null);
                }

                // Compiled alone too, so that its faults are told from those of the tools.
                alternatives.Add(format.Kind == ResponseFormatKind.Grammar
                    ? throw new GrammarException("A grammar as text cannot stand beside tools; use 'tool_choice': 'none', or a schema.") : NodeOf(format));
            }
            catch (GrammarException fault)
            {
                string code = format.Kind is ResponseFormatKind.JsonSchema ? "invalid_json_schema" : "invalid_value";
                return (null, ApiError.BadRequest($"Invalid '{format.Path}': {fault.Message}", code, format.Path, fault.Message));
            }
        }

        var functions = new List<GrammarNode>();
        for (int i = 0; i < tools.Count; i++)
        {
            if (choice.Names is null || choice.Names.Contains(tools[i].Name, StringComparer.Ordinal))
            {
                functions.Add(CallOf(tools[i]));
            }
        }

        // The calls of a list share what they begin with.
        var call = new GrammarNode.Sequence(new GrammarNode.Token(SpecialTokens.ToolCalls), new GrammarNode.Choice([.. functions]));
        alternatives.Add(parallel ? new GrammarNode.Repeat(call, 1) : call);
        try
        {
            return (CompiledGrammar.FromNode(_vocabulary.Value, new GrammarNode.Choice([.. alternatives]), s_limits), null);
        }
        catch (GrammarException fault)
        {
            return (null, FaultOfTool(tools, names, fault));
        }
    }

    private static GrammarNode.Sequence CallOf(ToolDefinition tool) => new(
        new GrammarNode.Text(tool.Name), s_callId, new GrammarNode.Token(SpecialTokens.Arguments),
        new GrammarNode.Json(ParametersOf(tool), JsonSchemaOptions.Generation with { ObjectsOnly = true }));

    // Without a word on parameters there are none, as with OpenAI.
    private static JsonElement ParametersOf(ToolDefinition tool)
    {
        JsonElement schema = Parse(tool.ParametersJson);
        return schema.ValueKind == JsonValueKind.Object && !schema.EnumerateObject().Any() ? s_noParameters : schema;
    }

    // Which of the tools it is.
    private ApiError FaultOfTool(IReadOnlyList<ToolDefinition> tools, WireNames names, GrammarException fault)
    {
        for (int i = 0; i < tools.Count; i++)
        {
            try
            {
                _ = CompiledGrammar.FromNode(_vocabulary.Value, CallOf(tools[i]), s_limits);
            }
            catch (GrammarException own)
            {
                string path = $"tools[{i}].{names.ToolParameters}";
                return ApiError.BadRequest($"Invalid schema for function '{tools[i].Name}': {own.Message}", "invalid_function_parameters", path, own.Message);
            }
        }

        return ApiError.BadRequest($"The tools cannot be enforced together: {fault.Message}", "invalid_function_parameters", "tools", fault.Message);
    }

    private static GrammarNode NodeOf(ResponseFormat format) => format.Kind switch
    {
        ResponseFormatKind.JsonObject => new GrammarNode.Json(s_anyObject, JsonSchemaOptions.Generation),
        ResponseFormatKind.JsonSchema => new GrammarNode.Json(Parse(format.Source!), JsonSchemaOptions.Generation),
        ResponseFormatKind.Regex => new GrammarNode.Regex(format.Source!),
        ResponseFormatKind.Choice => format.Choices is { Count: > 0 } choices
            ? new GrammarNode.Choice([.. choices.Select(text => new GrammarNode.Text(text))]) : throw new GrammarException("There is no choice."),
        _ => throw new InvalidOperationException($"{format.Kind} is no node."),
    };

    // llama.cpp's notation defines rules with ::=, Lark's with a colon.
    private CompiledGrammar FromText(string grammar) => grammar.Contains("::=", StringComparison.Ordinal)
        ? CompiledGrammar.FromGbnf(_vocabulary.Value, grammar, s_limits) : CompiledGrammar.FromLark(_vocabulary.Value, grammar, s_limits);

    private static JsonElement Parse(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 512 });
        return document.RootElement.Clone();
    }

    private bool TryGet(string key, out CompiledGrammar? grammar)
    {
        lock (_gate)
        {
            bool found = _kept.TryGetValue(key, out LinkedListNode<(string Key, CompiledGrammar Grammar)>? node);
            grammar = node?.Value.Grammar;
            if (found)
            {
                _byUse.Remove(node!);
                _byUse.AddFirst(node!);
            }

            return found;
        }
    }

    private void Keep(string key, CompiledGrammar grammar)
    {
        lock (_gate)
        {
            if (_kept.ContainsKey(key))
            {
                return; // another request was quicker
            }

            _kept.Add(key, _byUse.AddFirst((key, grammar)));
            if (_byUse.Count > MaxKept)
            {
                _kept.Remove(_byUse.Last!.Value.Key);
                _byUse.RemoveLast();
            }
        }
    }
}
