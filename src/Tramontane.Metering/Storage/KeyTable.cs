using Tramontane.Metering.Keys;

namespace Tramontane.Metering.Storage;

/// <summary>Rows of keys.</summary>
internal static class KeyTable
{
    internal const string Columns =
        "id, account_id, name, display, scopes, requests_per_minute, requests_per_day, tokens_per_minute, tokens_per_day, concurrent_requests, "
        + "money_per_day, money_per_month, money_total, created_at, rotated_at, previous_until, expires_at, revoked_at";

    internal static ApiKey Read(ReaderRow row) => new()
    {
        Id = row.Text(0),
        AccountId = row.Text(1),
        Display = row.Text(3),
        Settings = new KeySettings
        {
            Name = row.Text(2),
            // A word of a newer program is a right that this one cannot give.
            Scopes = row.Text(4).Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Aggregate(KeyScopes.None, (all, name) => KeyScopeNames.TryParse([name], out KeyScopes scope) ? all | scope : all),
            Limits = BudgetSql.ReadLimits(row, 5),
            ExpiresAt = UnixTime.ToTime(row.NumberOrNull(16)),
        },
        CreatedAt = UnixTime.ToTime(row.Number(13)),
        RotatedAt = UnixTime.ToTime(row.NumberOrNull(14)),
        PreviousSecretUntil = UnixTime.ToTime(row.NumberOrNull(15)),
        RevokedAt = UnixTime.ToTime(row.NumberOrNull(17)),
    };

    /// <summary>The columns above and the two hashes.</summary>
    internal static StoredKey ReadStored(ReaderRow row) =>
        new(Read(row), row.Bytes(18), row.IsNull(19) ? null : row.Bytes(19));

    /// <summary>Name, scopes, limits and expiry as values, in the order of <see cref="SettingColumns"/>.</summary>
    internal static object?[] ValuesOf(KeySettings settings) =>
    [
        settings.Name,
        string.Join(' ', KeyScopeNames.Of(settings.Scopes)),
        settings.Limits.RequestsPerMinute,
        settings.Limits.RequestsPerDay,
        settings.Limits.TokensPerMinute,
        settings.Limits.TokensPerDay,
        settings.Limits.ConcurrentRequests,
        settings.Limits.MoneyPerDay,
        settings.Limits.MoneyPerMonth,
        settings.Limits.MoneyTotal,
        settings.ExpiresAt?.ToUnixTimeMilliseconds(),
    ];

    internal static readonly string[] SettingColumns =
    [
        "name", "scopes", "requests_per_minute", "requests_per_day", "tokens_per_minute", "tokens_per_day", "concurrent_requests",
        "money_per_day", "money_per_month", "money_total", "expires_at",
    ];
}
