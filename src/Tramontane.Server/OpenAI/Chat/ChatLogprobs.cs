using System.Text.Json.Serialization;

namespace Tramontane.Server.OpenAI.Chat;

/// <summary>Log-probabilities of an answer, or of a piece of it.</summary>
internal sealed record ChatLogprobs
{
    [JsonPropertyName("content")]
    public required IReadOnlyList<ChatTokenLogprob> Content { get; init; }

    [JsonPropertyName("refusal")]
    public object? Refusal { get; }
}

/// <summary>A generated token and the most likely alternatives.</summary>
internal sealed record ChatTokenLogprob
{
    [JsonPropertyName("token")]
    public required string Token { get; init; }

    [JsonPropertyName("logprob")]
    public required float Logprob { get; init; }

    [JsonPropertyName("bytes")]
    public required IReadOnlyList<int> Bytes { get; init; }

    [JsonPropertyName("top_logprobs")]
    public required IReadOnlyList<ChatTopLogprob> TopLogprobs { get; init; }
}

/// <summary>One of the most likely tokens at a position.</summary>
internal sealed record ChatTopLogprob
{
    [JsonPropertyName("token")]
    public required string Token { get; init; }

    [JsonPropertyName("logprob")]
    public required float Logprob { get; init; }

    [JsonPropertyName("bytes")]
    public required IReadOnlyList<int> Bytes { get; init; }
}
