using Tramontane.Compute.Kernels;
using Tramontane.Compute.Memory;

namespace Tramontane.Inference.Engine;

/// <summary>What an engine is started with.</summary>
public sealed record EngineOptions
{
    /// <summary>A GGUF file.</summary>
    public required string ModelPath { get; init; }

    /// <summary>A GGUF file with the vision encoder that belongs to the model (mmproj); null for text alone.</summary>
    public string? VisionPath { get; init; }

    /// <summary>Bytes of image embeddings that are kept for later prompts. An image of the largest size takes 59 MiB with the 24B model.</summary>
    public long ImageCacheBytes { get; init; } = 512L << 20;

    /// <summary>Most tokens of one sequence; null for what the model was made for, at most <see cref="DefaultContextLength"/>.</summary>
    public int? ContextLength { get; init; }

    /// <summary>Most sequences computed together. Each may fill its whole context, so the KV cache grows with it.</summary>
    public int MaxBatch { get; init; } = 4;

    /// <summary>Most sequences that wait for a place; more are refused. One named tenant fills at most half of all places and the queue.</summary>
    public int MaxQueue { get; init; } = DefaultMaxQueue;

    /// <summary>
    /// Tokens that the KV cache holds in all; null for <see cref="MaxBatch"/> whole contexts. With less, sequences that turn out
    /// long wait for others. At least one context.
    /// </summary>
    public int? CacheTokens { get; init; }

    /// <summary>Tokens that are guessed from the sequence's own text and checked in one step; 0 for none. Changes no answer.</summary>
    public int LookupTokens { get; init; }

    /// <summary>
    /// File that keeps cached prompts over a restart; null for none. It holds what users wrote, as token ids, readable by its owner alone.
    /// </summary>
    public string? PrefixFile { get; init; }

    /// <summary>Most bytes of keys and values in <see cref="PrefixFile"/>: they are written at the end and read at the start.</summary>
    public long PrefixFileBytes { get; init; } = 1L << 30;

    /// <summary>While prompts are computed, a step takes about so many times as long as without. More than 1.</summary>
    public double DecodeSlowdown { get; init; } = 2.5;

    /// <summary>Rows of a forward pass. Higher: faster prefill. Lower: steadier decode beside a long prompt.</summary>
    public int MaxBatchTokens { get; init; } = 512;

    /// <summary>Compute threads; null for one per physical core.</summary>
    public int? Threads { get; init; }

    /// <summary>Whether activations meet quantised weights as 8-bit integers or as float32.</summary>
    public ComputeMode ComputeMode { get; init; } = ComputeMode.Fast;

    /// <summary>How keys and values are cached.</summary>
    public KeyValueType KeyValueType { get; init; } = KeyValueType.F16;

    /// <summary>Updates that a slow reader may leave unread before its sequence is paused.</summary>
    public int MaxPendingUpdates { get; init; } = 1024;

    /// <summary>Context length when none is asked for: 8192 tokens take 1.25 GiB of F16 cache with the 24B model.</summary>
    public const int DefaultContextLength = 8192;

    /// <summary>Waiting sequences when nothing else is asked for.</summary>
    public const int DefaultMaxQueue = 256;
}

/// <summary>The memory that a configuration needs.</summary>
/// <param name="WeightBytes">The mapped files: read from disk into the system's page cache, shared, reclaimable.</param>
/// <param name="CacheBytes">Keys and values when every sequence fills its context.</param>
/// <param name="ScratchBytes">Activations and logits.</param>
/// <param name="VisionBytes">What an image of the largest size takes while it is encoded, and the embeddings that are kept; 0 without vision.</param>
/// <param name="AvailableBytes">Memory that this process may use.</param>
public sealed record MemoryPlan(long WeightBytes, long CacheBytes, long ScratchBytes, long VisionBytes, long AvailableBytes)
{
    /// <summary>Memory that cannot be given back while the engine runs.</summary>
    public long CommittedBytes => CacheBytes + ScratchBytes + VisionBytes;

    /// <summary>The weights fit beside it: nothing is read from disk twice.</summary>
    public bool WeightsStayInMemory => WeightBytes + CommittedBytes <= AvailableBytes;
}

/// <summary>A configuration cannot be served; the message says what to change.</summary>
public sealed class EngineConfigurationException(string message) : Exception(message);

/// <summary>The engine ended while an answer was under way.</summary>
public sealed class EngineStoppedException(string message, Exception? inner = null) : Exception(message, inner);
