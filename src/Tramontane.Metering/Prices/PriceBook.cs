namespace Tramontane.Metering.Prices;

/// <summary>All prices at one moment, in memory. Immutable.</summary>
public sealed class PriceBook
{
    private readonly Dictionary<(string Provider, string Model, string Tier), PriceRow[]> _histories;

    internal PriceBook(IEnumerable<PriceRow> rows)
    {
        Rows = [.. rows.OrderBy(r => r.Id)];
        // Of two rows with one start the later added is the correction: it counts.
        _histories = Rows.GroupBy(r => (r.Provider, r.Model, r.Tier))
            .ToDictionary(g => g.Key, g => g.OrderBy(r => r.EffectiveFrom).ThenBy(r => r.Id).ToArray());
    }

    /// <summary>Every row, in the order in which they were added.</summary>
    public IReadOnlyList<PriceRow> Rows { get; }

    /// <summary>The price in force: the newest row whose start is not after <paramref name="at"/>; null when none is set.</summary>
    /// <example><code>
    /// PriceRow? price = meter.Prices.Current.InForce("mistral-small-3.2", DateTimeOffset.UtcNow);
    /// decimal? cost = price?.Of(new TokenCounts(Prompt: 1200, Cached: 1000, Completion: 80)).Total;
    /// </code></example>
    public PriceRow? InForce(string model, DateTimeOffset at, string provider = PriceRow.Self, string tier = PriceRow.StandardTier)
    {
        if (!_histories.TryGetValue((provider, model, tier), out PriceRow[]? history))
        {
            return null;
        }

        for (int i = history.Length - 1; i >= 0; i--)
        {
            if (history[i].EffectiveFrom <= at)
            {
                return history[i];
            }
        }

        return null;
    }

    /// <summary>The rows of one model in the order of their starts; those that a later row with the same start replaces come before it.</summary>
    public IReadOnlyList<PriceRow> History(string model, string provider = PriceRow.Self, string tier = PriceRow.StandardTier) =>
        _histories.GetValueOrDefault((provider, model, tier)) ?? [];
}
