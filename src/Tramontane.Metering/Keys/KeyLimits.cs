using Tramontane.Metering.Prices;

namespace Tramontane.Metering.Keys;

/// <summary>
/// The limits of a key; null is none. Windows are calendar ones in UTC: minute, day, month. Money is in the database's currency.
/// Open requests count with the most they can consume.
/// </summary>
public sealed record KeyLimits
{
    /// <summary>No limit at all.</summary>
    public static KeyLimits None { get; } = new();

    /// <summary>Requests admitted per minute.</summary>
    public long? RequestsPerMinute { get; init; }

    /// <summary>Requests admitted per day.</summary>
    public long? RequestsPerDay { get; init; }

    /// <summary>Prompt and completion tokens per minute.</summary>
    public long? TokensPerMinute { get; init; }

    /// <summary>Prompt and completion tokens per day.</summary>
    public long? TokensPerDay { get; init; }

    /// <summary>Requests at one time.</summary>
    public long? ConcurrentRequests { get; init; }

    /// <summary>Money per day.</summary>
    public decimal? MoneyPerDay { get; init; }

    /// <summary>Money per month.</summary>
    public decimal? MoneyPerMonth { get; init; }

    /// <summary>Money over the key's whole life.</summary>
    public decimal? MoneyTotal { get; init; }

    internal void Check()
    {
        CheckCount(RequestsPerMinute, nameof(RequestsPerMinute));
        CheckCount(RequestsPerDay, nameof(RequestsPerDay));
        CheckCount(TokensPerMinute, nameof(TokensPerMinute));
        CheckCount(TokensPerDay, nameof(TokensPerDay));
        CheckCount(ConcurrentRequests, nameof(ConcurrentRequests));
        CheckMoney(MoneyPerDay, nameof(MoneyPerDay));
        CheckMoney(MoneyPerMonth, nameof(MoneyPerMonth));
        CheckMoney(MoneyTotal, nameof(MoneyTotal));
    }

    private static void CheckCount(long? value, string name)
    {
        if (value is < 0 or > 1_000_000_000_000)
        {
            throw new MeteringException(MeteringFault.Invalid, $"{name} is {value}: a limit goes from 0 to 1000000000000.");
        }
    }

    private static void CheckMoney(decimal? value, string name)
    {
        if (value is < 0 or > Money.LargestAmount || (value is { } amount && !Money.HasAtMost(amount, Money.Decimals)))
        {
            throw new MeteringException(MeteringFault.Invalid, $"{name} is {value}: a limit goes from 0 to {Money.LargestAmount} with at most {Money.Decimals} decimals.");
        }
    }
}
