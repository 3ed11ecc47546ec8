using System.Text.Json.Serialization;

namespace Tramontane.Server.Catalog;

/// <summary>Where a figure is from.</summary>
/// <param name="Title">Whose page or file.</param>
/// <param name="Url">Its address.</param>
/// <param name="AsOf">The day that it bears, or on which it was read.</param>
/// <param name="Note">What one should know beside it; null for nothing.</param>
internal sealed record DataSource(
    [property: JsonPropertyName("title")] string Title,
    [property: JsonPropertyName("url")] string Url,
    [property: JsonPropertyName("as_of")] DateOnly AsOf,
    [property: JsonPropertyName("note")] string? Note = null)
{
    /// <summary>As Markdown: the link, its day and its note.</summary>
    internal string ToText() => $"[{Title}]({Url}), as of {AsOf:yyyy-MM-dd}{(Note is null ? "" : $" ({Note})")}";
}

/// <summary>A model to compare with.</summary>
/// <param name="Id">Its name in this file.</param>
/// <param name="Name">For people.</param>
/// <param name="Maker">Who made it.</param>
/// <param name="Family">Its line.</param>
/// <param name="Parameters">Billions.</param>
/// <param name="Active">Billions that work on one token.</param>
/// <param name="Context">Tokens, as advertised.</param>
/// <param name="Released">A day or a month.</param>
/// <param name="License">Of the weights.</param>
/// <param name="Capabilities">Ids of <see cref="Capability"/>.</param>
/// <param name="Url">Its weights or page.</param>
/// <param name="Source">Of all of this.</param>
internal sealed record ComparedModel(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("maker")] string Maker,
    [property: JsonPropertyName("family")] string Family,
    [property: JsonPropertyName("parameters")] decimal Parameters,
    [property: JsonPropertyName("active")] decimal Active,
    [property: JsonPropertyName("context")] int Context,
    [property: JsonPropertyName("released")] string Released,
    [property: JsonPropertyName("license")] string License,
    [property: JsonPropertyName("capabilities")] IReadOnlyList<string> Capabilities,
    [property: JsonPropertyName("url")] string Url,
    [property: JsonPropertyName("source")] DataSource Source);

/// <summary>Somebody else's price per 1,000,000 tokens.</summary>
/// <param name="Model">Id of the model.</param>
/// <param name="Provider">Whose price, or who reports it.</param>
/// <param name="Tier">Service tier.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Prompt">For prompts.</param>
/// <param name="Completion">For answers.</param>
/// <param name="Source">Of both.</param>
/// <param name="Cached">For cached prompts; null when the source names none.</param>
internal sealed record ListedPrice(
    [property: JsonPropertyName("model")] string Model,
    [property: JsonPropertyName("provider")] string Provider,
    [property: JsonPropertyName("tier")] string Tier,
    [property: JsonPropertyName("currency")] string Currency,
    [property: JsonPropertyName("prompt")] decimal Prompt,
    [property: JsonPropertyName("completion")] decimal Completion,
    [property: JsonPropertyName("source")] DataSource Source,
    [property: JsonPropertyName("cached")] decimal? Cached = null);

/// <summary>What somebody says of the model's availability.</summary>
/// <param name="Who">Who says it.</param>
/// <param name="Status">What.</param>
/// <param name="Since">Since when; empty when the source does not say.</param>
/// <param name="Source">Where.</param>
internal sealed record ListedStatus(
    [property: JsonPropertyName("who")] string Who,
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("since")] string Since,
    [property: JsonPropertyName("source")] DataSource Source);

/// <summary>Figures of others: dated, sourced, never refreshed by themselves.</summary>
/// <param name="Note">What the file is.</param>
/// <param name="Models">To compare with; the served one first.</param>
/// <param name="Prices">Of those models.</param>
/// <param name="Statuses">Of the served model.</param>
internal sealed record Comparison(
    [property: JsonPropertyName("note")] string Note,
    [property: JsonPropertyName("models")] IReadOnlyList<ComparedModel> Models,
    [property: JsonPropertyName("prices")] IReadOnlyList<ListedPrice> Prices,
    [property: JsonPropertyName("statuses")] IReadOnlyList<ListedStatus> Statuses)
{
    /// <summary>The id of the model that this server is made for.</summary>
    internal const string ServedId = "mistral-small-3.2";

    private static readonly Lazy<Comparison> s_current = new(() => CatalogData.Read("comparison.json", CatalogJson.Default.Comparison));

    /// <summary>The embedded file.</summary>
    internal static Comparison Current => s_current.Value;

    /// <summary>The model that this server is made for.</summary>
    internal ComparedModel Served => Models.First(m => m.Id == ServedId);

    /// <summary>The list price of a model: its maker's first.</summary>
    internal ListedPrice? PriceOf(string model) => Prices.FirstOrDefault(p => p.Model == model);
}
