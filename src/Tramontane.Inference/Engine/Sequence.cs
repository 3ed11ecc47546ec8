using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Tramontane.Inference.KvCache;
using Tramontane.Inference.Sampling;
using Tramontane.Inference.Scheduling;
using Tramontane.Inference.Speculation;
using Tramontane.Tokenization;

namespace Tramontane.Inference.Engine;

/// <summary>
/// One answer under way. The engine thread owns everything but the channel's reading side and the cancellation flag.
/// </summary>
internal sealed class Sequence : ISchedulable
{
    private readonly Channel<GenerationUpdate> _updates = Channel.CreateUnbounded<GenerationUpdate>();
    private readonly List<int> _tokens;
    private readonly int _maxPendingUpdates;
    private readonly Action _wakeEngine;
    private readonly PromptLookup? _lookup;
    private CancellationTokenRegistration _cancellation;
    private int _pendingUpdates;
    private volatile bool _cancelled;
    private bool _isRecomputing; // lost its place after work was done: what is found in the cache now was paid for before
    private bool _hasPromptLogprobs;

    /// <summary>Prepares a sequence; nothing of the engine's is taken yet.</summary>
    /// <param name="request">What to generate.</param>
    /// <param name="maxTokens">Most tokens to generate, the context's end considered.</param>
    /// <param name="tokenizer">For the answer's text.</param>
    /// <param name="options">Unread updates at which the sequence pauses, and how far ahead it guesses.</param>
    /// <param name="images">The prompt's images; null when it has none.</param>
    /// <param name="wakeEngine">Called when a paused or cancelled sequence wants the engine's attention.</param>
    public Sequence(GenerationRequest request, int maxTokens, Tokenizer tokenizer, EngineOptions options, ImageRows? images, Action wakeEngine)
    {
        Request = request;
        MaxTokens = maxTokens;
        _maxPendingUpdates = options.MaxPendingUpdates;
        _wakeEngine = wakeEngine;
        Images = images;
        _tokens = [.. request.PromptTokens];
        Counts = TokenCounts.AreNeededFor(request.Sampling) ? new TokenCounts(_tokens) : null;
        Output = new OutputAssembler(tokenizer, request);
        Constraint = request.Constraint is { } constraint ? new ConstrainedAnswer(constraint, tokenizer) : null;
        CacheRoot = BlockKey.Root(request.Tenant, request.CacheSalt);
        if (options.LookupTokens > 0 && maxTokens > 1)
        {
            _lookup = new PromptLookup(options.LookupTokens);
            _tokens.ForEach(_lookup.Append);
        }
    }

    public GenerationRequest Request { get; }

    public int MaxTokens { get; }

    /// <summary>What penalties go by; null when there are none.</summary>
    public TokenCounts? Counts { get; }

    public OutputAssembler Output { get; }

    /// <summary>Holds the answer to its constraint; null without one.</summary>
    public ConstrainedAnswer? Constraint { get; }

    /// <summary>The prompt's images; null when it has none.</summary>
    public ImageRows? Images { get; }

    /// <inheritdoc/>
    public string? Tenant => Request.Tenant;

    /// <inheritdoc/>
    public int Priority => Request.Priority;

    /// <inheritdoc/>
    public BlockTable? Blocks { get; private set; }

    /// <inheritdoc/>
    public BlockKey CacheRoot { get; }

    /// <summary>Tokens of the prompt that others had computed before.</summary>
    public int CachedCount { get; private set; }

    public int PromptCount => Request.PromptTokens.Count;

    public int GeneratedCount => _tokens.Count - PromptCount;

    public List<PositionLogprobs?> PromptLogprobs { get; } = [];

    public bool IsCancelled => _cancelled;

    /// <inheritdoc/>
    public int TokenCount => _tokens.Count;

    /// <inheritdoc/>
    public int ComputedCount { get; private set; }

    /// <inheritdoc/>
    public int FullLogitsCount => Request.PromptLogprobs is null || _hasPromptLogprobs ? 0 : Math.Max(0, PromptCount - ComputedCount);

    /// <inheritdoc/>
    public int ReadyCount => Images?.ReadyCount(ComputedCount) ?? int.MaxValue;

    /// <inheritdoc/>
    public bool IsDecoding { get; private set; }

    /// <inheritdoc/>
    public int DraftCount => IsDecoding && _lookup is not null ? Math.Min(_lookup.Draft().Length, MaxTokens - GeneratedCount - 1) : 0;

    /// <inheritdoc/>
    public bool IsPaused => Volatile.Read(ref _pendingUpdates) >= _maxPendingUpdates;

    /// <summary>Copies the next tokens to compute, and the guesses behind them.</summary>
    public void CopyNext(int tokenCount, int draftCount, Span<int> destination)
    {
        CollectionsMarshal.AsSpan(_tokens).Slice(ComputedCount, tokenCount).CopyTo(destination);
        if (draftCount > 0)
        {
            _lookup!.Draft()[..draftCount].CopyTo(destination[tokenCount..]);
        }
    }

    /// <inheritdoc/>
    public void CopyContents(int first, Span<ulong> destination)
    {
        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] = (ulong)_tokens[first + i];
        }

        Images?.CopyContents(first, destination);
    }

    /// <summary>The token at a position.</summary>
    public int TokenAt(int position) => _tokens[position];

    /// <inheritdoc/>
    public void Admit(BlockTable blocks) => Blocks = blocks;

    /// <inheritdoc/>
    public void Reuse(int computedCount)
    {
        CachedCount += _isRecomputing ? 0 : computedCount - ComputedCount;
        ComputedCount = computedCount;
    }

    /// <inheritdoc/>
    public void Preempt()
    {
        _isRecomputing |= ComputedCount > CachedCount;
        CachedCount = _isRecomputing ? CachedCount : 0;
        (Blocks, ComputedCount, IsDecoding) = (null, 0, false);
        Images?.Release();
        PromptLogprobs.Clear(); // incomplete ones; complete ones were sent
    }

    /// <summary>The first pending tokens are in the cache now.</summary>
    public void MarkComputed(int count)
    {
        ComputedCount += count;
        IsDecoding |= ComputedCount == TokenCount;
    }

    /// <summary>Log-probabilities of the whole prompt; null as long as some are missing, and once they were taken.</summary>
    public IReadOnlyList<PositionLogprobs?>? TakePromptLogprobs()
    {
        if (_hasPromptLogprobs || PromptLogprobs.Count < PromptCount)
        {
            return null;
        }

        _hasPromptLogprobs = true;
        return [.. PromptLogprobs];
    }

    /// <summary>Adds a generated token.</summary>
    public void Append(int token)
    {
        _tokens.Add(token);
        Counts?.Add(token);
        Constraint?.Append(token);
        _lookup?.Append(token);
    }

    /// <summary>So many of the guesses were right.</summary>
    public void LearnFromDrafts(int drafted, int accepted) => _lookup!.Learn(drafted, accepted);

    /// <summary>Sends an update to the reader.</summary>
    public void Send(GenerationUpdate update)
    {
        Interlocked.Increment(ref _pendingUpdates);
        _updates.Writer.TryWrite(update with { Usage = new TokenUsage(PromptCount, GeneratedCount, CachedCount) });
    }

    /// <summary>Ends the stream, with an error or without.</summary>
    public void Close(Exception? error = null)
    {
        _cancellation.Unregister();
        _updates.Writer.TryComplete(error);
    }

    /// <summary>Ties the sequence to its caller, from now on and whether or not the answer is ever read.</summary>
    public void CancelOn(CancellationToken cancellationToken) => _cancellation = cancellationToken.UnsafeRegister(static s => ((Sequence)s!).Cancel(), this);

    /// <summary>Asks the engine to drop the sequence. Any thread.</summary>
    public void Cancel()
    {
        _cancelled = true;
        _wakeEngine();
    }

    /// <summary>The answer as it comes; ends the sequence when the reader stops early. To be called once.</summary>
    public async IAsyncEnumerable<GenerationUpdate> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        bool ended = false;
        try
        {
            while (await _updates.Reader.WaitToReadAsync(cancellationToken))
            {
                while (_updates.Reader.TryRead(out GenerationUpdate? update))
                {
                    if (Interlocked.Decrement(ref _pendingUpdates) == _maxPendingUpdates - 1)
                    {
                        _wakeEngine();
                    }

                    yield return update;
                }
            }

            ended = true;
        }
        finally
        {
            if (!ended)
            {
                Cancel();
            }
        }
    }
}
