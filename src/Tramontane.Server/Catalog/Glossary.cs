using System.Text.Json.Serialization;

namespace Tramontane.Server.Catalog;

/// <summary>One term.</summary>
/// <param name="Id">Anchor.</param>
/// <param name="Term">The term.</param>
/// <param name="Short">One sentence, for tooltips.</param>
/// <param name="Long">The rest; empty for nothing more.</param>
internal sealed record GlossaryEntry(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("term")] string Term,
    [property: JsonPropertyName("short")] string Short,
    [property: JsonPropertyName("long")] string Long = "");

/// <summary>The terms that the pages explain.</summary>
internal static class Glossary
{
    private static readonly Lazy<IReadOnlyList<GlossaryEntry>> s_entries = new(() => CatalogData.Read("glossary.json", CatalogJson.Default.IReadOnlyListGlossaryEntry));

    /// <summary>By term.</summary>
    internal static IReadOnlyList<GlossaryEntry> Entries => s_entries.Value;

    /// <summary>The entry of that id; null without an id.</summary>
    /// <exception cref="KeyNotFoundException">There is no such entry.</exception>
    internal static GlossaryEntry? Find(string? id) => id is null
        ? null
        : Entries.FirstOrDefault(e => e.Id == id) ?? throw new KeyNotFoundException($"The glossary has no entry '{id}'.");
}
