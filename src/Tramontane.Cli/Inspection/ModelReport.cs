using System.Text.Json.Serialization;

namespace Tramontane.Cli.Inspection;

/// <summary>What <c>inspect</c> knows of a GGUF file, in the shape of <c>--json</c>.</summary>
internal sealed record ModelReport
{
    /// <summary>Path as it was given.</summary>
    [JsonPropertyName("file")] public required string File { get; init; }

    /// <summary>Bytes of the file.</summary>
    [JsonPropertyName("file_bytes")] public required long FileBytes { get; init; }

    /// <summary>2 or 3.</summary>
    [JsonPropertyName("gguf_version")] public required int GgufVersion { get; init; }

    /// <summary>The name in the metadata.</summary>
    [JsonPropertyName("name")] public required string? Name { get; init; }

    /// <summary>Whether this is the bundled demo model.</summary>
    [JsonPropertyName("is_demo")] public required bool IsDemo { get; init; }

    /// <summary>Elements of all tensors.</summary>
    [JsonPropertyName("parameters")] public required long Parameters { get; init; }

    /// <summary>Why this engine does not run the file; null when it does.</summary>
    [JsonPropertyName("refusal")] public required string? Refusal { get; init; }

    /// <summary>The decoder's shape; null when the file is refused.</summary>
    [JsonPropertyName("decoder")] public required DecoderReport? Decoder { get; init; }

    /// <summary>Memory for the configuration that was asked about; null when the file is refused.</summary>
    [JsonPropertyName("memory")] public required MemoryReport? Memory { get; init; }

    /// <summary>Tensors by stored format, largest first.</summary>
    [JsonPropertyName("tensor_types")] public required IReadOnlyList<TensorTypeReport> TensorTypes { get; init; }

    /// <summary>Scalars as they are, arrays as their length and element type.</summary>
    [JsonPropertyName("metadata")] public required IReadOnlyDictionary<string, string> Metadata { get; init; }
}

/// <summary>The shape of a decoder.</summary>
internal sealed record DecoderReport(
    [property: JsonPropertyName("layers")] int Layers,
    [property: JsonPropertyName("dim")] int Dim,
    [property: JsonPropertyName("query_heads")] int QueryHeads,
    [property: JsonPropertyName("key_value_heads")] int KeyValueHeads,
    [property: JsonPropertyName("head_dim")] int HeadDim,
    [property: JsonPropertyName("hidden_dim")] int HiddenDim,
    [property: JsonPropertyName("vocabulary")] int Vocabulary,
    [property: JsonPropertyName("max_positions")] int MaxPositions);

/// <summary>Bytes that a configuration needs.</summary>
internal sealed record MemoryReport(
    [property: JsonPropertyName("context")] int Context,
    [property: JsonPropertyName("max_batch")] int MaxBatch,
    [property: JsonPropertyName("kv_type")] string KeyValueType,
    [property: JsonPropertyName("weight_bytes")] long WeightBytes,
    [property: JsonPropertyName("cache_bytes")] long CacheBytes,
    [property: JsonPropertyName("scratch_bytes")] long ScratchBytes);

/// <summary>The tensors of one stored format.</summary>
internal sealed record TensorTypeReport(
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("tensors")] int Tensors,
    [property: JsonPropertyName("parameters")] long Parameters,
    [property: JsonPropertyName("bytes")] long Bytes);

/// <summary>JSON of <see cref="ModelReport"/> without reflection.</summary>
[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(ModelReport))]
internal sealed partial class InspectionJson : JsonSerializerContext;
