using Tramontane.Compute.Memory;
using Tramontane.Inference.KvCache;

namespace Tramontane.Inference.Scheduling;

/// <summary>What a step may hold.</summary>
/// <param name="MaxSequences">Sequences with a place in the batch.</param>
/// <param name="MaxTokens">Rows of a step; at least the number of sequences.</param>
/// <param name="MaxLogitRows">Rows of a step whose logits are wanted; at least the number of sequences.</param>
/// <param name="MaxContext">Tokens of a sequence. The pool holds at least one such sequence.</param>
/// <param name="DecodeSlowdown">See <see cref="StepPacer"/>.</param>
internal sealed record SchedulerLimits(int MaxSequences, int MaxTokens, int MaxLogitRows, int MaxContext, double DecodeSlowdown = 2.5);

/// <summary>
/// Step 6: shares out the rows of a step, the places in the batch and the blocks of the cache.
/// <para>
/// Sequences that decode come first, so that a long prompt delays them by one small piece at most. Prompts share what is left:
/// higher priority first, then the tenant that has had least, then who came first. Waiting sequences get places in the same order.
/// </para>
/// <para>
/// Sequences have a rank, by priority and arrival. When blocks run out, a paused sequence or else the one of the lowest rank
/// loses its place and waits; what it had computed stays in the prefix cache as long as nobody needs the memory. The
/// sequence of the highest rank is never stopped by others, so there is always one that ends.
/// </para>
/// Owned by the engine thread.
/// </summary>
/// <param name="limits">What a step may hold.</param>
/// <param name="pool">The blocks.</param>
/// <param name="cache">What they hold.</param>
internal sealed class Scheduler<T>(SchedulerLimits limits, BlockPool pool, PrefixCache cache)
    where T : class, ISchedulable
{
    private const int BlockTokens = KeyValueBlocks.BlockTokens;

    // Guesses are checked while the batch is small: rows are nearly free only as long as reading the weights is what takes time.
    private const int MaxDraftingRows = 16;

    private readonly List<Place> _running = []; // by rank, the highest first
    private readonly List<Place> _waiting = [];
    private readonly List<Place> _prompts = []; // of this step
    private readonly List<ScheduledTokens<T>> _plan = [];
    private readonly HashSet<BlockKey> _blocksUnderWay = [];
    private readonly FairShare _shares = new();
    private readonly StepPacer _pacer = new(limits.DecodeSlowdown);
    private long _arrivals;
    private int _tokensLeft, _logitRowsLeft, _decodeRowCount, _promptRowCount;

    /// <summary>Sequences with a place.</summary>
    public int RunningCount => _running.Count;

    /// <summary>Sequences without.</summary>
    public int WaitingCount => _waiting.Count;

    /// <summary>How often a sequence lost its place.</summary>
    public long PreemptionCount { get; private set; }

    /// <summary>Adds a sequence.</summary>
    public void Enqueue(T sequence)
    {
        _waiting.Add(new Place(sequence, _arrivals++));
        _shares.Enter(sequence.Tenant);
    }

    /// <summary>Drops a sequence that has ended and keeps what it computed for others.</summary>
    public void Remove(T sequence)
    {
        if (_running.RemoveAll(place => place.Sequence == sequence) + _waiting.RemoveAll(place => place.Sequence == sequence) > 0)
        {
            Forget(sequence);
        }
    }

    /// <summary>Drops all sequences that have something in common; returns how many.</summary>
    public int RemoveWhere(Predicate<T> matches)
    {
        int count = 0;
        foreach (List<Place> places in (ReadOnlySpan<List<Place>>)[_running, _waiting])
        {
            count += places.RemoveAll(place =>
            {
                bool remove = matches(place.Sequence);
                if (remove)
                {
                    Forget(place.Sequence);
                }

                return remove;
            });
        }

        return count;
    }

    /// <summary>Whether a sequence, with a place or without, has something.</summary>
    public bool Any(Predicate<T> matches)
    {
        foreach (List<Place> places in (ReadOnlySpan<List<Place>>)[_running, _waiting])
        {
            foreach (Place place in places)
            {
                if (matches(place.Sequence))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>What the sequence of the highest rank gives, among those with a place that give anything.</summary>
    public TValue? FirstOfRunning<TValue>(Func<T, TValue?> find)
        where TValue : class
    {
        foreach (Place place in _running)
        {
            if (find(place.Sequence) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>Visits the sequences with a place.</summary>
    public void ForEachRunning(Action<T> visit)
    {
        foreach (Place place in _running)
        {
            visit(place.Sequence);
        }
    }

    /// <summary>Plans a step. The list is reused by the next call.</summary>
    public IReadOnlyList<ScheduledTokens<T>> Plan()
    {
        long preemptions;
        do
        {
            preemptions = PreemptionCount;
            PlanOnce();
        }
        while (_plan.Count == 0 && PreemptionCount > preemptions); // all that was planned lost its place to others that can go on now

        (_decodeRowCount, _promptRowCount) = (0, 0);
        foreach (ScheduledTokens<T> share in _plan)
        {
            _shares.Charge(share.Sequence.Tenant, share.TokenCount, share.Sequence.IsDecoding);
            (share.Sequence.IsDecoding ? ref _decodeRowCount : ref _promptRowCount) += share.TokenCount + share.DraftCount;
        }

        return _plan;
    }

    /// <summary>The planned step has taken its time; called before its sequences grow.</summary>
    public void RecordStep(TimeSpan elapsed) => _pacer.Record(_decodeRowCount, _promptRowCount, elapsed);

    private void PlanOnce()
    {
        _plan.Clear();
        _blocksUnderWay.Clear();
        (_tokensLeft, _logitRowsLeft, _decodeRowCount, _promptRowCount) = (limits.MaxTokens, limits.MaxLogitRows, 0, 0);
        PlanDecoding();
        _tokensLeft = _pacer.PromptRows(_decodeRowCount, _tokensLeft);
        PlanPrompts();
        Admit();
    }

    private void PlanDecoding()
    {
        int later = CountDecoding(); // sequences behind this one that want a row too
        for (int i = 0; i < _running.Count; i++) // grows shorter when somebody loses their place
        {
            T sequence = _running[i].Sequence;
            int pending = sequence.TokenCount - sequence.ComputedCount;
            if (!IsToDecode(sequence) || _tokensLeft == 0 || _logitRowsLeft == 0)
            {
                continue;
            }

            later = Math.Max(0, later - 1); // who is paused may go on at any moment: an estimate that only bounds what is extra
            int count = Math.Min(pending, Math.Max(1, _tokensLeft - later)), logitCount = count == pending ? 1 : 0;
            int drafts = logitCount == 0 ? 0
                : Math.Min(Math.Min(sequence.DraftCount, limits.MaxContext - sequence.TokenCount),
                    Math.Min(MaxDraftingRows - _decodeRowCount - count, Math.Min(_tokensLeft - count, _logitRowsLeft - 1)) - later);
            if (drafts <= 0 || !sequence.Blocks!.TryEnsureRoom(sequence.ComputedCount + count + drafts))
            {
                drafts = 0; // nobody loses a place for a guess
            }

            if (TryMakeRoom(sequence, sequence.ComputedCount + count + drafts))
            {
                Add(new ScheduledTokens<T>(sequence, count, logitCount + drafts, drafts));
                _decodeRowCount += count + drafts;
            }

            while (i >= _running.Count || _running[i].Sequence != sequence)
            {
                i--; // a paused one before it has lost its place
            }
        }
    }

    private static bool IsToDecode(T sequence) =>
        !sequence.IsPaused && (sequence.IsDecoding || sequence.TokenCount - sequence.ComputedCount == 1) && sequence.ReadyCount > sequence.ComputedCount;

    private int CountDecoding()
    {
        int count = 0;
        foreach (Place place in _running)
        {
            count += IsToDecode(place.Sequence) ? 1 : 0;
        }

        return count;
    }

    private void PlanPrompts()
    {
        _prompts.Clear();
        foreach (Place place in _running)
        {
            if (!place.Sequence.IsPaused && !place.Sequence.IsDecoding && place.Sequence.TokenCount - place.Sequence.ComputedCount > 1)
            {
                _prompts.Add(place);
            }
        }

        _prompts.Sort(InTurn);
        foreach (Place place in _prompts)
        {
            if (_tokensLeft > 0 && place.Sequence.Blocks is not null) // it may have lost its place to another one
            {
                PlanPrompt(place.Sequence);
            }
        }
    }

    private void PlanPrompt(T sequence)
    {
        ReuseFullBlocks(sequence);
        bool wantsAllLogits = sequence.FullLogitsCount > 0;
        if ((wantsAllLogits && _logitRowsLeft == 0) || IsComputedByAnother(sequence))
        {
            return;
        }

        ReusePartialBlock(sequence);
        int pending = sequence.TokenCount - sequence.ComputedCount, ready = Math.Min(pending, sequence.ReadyCount - sequence.ComputedCount);

        // Without a logit row left, the last token waits for the next step and comes first there.
        int count = Math.Min(Math.Min(_logitRowsLeft == 0 ? pending - 1 : pending, ready), _tokensLeft), logitCount = count == pending ? 1 : 0;
        if (wantsAllLogits)
        {
            count = Math.Min(count, _logitRowsLeft);
            logitCount = count;
        }

        if (count > 0 && TryMakeRoom(sequence, sequence.ComputedCount + count))
        {
            Add(new ScheduledTokens<T>(sequence, count, logitCount));
        }
    }

    private void Add(ScheduledTokens<T> share)
    {
        _plan.Add(share);
        _tokensLeft -= share.TokenCount + share.DraftCount;
        _logitRowsLeft -= share.LogitCount;
    }

    // Waiting sequences take free places, and those of sequences that are paused or of lower priority.
    private void Admit()
    {
        while (_tokensLeft > 0 && FindNext() is { } next)
        {
            if (_running.Count == limits.MaxSequences && !TryPreemptFor(next.Sequence))
            {
                return;
            }

            if (!TryAdmit(next))
            {
                return; // nobody overtakes it: it would never find so many blocks at once
            }
        }
    }

    private Place? FindNext()
    {
        Place? next = null;
        foreach (Place place in _waiting)
        {
            if (!place.Sequence.IsPaused && (next is not { } best || InTurn(place, best) < 0))
            {
                next = place;
            }
        }

        return next;
    }

    private bool TryAdmit(Place place)
    {
        T sequence = place.Sequence;
        var blocks = new BlockTable(pool, sequence.CacheRoot, limits.MaxContext);
        sequence.Admit(blocks);
        ReuseFullBlocks(sequence);

        // Room for all it has now, and for a block more for everybody: otherwise it would soon lose its place again.
        int needed = BlockPool.BlocksFor(sequence.TokenCount + 1) - blocks.Count + _running.Count;
        while (needed > pool.AvailableCount && TryPreemptFor(sequence))
        {
            needed--;
        }

        if (needed > pool.AvailableCount && _running.Count > 0)
        {
            Undo(sequence);
            return false;
        }

        _waiting.Remove(place);
        int index = _running.FindIndex(other => ByRank(place, other) < 0);
        index = index < 0 ? _running.Count : index;
        _running.Insert(index, place);
        PlanPrompt(sequence);
        return true;
    }

    // At least one token is left to compute: the answer begins with its logits.
    private void ReuseFullBlocks(T sequence)
    {
        BlockTable blocks = sequence.Blocks!;
        if (sequence.FullLogitsCount == 0 && blocks.Count * BlockTokens == sequence.ComputedCount)
        {
            sequence.Reuse(cache.ShareFull(blocks, sequence, sequence.TokenCount - 1));
        }
    }

    private void ReusePartialBlock(T sequence)
    {
        BlockTable blocks = sequence.Blocks!;
        if (sequence.FullLogitsCount == 0 && blocks.Count * BlockTokens == sequence.ComputedCount)
        {
            sequence.Reuse(cache.CopyPartial(blocks, sequence, sequence.TokenCount - 1));
        }
    }

    // Whoever would fill the same block waits a step and finds it computed.
    private bool IsComputedByAnother(T sequence)
    {
        BlockTable blocks = sequence.Blocks!;
        int blockEnd = (blocks.IndexedCount + 1) * BlockTokens;
        return sequence.FullLogitsCount == 0 && blockEnd < sequence.TokenCount && !_blocksUnderWay.Add(cache.NextKey(blocks, sequence))
            && blocks.Count * BlockTokens == sequence.ComputedCount;
    }

    private bool TryMakeRoom(T sequence, int tokenCount)
    {
        while (!sequence.Blocks!.TryEnsureRoom(tokenCount))
        {
            Place victim = _running.FindLast(place => place.Sequence.IsPaused);
            if (victim.Sequence is null)
            {
                victim = _running[^1];
            }

            if (victim.Sequence == sequence)
            {
                return false; // everybody else goes before it: it waits for them with what it has
            }

            Preempt(victim);
        }

        return true;
    }

    // One that waits for its reader makes room for any other, and one of lower priority for higher.
    private bool TryPreemptFor(T sequence)
    {
        Place victim = _running.FindLast(place => place.Sequence.IsPaused);
        if (victim.Sequence is null)
        {
            victim = _running.FindLast(place => place.Sequence.Priority < sequence.Priority);
        }

        if (victim.Sequence is null)
        {
            return false;
        }

        Preempt(victim);
        return true;
    }

    private void Preempt(Place victim)
    {
        int planned = _plan.FindIndex(share => share.Sequence == victim.Sequence);
        if (planned >= 0)
        {
            ScheduledTokens<T> share = _plan[planned];
            _tokensLeft += share.TokenCount + share.DraftCount;
            _logitRowsLeft += share.LogitCount;
            _plan.RemoveAt(planned);
        }

        _running.Remove(victim);
        _waiting.Add(victim);
        Undo(victim.Sequence);
        PreemptionCount++;
    }

    private void Undo(T sequence)
    {
        cache.Release(sequence.Blocks!, sequence, sequence.ComputedCount);
        sequence.Preempt();
    }

    private void Forget(T sequence)
    {
        if (sequence.Blocks is { } blocks)
        {
            cache.Release(blocks, sequence, sequence.ComputedCount);
        }

        _shares.Leave(sequence.Tenant);
    }

    private static int ByRank(Place a, Place b)
    {
        int byPriority = b.Sequence.Priority.CompareTo(a.Sequence.Priority);
        return byPriority != 0 ? byPriority : a.Arrival.CompareTo(b.Arrival);
    }

    private int InTurn(Place a, Place b)
    {
        int byPriority = b.Sequence.Priority.CompareTo(a.Sequence.Priority);
        int byShare = byPriority != 0 ? byPriority : _shares.Served(a.Sequence.Tenant).CompareTo(_shares.Served(b.Sequence.Tenant));
        return byShare != 0 ? byShare : a.Arrival.CompareTo(b.Arrival);
    }

    /// <summary>A sequence and when it came.</summary>
    private readonly record struct Place(T Sequence, long Arrival);
}
