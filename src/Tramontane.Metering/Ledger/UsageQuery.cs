using Tramontane.Metering.Prices;

namespace Tramontane.Metering.Ledger;

/// <summary>By what a summary is split.</summary>
[Flags]
public enum UsageGrouping
{
    /// <summary>One sum (per currency).</summary>
    None = 0,

    /// <summary>By day in UTC, of the requests' starts.</summary>
    Day = 1,

    /// <summary>By account.</summary>
    Account = 2,

    /// <summary>By key.</summary>
    Key = 4,

    /// <summary>By model.</summary>
    Model = 8,

    /// <summary>By dialect.</summary>
    Dialect = 16,

    /// <summary>By outcome.</summary>
    Outcome = 32,
}

/// <summary>Which requests to report. They belong to the time at which they started.</summary>
public sealed record UsageQuery
{
    /// <summary>From this time on.</summary>
    public DateTimeOffset From { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>Until before this time.</summary>
    public DateTimeOffset To { get; init; } = DateTimeOffset.MaxValue;

    /// <summary>Of this account; null: of all.</summary>
    public string? AccountId { get; init; }

    /// <summary>Of this key; null: of all, and of requests without one.</summary>
    public string? KeyId { get; init; }

    /// <summary>Of this model; null: of all.</summary>
    public string? Model { get; init; }

    /// <summary>With this outcome; null: with any.</summary>
    public RequestOutcome? Outcome { get; init; }
}

/// <summary>A sum over requests. What they were not grouped by is null.</summary>
public sealed record UsageRow
{
    /// <summary>The day in UTC.</summary>
    public DateOnly? Day { get; init; }

    /// <summary>The account.</summary>
    public string? AccountId { get; init; }

    /// <summary>The key; null also for requests without one.</summary>
    public string? KeyId { get; init; }

    /// <summary>The model.</summary>
    public string? Model { get; init; }

    /// <summary>The dialect.</summary>
    public string? Dialect { get; init; }

    /// <summary>The outcome.</summary>
    public RequestOutcome? Outcome { get; init; }

    /// <summary>ISO 4217; null for requests without a price. Sums never mix currencies.</summary>
    public string? Currency { get; init; }

    /// <summary>How many requests.</summary>
    public required long Requests { get; init; }

    /// <summary>Those that failed or crashed.</summary>
    public required long Errors { get; init; }

    /// <summary>Prompt tokens, cached and image ones included.</summary>
    public required long PromptTokens { get; init; }

    /// <summary>Prompt tokens found in the cache.</summary>
    public required long CachedTokens { get; init; }

    /// <summary>Generated tokens.</summary>
    public required long CompletionTokens { get; init; }

    /// <summary>Prompt tokens that stand for images.</summary>
    public required long ImageTokens { get; init; }

    /// <summary>The exact sum of costs, by parts.</summary>
    public required Cost Cost { get; init; }

    /// <summary>Milliseconds from admission to settlement, summed.</summary>
    public required long DurationMilliseconds { get; init; }

    /// <summary>Milliseconds from admission to the first token, summed over the requests that had one.</summary>
    public required long FirstTokenMilliseconds { get; init; }

    /// <summary>Requests that had a first token.</summary>
    public required long FirstTokenRequests { get; init; }
}

/// <summary>How long requests took, in milliseconds: the smallest value that so many of them did not exceed (nearest rank).</summary>
/// <param name="Requests">How many were looked at; without any the others are 0.</param>
/// <param name="Median">50 of 100.</param>
/// <param name="P90">90 of 100.</param>
/// <param name="P99">99 of 100.</param>
public readonly record struct LatencyQuantiles(long Requests, long Median, long P90, long P99);

/// <summary>Latencies of requests whose servers lived.</summary>
/// <param name="Duration">From admission to settlement.</param>
/// <param name="FirstToken">From admission to the first token, of those that had one.</param>
public sealed record LatencyReport(LatencyQuantiles Duration, LatencyQuantiles FirstToken);
