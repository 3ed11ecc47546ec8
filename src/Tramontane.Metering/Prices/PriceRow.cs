namespace Tramontane.Metering.Prices;

/// <summary>A price to be added. Prices are per 1,000,000 tokens.</summary>
public sealed record NewPrice
{
    /// <summary>Whose price it is; the operator's own is <see cref="PriceRow.Self"/>.</summary>
    public string Provider { get; init; } = PriceRow.Self;

    /// <summary>The model's canonical id.</summary>
    public required string Model { get; init; }

    /// <summary>The service tier.</summary>
    public string Tier { get; init; } = PriceRow.StandardTier;

    /// <summary>ISO 4217, three capital letters. All own prices and all credit of a database have one currency.</summary>
    public required string Currency { get; init; }

    /// <summary>Per 1,000,000 prompt tokens that are computed.</summary>
    public required decimal Prompt { get; init; }

    /// <summary>Per 1,000,000 prompt tokens found in the cache; null takes the price of computed ones.</summary>
    public decimal? Cached { get; init; }

    /// <summary>Per 1,000,000 generated tokens.</summary>
    public required decimal Completion { get; init; }

    /// <summary>Requests that start from then on pay it; null is now.</summary>
    public DateTimeOffset? EffectiveFrom { get; init; }

    /// <summary>Where the price is from: a text or an address.</summary>
    public string Source { get; init; } = "operator";

    /// <summary>When the source said so; null is now.</summary>
    public DateTimeOffset? AsOf { get; init; }
}

/// <summary>A price in the append-only list. Prices are per 1,000,000 tokens.</summary>
/// <param name="Id">Its number; requests pin it.</param>
/// <param name="Provider">Whose price it is; the operator's own is <see cref="Self"/>.</param>
/// <param name="Model">The model's canonical id.</param>
/// <param name="Tier">The service tier.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="EffectiveFrom">Requests that start from then on pay it.</param>
/// <param name="Source">Where it is from.</param>
/// <param name="AsOf">When the source said so.</param>
/// <param name="Prompt">Per 1,000,000 prompt tokens that are computed.</param>
/// <param name="Cached">Per 1,000,000 prompt tokens found in the cache.</param>
/// <param name="Completion">Per 1,000,000 generated tokens.</param>
public sealed record PriceRow(
    long Id,
    string Provider,
    string Model,
    string Tier,
    string Currency,
    DateTimeOffset EffectiveFrom,
    string Source,
    DateTimeOffset AsOf,
    decimal Prompt,
    decimal Cached,
    decimal Completion)
{
    /// <summary>The provider whose prices requests here pay.</summary>
    public const string Self = "self";

    /// <summary>The tier of ordinary requests.</summary>
    public const string StandardTier = "standard";

    private const decimal TokensPerPrice = 1_000_000m;

    /// <summary>What so many tokens cost: count · price / 1,000,000 for each part, exactly.</summary>
    public Cost Of(TokenCounts counts)
    {
        counts.Check();
        return new Cost(
            (counts.Prompt - counts.Cached) * Prompt / TokensPerPrice,
            counts.Cached * Cached / TokensPerPrice,
            counts.Completion * Completion / TokensPerPrice);
    }

    /// <summary>The most that a request can cost whose prompt may be cached or not.</summary>
    internal decimal MostFor(int promptTokens, int maxCompletionTokens) =>
        ((promptTokens * Math.Max(Prompt, Cached)) + (maxCompletionTokens * Completion)) / TokensPerPrice;
}
