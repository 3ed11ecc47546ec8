using System.Text.Json.Serialization;

namespace Tramontane.Cli.Benchmarking;

/// <summary>What <c>bench --json</c> prints; llama-bench's names where it has them.</summary>
internal sealed record BenchReport(
    [property: JsonPropertyName("model_filename")] string ModelFileName,
    [property: JsonPropertyName("model_size")] long ModelSize,
    [property: JsonPropertyName("model_n_params")] long ParameterCount,
    [property: JsonPropertyName("n_threads")] int ThreadCount,
    [property: JsonPropertyName("compute")] string Compute,
    [property: JsonPropertyName("type_kv")] string KeyValueType,
    [property: JsonPropertyName("vector_bits")] int VectorBits,
    [property: JsonPropertyName("weight_bytes_per_step")] long WeightBytesPerStep,
    [property: JsonPropertyName("read_bandwidth_bytes_per_second")] double ReadBandwidth,
    [property: JsonPropertyName("results")] IReadOnlyList<BenchResult> Results);

/// <summary>One test: <c>pp512</c> is prefill of 512 tokens per sequence, <c>tg128</c> generation of 128.</summary>
internal sealed record BenchResult(
    [property: JsonPropertyName("test")] string Test,
    [property: JsonPropertyName("batch")] int Batch,
    [property: JsonPropertyName("n_prompt")] int PromptTokens,
    [property: JsonPropertyName("n_gen")] int GeneratedTokens,
    [property: JsonPropertyName("n_depth")] int Depth,
    [property: JsonPropertyName("avg_ts")] double AverageTokensPerSecond,
    [property: JsonPropertyName("stddev_ts")] double StandardDeviation,
    [property: JsonPropertyName("samples_ts")] IReadOnlyList<double> Samples,
    [property: JsonPropertyName("min_cpu_seconds_per_token")] double ProcessorSecondsPerToken,
    [property: JsonPropertyName("weight_bytes_per_second")] double? WeightBytesPerSecond,
    [property: JsonPropertyName("bandwidth_share")] double? BandwidthShare);

/// <summary>JSON of this folder's reports without reflection.</summary>
[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(BenchReport))]
[JsonSerializable(typeof(VisionReport))]
internal sealed partial class BenchJson : JsonSerializerContext;
