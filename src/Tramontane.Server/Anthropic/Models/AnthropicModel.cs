using System.Text.Json.Serialization;

namespace Tramontane.Server.Anthropic.Models;

/// <summary>A page of Anthropic's list of models.</summary>
internal sealed record AnthropicModelPage
{
    [JsonPropertyName("data")]
    public required IReadOnlyList<AnthropicModel> Data { get; init; }

    [JsonPropertyName("has_more")]
    public required bool HasMore { get; init; }

    [JsonPropertyName("first_id")]
    public required string? FirstId { get; init; }

    [JsonPropertyName("last_id")]
    public required string? LastId { get; init; }
}

/// <summary>A model as Anthropic describes one.</summary>
internal sealed record AnthropicModel
{
    [JsonPropertyName("type")]
    public string Type { get; } = "model";

    [JsonPropertyName("id")]
    public required string Id { get; init; }

    [JsonPropertyName("display_name")]
    public required string DisplayName { get; init; }

    /// <summary>RFC 3339.</summary>
    [JsonPropertyName("created_at")]
    public required string CreatedAt { get; init; }
}
