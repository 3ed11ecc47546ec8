using System.Text.Json;
using Tramontane.Grammar;
using Tramontane.Inference.Engine;
using Tramontane.Tokenization;

namespace Tramontane.Server.Tests.Clients;

/// <summary>
/// A real engine whose model wants to say one thing only: a question is answered with a call of the tool <c>Bash</c>, its result with
/// a text that repeats it. Everything else is the engine's own: prompts are computed, cached and counted, the tokens drawn under a
/// grammar that leaves nothing else. A call must also fit the request's own constraint, made of the tools that it offers.
/// </summary>
internal sealed class CallingEngine(InferenceEngine engine) : IInferenceEngine
{
    /// <summary>The command's output does not stand in the command: who has it has run it.</summary>
    internal const string Command = "echo from-$((6*7))", Output = "from-42";

    /// <summary>What is said of a result.</summary>
    internal const string Answer = "It wrote ";

    private readonly TokenVocabulary _vocabulary = new(engine.Tokenizer.VocabularySize, engine.Tokenizer.TokenBytes, engine.Tokenizer.IsControl, SpecialTokens.Eos);

    public ModelInfo Model => engine.Model;

    public Tokenizer Tokenizer => engine.Tokenizer;

    public EngineStatistics Statistics => engine.Statistics;

    internal static string Arguments { get; } = $$"""{"command":{{JsonSerializer.Serialize(Command)}},"description":"Writes a number"}""";

    public Submission Submit(GenerationRequest request, CancellationToken cancellationToken)
    {
        CheckCall(request, Tokenizer);
        GrammarNode said = ResultOf(request.PromptTokens, Tokenizer) is { } result ? new GrammarNode.Text(Answer + result)
            : new GrammarNode.Sequence(
                new GrammarNode.Token(SpecialTokens.ToolCalls), new GrammarNode.Text("Bash"), new GrammarNode.Token(SpecialTokens.Arguments), new GrammarNode.Text(Arguments));
        return engine.Submit(request with { Constraint = new Constraint(CompiledGrammar.FromNode(_vocabulary, said)) }, cancellationToken);
    }

    /// <summary>The result that the prompt ends with; null when it ends with a question.</summary>
    internal static string? ResultOf(IReadOnlyList<int> prompt, Tokenizer tokenizer)
    {
        int[] ids = [.. prompt];
        int begin = Array.LastIndexOf(ids, SpecialTokens.ToolContent);
        return begin > Array.LastIndexOf(ids, SpecialTokens.BeginInstruction) ? tokenizer.Decode(ids.AsSpan((begin + 1)..Array.LastIndexOf(ids, SpecialTokens.EndToolResults))).Trim() : null;
    }

    /// <summary>Fails when the request's own constraint would not let the call pass.</summary>
    internal static void CheckCall(GenerationRequest request, Tokenizer tokenizer)
    {
        GrammarMatcher own = request.Constraint!.Grammar.CreateMatcher();
        Assert.Equal(SpecialTokens.ToolCalls, request.Constraint.ArmedBy);
        Assert.All((int[])[SpecialTokens.ToolCalls, .. tokenizer.Encode("Bash"), SpecialTokens.Arguments, .. tokenizer.Encode(Arguments)], id => Assert.True(own.TryConsume(id)));
        Assert.True(own.IsAccepting);
    }
}
