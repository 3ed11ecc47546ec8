using System.Globalization;
using Tramontane.Metering.Keys;
using Tramontane.Server.Requests;

namespace Tramontane.Server.Administration;

/// <summary>Reads what only administration asks for: exact money, times, limits.</summary>
internal static class AdminFieldReader
{
    /// <summary>An exact decimal, as a number or as text; never through floating point.</summary>
    internal static decimal? Money(this JsonField field)
    {
        if (!field.IsPresent)
        {
            return null;
        }

        string? text = field.IsNumber ? field.RawText() : field.IsString ? field.String() : null;
        if (text is { Length: <= 40 } && decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value))
        {
            return value;
        }

        field.RefuseType("an amount such as 0.075");
        return null;
    }

    /// <summary>A time with its offset, or a day, which begins in UTC.</summary>
    internal static DateTimeOffset? Time(this JsonField field)
    {
        if (field.String() is not { } text)
        {
            return null;
        }

        if (TryReadTime(text, out DateTimeOffset time))
        {
            return time;
        }

        field.RefuseType("a time such as 2026-05-08T17:08:00Z");
        return null;
    }

    /// <summary>Reads ISO 8601; without an offset it is UTC.</summary>
    internal static bool TryReadTime(string text, out DateTimeOffset time) => DateTimeOffset.TryParseExact(
        text,
        ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd"],
        CultureInfo.InvariantCulture,
        DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
        out time);

    internal static KeyScopes? Scopes(this JsonField field)
    {
        if (!field.IsPresent)
        {
            return null;
        }

        string[] names = [.. field.Items().Select(item => item.String() ?? "")];
        if (KeyScopeNames.TryParse(names, out KeyScopes scopes))
        {
            return scopes;
        }

        field.Refuse(ApiError.InvalidValue(field.Path, $"'{field.Path}' knows {string.Join(", ", KeyScopeNames.All)}."));
        return null;
    }

    /// <summary>The limits that a body names, with what is to become of each.</summary>
    internal static LimitsChange Limits(this JsonField field)
    {
        var values = new KeyLimits
        {
            RequestsPerMinute = Count(field.Object()["requests_per_minute"]),
            RequestsPerDay = Count(field["requests_per_day"]),
            TokensPerMinute = Count(field["tokens_per_minute"]),
            TokensPerDay = Count(field["tokens_per_day"]),
            ConcurrentRequests = Count(field["concurrent_requests"]),
            MoneyPerDay = field["money_per_day"].Money(),
            MoneyPerMonth = field["money_per_month"].Money(),
            MoneyTotal = field["money_total"].Money(),
        };
        return new LimitsChange(values, LimitsChange.Names.Where(name => field[name].IsPresent || field[name].IsNull).ToHashSet(StringComparer.Ordinal));
    }

    private static long? Count(JsonField field) => field.Integer(0, long.MaxValue);
}
