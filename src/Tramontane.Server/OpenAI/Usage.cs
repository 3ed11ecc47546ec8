using System.Text.Json.Serialization;
using Tramontane.Server.Accounting;

namespace Tramontane.Server.OpenAI;

/// <summary>Token counts of a reply.</summary>
internal sealed record Usage
{
    [JsonPropertyName("prompt_tokens")]
    public required int PromptTokens { get; init; }

    [JsonPropertyName("completion_tokens")]
    public required int CompletionTokens { get; init; }

    [JsonPropertyName("total_tokens")]
    public required int TotalTokens { get; init; }

    [JsonPropertyName("prompt_tokens_details")]
    public required PromptTokensDetails PromptTokensDetails { get; init; }

    [JsonPropertyName("completion_tokens_details")]
    public CompletionTokensDetails CompletionTokensDetails { get; init; } = new();

    /// <summary>What the request cost: OpenRouter's field. Left out where nothing is metered.</summary>
    [JsonPropertyName("cost"), JsonConverter(typeof(MoneyJson)), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? Cost { get; init; }

    [JsonPropertyName("cost_details"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CostDetails? CostDetails { get; init; }

    internal static Usage From(Bill bill) => new()
    {
        PromptTokens = bill.Tokens.PromptTokens,
        CompletionTokens = bill.Tokens.CompletionTokens,
        TotalTokens = bill.Tokens.PromptTokens + bill.Tokens.CompletionTokens,
        PromptTokensDetails = new PromptTokensDetails { CachedTokens = bill.Tokens.CachedTokens },
        Cost = bill.Cost,
        CostDetails = bill.Details,
    };
}

/// <summary>Where prompt tokens came from.</summary>
internal sealed record PromptTokensDetails
{
    [JsonPropertyName("cached_tokens")]
    public required int CachedTokens { get; init; }
}

/// <summary>What completion tokens were spent on. This model does not reason apart.</summary>
internal sealed record CompletionTokensDetails
{
    [JsonPropertyName("reasoning_tokens")]
    public int ReasoningTokens { get; init; }
}
