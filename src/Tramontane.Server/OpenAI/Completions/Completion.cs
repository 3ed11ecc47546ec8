using System.Text.Json.Serialization;
using Tramontane.Server.OpenAI.Chat;

namespace Tramontane.Server.OpenAI.Completions;

/// <summary>The reply of <c>POST /v1/completions</c>; when streaming, each event has the same form.</summary>
internal record Completion
{
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    [JsonPropertyName("object")]
    public string Object { get; } = "text_completion";

    [JsonPropertyName("created")]
    public required long Created { get; init; }

    [JsonPropertyName("model")]
    public required string Model { get; init; }

    [JsonPropertyName("system_fingerprint")]
    public required string SystemFingerprint { get; init; }

    [JsonPropertyName("choices")]
    public required IReadOnlyList<CompletionChoice> Choices { get; init; }
}

/// <summary>A reply, or an event, with the <c>usage</c> key; see <see cref="ChatCompletionUsageChunk"/> for why it is a type of its own.</summary>
internal sealed record CompletionWithUsage : Completion
{
    [JsonPropertyName("usage"), JsonPropertyOrder(1)] // at the end, as the vendors write it
    public required Usage? Usage { get; init; }
}

/// <summary>One of the answers, or a piece of it.</summary>
internal sealed record CompletionChoice
{
    [JsonPropertyName("text")]
    public required string Text { get; init; }

    [JsonPropertyName("index")]
    public required int Index { get; init; }

    [JsonPropertyName("logprobs")]
    public CompletionLogprobs? Logprobs { get; init; }

    [JsonPropertyName("finish_reason")]
    public string? FinishReason { get; init; }

    /// <summary>vLLM's: the answer, or the piece of it, as token ids; only when asked for.</summary>
    [JsonPropertyName("token_ids"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<int>? TokenIds { get; init; }

    /// <summary>vLLM's: the prompt as token ids; only when asked for, in a stream on an answer's first event.</summary>
    [JsonPropertyName("prompt_token_ids"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<int>? PromptTokenIds { get; init; }

    /// <summary>vLLM's: per prompt token its alternatives by id; only when asked for.</summary>
    [JsonPropertyName("prompt_logprobs"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<IReadOnlyDictionary<string, PromptLogprob>?>? PromptLogprobs { get; init; }
}

/// <summary>Log-probabilities as parallel lists with one entry per token.</summary>
internal sealed record CompletionLogprobs
{
    [JsonPropertyName("tokens")]
    public List<string> Tokens { get; init; } = [];

    /// <summary>Null for the first token of a prompt, which nothing predicts.</summary>
    [JsonPropertyName("token_logprobs")]
    public List<float?> TokenLogprobs { get; init; } = [];

    [JsonPropertyName("top_logprobs")]
    public List<Dictionary<string, float>?> TopLogprobs { get; init; } = [];

    /// <summary>Where each token's text begins, in Unicode code points from the start of the choice's text.</summary>
    [JsonPropertyName("text_offset")]
    public List<int> TextOffset { get; init; } = [];
}
