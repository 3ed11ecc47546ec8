using Tramontane.Server.Catalog;

namespace Tramontane.Server.Tests.Console;

/// <summary>Prices as a test wants them.</summary>
internal sealed class FixedPrices(params OwnPrice[] history) : IOwnPrices
{
    public IReadOnlyList<OwnPrice> History { get; } = history;

    internal static DateTimeOffset Day(int day) => new(2026, 5, day, 17, 8, 0, TimeSpan.Zero);

    internal static OwnPrice Row(int day, decimal prompt, decimal cached, decimal completion, string currency = "USD") =>
        new("standard", currency, Day(day), "price list 2026", Day(day), prompt, cached, completion);
}
