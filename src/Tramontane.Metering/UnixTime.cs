namespace Tramontane.Metering;

/// <summary>Times as they are stored: milliseconds since 1970-01-01T00:00:00Z.</summary>
internal static class UnixTime
{
    internal const long Minute = 60_000;
    internal const long Day = 86_400_000;

    internal static long Now(this TimeProvider clock) => clock.GetUtcNow().ToUnixTimeMilliseconds();

    internal static DateTimeOffset ToTime(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    internal static DateTimeOffset? ToTime(long? milliseconds) => milliseconds is { } value ? ToTime(value) : null;

    internal static long StartOfMonth(long at)
    {
        DateTimeOffset time = ToTime(at);
        return new DateTimeOffset(time.Year, time.Month, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();
    }

    internal static long StartOfNextMonth(long at) => ToTime(StartOfMonth(at)).AddMonths(1).ToUnixTimeMilliseconds();
}
