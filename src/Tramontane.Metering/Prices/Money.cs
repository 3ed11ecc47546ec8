namespace Tramontane.Metering.Prices;

/// <summary>
/// Amounts of money: <see cref="decimal"/> in code, whole numbers of 10⁻¹² units (pico) in the ledger. A price has at most 6
/// decimals and is per 1,000,000 tokens, so the cost of a request has at most 12 and is never rounded.
/// </summary>
public static class Money
{
    /// <summary>Decimals that an amount may have.</summary>
    public const int Decimals = 12;

    /// <summary>Decimals that a price per 1,000,000 tokens may have.</summary>
    public const int PriceDecimals = 6;

    /// <summary>The largest price per 1,000,000 tokens: with it and <see cref="TokenCounts.Most"/> a cost still fits 64 bits.</summary>
    public const decimal LargestPrice = 40_000m;

    /// <summary>The largest amount of credit or limit; sums stay exact far beyond it.</summary>
    public const decimal LargestAmount = 1_000_000_000_000m;

    private const decimal PicoPerUnit = 1_000_000_000_000m;

    /// <summary>The amount in pico units, exactly.</summary>
    /// <exception cref="OverflowException">It has more than 12 decimals or is beyond ±9,223,372 units.</exception>
    public static long ToPico(decimal amount)
    {
        decimal pico = amount * PicoPerUnit;
        if (pico != decimal.Truncate(pico))
        {
            throw new OverflowException($"{amount} has more than {Decimals} decimals.");
        }

        return decimal.ToInt64(pico);
    }

    /// <summary>The amount of so many pico units.</summary>
    public static decimal FromPico(long pico) => pico / PicoPerUnit;

    /// <summary>The exact decimal for JSON, CSV and people: no exponent, no trailing zeros.</summary>
    /// <example><c>Money.Format(0.1500m)</c> is <c>0.15</c>; <c>Money.Format(0.000000075m)</c> is <c>0.000000075</c>.</example>
    public static string Format(decimal amount) => amount.ToString("0.############################");

    /// <summary>Whether a number has at most so many decimals, trailing zeros aside.</summary>
    internal static bool HasAtMost(decimal amount, int decimals) => decimal.Round(amount, decimals) == amount;
}
