using System.Text.Json.Serialization;

namespace Tramontane.Server.Catalog;

/// <param name="Title">Two or three words.</param>
/// <param name="Text">One sentence.</param>
internal sealed record ContentItem([property: JsonPropertyName("title")] string Title, [property: JsonPropertyName("text")] string Text);

/// <param name="Question">As people ask it.</param>
/// <param name="Answer">With inline Markdown and names in braces, which are filled with what is computed.</param>
internal sealed record ContentQuestion([property: JsonPropertyName("q")] string Question, [property: JsonPropertyName("a")] string Answer);

/// <summary>What people wrote of the model; judgements bear their date.</summary>
/// <param name="EditorialDate">When the judgements were last read over.</param>
/// <param name="About">What the model is.</param>
/// <param name="DemoNote">Shown while the demo model is loaded.</param>
/// <param name="Features">What stands out.</param>
/// <param name="BestFor">Uses that it suits.</param>
/// <param name="Strengths">What it does well.</param>
/// <param name="Limitations">What it does not.</param>
/// <param name="Verdict">In short.</param>
/// <param name="UseCases">Examples.</param>
/// <param name="Faq">Questions.</param>
internal sealed record ModelContent(
    [property: JsonPropertyName("editorial_date")] DateOnly EditorialDate,
    [property: JsonPropertyName("about")] string About,
    [property: JsonPropertyName("demo_note")] string DemoNote,
    [property: JsonPropertyName("features")] IReadOnlyList<string> Features,
    [property: JsonPropertyName("best_for")] IReadOnlyList<ContentItem> BestFor,
    [property: JsonPropertyName("strengths")] IReadOnlyList<string> Strengths,
    [property: JsonPropertyName("limitations")] IReadOnlyList<string> Limitations,
    [property: JsonPropertyName("verdict")] string Verdict,
    [property: JsonPropertyName("use_cases")] IReadOnlyList<ContentItem> UseCases,
    [property: JsonPropertyName("faq")] IReadOnlyList<ContentQuestion> Faq)
{
    private static readonly Lazy<ModelContent> s_current = new(() => CatalogData.Read("model.json", CatalogJson.Default.ModelContent));

    /// <summary>The embedded file.</summary>
    internal static ModelContent Current => s_current.Value;
}
