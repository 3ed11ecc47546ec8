using System.Text.Json.Serialization;

namespace Tramontane.Server.OpenAI.Models;

/// <summary>The reply of <c>GET /v1/models</c>.</summary>
internal sealed record ModelList
{
    [JsonPropertyName("object")]
    public string Object { get; } = "list";

    [JsonPropertyName("data")]
    public required IReadOnlyList<ModelCard> Data { get; init; }
}

/// <summary>What a client may want to know of the model: the union of OpenAI's, Mistral's and OpenRouter's cards.</summary>
internal sealed record ModelCard
{
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    [JsonPropertyName("object")]
    public string Object { get; } = "model";

    [JsonPropertyName("created")]
    public required long Created { get; init; }

    [JsonPropertyName("owned_by")]
    public required string OwnedBy { get; init; }

    [JsonPropertyName("type")]
    public string Type { get; } = "base";

    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("description")]
    public required string Description { get; init; }

    [JsonPropertyName("max_context_length")]
    public required int MaxContextLength { get; init; }

    [JsonPropertyName("context_length")]
    public int ContextLength => MaxContextLength;

    [JsonPropertyName("max_model_len")]
    public int MaxModelLength => MaxContextLength;

    /// <summary>Mistral's name for the temperature of requests that give none.</summary>
    [JsonPropertyName("default_model_temperature")]
    public required double DefaultModelTemperature { get; init; }

    [JsonPropertyName("aliases")]
    public required IReadOnlyList<string> Aliases { get; init; }

    [JsonPropertyName("capabilities")]
    public required ModelCapabilities Capabilities { get; init; }

    [JsonPropertyName("architecture")]
    public required ModelArchitecture Architecture { get; init; }

    [JsonPropertyName("pricing")]
    public required ModelPricing Pricing { get; init; }

    [JsonPropertyName("supported_parameters")]
    public required IReadOnlyList<string> SupportedParameters { get; init; }
}

/// <summary>What this build can do with the model.</summary>
internal sealed record ModelCapabilities
{
    [JsonPropertyName("completion_chat")]
    public bool CompletionChat { get; } = true;

    [JsonPropertyName("function_calling")]
    public bool FunctionCalling { get; } = true;

    [JsonPropertyName("vision")]
    public required bool Vision { get; init; }

    [JsonPropertyName("json_mode")]
    public bool JsonMode { get; } = true;

    [JsonPropertyName("structured_outputs")]
    public bool StructuredOutputs { get; } = true;

    [JsonPropertyName("completion_fim")]
    public bool CompletionFim { get; }

    [JsonPropertyName("fine_tuning")]
    public bool FineTuning { get; }
}

/// <summary>What goes in and out.</summary>
internal sealed record ModelArchitecture
{
    [JsonPropertyName("input_modalities")]
    public required IReadOnlyList<string> InputModalities { get; init; }

    [JsonPropertyName("output_modalities")]
    public IReadOnlyList<string> OutputModalities { get; } = ["text"];
}

/// <summary>What a token costs, as OpenRouter writes it: decimal texts, per token.</summary>
internal sealed record ModelPricing
{
    [JsonPropertyName("prompt")]
    public required string Prompt { get; init; }

    [JsonPropertyName("completion")]
    public required string Completion { get; init; }

    [JsonPropertyName("input_cache_read")]
    public required string InputCacheRead { get; init; }

    /// <summary>ISO 4217; null while no price is set.</summary>
    [JsonPropertyName("currency")]
    public required string? Currency { get; init; }
}
