using Tramontane.Metering.Keys;
using Tramontane.Metering.Prices;

namespace Tramontane.Metering.Budgets;

/// <summary>The limits of a key, in the order in which they are told.</summary>
internal static class KeyLimitRules
{
    internal static Refusal? Check(KeyState key, long tokens, decimal cost, string? currency, long at)
    {
        KeyLimits limits = key.Limits;
        string unit = currency is null ? "" : " " + currency;
        return Concurrency(key)
            ?? Window(RefusalKind.RequestsPerMinute, limits.RequestsPerMinute, key.MinuteRequests, 1, "requests per minute", key.MinuteStart + UnixTime.Minute)
            ?? Window(RefusalKind.RequestsPerDay, limits.RequestsPerDay, key.DayRequests, 1, "requests per day", key.DayStart + UnixTime.Day)
            ?? Window(RefusalKind.TokensPerMinute, limits.TokensPerMinute, key.MinuteTokens, tokens, "tokens per minute", key.MinuteStart + UnixTime.Minute)
            ?? Window(RefusalKind.TokensPerDay, limits.TokensPerDay, key.DayTokens, tokens, "tokens per day", key.DayStart + UnixTime.Day)
            ?? Spending(RefusalKind.MoneyPerDay, limits.MoneyPerDay, key.DayCost, cost, unit, " per day", key.DayStart + UnixTime.Day)
            ?? Spending(RefusalKind.MoneyPerMonth, limits.MoneyPerMonth, key.MonthCost, cost, unit, " per month", UnixTime.StartOfNextMonth(at))
            ?? Spending(RefusalKind.MoneyTotal, limits.MoneyTotal, key.TotalCost, cost, unit, " in total", null);
    }

    /// <summary>What is left in the windows that are open.</summary>
    internal static KeyAllowance AllowanceOf(KeyState key)
    {
        KeyLimits limits = key.Limits;
        long minuteEnd = key.MinuteStart + UnixTime.Minute, dayEnd = key.DayStart + UnixTime.Day;
        return new KeyAllowance(
            Tighter(State(limits.RequestsPerMinute, key.MinuteRequests, minuteEnd), State(limits.RequestsPerDay, key.DayRequests, dayEnd)),
            Tighter(State(limits.TokensPerMinute, key.MinuteTokens, minuteEnd), State(limits.TokensPerDay, key.DayTokens, dayEnd)));
    }

    private static WindowState? State(long? limit, long taken, long endsAt) =>
        limit is { } size ? new WindowState(size, Math.Clamp(size - taken, 0, size), UnixTime.ToTime(endsAt)) : null;

    // Of two that have as much left, the day's: it lasts longer.
    private static WindowState? Tighter(WindowState? minute, WindowState? day) => day is null || minute?.Left < day.Left ? minute : day;

    private static Refusal? Concurrency(KeyState key) => key.Limits.ConcurrentRequests is { } limit && key.OpenRequests >= limit
        ? new Refusal(
            RefusalKind.ConcurrentRequests,
            $"This API key may have {limit} requests at one time. Try again when one of them has ended.",
            limit, Math.Max(0, limit - key.OpenRequests), 1)
        : null;

    private static Refusal? Window(RefusalKind kind, long? limit, long taken, long needed, string what, long opensAt)
    {
        if (limit is not { } size || taken + needed <= size)
        {
            return null;
        }

        long left = Math.Max(0, size - taken);
        return needed > size
            ? new Refusal(kind, $"This API key may use {size} {what}; this request alone can take {needed}. Ask for fewer.", size, left, needed)
            : new Refusal(
                kind,
                $"This API key may use {size} {what}; {left} are left and this request can take {needed}. More from {UnixTime.ToTime(opensAt):yyyy-MM-ddTHH:mm:ssZ} on.",
                size, left, needed, UnixTime.ToTime(opensAt));
    }

    private static Refusal? Spending(RefusalKind kind, decimal? limit, decimal taken, decimal needed, string unit, string per, long? opensAt)
    {
        if (limit is not { } size || taken + needed <= size)
        {
            return null;
        }

        decimal left = Math.Max(0, size - taken);
        string start = $"This API key may spend {Money.Format(size)}{unit}{per}; ";
        return needed > size || opensAt is null
            ? new Refusal(kind, $"{start}{Money.Format(left)} is left and this request can cost up to {Money.Format(needed)}. Ask for fewer tokens, or have the limit raised.", size, left, needed)
            : new Refusal(
                kind,
                $"{start}{Money.Format(left)} is left and this request can cost up to {Money.Format(needed)}. More from {UnixTime.ToTime(opensAt.Value):yyyy-MM-ddTHH:mm:ssZ} on.",
                size, left, needed, UnixTime.ToTime(opensAt.Value));
    }
}
