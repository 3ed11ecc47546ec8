namespace Tramontane.Inference.Sampling;

/// <summary>How the next token is drawn from the logits. The defaults draw from the model's own distribution.</summary>
public sealed record SamplingParameters
{
    /// <summary>Divides the logits; 0 takes the largest logit (lowest id on ties).</summary>
    public float Temperature { get; init; } = 1;

    /// <summary>Keep only this many of the most likely tokens; 0 keeps all.</summary>
    public int TopK { get; init; }

    /// <summary>Keep the smallest set of most likely tokens whose probability reaches this sum; 1 keeps all.</summary>
    public float TopP { get; init; } = 1;

    /// <summary>Keep tokens at least this fraction as likely as the most likely one; 0 keeps all.</summary>
    public float MinP { get; init; }

    /// <summary>Subtracted from a token's logit for each time it was generated.</summary>
    public float FrequencyPenalty { get; init; }

    /// <summary>Subtracted once from the logit of each token that was generated.</summary>
    public float PresencePenalty { get; init; }

    /// <summary>Divides positive and multiplies negative logits of tokens in the prompt or the answer; 1 does nothing.</summary>
    public float RepetitionPenalty { get; init; } = 1;

    /// <summary>Added to the logits of single tokens, by id; −100 bans and +100 forces.</summary>
    public IReadOnlyDictionary<int, float> LogitBias { get; init; } = new Dictionary<int, float>();

    /// <summary>Chooses the answer among all that could be drawn: one seed and one prompt give one answer.</summary>
    public ulong Seed { get; init; }
}
