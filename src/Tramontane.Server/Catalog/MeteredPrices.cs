using Tramontane.Metering;
using Tramontane.Metering.Prices;

namespace Tramontane.Server.Catalog;

/// <summary>The own prices of the metering database.</summary>
internal sealed class MeteredPrices(Meter meter, ModelCatalog catalog) : IOwnPrices
{
    public IReadOnlyList<OwnPrice> History => [.. meter.Prices.Current.History(catalog.CanonicalId).Select(ToOwn)];

    public OwnPrice? InForce(DateTimeOffset at) => meter.Prices.Current.InForce(catalog.CanonicalId, at) is { } row ? ToOwn(row) : null;

    private static OwnPrice ToOwn(PriceRow row) => new(row.Tier, row.Currency, row.EffectiveFrom, row.Source, row.AsOf, row.Prompt, row.Cached, row.Completion);
}
