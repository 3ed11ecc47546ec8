using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Tramontane.Inference.KvCache;
using Tramontane.Inference.Sampling;
using Tramontane.Inference.Scheduling;
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
    private CancellationTokenRegistration _cancellation;
    private int _pendingUpdates;
    private volatile bool _cancelled;

    /// <summary>Prepares a sequence; nothing of the engine's is taken yet.</summary>
    /// <param name="request">What to generate.</param>
    /// <param name="maxTokens">Most tokens to generate, the context's end considered.</param>
    /// <param name="tokenizer">For the answer's text.</param>
    /// <param name="maxPendingUpdates">Unread updates at which the sequence pauses.</param>
    /// <param name="wakeEngine">Called when a paused or cancelled sequence wants the engine's attention.</param>
    public Sequence(GenerationRequest request, int maxTokens, Tokenizer tokenizer, int maxPendingUpdates, Action wakeEngine)
    {
        Request = request;
        MaxTokens = maxTokens;
        _maxPendingUpdates = maxPendingUpdates;
        _wakeEngine = wakeEngine;
        _tokens = [.. request.PromptTokens];
        Counts = new TokenCounts(request.PromptTokens);
        Output = new OutputAssembler(tokenizer, request);
    }

    public GenerationRequest Request { get; }

    public int MaxTokens { get; }

    public TokenCounts Counts { get; }

    public OutputAssembler Output { get; }

    public BlockTable? Blocks { get; private set; }

    public int PromptCount => Request.PromptTokens.Count;

    public int GeneratedCount => _tokens.Count - PromptCount;

    public List<PositionLogprobs?> PromptLogprobs { get; } = [];

    public bool IsCancelled => _cancelled;

    /// <inheritdoc/>
    public int TokenCount => _tokens.Count;

    /// <inheritdoc/>
    public int ComputedCount { get; private set; }

    /// <inheritdoc/>
    public int FullLogitsCount => Request.PromptLogprobs is null ? 0 : Math.Max(0, PromptCount - ComputedCount);

    /// <inheritdoc/>
    public bool IsPaused => Volatile.Read(ref _pendingUpdates) >= _maxPendingUpdates;

    /// <summary>The next tokens to compute.</summary>
    public ReadOnlySpan<int> NextTokens(int count) => CollectionsMarshal.AsSpan(_tokens).Slice(ComputedCount, count);

    /// <summary>The token at a position.</summary>
    public int TokenAt(int position) => _tokens[position];

    /// <summary>Gives the sequence a place in the batch.</summary>
    public void Admit(BlockPool pool, int contextLength) => Blocks = new BlockTable(pool, contextLength);

    /// <summary>The first pending tokens are in the cache now.</summary>
    public void MarkComputed(int count) => ComputedCount += count;

    /// <summary>Adds a generated token.</summary>
    public void Append(int token)
    {
        _tokens.Add(token);
        Counts.Add(token);
    }

    /// <summary>Sends an update to the reader.</summary>
    public void Send(GenerationUpdate update)
    {
        Interlocked.Increment(ref _pendingUpdates);
        _updates.Writer.TryWrite(update);
    }

    /// <summary>Ends the stream, with an error or without, and frees the blocks.</summary>
    public void Close(Exception? error = null)
    {
        Blocks?.Release();
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
