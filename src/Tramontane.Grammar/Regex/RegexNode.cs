namespace Tramontane.Grammar.Regex;

/// <summary>A parsed regular expression over characters.</summary>
internal abstract record RegexNode
{
    public sealed record Characters(CodePointSet Set) : RegexNode;

    public sealed record Sequence(IReadOnlyList<RegexNode> Items) : RegexNode;

    public sealed record Choice(IReadOnlyList<RegexNode> Items) : RegexNode;

    /// <param name="Item">What is repeated.</param>
    /// <param name="Minimum">At least so often.</param>
    /// <param name="Maximum">At most so often, or <see cref="ExpressionArena.Unbounded"/>.</param>
    public sealed record Repetition(RegexNode Item, int Minimum, int Maximum) : RegexNode;

    public sealed record StartAnchor : RegexNode;

    public sealed record EndAnchor : RegexNode;

    public sealed record LookAhead(RegexNode Item, bool IsNegative) : RegexNode;

    /// <summary>Whether an anchor or a look-ahead is inside.</summary>
    public bool HasAssertion => this switch
    {
        Sequence s => s.Items.Any(i => i.HasAssertion),
        Choice c => c.Items.Any(i => i.HasAssertion),
        Repetition r => r.Item.HasAssertion,
        StartAnchor or EndAnchor or LookAhead => true,
        _ => false,
    };
}
