using System.Text.Json.Serialization;

namespace Tramontane.Cli.Benchmarking;

/// <summary>What <c>bench masks --json</c> prints.</summary>
internal sealed record MaskBenchReport(
    [property: JsonPropertyName("schemas")] int Schemas,
    [property: JsonPropertyName("passing")] int Passing,
    [property: JsonPropertyName("compile_errors")] int CompileErrors,
    [property: JsonPropertyName("validation_errors")] int ValidationErrors,
    [property: JsonPropertyName("invalidation_errors")] int InvalidationErrors,
    [property: JsonPropertyName("instances")] int Instances,
    [property: JsonPropertyName("masks")] int Masks,
    [property: JsonPropertyName("clock")] string Clock,
    [property: JsonPropertyName("mask_us")] Distribution MaskMicroseconds,
    [property: JsonPropertyName("first_mask_us")] Distribution FirstMaskMicroseconds,
    [property: JsonPropertyName("compile_us")] Distribution CompileMicroseconds,
    [property: JsonPropertyName("failures")] IReadOnlyList<MaskBenchFailure> Failures);

/// <summary>A file that did not pass.</summary>
internal sealed record MaskBenchFailure(
    [property: JsonPropertyName("file")] string File,
    [property: JsonPropertyName("kind")] string Kind,
    [property: JsonPropertyName("reason")] string Reason);

/// <summary>Average and percentiles of a list of times.</summary>
internal sealed record Distribution(
    [property: JsonPropertyName("avg")] double Average,
    [property: JsonPropertyName("p50")] double P50,
    [property: JsonPropertyName("p90")] double P90,
    [property: JsonPropertyName("p99")] double P99,
    [property: JsonPropertyName("p999")] double P999,
    [property: JsonPropertyName("max")] double Maximum)
{
    /// <summary>A percentile is the smallest value that at least so many are not above.</summary>
    public static Distribution Of(IReadOnlyCollection<double> values)
    {
        if (values.Count == 0)
        {
            return new Distribution(0, 0, 0, 0, 0, 0);
        }

        double[] sorted = [.. values.Order()];
        double At(double share) => Math.Round(sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)], 2);
        return new Distribution(Math.Round(sorted.Average(), 2), At(0.5), At(0.9), At(0.99), At(0.999), At(1));
    }
}

/// <summary>JSON of <see cref="MaskBenchReport"/> without reflection.</summary>
[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(MaskBenchReport))]
internal sealed partial class MaskBenchJson : JsonSerializerContext;
