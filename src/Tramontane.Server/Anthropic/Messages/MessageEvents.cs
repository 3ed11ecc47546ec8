using System.Text.Json.Serialization;
using Tramontane.Server.Accounting;

namespace Tramontane.Server.Anthropic.Messages;

/// <summary>The first event.</summary>
internal sealed record MessageStartEvent
{
    internal const string Name = "message_start";

    [JsonPropertyName("type")]
    public string Type { get; } = Name;

    [JsonPropertyName("message")]
    public required AnthropicMessage Message { get; init; }
}

/// <summary>Says that the server is there.</summary>
internal sealed record PingEvent
{
    internal const string Name = "ping";

    [JsonPropertyName("type")]
    public string Type { get; } = Name;
}

/// <summary>A block begins, without content.</summary>
internal sealed record ContentBlockStartEvent
{
    internal const string Name = "content_block_start";

    [JsonPropertyName("type")]
    public string Type { get; } = Name;

    [JsonPropertyName("index")]
    public required int Index { get; init; }

    [JsonPropertyName("content_block")]
    public required AnthropicBlock ContentBlock { get; init; }
}

/// <summary>A block goes on.</summary>
internal sealed record ContentBlockDeltaEvent
{
    internal const string Name = "content_block_delta";

    [JsonPropertyName("type")]
    public string Type { get; } = Name;

    [JsonPropertyName("index")]
    public required int Index { get; init; }

    [JsonPropertyName("delta")]
    public required ContentBlockDelta Delta { get; init; }
}

/// <summary>More text, or more of the arguments' JSON text.</summary>
internal sealed record ContentBlockDelta
{
    [JsonPropertyName("type")]
    public required string Type { get; init; }

    [JsonPropertyName("text"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Text { get; init; }

    [JsonPropertyName("partial_json"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? PartialJson { get; init; }
}

/// <summary>A block is whole.</summary>
internal sealed record ContentBlockStopEvent
{
    internal const string Name = "content_block_stop";

    [JsonPropertyName("type")]
    public string Type { get; } = Name;

    [JsonPropertyName("index")]
    public required int Index { get; init; }
}

/// <summary>How the message ended, and its token counts.</summary>
internal sealed record MessageDeltaEvent
{
    internal const string Name = "message_delta";

    [JsonPropertyName("type")]
    public string Type { get; } = Name;

    [JsonPropertyName("delta")]
    public required MessageDelta Delta { get; init; }

    [JsonPropertyName("usage")]
    public required MessageDeltaUsage Usage { get; init; }
}

/// <summary>How the message ended.</summary>
internal sealed record MessageDelta
{
    [JsonPropertyName("stop_reason")]
    public required string StopReason { get; init; }

    [JsonPropertyName("stop_sequence")]
    public required string? StopSequence { get; init; }
}

/// <summary>Token counts so far; what the cache held is known only now.</summary>
internal sealed record MessageDeltaUsage
{
    [JsonPropertyName("input_tokens")]
    public required int InputTokens { get; init; }

    [JsonPropertyName("cache_creation_input_tokens")]
    public required int CacheCreationInputTokens { get; init; }

    [JsonPropertyName("cache_read_input_tokens")]
    public required int CacheReadInputTokens { get; init; }

    [JsonPropertyName("output_tokens")]
    public required int OutputTokens { get; init; }

    /// <summary>What the message cost; left out where nothing is metered.</summary>
    [JsonPropertyName("cost"), JsonConverter(typeof(MoneyJson)), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? Cost { get; init; }

    [JsonPropertyName("cost_details"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CostDetails? CostDetails { get; init; }

    internal static MessageDeltaUsage From(AnthropicUsage usage) => new()
    {
        Cost = usage.Cost,
        CostDetails = usage.CostDetails,
        InputTokens = usage.InputTokens,
        CacheCreationInputTokens = usage.CacheCreationInputTokens,
        CacheReadInputTokens = usage.CacheReadInputTokens,
        OutputTokens = usage.OutputTokens,
    };
}

/// <summary>The last event.</summary>
internal sealed record MessageStopEvent
{
    internal const string Name = "message_stop";

    [JsonPropertyName("type")]
    public string Type { get; } = Name;
}
