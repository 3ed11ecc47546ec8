using Tramontane.Compute.Quantization;

namespace Tramontane.Inference.Weights;

/// <summary>Weights of one decoder block. Matrices are [outputs, inputs]; query and key rows are in interleaved RoPE order.</summary>
public sealed class LayerWeights
{
    /// <summary>[dim]</summary>
    public required float[] AttentionNorm { get; init; }

    /// <summary>[query heads · head dim, dim]</summary>
    public required WeightMatrix Query { get; init; }

    /// <summary>[key-value heads · head dim, dim]</summary>
    public required WeightMatrix Key { get; init; }

    /// <summary>[key-value heads · head dim, dim]</summary>
    public required WeightMatrix Value { get; init; }

    /// <summary>[dim, query heads · head dim]</summary>
    public required WeightMatrix Output { get; init; }

    /// <summary>[dim]</summary>
    public required float[] FfnNorm { get; init; }

    /// <summary>W1: [hidden dim, dim]</summary>
    public required WeightMatrix Gate { get; init; }

    /// <summary>W3: [hidden dim, dim]</summary>
    public required WeightMatrix Up { get; init; }

    /// <summary>W2: [dim, hidden dim]</summary>
    public required WeightMatrix Down { get; init; }

    /// <summary>The names of a layer's tensors in GGUF files, between <c>blk.N.</c> and <c>.weight</c>.</summary>
    internal static IReadOnlyList<string> TensorNames { get; } =
        ["attn_norm", "attn_q", "attn_k", "attn_v", "attn_output", "ffn_norm", "ffn_gate", "ffn_up", "ffn_down"];

    internal static LayerWeights Load(GgufFile file, DecoderConfig config, int layer)
    {
        int queryWidth = config.QueryHeads * config.HeadDim, keyValueWidth = config.KeyValueHeads * config.HeadDim;
        WeightMatrix Matrix(string name, int rows, int columns) => file.Matrix($"blk.{layer}.{name}.weight", rows, columns);
        return new LayerWeights
        {
            AttentionNorm = file.Vector($"blk.{layer}.attn_norm.weight", config.Dim),
            Query = Matrix("attn_q", queryWidth, config.Dim),
            Key = Matrix("attn_k", keyValueWidth, config.Dim),
            Value = Matrix("attn_v", keyValueWidth, config.Dim),
            Output = Matrix("attn_output", config.Dim, queryWidth),
            FfnNorm = file.Vector($"blk.{layer}.ffn_norm.weight", config.Dim),
            Gate = Matrix("ffn_gate", config.HiddenDim, config.Dim),
            Up = Matrix("ffn_up", config.HiddenDim, config.Dim),
            Down = Matrix("ffn_down", config.Dim, config.HiddenDim),
        };
    }
}
