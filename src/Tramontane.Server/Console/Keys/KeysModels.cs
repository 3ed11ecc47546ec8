using System.Globalization;
using Tramontane.Metering.Budgets;
using Tramontane.Metering.Keys;
using Tramontane.Server.Catalog;
using Tramontane.Server.Console.Sessions;

namespace Tramontane.Server.Console.Keys;

/// <summary>What <c>/keys</c> shows.</summary>
internal sealed record KeysModel
{
    internal required Visitor Visitor { get; init; }

    internal required string VisitorName { get; init; }

    internal required DateTimeOffset Now { get; init; }

    /// <summary>Those that can be used first; at most <see cref="KeysView.Most"/>.</summary>
    internal required IReadOnlyList<ApiKey> Keys { get; init; }

    internal required int HiddenKeys { get; init; }

    internal required IReadOnlyList<Account> Accounts { get; init; }

    internal required int HiddenAccounts { get; init; }

    internal required string Currency { get; init; }

    /// <summary>What has just been done.</summary>
    internal string? Notice { get; init; }

    internal FormState KeyForm { get; init; } = new() { Values = { ["scopes"] = "inference usage:read", ["account"] = Account.Local } };

    internal FormState AccountForm { get; init; } = new();

    internal FormState CreditForm { get; init; } = new();

    internal string AccountName(string id) => Accounts.FirstOrDefault(a => a.Id == id)?.Name ?? id;
}

/// <summary>What <c>/keys/ID</c> shows.</summary>
/// <param name="Visitor">Who looks.</param>
/// <param name="VisitorName">For people.</param>
/// <param name="Now">When.</param>
/// <param name="Key">The key.</param>
/// <param name="Form">Its settings as a form.</param>
/// <param name="Problem">What was wrong with the last form; null before it.</param>
/// <param name="Currency">Of its money limits.</param>
internal sealed record KeyModel(Visitor Visitor, string VisitorName, DateTimeOffset Now, ApiKey Key, FormState Form, string? Problem, string Currency)
{
    internal bool IsOwn => Visitor.Caller.KeyId == Key.Id;
}

/// <summary>A secret, once.</summary>
/// <param name="Issued">The key with its secret.</param>
/// <param name="Until">Until when the secret before it is accepted; null for a new key.</param>
/// <param name="BaseUrl">Where it is used.</param>
internal sealed record IssuedModel(IssuedKey Issued, DateTimeOffset? Until, string BaseUrl);

/// <summary>Keys in words.</summary>
internal static class KeyText
{
    /// <summary>State and the tone of its badge.</summary>
    internal static (string Word, string Tone) State(ApiKey key, DateTimeOffset now) =>
        key.RevokedAt is not null ? ("revoked", "bad")
        : key.Settings.ExpiresAt <= now ? ("expired", "warn")
        : key.PreviousSecretUntil > now ? ("rotating", "accent")
        : ("active", "good");

    internal static string Day(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "–";

    internal static string Minute(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>Every limit that is set, in short.</summary>
    internal static IEnumerable<string> Limits(KeyLimits limits, string currency)
    {
        (long? Value, string Unit)[] counts =
        [
            (limits.RequestsPerMinute, "requests/min"), (limits.RequestsPerDay, "requests/day"), (limits.TokensPerMinute, "tokens/min"), (limits.TokensPerDay, "tokens/day"),
            (limits.ConcurrentRequests, "at one time"),
        ];
        (decimal? Value, string Unit)[] amounts = [(limits.MoneyPerDay, "/day"), (limits.MoneyPerMonth, "/month"), (limits.MoneyTotal, " in total")];
        return counts.Where(c => c.Value is not null).Select(c => $"{c.Value!.Value.ToString("N0", CultureInfo.InvariantCulture)} {c.Unit}")
            .Concat(amounts.Where(a => a.Value is not null).Select(a => MoneyText.Format(a.Value!.Value, currency) + a.Unit));
    }
}
