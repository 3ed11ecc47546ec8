using Tramontane.Inference.Sampling;

namespace Tramontane.Inference.Engine;

/// <summary>One sequence to generate: the neutral form that every dialect maps to.</summary>
public sealed record GenerationRequest
{
    /// <summary>The prompt's token ids, at least one.</summary>
    public required IReadOnlyList<int> PromptTokens { get; init; }

    /// <summary>The prompt's images, in order of their placeholders.</summary>
    public IReadOnlyList<PromptImage> Images { get; init; } = [];

    /// <summary>How tokens are drawn.</summary>
    public SamplingParameters Sampling { get; init; } = new();

    /// <summary>Most tokens to generate; null for the rest of the context. 0 only evaluates the prompt.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Texts that end the answer; neither they nor anything after them is returned.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>The model may open tool calls; otherwise every control token but end-of-sequence is masked.</summary>
    public bool AllowToolCalls { get; init; }

    /// <summary>What the answer must fit; null for a free one. Made for this model's vocabulary.</summary>
    public Constraint? Constraint { get; init; }

    /// <summary>Log-probabilities of generated tokens with this many alternatives each; null for none.</summary>
    public int? TopLogprobs { get; init; }

    /// <summary>Log-probabilities of the prompt's tokens with this many alternatives each; null for none.</summary>
    public int? PromptLogprobs { get; init; }

    /// <summary>Whose request it is, for a fair share of the engine; the cached prompts of one tenant are never reused for another (embeddings of images are, by content). May be null.</summary>
    public string? Tenant { get; init; }

    /// <summary>Divides a tenant's cached prompts: only requests with the same salt reuse each other's. May be null.</summary>
    public string? CacheSalt { get; init; }

    /// <summary>Higher goes first and may take the place of lower; 0 is usual.</summary>
    public int Priority { get; init; }
}
