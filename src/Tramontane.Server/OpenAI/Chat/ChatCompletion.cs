using System.Text.Json.Serialization;

namespace Tramontane.Server.OpenAI.Chat;

/// <summary>The reply of <c>POST /v1/chat/completions</c> without streaming.</summary>
internal sealed record ChatCompletion
{
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    [JsonPropertyName("object")]
    public string Object { get; } = "chat.completion";

    [JsonPropertyName("created")]
    public required long Created { get; init; }

    [JsonPropertyName("model")]
    public required string Model { get; init; }

    [JsonPropertyName("system_fingerprint")]
    public required string SystemFingerprint { get; init; }

    [JsonPropertyName("choices")]
    public required IReadOnlyList<ChatChoice> Choices { get; init; }

    [JsonPropertyName("usage")]
    public required Usage Usage { get; init; }

    /// <summary>vLLM's: per prompt token its alternatives by id; only when asked for. The first, which nothing predicts, is null.</summary>
    [JsonPropertyName("prompt_logprobs"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<IReadOnlyDictionary<string, PromptLogprob>?>? PromptLogprobs { get; init; }

    /// <summary>vLLM's: the prompt as token ids; only when asked for.</summary>
    [JsonPropertyName("prompt_token_ids"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<int>? PromptTokenIds { get; init; }
}

/// <summary>The probability of a token at a place of the prompt.</summary>
internal sealed record PromptLogprob
{
    [JsonPropertyName("logprob")]
    public required float Logprob { get; init; }

    /// <summary>1 for the most likely token; null when it is not among the alternatives.</summary>
    [JsonPropertyName("rank")]
    public required int? Rank { get; init; }

    [JsonPropertyName("decoded_token")]
    public required string DecodedToken { get; init; }
}

/// <summary>One of the answers.</summary>
internal sealed record ChatChoice
{
    [JsonPropertyName("index")]
    public required int Index { get; init; }

    [JsonPropertyName("message")]
    public required AssistantMessage Message { get; init; }

    [JsonPropertyName("logprobs")]
    public required ChatLogprobs? Logprobs { get; init; }

    [JsonPropertyName("finish_reason")]
    public required string FinishReason { get; init; }

    /// <summary>vLLM's: the answer as token ids; only when asked for.</summary>
    [JsonPropertyName("token_ids"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<int>? TokenIds { get; init; }
}

/// <summary>What the model said.</summary>
internal sealed record AssistantMessage
{
    [JsonPropertyName("role")]
    public string Role { get; } = "assistant";

    /// <summary>Null beside tool calls without text.</summary>
    [JsonPropertyName("content")]
    public required string? Content { get; init; }

    [JsonPropertyName("refusal")]
    public string? Refusal { get; }

    /// <summary>Left out when there are none: some clients reject null.</summary>
    [JsonPropertyName("tool_calls"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ChatToolCall>? ToolCalls { get; init; }
}

/// <summary>A call of a tool.</summary>
internal sealed record ChatToolCall
{
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    [JsonPropertyName("type")]
    public string Type { get; } = "function";

    [JsonPropertyName("function")]
    public required ChatFunctionCall Function { get; init; }
}

/// <summary>Which tool, with what.</summary>
internal sealed record ChatFunctionCall
{
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    /// <summary>JSON text as the model wrote it.</summary>
    [JsonPropertyName("arguments")]
    public required string Arguments { get; init; }
}
