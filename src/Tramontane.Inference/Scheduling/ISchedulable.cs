using Tramontane.Inference.KvCache;

namespace Tramontane.Inference.Scheduling;

/// <summary>What the scheduler knows of a sequence.</summary>
internal interface ISchedulable : IPositions
{
    /// <summary>Whose it is: steps and places are shared out among tenants, not among sequences. Null is a tenant too.</summary>
    string? Tenant { get; }

    /// <summary>Higher goes first, and may take the place of lower.</summary>
    int Priority { get; }

    /// <summary>Tokens of the prompt and the answer so far.</summary>
    int TokenCount { get; }

    /// <summary>The first so many tokens have been computed.</summary>
    int ComputedCount { get; }

    /// <summary>Tokens from this one on cannot be computed yet: they wait for an image.</summary>
    int ReadyCount { get; }

    /// <summary>The next so many tokens, from <see cref="ComputedCount"/> on, want the logits of every row.</summary>
    int FullLogitsCount { get; }

    /// <summary>Everything was computed since it was admitted: from here on it grows by what is sampled.</summary>
    bool IsDecoding { get; }

    /// <summary>Guesses of the tokens behind the last one, which the same step could check.</summary>
    int DraftCount { get; }

    /// <summary>Its reader has fallen too far behind: nothing is computed until it catches up.</summary>
    bool IsPaused { get; }

    /// <summary>Its place in the cache; null while it waits.</summary>
    BlockTable? Blocks { get; }

    /// <summary>Where its chain of cached blocks begins.</summary>
    BlockKey CacheRoot { get; }

    /// <summary>Gives the sequence a place in the batch.</summary>
    void Admit(BlockTable blocks);

    /// <summary>The first so many tokens were found in the cache.</summary>
    void Reuse(int computedCount);

    /// <summary>Takes its place away: it waits again, and what is not cached when it comes back is computed again.</summary>
    void Preempt();
}

/// <summary>A sequence's share of a step.</summary>
/// <param name="Sequence">Whose.</param>
/// <param name="TokenCount">How many of its next tokens are computed.</param>
/// <param name="LogitCount">How many of the last rows want logits, guesses included.</param>
/// <param name="DraftCount">How many guesses are computed behind the tokens.</param>
internal readonly record struct ScheduledTokens<T>(T Sequence, int TokenCount, int LogitCount, int DraftCount = 0);
