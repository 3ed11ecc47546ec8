namespace Tramontane.Server.Console.Rendering;

/// <summary>
/// The text of a page as data: HTML and Markdown are both made from it, so that a page and its twin cannot differ. Texts
/// may hold inline Markdown: <c>`code`</c>, <c>**strong**</c> and <c>[link](address)</c>.
/// </summary>
/// <param name="Id">Anchor.</param>
/// <param name="Title">Heading of the second rank.</param>
/// <param name="Blocks">In order.</param>
internal sealed record Section(string Id, string Title, params IReadOnlyList<Block> Blocks)
{
    /// <summary>Somebody's judgement, with its date, and no fact: marked so.</summary>
    internal string? Editorial { get; init; }
}

/// <summary>A part of a section.</summary>
internal abstract record Block;

/// <summary>One paragraph.</summary>
internal sealed record Paragraph(string Text) : Block;

/// <summary>A heading of the third rank.</summary>
internal sealed record Subheading(string Text, string? Id = null) : Block;

/// <summary>A list with points or numbers.</summary>
internal sealed record ItemList(IReadOnlyList<string> Items, bool IsNumbered = false) : Block;

/// <summary>A table; the first column names the row.</summary>
/// <param name="Caption">What it shows and as of when.</param>
/// <param name="Columns">At least one.</param>
/// <param name="Rows">As many cells each as there are columns.</param>
internal sealed record DataTable(string Caption, IReadOnlyList<TableColumn> Columns, IReadOnlyList<TableRow> Rows) : Block;

/// <param name="Title">Its heading.</param>
/// <param name="IsNumber">Right-aligned figures.</param>
/// <param name="IsShort">Dates and the like, which stay on one line.</param>
internal sealed record TableColumn(string Title, bool IsNumber = false, bool IsShort = false)
{
    /// <summary>Of its cells; null for none.</summary>
    internal string? CssClass => IsNumber ? "num" : IsShort ? "nowrap" : null;
}

/// <param name="Cells">With inline Markdown.</param>
/// <param name="IsOwn">About this server: marked.</param>
internal sealed record TableRow(IReadOnlyList<string> Cells, bool IsOwn = false);

/// <summary>Terms and values.</summary>
internal sealed record FactList(IReadOnlyList<Fact> Facts) : Block;

/// <param name="Term">What.</param>
/// <param name="Value">With inline Markdown.</param>
/// <param name="GlossaryId">The term's entry in the glossary, which then explains it on hover and focus.</param>
internal sealed record Fact(string Term, string Value, string? GlossaryId = null);

/// <summary>Samples behind tabs.</summary>
internal sealed record Samples(string Id, string Legend, IReadOnlyList<CodeSample> Items) : Block;

/// <summary>Questions and answers.</summary>
internal sealed record QuestionList(IReadOnlyList<Question> Items) : Block;

internal sealed record Question(string Text, string Answer);

/// <summary>A grid of short texts.</summary>
internal sealed record CardList(IReadOnlyList<Card> Items) : Block;

/// <param name="Title">Its heading.</param>
/// <param name="Text">With inline Markdown.</param>
/// <param name="Url">Where its title leads; null for nowhere.</param>
/// <param name="Badge">One or two words; null for none.</param>
internal sealed record Card(string Title, string Text, string? Url = null, string? Badge = null);

/// <summary>A remark that must be seen.</summary>
/// <param name="Text">With inline Markdown.</param>
/// <param name="Kind">Empty, good, warn or bad.</param>
internal sealed record Note(string Text, string Kind = "") : Block;

/// <summary>Capabilities with a mark each.</summary>
internal sealed record CheckList(IReadOnlyList<(string Label, bool IsMet, string Detail, string? GlossaryId)> Items) : Block;
