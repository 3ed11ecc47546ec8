using System.Text.Json.Serialization;
using Tramontane.Metering.Budgets;
using Tramontane.Metering.Keys;
using Tramontane.Metering.Prices;
using Tramontane.Server.Accounting;

namespace Tramontane.Server.Administration;

/// <summary>A list of things.</summary>
internal sealed record AdminList<T>
{
    [JsonPropertyName("object")]
    public string Object { get; } = "list";

    [JsonPropertyName("data")]
    public required IReadOnlyList<T> Data { get; init; }
}

/// <summary>A key, without its secret.</summary>
internal sealed record KeyReply
{
    [JsonPropertyName("object")]
    public string Object { get; } = "api_key";

    [JsonPropertyName("id")]
    public required string Id { get; init; }

    [JsonPropertyName("account_id")]
    public required string AccountId { get; init; }

    [JsonPropertyName("name")]
    public required string Name { get; init; }

    /// <summary>The ends of the secret, to recognise it by.</summary>
    [JsonPropertyName("display")]
    public required string Display { get; init; }

    [JsonPropertyName("scopes")]
    public required IReadOnlyList<string> Scopes { get; init; }

    [JsonPropertyName("limits")]
    public required LimitsReply Limits { get; init; }

    [JsonPropertyName("created_at")]
    public required DateTimeOffset CreatedAt { get; init; }

    [JsonPropertyName("expires_at")]
    public required DateTimeOffset? ExpiresAt { get; init; }

    [JsonPropertyName("rotated_at")]
    public required DateTimeOffset? RotatedAt { get; init; }

    [JsonPropertyName("previous_secret_until")]
    public required DateTimeOffset? PreviousSecretUntil { get; init; }

    [JsonPropertyName("revoked_at")]
    public required DateTimeOffset? RevokedAt { get; init; }

    /// <summary>The whole secret: in the reply that makes it, and never again.</summary>
    [JsonPropertyName("secret"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Secret { get; init; }

    internal static KeyReply From(ApiKey key, string? secret = null) => new()
    {
        Id = key.Id,
        AccountId = key.AccountId,
        Name = key.Settings.Name,
        Display = key.Display,
        Scopes = KeyScopeNames.Of(key.Settings.Scopes),
        Limits = LimitsReply.From(key.Settings.Limits),
        CreatedAt = key.CreatedAt,
        ExpiresAt = key.Settings.ExpiresAt,
        RotatedAt = key.RotatedAt,
        PreviousSecretUntil = key.PreviousSecretUntil,
        RevokedAt = key.RevokedAt,
        Secret = secret,
    };
}

/// <summary>The limits of a key; null is none.</summary>
internal sealed record LimitsReply
{
    [JsonPropertyName("requests_per_minute")]
    public long? RequestsPerMinute { get; init; }

    [JsonPropertyName("requests_per_day")]
    public long? RequestsPerDay { get; init; }

    [JsonPropertyName("tokens_per_minute")]
    public long? TokensPerMinute { get; init; }

    [JsonPropertyName("tokens_per_day")]
    public long? TokensPerDay { get; init; }

    [JsonPropertyName("concurrent_requests")]
    public long? ConcurrentRequests { get; init; }

    [JsonPropertyName("money_per_day"), JsonConverter(typeof(MoneyJson))]
    public decimal? MoneyPerDay { get; init; }

    [JsonPropertyName("money_per_month"), JsonConverter(typeof(MoneyJson))]
    public decimal? MoneyPerMonth { get; init; }

    [JsonPropertyName("money_total"), JsonConverter(typeof(MoneyJson))]
    public decimal? MoneyTotal { get; init; }

    internal static LimitsReply From(KeyLimits limits) => new()
    {
        RequestsPerMinute = limits.RequestsPerMinute,
        RequestsPerDay = limits.RequestsPerDay,
        TokensPerMinute = limits.TokensPerMinute,
        TokensPerDay = limits.TokensPerDay,
        ConcurrentRequests = limits.ConcurrentRequests,
        MoneyPerDay = limits.MoneyPerDay,
        MoneyPerMonth = limits.MoneyPerMonth,
        MoneyTotal = limits.MoneyTotal,
    };
}

/// <summary>An account and what it has.</summary>
internal sealed record AccountReply
{
    [JsonPropertyName("object")]
    public string Object { get; } = "account";

    [JsonPropertyName("id")]
    public required string Id { get; init; }

    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("prepaid")]
    public required bool Prepaid { get; init; }

    [JsonPropertyName("balance"), JsonConverter(typeof(MoneyJson))]
    public required decimal Balance { get; init; }

    /// <summary>What open requests may still take of it.</summary>
    [JsonPropertyName("reserved"), JsonConverter(typeof(MoneyJson))]
    public required decimal Reserved { get; init; }

    [JsonPropertyName("free_tokens")]
    public required long FreeTokens { get; init; }

    [JsonPropertyName("created_at")]
    public required DateTimeOffset CreatedAt { get; init; }

    [JsonPropertyName("closed_at")]
    public required DateTimeOffset? ClosedAt { get; init; }

    internal static AccountReply From(Account account) => new()
    {
        Id = account.Id,
        Name = account.Name,
        Prepaid = account.Prepaid,
        Balance = account.Balance,
        Reserved = account.Reserved,
        FreeTokens = account.FreeTokens,
        CreatedAt = account.CreatedAt,
        ClosedAt = account.ClosedAt,
    };
}

/// <summary>What an account was given.</summary>
internal sealed record CreditReply
{
    [JsonPropertyName("object")]
    public string Object { get; } = "credit";

    [JsonPropertyName("id")]
    public required string Id { get; init; }

    [JsonPropertyName("account_id")]
    public required string AccountId { get; init; }

    [JsonPropertyName("amount"), JsonConverter(typeof(MoneyJson))]
    public required decimal Amount { get; init; }

    [JsonPropertyName("currency")]
    public required string? Currency { get; init; }

    [JsonPropertyName("free_tokens")]
    public required long FreeTokens { get; init; }

    [JsonPropertyName("note")]
    public required string Note { get; init; }

    [JsonPropertyName("at")]
    public required DateTimeOffset At { get; init; }

    internal static CreditReply From(Credit credit) => new()
    {
        Id = credit.Id, AccountId = credit.AccountId, Amount = credit.Amount, Currency = credit.Currency, FreeTokens = credit.FreeTokens, Note = credit.Note, At = credit.At,
    };
}

/// <summary>A row of the price list. Prices are per 1,000,000 tokens.</summary>
internal sealed record PriceReply
{
    [JsonPropertyName("object")]
    public string Object { get; } = "price";

    [JsonPropertyName("id")]
    public required long Id { get; init; }

    [JsonPropertyName("provider")]
    public required string Provider { get; init; }

    [JsonPropertyName("model")]
    public required string Model { get; init; }

    [JsonPropertyName("tier")]
    public required string Tier { get; init; }

    [JsonPropertyName("currency")]
    public required string Currency { get; init; }

    [JsonPropertyName("prompt"), JsonConverter(typeof(MoneyJson))]
    public required decimal Prompt { get; init; }

    [JsonPropertyName("cached"), JsonConverter(typeof(MoneyJson))]
    public required decimal Cached { get; init; }

    [JsonPropertyName("completion"), JsonConverter(typeof(MoneyJson))]
    public required decimal Completion { get; init; }

    [JsonPropertyName("effective_from")]
    public required DateTimeOffset EffectiveFrom { get; init; }

    [JsonPropertyName("source")]
    public required string Source { get; init; }

    [JsonPropertyName("as_of")]
    public required DateTimeOffset AsOf { get; init; }

    internal static PriceReply From(PriceRow row) => new()
    {
        Id = row.Id,
        Provider = row.Provider,
        Model = row.Model,
        Tier = row.Tier,
        Currency = row.Currency,
        Prompt = row.Prompt,
        Cached = row.Cached,
        Completion = row.Completion,
        EffectiveFrom = row.EffectiveFrom,
        Source = row.Source,
        AsOf = row.AsOf,
    };
}
