namespace Tramontane.Inference.Scheduling;

/// <summary>What the scheduler knows of a sequence: how many tokens it has and how many of them are in the cache.</summary>
internal interface ISchedulable
{
    /// <summary>Tokens of the prompt and the answer so far.</summary>
    int TokenCount { get; }

    /// <summary>The first so many tokens have been computed.</summary>
    int ComputedCount { get; }

    /// <summary>The next so many tokens, from <see cref="ComputedCount"/> on, want the logits of every row.</summary>
    int FullLogitsCount { get; }

    /// <summary>Its reader has fallen too far behind: nothing is computed until it catches up.</summary>
    bool IsPaused { get; }
}

/// <summary>A sequence's share of a step.</summary>
/// <param name="Sequence">Whose.</param>
/// <param name="TokenCount">How many of its next tokens are computed.</param>
/// <param name="LogitCount">How many of the last of them want logits.</param>
internal readonly record struct ScheduledTokens<T>(T Sequence, int TokenCount, int LogitCount);

/// <summary>
/// Step 6: shares the rows of a step among sequences. Those that decode, one row each, come first, so that a long prompt
/// never stalls them by more than one step; prompts are cut to what is left, oldest first.
/// </summary>
/// <param name="maxTokens">Rows of a step.</param>
/// <param name="maxLogitRows">Rows of a step whose logits are wanted; at least the number of sequences.</param>
internal sealed class Scheduler<T>(int maxTokens, int maxLogitRows)
    where T : ISchedulable
{
    private readonly List<ScheduledTokens<T>> _plan = [];

    /// <summary>Plans a step for the running sequences, in order of arrival. The list is reused by the next call.</summary>
    public IReadOnlyList<ScheduledTokens<T>> Plan(IReadOnlyList<T> running)
    {
        _plan.Clear();
        int tokens = maxTokens, logitRows = maxLogitRows;
        foreach (T sequence in running)
        {
            if (!sequence.IsPaused && sequence.TokenCount - sequence.ComputedCount == 1 && tokens > 0 && logitRows > 0)
            {
                _plan.Add(new ScheduledTokens<T>(sequence, 1, 1));
                tokens--;
                logitRows--;
            }
        }

        foreach (T sequence in running)
        {
            int pending = sequence.TokenCount - sequence.ComputedCount;
            bool wantsAllLogits = sequence.FullLogitsCount > 0;
            if (sequence.IsPaused || pending <= 1 || tokens == 0 || (wantsAllLogits && logitRows == 0))
            {
                continue;
            }

            // Without a logit row left, the last token waits for the next step and comes first there.
            int count = Math.Min(logitRows == 0 ? pending - 1 : pending, tokens), logitCount = count == pending ? 1 : 0;
            if (wantsAllLogits)
            {
                count = Math.Min(count, logitRows);
                logitCount = count;
            }

            _plan.Add(new ScheduledTokens<T>(sequence, count, logitCount));
            tokens -= count;
            logitRows -= logitCount;
        }

        return _plan;
    }
}
