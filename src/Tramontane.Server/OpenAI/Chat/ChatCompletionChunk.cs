using System.Text.Json.Serialization;

namespace Tramontane.Server.OpenAI.Chat;

/// <summary>One event of a streamed chat completion, without the <c>usage</c> key.</summary>
internal record ChatCompletionChunk
{
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    [JsonPropertyName("object")]
    public string Object { get; } = "chat.completion.chunk";

    [JsonPropertyName("created")]
    public required long Created { get; init; }

    [JsonPropertyName("model")]
    public required string Model { get; init; }

    [JsonPropertyName("system_fingerprint")]
    public required string SystemFingerprint { get; init; }

    [JsonPropertyName("choices")]
    public required IReadOnlyList<ChatChunkChoice> Choices { get; init; }

    /// <summary>vLLM's: the prompt as token ids, on the first chunk when asked for.</summary>
    [JsonPropertyName("prompt_token_ids"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<int>? PromptTokenIds { get; init; }
}

/// <summary>
/// An event with the <c>usage</c> key, null or not. A type of its own, because clients that did not ask for usage
/// reject a null there, and clients that asked expect one.
/// </summary>
internal sealed record ChatCompletionUsageChunk : ChatCompletionChunk
{
    [JsonPropertyName("usage"), JsonPropertyOrder(1)] // at the end, as the vendors write it
    public required Usage? Usage { get; init; }
}

/// <summary>What an event adds to one of the answers.</summary>
internal sealed record ChatChunkChoice
{
    [JsonPropertyName("index")]
    public required int Index { get; init; }

    [JsonPropertyName("delta")]
    public required ChatDelta Delta { get; init; }

    [JsonPropertyName("logprobs")]
    public ChatLogprobs? Logprobs { get; init; }

    [JsonPropertyName("finish_reason")]
    public string? FinishReason { get; init; }

    /// <summary>vLLM's: the tokens behind the delta, when asked for.</summary>
    [JsonPropertyName("token_ids"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<int>? TokenIds { get; init; }
}

/// <summary>The new part of a message; keys without news are left out.</summary>
internal sealed record ChatDelta
{
    [JsonPropertyName("role"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Role { get; init; }

    [JsonPropertyName("content"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Content { get; init; }

    [JsonPropertyName("tool_calls"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ChatToolCallDelta>? ToolCalls { get; init; }
}

/// <summary>The new part of a tool call: id, type and name once, then arguments.</summary>
internal sealed record ChatToolCallDelta
{
    [JsonPropertyName("index")]
    public required int Index { get; init; }

    [JsonPropertyName("id"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Id { get; init; }

    [JsonPropertyName("type"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Type { get; init; }

    [JsonPropertyName("function")]
    public required ChatFunctionDelta Function { get; init; }
}

/// <summary>The new part of the function.</summary>
internal sealed record ChatFunctionDelta
{
    [JsonPropertyName("name"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }

    [JsonPropertyName("arguments")]
    public required string Arguments { get; init; }
}
