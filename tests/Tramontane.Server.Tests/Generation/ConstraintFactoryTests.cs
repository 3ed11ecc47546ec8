using System.Text;
using Tramontane.Grammar;
using Tramontane.Inference.Engine;
using Tramontane.Server.Generation;
using Tramontane.Server.Requests;
using Tramontane.Server.Tests.Fakes;
using Tramontane.Tokenization;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Server.Tests.Generation;

public sealed class ConstraintFactoryTests
{
    private readonly ConstraintFactory _factory = new(new ScriptedEngine());

    [Fact]
    public void Create_ForAMegabyteOfTools_HoldsCallsToThem()
    {
        ToolDefinition[] tools = [.. Enumerable.Range(0, 1500).Select(i => new ToolDefinition(
            $"tool_{i}", "", $$$"""{"type":"object","properties":{"id":{"const":{{{i}}}},"note":{"type":"string","maxLength":1000000,"description":"{{{new string('x', 560)}}}"}},"required":["id"]}"""))];
        (Constraint? constraint, ApiError? error) = _factory.Create(ResponseFormat.Text, ToolChoice.Required, true, tools, WireNames.Chat);
        Assert.Null(error);
        Assert.True(Accepts(constraint!.Grammar, "tool_1499", """{"id": 1499,"note":"é"}"""));
        Assert.False(Accepts(constraint.Grammar, "tool_1499", """{"id": 1498}"""));
        Assert.False(Accepts(constraint.Grammar, "tool_1500", "{}"));
    }

    [Fact]
    public void Create_ForEqualDemands_SharesOneGrammar()
    {
        var tool = new ToolDefinition("f", "", """{"type":"object"}""");
        CompiledGrammar? first = _factory.Create(ResponseFormat.Text, ToolChoice.Auto, true, [tool], WireNames.Chat).Constraint?.Grammar;
        Assert.NotNull(first);
        Assert.Same(first, _factory.Create(ResponseFormat.Text, ToolChoice.Auto, true, [tool with { }], WireNames.Chat).Constraint?.Grammar);
        Assert.NotSame(first, _factory.Create(ResponseFormat.Text, ToolChoice.Auto, false, [tool], WireNames.Chat).Constraint?.Grammar);
        Assert.Null(_factory.Create(ResponseFormat.Text, ToolChoice.None, true, [tool], WireNames.Chat).Constraint);
    }

    [Fact]
    public void Create_ForAToolThatCannotBeEnforced_NamesIt()
    {
        ToolDefinition[] tools = [new("f", "", "{}"), new("g", "", """{"type":"object","properties":{"a":{"type":"string","pattern":"(?<=x)y"}}}""")];
        ApiError? error = _factory.Create(ResponseFormat.Text, ToolChoice.Auto, true, tools, WireNames.Chat).Error;
        Assert.Equal(("invalid_function_parameters", "tools[1].function.parameters"), (error?.Code, error?.Param));
        Assert.Contains("/properties/a/pattern", error!.Message, StringComparison.Ordinal);
    }

    private static bool Accepts(CompiledGrammar grammar, string name, string arguments)
    {
        int[] tokens = [SpecialTokens.ToolCalls, .. Ids(name), SpecialTokens.Arguments, .. Ids(arguments), SpecialTokens.Eos];
        GrammarMatcher matcher = grammar.CreateMatcher();
        ulong[] mask = new ulong[grammar.Vocabulary.MaskWords];
        return tokens.All(token => matcher.ComputeMask(mask) && matcher.TryConsume(token));
    }

    private static IEnumerable<int> Ids(string text) => Encoding.UTF8.GetBytes(text).Select(b => SpecialTokens.Count + b);
}
