using Tramontane.Metering.Keys;

namespace Tramontane.Metering.Budgets;

/// <summary>The part of an account that admission and settlement read and write.</summary>
internal sealed class AccountState
{
    internal required string Id { get; init; }

    internal bool Prepaid { get; init; }

    internal decimal Balance { get; set; }

    internal decimal Reserved { get; set; }

    internal long FreeTokens { get; set; }

    internal long FreeTokensReserved { get; set; }

    internal long? ClosedAt { get; init; }

    internal bool Changed { get; set; }
}

/// <summary>
/// The part of a key that admission and settlement read and write. Its counters hold what was settled plus the most that open
/// requests can take. A window that has passed is forgotten: what was reserved in it was held until its end.
/// </summary>
internal sealed class KeyState
{
    internal required string Id { get; init; }

    internal required string AccountId { get; init; }

    internal long? RevokedAt { get; init; }

    internal long? ExpiresAt { get; init; }

    internal required KeyLimits Limits { get; init; }

    internal long OpenRequests { get; set; }

    internal long MinuteStart { get; set; }

    internal long MinuteRequests { get; set; }

    internal long MinuteTokens { get; set; }

    internal long DayStart { get; set; }

    internal long DayRequests { get; set; }

    internal long DayTokens { get; set; }

    internal decimal DayCost { get; set; }

    internal long MonthStart { get; set; }

    internal decimal MonthCost { get; set; }

    internal decimal TotalCost { get; set; }

    internal bool Changed { get; set; }

    /// <summary>
    /// Opens the windows of a time and returns the time that counts: a server whose clock is a little behind another's does not
    /// open a window again that has passed.
    /// </summary>
    internal long Advance(long now)
    {
        long at = Math.Max(now, MinuteStart);
        long minute = at - (at % UnixTime.Minute);
        if (minute > MinuteStart)
        {
            (MinuteStart, MinuteRequests, MinuteTokens) = (minute, 0, 0);
        }

        long day = at - (at % UnixTime.Day);
        if (day > DayStart)
        {
            (DayStart, DayRequests, DayTokens, DayCost) = (day, 0, 0, 0);
            long month = UnixTime.StartOfMonth(at);
            if (month > MonthStart)
            {
                (MonthStart, MonthCost) = (month, 0);
            }
        }

        return at;
    }
}

/// <summary>A request that was admitted and is not settled, with what it holds back.</summary>
internal sealed class OpenRequest
{
    internal required string RequestId { get; init; }

    /// <summary>A random number: tells a repetition of this very admission from another request with the same id.</summary>
    internal required long Nonce { get; init; }

    internal required string InstanceId { get; init; }

    internal required string AccountId { get; init; }

    internal string? KeyId { get; init; }

    internal required string Model { get; init; }

    internal required string Dialect { get; init; }

    internal long? PriceId { get; init; }

    internal string? Currency { get; init; }

    internal int PromptTokens { get; init; }

    internal int ImageTokens { get; init; }

    internal int MaxCompletionTokens { get; init; }

    /// <summary>The most it can cost; 0 when free tokens pay it.</summary>
    internal decimal ReservedCost { get; init; }

    /// <summary>Its cost goes off the account's balance.</summary>
    internal bool FromCredit { get; init; }

    /// <summary>Its tokens go off the account's free ones.</summary>
    internal bool IsFree { get; init; }

    internal long StartedAt { get; init; }

    /// <summary>The time that its key's windows were taken at.</summary>
    internal long WindowAt { get; init; }

    internal long ReservedTokens => (long)PromptTokens + MaxCompletionTokens;
}
