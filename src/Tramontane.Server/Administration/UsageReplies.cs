using System.Text.Json.Serialization;
using Tramontane.Metering.Ledger;
using Tramontane.Server.Accounting;

namespace Tramontane.Server.Administration;

/// <summary>Sums over the ledger. Requests belong to the time at which they started.</summary>
internal sealed record UsageReply
{
    [JsonPropertyName("object")]
    public string Object { get; } = "usage";

    [JsonPropertyName("from")]
    public required DateTimeOffset From { get; init; }

    /// <summary>Until before this time.</summary>
    [JsonPropertyName("to")]
    public required DateTimeOffset To { get; init; }

    [JsonPropertyName("data")]
    public required IReadOnlyList<UsageRowReply> Data { get; init; }

    /// <summary>One for each currency.</summary>
    [JsonPropertyName("totals")]
    public required IReadOnlyList<UsageRowReply> Totals { get; init; }

    /// <summary>The caller's key; null when the server is open or the key is one of its command line.</summary>
    [JsonPropertyName("key"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public KeyReply? Key { get; init; }

    /// <summary>The caller's account.</summary>
    [JsonPropertyName("account"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AccountReply? Account { get; init; }
}

/// <summary>One sum. What it is not grouped by is left out.</summary>
internal sealed record UsageRowReply
{
    [JsonPropertyName("day"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateOnly? Day { get; init; }

    [JsonPropertyName("account_id"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AccountId { get; init; }

    [JsonPropertyName("key_id"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? KeyId { get; init; }

    [JsonPropertyName("model"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Model { get; init; }

    [JsonPropertyName("dialect"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Dialect { get; init; }

    [JsonPropertyName("outcome"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Outcome { get; init; }

    [JsonPropertyName("requests")]
    public required long Requests { get; init; }

    [JsonPropertyName("errors")]
    public required long Errors { get; init; }

    [JsonPropertyName("prompt_tokens")]
    public required long PromptTokens { get; init; }

    [JsonPropertyName("cached_tokens")]
    public required long CachedTokens { get; init; }

    [JsonPropertyName("completion_tokens")]
    public required long CompletionTokens { get; init; }

    [JsonPropertyName("image_tokens")]
    public required long ImageTokens { get; init; }

    [JsonPropertyName("cost"), JsonConverter(typeof(MoneyJson))]
    public required decimal Cost { get; init; }

    /// <summary>Null for requests without a price.</summary>
    [JsonPropertyName("currency")]
    public required string? Currency { get; init; }

    /// <summary>From admission to the end, on average.</summary>
    [JsonPropertyName("mean_milliseconds")]
    public required double? MeanMilliseconds { get; init; }

    /// <summary>From admission to the first token, on average of those that had one.</summary>
    [JsonPropertyName("mean_first_token_milliseconds")]
    public required double? MeanFirstTokenMilliseconds { get; init; }

    internal static UsageRowReply From(UsageRow row) => new()
    {
        Day = row.Day,
        AccountId = row.AccountId,
        KeyId = row.KeyId,
        Model = row.Model,
        Dialect = row.Dialect,
        Outcome = row.Outcome is { } outcome ? OutcomeNames.Of(outcome) : null,
        Requests = row.Requests,
        Errors = row.Errors,
        PromptTokens = row.PromptTokens,
        CachedTokens = row.CachedTokens,
        CompletionTokens = row.CompletionTokens,
        ImageTokens = row.ImageTokens,
        Cost = row.Cost.Total,
        Currency = row.Currency,
        MeanMilliseconds = row.Requests == 0 ? null : Math.Round((double)row.DurationMilliseconds / row.Requests, 1),
        MeanFirstTokenMilliseconds = row.FirstTokenRequests == 0 ? null : Math.Round((double)row.FirstTokenMilliseconds / row.FirstTokenRequests, 1),
    };
}

/// <summary>One ended request.</summary>
internal sealed record LedgerReply
{
    /// <summary>Its place in the ledger; pass the last one as <c>after</c> for the next page.</summary>
    [JsonPropertyName("id")]
    public required long Id { get; init; }

    [JsonPropertyName("request_id")]
    public required string RequestId { get; init; }

    [JsonPropertyName("account_id")]
    public required string AccountId { get; init; }

    [JsonPropertyName("key_id")]
    public required string? KeyId { get; init; }

    [JsonPropertyName("model")]
    public required string Model { get; init; }

    [JsonPropertyName("dialect")]
    public required string Dialect { get; init; }

    [JsonPropertyName("outcome")]
    public required string Outcome { get; init; }

    [JsonPropertyName("prompt_tokens")]
    public required int PromptTokens { get; init; }

    [JsonPropertyName("cached_tokens")]
    public required int CachedTokens { get; init; }

    [JsonPropertyName("completion_tokens")]
    public required int CompletionTokens { get; init; }

    [JsonPropertyName("image_tokens")]
    public required int ImageTokens { get; init; }

    [JsonPropertyName("cost"), JsonConverter(typeof(MoneyJson))]
    public required decimal Cost { get; init; }

    [JsonPropertyName("currency")]
    public required string? Currency { get; init; }

    [JsonPropertyName("price_id")]
    public required long? PriceId { get; init; }

    [JsonPropertyName("started_at")]
    public required DateTimeOffset StartedAt { get; init; }

    [JsonPropertyName("first_token_at")]
    public required DateTimeOffset? FirstTokenAt { get; init; }

    [JsonPropertyName("ended_at")]
    public required DateTimeOffset EndedAt { get; init; }

    internal static LedgerReply From(LedgerRecord record) => new()
    {
        Id = record.Id,
        RequestId = record.RequestId,
        AccountId = record.AccountId,
        KeyId = record.KeyId,
        Model = record.Model,
        Dialect = record.Dialect,
        Outcome = OutcomeNames.Of(record.Outcome),
        PromptTokens = record.Counts.Prompt,
        CachedTokens = record.Counts.Cached,
        CompletionTokens = record.Counts.Completion,
        ImageTokens = record.Counts.Image,
        Cost = record.Cost.Total,
        Currency = record.Currency,
        PriceId = record.PriceId,
        StartedAt = record.StartedAt,
        FirstTokenAt = record.FirstTokenAt,
        EndedAt = record.EndedAt,
    };
}
