using System.Text.Json;
using Tramontane.Grammar.JsonSchema;

namespace Tramontane.Grammar;

/// <summary>A part of a grammar that is put together in code, or read from a grammar's text.</summary>
public abstract record GrammarNode
{
    private GrammarNode()
    {
    }

    /// <summary>Exactly this text.</summary>
    public sealed record Text(string Value) : GrammarNode;

    /// <summary>A text that matches a regular expression as a whole.</summary>
    public sealed record Regex(string Pattern, bool IgnoresCase = false, bool DotMatchesLineEnds = false) : GrammarNode;

    /// <summary>A control token, by its id.</summary>
    public sealed record Token(int Id) : GrammarNode;

    /// <summary>A JSON text that fits a schema.</summary>
    public sealed record Json(JsonElement Schema, JsonSchemaOptions Options) : GrammarNode;

    /// <summary>All items, one after the other; none is the empty text.</summary>
    public sealed record Sequence(params IReadOnlyList<GrammarNode> Items) : GrammarNode;

    /// <summary>One of the items.</summary>
    public sealed record Choice(params IReadOnlyList<GrammarNode> Items) : GrammarNode;

    /// <summary>An item several times.</summary>
    /// <param name="Item">What is repeated.</param>
    /// <param name="Minimum">At least so often.</param>
    /// <param name="Maximum">At most so often; null for no bound.</param>
    public sealed record Repeat(GrammarNode Item, int Minimum = 0, int? Maximum = null) : GrammarNode;

    /// <summary>The rule of that name.</summary>
    public sealed record Reference(string Rule) : GrammarNode;
}
