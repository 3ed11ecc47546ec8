using Tramontane.Inference.Model;
using Tramontane.Inference.Sampling;
using Tramontane.Inference.Scheduling;
using Tramontane.Tokenization;

namespace Tramontane.Inference.Engine;

/// <summary>
/// Takes a sequence from the logits of a step to its next tokens: log-probabilities, sampling, the check of guesses, the update
/// for the reader. For one thread.
/// </summary>
internal sealed class NextToken(Tokenizer tokenizer)
{
    private readonly Sampler _sampler = new(tokenizer.VocabularySize);
    private readonly Logprobs _logprobs = new(tokenizer.VocabularySize);
    private readonly ForbiddenTokens _forbidden = new(tokenizer);
    private readonly ulong[] _constraintMask = new ulong[(tokenizer.VocabularySize + 63) / 64];
    private readonly List<int> _forced = [];
    private readonly List<int> _drafts = [];

    /// <summary>Takes over a sequence's share of a step; true when its answer has ended.</summary>
    /// <param name="share">What was computed.</param>
    /// <param name="decoder">Its logits.</param>
    /// <param name="firstLogit">Where those of this sequence begin.</param>
    /// <param name="accepted">How many of the guesses were right.</param>
    public bool Advance(ScheduledTokens<Sequence> share, Decoder decoder, int firstLogit, out int accepted)
    {
        accepted = 0;
        (Sequence sequence, int tokenCount, int logitCount, int draftCount) = share;
        int ownLogits = logitCount - draftCount, firstPosition = sequence.ComputedCount + tokenCount - ownLogits; // of the rows with logits
        CopyDrafts(share);
        sequence.MarkComputed(tokenCount);
        CollectPromptLogprobs(sequence, firstPosition, ownLogits, decoder, firstLogit);
        if (sequence.ComputedCount < sequence.TokenCount)
        {
            return false;
        }

        bool hasEnded = SampleNext(sequence, decoder.Logits(firstLogit + ownLogits - 1)) || AppendForced(sequence);

        // A guess counts when the very token was drawn that would have been drawn without it: position by position the same
        // logits, penalties and random numbers. So guessing changes no answer, at any temperature. What is forced is never drawn,
        // so behind forced tokens no guess counts.
        while (!hasEnded && _forced.Count == 0 && accepted < draftCount && sequence.TokenAt(sequence.TokenCount - 1) == _drafts[accepted])
        {
            accepted++;
            sequence.MarkComputed(1);
            hasEnded = SampleNext(sequence, decoder.Logits(firstLogit + ownLogits - 1 + accepted)) || AppendForced(sequence);
        }

        if (draftCount > 0)
        {
            sequence.LearnFromDrafts(draftCount, accepted);
        }

        return hasEnded;
    }

    // Text that must come needs no drawing: its tokens are computed together with the next step's. Log-probabilities would need their logits.
    private bool AppendForced(Sequence sequence)
    {
        _forced.Clear();
        if (sequence.Constraint is not { } constraint || sequence.Request.TopLogprobs is not null)
        {
            return false;
        }

        constraint.CopyForced(_forced);
        foreach (int token in _forced)
        {
            if (Take(sequence, token, logprobs: null))
            {
                return true;
            }
        }

        return false;
    }

    // The guesses themselves: the sequence guesses anew with every token.
    private void CopyDrafts(ScheduledTokens<Sequence> share)
    {
        _drafts.Clear();
        if (share.DraftCount > 0)
        {
            Span<int> rows = stackalloc int[share.TokenCount + share.DraftCount];
            share.Sequence.CopyNext(share.TokenCount, share.DraftCount, rows);
            _drafts.AddRange(rows[share.TokenCount..]);
        }
    }

    // Step 8: one draw from the logits of a row, within the constraint.
    private bool SampleNext(Sequence sequence, ReadOnlySpan<float> logits)
    {
        GenerationRequest request = sequence.Request;
        if (sequence.MaxTokens == 0)
        {
            return Finish(sequence, sequence.Output.Finish());
        }

        ReadOnlySpan<ulong> forbidden = !request.AllowToolCalls ? _forbidden.WithoutToolCalls
            : sequence.Constraint is null ? _forbidden.WithToolCalls : _forbidden.BeforeToolCalls;
        forbidden = sequence.Constraint is { } constraint ? constraint.Forbidden(forbidden, _constraintMask) : forbidden;
        int token = _sampler.Sample(logits, request.Sampling, sequence.Counts, forbidden, sequence.TokenCount);
        PositionLogprobs? logprobs = request.TopLogprobs is { } top ? ReadLogprobs(logits, token, top) : null;
        return Take(sequence, token, logprobs);
    }

    // Step 9: what the token releases. True when it ends the answer.
    private static bool Take(Sequence sequence, int token, PositionLogprobs? logprobs)
    {
        sequence.Append(token);
        GenerationUpdate? update = sequence.Output.Append(token, logprobs);
        if (sequence.Output.FinishReason is not null)
        {
            return Finish(sequence, update!);
        }

        if (update is not null)
        {
            sequence.Send(update);
        }

        return sequence.GeneratedCount == sequence.MaxTokens && Finish(sequence, sequence.Output.Finish());
    }

    // The logits of a prompt's row tell the probability of the token behind it.
    private void CollectPromptLogprobs(Sequence sequence, int firstPosition, int logitCount, Decoder decoder, int firstLogit)
    {
        if (sequence.Request.PromptLogprobs is not { } top || firstPosition >= sequence.PromptCount)
        {
            return;
        }

        if (firstPosition == 0)
        {
            sequence.PromptLogprobs.Add(null); // nothing predicts the first token
        }

        for (int i = 0; i < logitCount && firstPosition + i + 1 < sequence.PromptCount; i++)
        {
            sequence.PromptLogprobs.Add(ReadLogprobs(decoder.Logits(firstLogit + i), sequence.TokenAt(firstPosition + i + 1), top));
        }

        if (sequence.TakePromptLogprobs() is { } complete)
        {
            sequence.Send(new GenerationUpdate { PromptLogprobs = complete });
        }
    }

    private PositionLogprobs ReadLogprobs(ReadOnlySpan<float> logits, int token, int topCount)
    {
        _logprobs.SetLogits(logits);
        var tokens = new int[topCount];
        int found = Logprobs.Top(logits, tokens);
        var top = new TokenLogprob[found];
        for (int i = 0; i < found; i++)
        {
            top[i] = new TokenLogprob(tokens[i], _logprobs.Of(logits[tokens[i]]));
        }

        return new PositionLogprobs(new TokenLogprob(token, _logprobs.Of(logits[token])), top);
    }

    private static bool Finish(Sequence sequence, GenerationUpdate last)
    {
        sequence.Send(last);
        return true;
    }
}
