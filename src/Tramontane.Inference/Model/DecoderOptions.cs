using Tramontane.Compute.Kernels;
using Tramontane.Compute.Memory;

namespace Tramontane.Inference.Model;

/// <summary>What decides a decoder's arithmetic and memory.</summary>
public sealed record DecoderOptions
{
    /// <summary>Whether activations meet quantised weights as 8-bit integers or as float32.</summary>
    public ComputeMode ComputeMode { get; init; } = ComputeMode.Fast;

    /// <summary>How keys and values are cached.</summary>
    public KeyValueType KeyValueType { get; init; } = KeyValueType.F16;

    /// <summary>Blocks of the KV cache, shared by all sequences.</summary>
    public int KeyValueBlockCount { get; init; } = 256;

    /// <summary>Most rows of a forward pass.</summary>
    public int MaxBatchTokens { get; init; } = 512;

    /// <summary>Most rows of a forward pass whose logits are wanted.</summary>
    public int MaxLogitRows { get; init; } = 64;
}
