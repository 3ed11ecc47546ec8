using System.Text.Json;
using System.Text.Json.Serialization;
using Tramontane.Server.Accounting;

namespace Tramontane.Server.Anthropic.Messages;

/// <summary>The reply of <c>POST /v1/messages</c>; in a stream, what its first event holds.</summary>
internal sealed record AnthropicMessage
{
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    [JsonPropertyName("type")]
    public string Type { get; } = "message";

    [JsonPropertyName("role")]
    public string Role { get; } = "assistant";

    [JsonPropertyName("model")]
    public required string Model { get; init; }

    /// <summary>Empty for an empty answer.</summary>
    [JsonPropertyName("content")]
    public required IReadOnlyList<AnthropicBlock> Content { get; init; }

    [JsonPropertyName("stop_reason")]
    public required string? StopReason { get; init; }

    /// <summary>The stop text that ended the answer.</summary>
    [JsonPropertyName("stop_sequence")]
    public required string? StopSequence { get; init; }

    [JsonPropertyName("usage")]
    public required AnthropicUsage Usage { get; init; }
}

/// <summary>A text or tool_use block; keys of the other kind are left out.</summary>
internal sealed record AnthropicBlock
{
    [JsonPropertyName("type")]
    public required string Type { get; init; }

    [JsonPropertyName("text"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Text { get; init; }

    [JsonPropertyName("id"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Id { get; init; }

    [JsonPropertyName("name"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }

    /// <summary>The arguments: an object.</summary>
    [JsonPropertyName("input"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Input { get; init; }

    /// <summary>Who calls: the model itself. Anthropic's .NET package demands it.</summary>
    [JsonPropertyName("caller"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AnthropicCaller? Caller { get; init; }

    internal static AnthropicBlock OfText(string text) => new() { Type = "text", Text = text };

    internal static AnthropicBlock OfCall(string nativeId, string name, JsonElement input) =>
        new() { Type = "tool_use", Id = ToolUseIds.FromNative(nativeId), Name = name, Input = input, Caller = new AnthropicCaller() };
}

/// <summary>The caller of a tool.</summary>
internal sealed record AnthropicCaller
{
    [JsonPropertyName("type")]
    public string Type { get; } = "direct";
}

/// <summary>Token counts of a message. All tokens of the prompt are the sum of the three input counts.</summary>
internal sealed record AnthropicUsage
{
    /// <summary>Prompt tokens that were computed.</summary>
    [JsonPropertyName("input_tokens")]
    public required int InputTokens { get; init; }

    [JsonPropertyName("cache_creation_input_tokens")]
    public int CacheCreationInputTokens { get; init; }

    /// <summary>Prompt tokens that were found in the cache.</summary>
    [JsonPropertyName("cache_read_input_tokens")]
    public required int CacheReadInputTokens { get; init; }

    [JsonPropertyName("output_tokens")]
    public required int OutputTokens { get; init; }

    [JsonPropertyName("service_tier")]
    public string ServiceTier { get; } = "standard";

    /// <summary>What the message cost; left out where nothing is metered.</summary>
    [JsonPropertyName("cost"), JsonConverter(typeof(MoneyJson)), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? Cost { get; init; }

    [JsonPropertyName("cost_details"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CostDetails? CostDetails { get; init; }

    internal static AnthropicUsage From(Bill bill) => new()
    {
        InputTokens = bill.Tokens.PromptTokens - bill.Tokens.CachedTokens,
        CacheReadInputTokens = bill.Tokens.CachedTokens,
        OutputTokens = bill.Tokens.CompletionTokens,
        Cost = bill.Cost,
        CostDetails = bill.Details,
    };
}

/// <summary>The reply of <c>POST /v1/messages/count_tokens</c>.</summary>
internal sealed record AnthropicTokenCount
{
    [JsonPropertyName("input_tokens")]
    public required int InputTokens { get; init; }
}
