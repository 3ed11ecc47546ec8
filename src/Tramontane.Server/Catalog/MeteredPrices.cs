using Tramontane.Metering;
using Tramontane.Metering.Prices;

namespace Tramontane.Server.Catalog;

/// <summary>The own prices of the metering database.</summary>
internal sealed class MeteredPrices(Meter meter, ModelCatalog catalog) : IOwnPrices
{
    /// <summary>Without those that a later row with the same start replaces: they are in force no more, nor were before it.</summary>
    public IReadOnlyList<OwnPrice> History => [.. meter.Prices.Current.History(catalog.CanonicalId).GroupBy(row => row.EffectiveFrom).Select(rows => ToOwn(rows.Last()))];

    public OwnPrice? InForce(DateTimeOffset at) => meter.Prices.Current.InForce(catalog.CanonicalId, at) is { } row ? ToOwn(row) : null;

    private static OwnPrice ToOwn(PriceRow row) => new(row.Tier, row.Currency, row.EffectiveFrom, row.Source, row.AsOf, row.Prompt, row.Cached, row.Completion);
}
