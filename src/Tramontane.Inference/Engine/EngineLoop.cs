using System.Collections.Concurrent;
using System.Diagnostics;
using Tramontane.Compute.Threading;
using Tramontane.Inference.KvCache;
using Tramontane.Inference.Model;
using Tramontane.Inference.Scheduling;
using Tramontane.Inference.Vision;

namespace Tramontane.Inference.Engine;

/// <summary>
/// The engine thread's world: decoder, cache and scheduler, and the loop that takes them from step to step. Others hand in
/// sequences through the inbox, ask for attention through <see cref="Wake"/>, and read <see cref="Statistics"/>.
/// </summary>
internal sealed class EngineLoop : IDisposable
{
    private readonly ThreadTeam _team;
    private readonly Decoder _decoder;
    private readonly NextToken _nextToken;
    private readonly BlockPool _pool;
    private readonly PrefixCache _prefixes;
    private readonly PrefixFile? _prefixFile;
    private readonly Scheduler<Sequence> _scheduler;
    private readonly EmbeddingCache _embeddings;
    private readonly ImageStage? _images; // null without a vision encoder
    private readonly int _dim;
    private readonly QueueLimit _queue;
    private readonly RaggedBatch _batch = new();
    private readonly int[] _tokens; // of one sequence's rows
    private readonly List<int> _firstLogits = [];
    private readonly ConcurrentQueue<Sequence> _inbox = new();
    private readonly ManualResetEventSlim _wake = new();
    private readonly Thread _thread;
    private readonly Lock _statisticsGate = new();
    private EngineStatistics _statistics;
    private volatile bool _stopping;
    private volatile Exception? _failure;

    public EngineLoop(EngineOptions options, LoadedModel model, QueueLimit queue)
    {
        DecoderOptions decoderOptions = model.DecoderOptions(options);
        _queue = queue;
        _team = new ThreadTeam(options.Threads ?? Processors.PhysicalCoreCount);
        _decoder = new Decoder(model.Weights, decoderOptions, _team);
        _nextToken = new NextToken(model.Tokenizer);
        _pool = new BlockPool(decoderOptions.KeyValueBlockCount);
        _prefixes = new PrefixCache(_pool, _decoder.Cache.Copy);
        if (options.PrefixFile is { } path)
        {
            _prefixFile = new PrefixFile(path, model.Info.Fingerprint, options.PrefixFileBytes);
            (RestoredTokens, PrefixFileProblem) = _prefixFile.Restore(_prefixes, _decoder.Cache);
        }

        _scheduler = new Scheduler<Sequence>(
            new SchedulerLimits(options.MaxBatch, decoderOptions.MaxBatchTokens, decoderOptions.MaxLogitRows, model.Info.ContextLength, options.DecodeSlowdown),
            _pool,
            _prefixes);
        _tokens = new int[decoderOptions.MaxBatchTokens];
        _dim = model.Weights.Config.Dim;
        _embeddings = new EmbeddingCache(options.ImageCacheBytes);
        _images = model.Vision is null ? null : new ImageStage(model.Vision, _team, _embeddings);
        _statistics = new EngineStatistics { TotalKvBlocks = _pool.BlockCount };
        _thread = new Thread(Run) { IsBackground = true, Name = "tramontane-engine" };
    }

    /// <summary>Compute threads.</summary>
    public int Threads => _team.WorkerCount;

    /// <summary>Tokens of cached prompts that were there from an earlier run.</summary>
    public int RestoredTokens { get; }

    /// <summary>Why cached prompts of an earlier run were left out, or could not be kept; null when nothing went wrong.</summary>
    public string? PrefixFileProblem { get; private set; }

    /// <summary>Whether sequences are taken: false once the loop has stopped or failed.</summary>
    public bool IsReady => !_stopping && _failure is null;

    /// <summary>Counters and gauges of the last step. Any thread.</summary>
    public EngineStatistics Statistics
    {
        get
        {
            lock (_statisticsGate)
            {
                return _statistics;
            }
        }
    }

    /// <summary>Begins.</summary>
    public void Start() => _thread.Start();

    /// <summary>What a sequence with these images is given; null for none. Any thread.</summary>
    public ImageRows? RowsOf(IReadOnlyList<PromptImage> images) => images.Count == 0 ? null : new ImageRows(images, _embeddings, _dim);

    /// <summary>Asks for the loop's attention. Any thread.</summary>
    public void Wake() => _wake.Set();

    /// <summary>Hands in a sequence that the queue has room for. Any thread.</summary>
    public void Enqueue(Sequence sequence)
    {
        _inbox.Enqueue(sequence); // Step 5: the queue
        Interlocked.MemoryBarrier(); // with that of CloseAll: this thread sees that the loop ends, or that one sees the sequence
        if (!IsReady)
        {
            CloseInbox();
        }

        _wake.Set();
    }

    /// <summary>Stops the thread; answers under way end with <see cref="EngineStoppedException"/>.</summary>
    public void Dispose()
    {
        if (_stopping)
        {
            return;
        }

        _stopping = true;
        _wake.Set();
        _thread.Join();
        _decoder.Dispose();
        _images?.Dispose();
        _team.Dispose();
        _wake.Dispose(); // a reader that ends later may still set it: that is allowed
    }

    private void Run()
    {
        try
        {
            while (!_stopping)
            {
                _wake.Reset(); // before the look at the queue: what comes later is seen in the next round
                TakeInbox();
                IReadOnlyList<ScheduledTokens<Sequence>> plan = _scheduler.Plan();
                if (plan.Count > 0)
                {
                    Step(plan);
                }

                if (!EncodeImages() && plan.Count == 0)
                {
                    PublishGauges();
                    _wake.Wait();
                }
            }
        }
        catch (Exception exception)
        {
            _failure = exception;
        }

        CloseAll();
    }

    private void TakeInbox()
    {
        while (_inbox.TryDequeue(out Sequence? sequence))
        {
            _scheduler.Enqueue(sequence);
        }

        int cancelled = _scheduler.RemoveWhere(CloseIfCancelled);
        if (cancelled > 0)
        {
            Count(new EngineStatistics { CancelledSequences = cancelled });
        }
    }

    private bool CloseIfCancelled(Sequence sequence)
    {
        bool isCancelled = sequence.IsCancelled; // read once: the caller may cancel at any moment
        if (isCancelled)
        {
            Close(sequence);
        }

        return isCancelled;
    }

    private void Step(IReadOnlyList<ScheduledTokens<Sequence>> plan)
    {
        long started = Stopwatch.GetTimestamp();
        if (!TryForward(plan))
        {
            return;
        }

        TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
        _scheduler.RecordStep(elapsed);
        var counts = new EngineStatistics { Steps = 1, StepSeconds = elapsed.TotalSeconds };
        for (int i = 0; i < plan.Count; i++)
        {
            ScheduledTokens<Sequence> share = plan[i];
            Sequence sequence = share.Sequence;
            int prompt = Math.Clamp(sequence.PromptCount - sequence.ComputedCount, 0, share.TokenCount), before = sequence.GeneratedCount;
            bool hasEnded = Advance(share, _firstLogits[i], out int accepted);
            if (sequence.Images is { } images)
            {
                counts = counts.Plus(images.Retire(sequence.ComputedCount));
            }

            int generated = sequence.GeneratedCount - before;
            counts = counts with
            {
                PromptTokens = counts.PromptTokens + prompt,
                GeneratedTokens = counts.GeneratedTokens + generated,
                DraftedTokens = counts.DraftedTokens + share.DraftCount,
                AcceptedTokens = counts.AcceptedTokens + accepted,
                FinishedSequences = counts.FinishedSequences + (hasEnded ? 1 : 0),
                CachedTokens = counts.CachedTokens + (hasEnded ? sequence.CachedCount : 0),
            };
        }

        Count(counts);
        PublishGauges();
    }

    // A small part of an image that somebody waits for; false when there is none. A fault ends those who wait for that image.
    private bool EncodeImages()
    {
        if (_images is null)
        {
            return false;
        }

        try
        {
            bool hasWorked = _images.Advance(_scheduler, out EngineStatistics counts);
            if (hasWorked)
            {
                Count(counts);
            }

            return hasWorked;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            if (_images.Fail() is not { } failed)
            {
                throw;
            }

            int ended = _scheduler.RemoveWhere(sequence =>
            {
                bool waits = sequence.Images?.Wants(failed, sequence.ComputedCount) ?? false;
                if (waits)
                {
                    Close(sequence, exception);
                }

                return waits;
            });
            Count(new EngineStatistics { FinishedSequences = ended });
            return true;
        }
    }

    // A pass that fails takes its own sequences with it, and no others.
    private bool TryForward(IReadOnlyList<ScheduledTokens<Sequence>> plan)
    {
        _batch.Clear();
        _firstLogits.Clear();
        try
        {
            foreach ((Sequence sequence, int tokenCount, int logitCount, int draftCount) in plan)
            {
                Span<int> tokens = _tokens.AsSpan(0, tokenCount + draftCount);
                sequence.CopyNext(tokenCount, draftCount, tokens);
                int firstRow = _batch.TokenCount;
                _firstLogits.Add(_batch.Add(tokens, sequence.ComputedCount, sequence.Blocks!.Blocks, logitCount));
                sequence.Images?.Place(_batch, firstRow, sequence.ComputedCount, tokenCount);
            }

            _decoder.Forward(_batch);
            return true;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            foreach (ScheduledTokens<Sequence> share in plan)
            {
                End(share.Sequence, exception);
            }

            Count(new EngineStatistics { FinishedSequences = plan.Count });
            return false;
        }
    }

    // Takes a sequence over a step; true when its answer has ended. A fault that belongs to it ends it alone.
    private bool Advance(ScheduledTokens<Sequence> share, int firstLogit, out int accepted)
    {
        accepted = 0;
        Sequence sequence = share.Sequence;
        try
        {
            bool hasEnded = _nextToken.Advance(share, _decoder, firstLogit, out accepted);
            if (hasEnded)
            {
                End(sequence);
            }
            else
            {
                _prefixes.Index(sequence.Blocks!, sequence, sequence.ComputedCount);
            }

            return hasEnded;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            End(sequence, exception);
            return true;
        }
    }

    private void End(Sequence sequence, Exception? error = null)
    {
        _scheduler.Remove(sequence);
        Close(sequence, error);
    }

    private void Close(Sequence sequence, Exception? error = null)
    {
        _queue.Leave(sequence.Tenant);
        sequence.Close(error);
    }

    private void CloseAll()
    {
        _scheduler.RemoveWhere(sequence =>
        {
            Close(sequence, ReasonOfStop());
            return true;
        });
        Interlocked.MemoryBarrier(); // IsReady is false before the last look at the inbox; see Enqueue
        CloseInbox();
        PublishGauges();
        KeepPrefixes();
    }

    private void KeepPrefixes()
    {
        try
        {
            _prefixFile?.Save(_prefixes, _decoder.Cache);
        }
        catch (Exception exception) // whatever it is, the engine stops in order
        {
            PrefixFileProblem = exception.Message;
        }
    }

    // By the engine's thread at its end, and by a caller whose sequence came too late for that.
    private void CloseInbox()
    {
        while (_inbox.TryDequeue(out Sequence? sequence))
        {
            Close(sequence, ReasonOfStop());
        }
    }

    private EngineStoppedException ReasonOfStop() => _failure is null
        ? new EngineStoppedException("The server is shutting down.")
        : new EngineStoppedException("The engine failed and has stopped.", _failure);

    private void Count(EngineStatistics more)
    {
        lock (_statisticsGate)
        {
            _statistics = _statistics.Plus(more);
        }
    }

    private void PublishGauges()
    {
        lock (_statisticsGate)
        {
            _statistics = _statistics with
            {
                RunningSequences = _scheduler.RunningCount,
                UsedKvBlocks = _pool.HeldCount,
                CachedKvBlocks = _pool.IdleCount,
                Preemptions = _scheduler.PreemptionCount,
            };
        }
    }
}
