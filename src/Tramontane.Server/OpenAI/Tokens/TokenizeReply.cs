using System.Text.Json.Serialization;

namespace Tramontane.Server.OpenAI.Tokens;

/// <summary>The reply of <c>POST /tokenize</c>, in vLLM's form.</summary>
internal sealed record TokenizeReply
{
    [JsonPropertyName("count")]
    public required int Count { get; init; }

    [JsonPropertyName("max_model_len")]
    public required int MaxModelLength { get; init; }

    [JsonPropertyName("tokens")]
    public required IReadOnlyList<int> Tokens { get; init; }

    [JsonPropertyName("token_strs")]
    public required IReadOnlyList<string>? TokenStrings { get; init; }
}

/// <summary>The reply of <c>POST /detokenize</c>.</summary>
internal sealed record DetokenizeReply
{
    [JsonPropertyName("prompt")]
    public required string Prompt { get; init; }
}
