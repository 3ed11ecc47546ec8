using System.Collections.Concurrent;
using System.Diagnostics;
using Tramontane.Compute.Threading;
using Tramontane.Inference.KvCache;
using Tramontane.Inference.Model;
using Tramontane.Inference.Sampling;
using Tramontane.Inference.Scheduling;
using Tramontane.Inference.Weights;
using Tramontane.Tokenization;

namespace Tramontane.Inference.Engine;

/// <summary>
/// Runs a model for many callers. One thread owns decoder, cache and scheduler; callers meet it through a bounded queue
/// and each answer's own channel.
/// </summary>
public sealed class InferenceEngine : IInferenceEngine, IDisposable
{
    private readonly EngineOptions _options;
    private readonly LoadedModel _model;
    private readonly ThreadTeam _team;
    private readonly Decoder _decoder;
    private readonly Sampler _sampler;
    private readonly Logprobs _logprobs;
    private readonly ForbiddenTokens _forbidden;
    private readonly BlockPool _pool;
    private readonly Scheduler<Sequence> _scheduler;
    private readonly RaggedBatch _batch = new();
    private readonly List<int> _firstLogits = [];
    private readonly List<Sequence> _running = [];
    private readonly List<Sequence> _waiting = [];
    private readonly ConcurrentQueue<Sequence> _inbox = new();
    private readonly ManualResetEventSlim _wake = new();
    private readonly Thread _thread;
    private readonly Lock _statisticsGate = new();
    private EngineStatistics _statistics;
    private int _queued; // submitted, not yet in the batch
    private volatile bool _stopping;
    private volatile Exception? _failure;

    private InferenceEngine(EngineOptions options, LoadedModel model, MemoryPlan memory)
    {
        (_options, _model, Memory) = (options, model, memory);
        DecoderOptions decoderOptions = model.DecoderOptions(options);
        _team = new ThreadTeam(options.Threads ?? Processors.PhysicalCoreCount);
        _decoder = new Decoder(model.Weights, decoderOptions, _team);
        _sampler = new Sampler(model.Info.VocabularySize);
        _logprobs = new Logprobs(model.Info.VocabularySize);
        _forbidden = new ForbiddenTokens(model.Tokenizer);
        _pool = new BlockPool(decoderOptions.KeyValueBlockCount);
        _statistics = new EngineStatistics { TotalKvBlocks = _pool.BlockCount };
        _scheduler = new Scheduler<Sequence>(decoderOptions.MaxBatchTokens, decoderOptions.MaxLogitRows);
        _thread = new Thread(Run) { IsBackground = true, Name = "tramontane-engine" };
        _thread.Start();
    }

    /// <inheritdoc/>
    public ModelInfo Model => _model.Info;

    /// <inheritdoc/>
    public Tokenizer Tokenizer => _model.Tokenizer;

    /// <summary>The memory that this configuration needs.</summary>
    public MemoryPlan Memory { get; }

    /// <summary>Compute threads.</summary>
    public int Threads => _team.WorkerCount;

    /// <summary>Whether requests can be taken: false once the engine has stopped or failed.</summary>
    public bool IsReady => !_stopping && _failure is null;

    /// <inheritdoc/>
    public EngineStatistics Statistics
    {
        get
        {
            lock (_statisticsGate)
            {
                return _statistics with { WaitingSequences = Volatile.Read(ref _queued) };
            }
        }
    }

    /// <summary>Maps a model, checks that the configuration fits and starts the engine's thread.</summary>
    /// <exception cref="GgufException">The file cannot be read; the message says what is wrong where.</exception>
    /// <exception cref="EngineConfigurationException">The configuration does not fit; the message says what to change.</exception>
    public static InferenceEngine Load(EngineOptions options)
    {
        LoadedModel model = LoadedModel.Open(options);
        try
        {
            return new InferenceEngine(options, model, model.PlanMemory(options));
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The prompt is empty or has an id outside the vocabulary, or a count is negative or beyond the vocabulary.</exception>
    public Submission Submit(GenerationRequest request, CancellationToken cancellationToken)
    {
        int promptCount = request.PromptTokens.Count;
        if (promptCount == 0 || request.PromptTokens.Any(token => (uint)token >= (uint)Model.VocabularySize))
        {
            throw new ArgumentException($"A prompt needs at least one token, and ids from 0 to {Model.VocabularySize - 1}.", nameof(request));
        }

        if (!IsReady)
        {
            return new Submission(null, SubmissionRefusal.Stopped);
        }

        // A prompt that fills the context may still be evaluated, as long as nothing is to be generated.
        if (promptCount > Model.ContextLength || (promptCount == Model.ContextLength && request.MaxTokens != 0))
        {
            return new Submission(null, SubmissionRefusal.PromptTooLong);
        }

        ThrowIfImpossible(request);
        int maxTokens = Math.Min(request.MaxTokens ?? int.MaxValue, Model.ContextLength - promptCount);
        var sequence = new Sequence(request, maxTokens, Tokenizer, _options.MaxPendingUpdates, _wake.Set); // may throw: before it counts
        if (Interlocked.Increment(ref _queued) > _options.MaxQueue)
        {
            Interlocked.Decrement(ref _queued);
            return new Submission(null, SubmissionRefusal.QueueFull);
        }

        sequence.CancelOn(cancellationToken);
        _inbox.Enqueue(sequence); // Step 5: the queue
        Interlocked.MemoryBarrier(); // with that of CloseAll: this thread sees that the engine ends, or that one sees the sequence
        if (!IsReady)
        {
            CloseInbox();
        }

        _wake.Set();
        return new Submission(sequence.ReadAsync(cancellationToken), null);
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
        _team.Dispose();
        _model.Dispose();
        _wake.Dispose(); // a reader that ends later may still set it: that is allowed
    }

    private void ThrowIfImpossible(GenerationRequest request)
    {
        if (request.MaxTokens < 0)
        {
            throw new ArgumentException($"{request.MaxTokens} tokens cannot be generated.", nameof(request));
        }

        foreach (int? count in (ReadOnlySpan<int?>)[request.TopLogprobs, request.PromptLogprobs])
        {
            if (count < 0 || count > Model.VocabularySize)
            {
                throw new ArgumentException($"There are from 0 to {Model.VocabularySize} alternatives to a token, not {count}.", nameof(request));
            }
        }
    }

    private void Run()
    {
        try
        {
            while (!_stopping)
            {
                _wake.Reset(); // before the look at the queue: what comes later is seen in the next round
                Admit();
                IReadOnlyList<ScheduledTokens<Sequence>> plan = _scheduler.Plan(_running);
                if (plan.Count == 0)
                {
                    PublishGauges();
                    _wake.Wait();
                    continue;
                }

                Step(plan);
            }
        }
        catch (Exception exception)
        {
            _failure = exception;
        }

        CloseAll();
    }

    // Drops what was cancelled and fills the batch from the queue.
    private void Admit()
    {
        while (_inbox.TryDequeue(out Sequence? sequence))
        {
            _waiting.Add(sequence);
        }

        int dropped = _waiting.RemoveAll(DropIfCancelled);
        Interlocked.Add(ref _queued, -dropped);
        dropped += _running.RemoveAll(DropIfCancelled);
        Count(cancelled: dropped);

        int admitted = Math.Min(_waiting.Count, _options.MaxBatch - _running.Count);
        for (int i = 0; i < admitted; i++)
        {
            // The pool holds MaxBatch whole contexts, so an admitted sequence never lacks a block.
            _waiting[i].Admit(_pool, Model.ContextLength);
            _running.Add(_waiting[i]);
        }

        _waiting.RemoveRange(0, admitted);
        Interlocked.Add(ref _queued, -admitted);
    }

    private static bool DropIfCancelled(Sequence sequence)
    {
        bool isCancelled = sequence.IsCancelled; // read once: the caller may cancel at any moment
        if (isCancelled)
        {
            sequence.Close();
        }

        return isCancelled;
    }

    private void Step(IReadOnlyList<ScheduledTokens<Sequence>> plan)
    {
        long started = Stopwatch.GetTimestamp();
        _batch.Clear();
        _firstLogits.Clear();
        int promptTokens = 0, generated = 0;
        foreach ((Sequence sequence, int tokenCount, int logitCount) in plan)
        {
            sequence.Blocks!.EnsureRoom(sequence.ComputedCount + tokenCount);
            _firstLogits.Add(_batch.Add(sequence.NextTokens(tokenCount), sequence.ComputedCount, sequence.Blocks.Blocks, logitCount));
            promptTokens += Math.Clamp(sequence.PromptCount - sequence.ComputedCount, 0, tokenCount);
        }

        _decoder.Forward(_batch);
        for (int i = 0; i < plan.Count; i++)
        {
            (Sequence sequence, int tokenCount, int logitCount) = plan[i];
            int before = sequence.GeneratedCount;
            bool ended = Advance(sequence, tokenCount, logitCount, _firstLogits[i]);
            generated += sequence.GeneratedCount - before;
            if (ended)
            {
                _running.Remove(sequence);
                Count(finished: 1);
            }
        }

        lock (_statisticsGate)
        {
            _statistics = _statistics with
            {
                PromptTokens = _statistics.PromptTokens + promptTokens,
                GeneratedTokens = _statistics.GeneratedTokens + generated,
                Steps = _statistics.Steps + 1,
                StepSeconds = _statistics.StepSeconds + Stopwatch.GetElapsedTime(started).TotalSeconds,
            };
        }

        PublishGauges();
    }

    // Takes a sequence over a step; true when its answer has ended. A fault that belongs to it ends it alone.
    private bool Advance(Sequence sequence, int tokenCount, int logitCount, int firstLogit)
    {
        try
        {
            int firstPosition = sequence.ComputedCount + tokenCount - logitCount; // of the rows with logits
            sequence.MarkComputed(tokenCount);
            CollectPromptLogprobs(sequence, firstPosition, logitCount, firstLogit);
            if (sequence.ComputedCount < sequence.TokenCount)
            {
                return false;
            }

            return SampleNext(sequence, _decoder.Logits(firstLogit + logitCount - 1));
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            sequence.Close(exception);
            return true;
        }
    }

    // Step 8: one draw from the logits of the last row.
    private bool SampleNext(Sequence sequence, ReadOnlySpan<float> logits)
    {
        GenerationRequest request = sequence.Request;
        if (sequence.MaxTokens == 0)
        {
            return Finish(sequence, sequence.Output.Finish());
        }

        ReadOnlySpan<ulong> forbidden = request.AllowToolCalls ? _forbidden.WithToolCalls : _forbidden.WithoutToolCalls;
        int token = _sampler.Sample(logits, request.Sampling, sequence.Counts, forbidden, sequence.TokenCount);
        PositionLogprobs? logprobs = request.TopLogprobs is { } top ? ReadLogprobs(logits, token, top) : null;
        sequence.Append(token);

        // Step 9: what the token releases.
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
    private void CollectPromptLogprobs(Sequence sequence, int firstPosition, int logitCount, int firstLogit)
    {
        if (sequence.Request.PromptLogprobs is not { } top)
        {
            return;
        }

        if (firstPosition == 0)
        {
            sequence.PromptLogprobs.Add(null); // nothing predicts the first token
        }

        for (int i = 0; i < logitCount && firstPosition + i + 1 < sequence.PromptCount; i++)
        {
            sequence.PromptLogprobs.Add(ReadLogprobs(_decoder.Logits(firstLogit + i), sequence.TokenAt(firstPosition + i + 1), top));
        }

        if (sequence.ComputedCount == sequence.PromptCount)
        {
            sequence.Send(new GenerationUpdate { PromptLogprobs = sequence.PromptLogprobs });
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
        sequence.Send(last with { Usage = new TokenUsage(sequence.PromptCount, sequence.GeneratedCount, CachedTokens: 0) });
        sequence.Close();
        return true;
    }

    private void CloseAll()
    {
        _running.ForEach(sequence => sequence.Close(ReasonOfStop()));
        _running.Clear();
        _waiting.ForEach(sequence => sequence.Close(ReasonOfStop()));
        Interlocked.Add(ref _queued, -_waiting.Count);
        _waiting.Clear();
        Interlocked.MemoryBarrier(); // IsReady is false before the last look at the inbox; see Submit
        CloseInbox();
        PublishGauges();
    }

    // By the engine's thread at its end, and by a caller whose sequence came too late for that.
    private void CloseInbox()
    {
        while (_inbox.TryDequeue(out Sequence? sequence))
        {
            Interlocked.Decrement(ref _queued);
            sequence.Close(ReasonOfStop());
        }
    }

    private EngineStoppedException ReasonOfStop() => _failure is null
        ? new EngineStoppedException("The server is shutting down.")
        : new EngineStoppedException("The engine failed and has stopped.", _failure);

    private void Count(int finished = 0, int cancelled = 0)
    {
        lock (_statisticsGate)
        {
            _statistics = _statistics with
            {
                FinishedSequences = _statistics.FinishedSequences + finished,
                CancelledSequences = _statistics.CancelledSequences + cancelled,
            };
        }
    }

    private void PublishGauges()
    {
        lock (_statisticsGate)
        {
            _statistics = _statistics with
            {
                RunningSequences = _running.Count,
                UsedKvBlocks = _pool.BlockCount - _pool.FreeCount,
                TotalKvBlocks = _pool.BlockCount,
            };
        }
    }
}
