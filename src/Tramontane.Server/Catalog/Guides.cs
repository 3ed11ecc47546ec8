using System.Text.Json.Serialization;

namespace Tramontane.Server.Catalog;

/// <param name="Task">What somebody wants to do.</param>
/// <param name="Fit">good, partly or poor.</param>
/// <param name="Why">With inline Markdown.</param>
internal sealed record TaskFit(
    [property: JsonPropertyName("task")] string Task, [property: JsonPropertyName("fit")] string Fit, [property: JsonPropertyName("why")] string Why);

/// <summary>Judgements of which task the model suits.</summary>
/// <param name="AsOf">When they were last read over.</param>
/// <param name="Tasks">The tasks.</param>
internal sealed record Guides([property: JsonPropertyName("as_of")] DateOnly AsOf, [property: JsonPropertyName("tasks")] IReadOnlyList<TaskFit> Tasks)
{
    private static readonly Lazy<Guides> s_current = new(() => CatalogData.Read("guides.json", CatalogJson.Default.Guides));

    /// <summary>The embedded file.</summary>
    internal static Guides Current => s_current.Value;
}
