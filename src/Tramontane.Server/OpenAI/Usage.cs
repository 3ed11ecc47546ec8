using System.Text.Json.Serialization;
using Tramontane.Inference.Engine;

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

    internal static Usage From(TokenUsage counts) => new()
    {
        PromptTokens = counts.PromptTokens,
        CompletionTokens = counts.CompletionTokens,
        TotalTokens = counts.PromptTokens + counts.CompletionTokens,
        PromptTokensDetails = new PromptTokensDetails { CachedTokens = counts.CachedTokens },
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
