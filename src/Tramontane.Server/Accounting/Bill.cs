using System.Text.Json.Serialization;
using Tramontane.Inference.Engine;
using Tramontane.Metering.Ledger;

namespace Tramontane.Server.Accounting;

/// <summary>What a request used and, once that is settled, what it cost.</summary>
/// <param name="Tokens">Token counts.</param>
/// <param name="Record">The ledger's row; null before the end, and where nothing is metered.</param>
internal sealed record Bill(TokenUsage Tokens, LedgerRecord? Record = null)
{
    /// <summary>The exact cost; null without a row.</summary>
    internal decimal? Cost => Record?.Cost.Total;

    /// <summary>How the cost came about; null where no price is set.</summary>
    internal CostDetails? Details => Record is { Currency: { } currency, PriceId: { } price, Cost: var cost }
        ? new CostDetails { Currency = currency, PriceId = price, Prompt = cost.Prompt, Cached = cost.Cached, Completion = cost.Completion }
        : null;
}

/// <summary>How a request's cost came about.</summary>
internal sealed record CostDetails
{
    /// <summary>ISO 4217.</summary>
    [JsonPropertyName("currency")]
    public required string Currency { get; init; }

    /// <summary>The row of the price list that was in force when the request began.</summary>
    [JsonPropertyName("price_id")]
    public required long PriceId { get; init; }

    /// <summary>Prompt tokens that were computed.</summary>
    [JsonPropertyName("prompt"), JsonConverter(typeof(MoneyJson))]
    public required decimal Prompt { get; init; }

    /// <summary>Prompt tokens that were found in the cache.</summary>
    [JsonPropertyName("cached"), JsonConverter(typeof(MoneyJson))]
    public required decimal Cached { get; init; }

    /// <summary>Generated tokens.</summary>
    [JsonPropertyName("completion"), JsonConverter(typeof(MoneyJson))]
    public required decimal Completion { get; init; }
}
