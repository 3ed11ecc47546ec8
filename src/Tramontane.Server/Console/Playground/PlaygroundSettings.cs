using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tramontane.Server.Console.SampleCode;

namespace Tramontane.Server.Console.Playground;

/// <summary>What the playground's scripts know of the server.</summary>
internal sealed record PlaygroundSettings
{
    [JsonPropertyName("model")]
    public required string Model { get; init; }

    /// <summary>Tokens of prompt and answer together.</summary>
    [JsonPropertyName("contextLength")]
    public required int ContextLength { get; init; }

    /// <summary>Larger bodies are refused by the server, so the browser need not read such files.</summary>
    [JsonPropertyName("maxBodyBytes")]
    public required long MaxBodyBytes { get; init; }

    /// <summary>Whether requests need an API key.</summary>
    [JsonPropertyName("needsKey")]
    public required bool NeedsKey { get; init; }

    /// <summary>What tokens cost until the server has said what a request cost; null when no price is set.</summary>
    [JsonPropertyName("prices")]
    public required PlaygroundPrices? Prices { get; init; }

    [JsonPropertyName("controls")]
    public required IReadOnlyList<SamplingControl> Controls { get; init; }

    [JsonPropertyName("starters")]
    public required IReadOnlyList<StarterPrompt> Starters { get; init; }

    [JsonPropertyName("schemas")]
    public required IReadOnlyList<EditorExample> Schemas { get; init; }

    [JsonPropertyName("tools")]
    public required IReadOnlyList<EditorExample> Tools { get; init; }

    /// <summary>Results that are suggested for calls, by function.</summary>
    [JsonPropertyName("results")]
    public required IReadOnlyDictionary<string, string> Results { get; init; }

    /// <summary>Code for a request whose reply comes whole.</summary>
    [JsonPropertyName("samples")]
    public required IReadOnlyList<SampleTemplate> Samples { get; init; }

    /// <summary>Code for a request whose reply is streamed.</summary>
    [JsonPropertyName("streamSamples")]
    public required IReadOnlyList<SampleTemplate> StreamSamples { get; init; }

    internal string ToJson() => JsonSerializer.Serialize(this, PlaygroundJson.Relaxed.PlaygroundSettings);
}

/// <summary>The price in force, per 1,000,000 tokens, as exact decimals.</summary>
internal sealed record PlaygroundPrices(
    [property: JsonPropertyName("currency")] string Currency,
    [property: JsonPropertyName("prompt")] string Prompt,
    [property: JsonPropertyName("cached")] string Cached,
    [property: JsonPropertyName("completion")] string Completion);

/// <summary>What the page hands to its scripts.</summary>
[JsonSerializable(typeof(PlaygroundSettings))]
internal sealed partial class PlaygroundJson : JsonSerializerContext
{
    /// <summary>It stands in an attribute, which the page encodes.</summary>
    internal static PlaygroundJson Relaxed { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
