using Tramontane.Metering.Prices;

namespace Tramontane.Metering.Ledger;

/// <summary>How a request ended.</summary>
public enum RequestOutcome
{
    /// <summary>The model ended it, or a stop text. Pays all its tokens.</summary>
    Completed,

    /// <summary>A limit of length cut it. Pays all its tokens.</summary>
    Length,

    /// <summary>The client left. Pays the prompt and what was generated if anything was, otherwise nothing.</summary>
    Aborted,

    /// <summary>The server's fault. Pays nothing.</summary>
    Failed,

    /// <summary>Its server was lost; found later. Pays nothing.</summary>
    Crashed,
}

/// <summary>One ended request. Rows are written once and never changed.</summary>
public sealed record LedgerRecord
{
    /// <summary>Its number in the ledger, growing; 0 in the answer to a settlement.</summary>
    public long Id { get; init; }

    /// <summary>The request's id.</summary>
    public required string RequestId { get; init; }

    /// <summary>The account that pays.</summary>
    public required string AccountId { get; init; }

    /// <summary>The key; null: none.</summary>
    public string? KeyId { get; init; }

    /// <summary>The model's canonical id.</summary>
    public required string Model { get; init; }

    /// <summary>The API's dialect.</summary>
    public required string Dialect { get; init; }

    /// <summary>How it ended.</summary>
    public required RequestOutcome Outcome { get; init; }

    /// <summary>What it consumed, paid or not.</summary>
    public required TokenCounts Counts { get; init; }

    /// <summary>The price row it was charged by; null: no price was set.</summary>
    public long? PriceId { get; init; }

    /// <summary>ISO 4217; null: no price was set.</summary>
    public string? Currency { get; init; }

    /// <summary>What it cost, exactly.</summary>
    public required Cost Cost { get; init; }

    /// <summary>It was paid with free tokens.</summary>
    public bool IsFree { get; init; }

    /// <summary>When it was admitted.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When its first token was made; null: none was.</summary>
    public DateTimeOffset? FirstTokenAt { get; init; }

    /// <summary>When it was settled.</summary>
    public required DateTimeOffset EndedAt { get; init; }
}
