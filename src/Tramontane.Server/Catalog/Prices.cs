using System.Globalization;

namespace Tramontane.Server.Catalog;

/// <summary>An own price, per 1,000,000 tokens.</summary>
/// <param name="Tier">Service tier.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="EffectiveFrom">Requests that start from then on pay it.</param>
/// <param name="Source">Where it is from.</param>
/// <param name="AsOf">When the source said so.</param>
/// <param name="Prompt">For prompt tokens that are computed.</param>
/// <param name="Cached">For prompt tokens found in the cache.</param>
/// <param name="Completion">For generated tokens.</param>
internal sealed record OwnPrice(string Tier, string Currency, DateTimeOffset EffectiveFrom, string Source, DateTimeOffset AsOf, decimal Prompt, decimal Cached, decimal Completion);

/// <summary>The operator's own prices of the served model.</summary>
internal interface IOwnPrices
{
    /// <summary>Oldest first by the day from which they count; empty when no price is set. Later rows may begin in the future.</summary>
    IReadOnlyList<OwnPrice> History { get; }

    /// <summary>The price in force; null when none is set.</summary>
    OwnPrice? InForce(DateTimeOffset at) => History.LastOrDefault(p => p.EffectiveFrom <= at);
}

/// <summary>A server without a price list.</summary>
internal sealed class NoPrices : IOwnPrices
{
    public IReadOnlyList<OwnPrice> History => [];
}

/// <summary>Amounts of money for people: exact, never rounded, with two decimals at least.</summary>
internal static class MoneyText
{
    /// <summary>$0.075, €0.10, 0.10 CHF.</summary>
    internal static string Format(decimal amount, string currency) => currency switch
    {
        "USD" => Sign(amount) + "$" + Digits(amount),
        "EUR" => Sign(amount) + "€" + Digits(amount),
        "GBP" => Sign(amount) + "£" + Digits(amount),
        _ => Sign(amount) + Digits(amount) + " " + currency,
    };

    /// <summary>A price per 1,000,000 tokens as one per token, for the model card: 0.075 becomes 0.000000075.</summary>
    internal static string PerToken(decimal price) => (price / 1_000_000m).ToString("0.############################", CultureInfo.InvariantCulture);

    private static string Sign(decimal amount) => amount < 0 ? "−" : "";

    private static string Digits(decimal amount) => Math.Abs(amount).ToString("#,##0.00##########################", CultureInfo.InvariantCulture);
}
