using Tramontane.Inference.Weights;
using Tramontane.Tokenization;

namespace Tramontane.Inference.Engine;

/// <summary>
/// Runs a model for many callers. One thread owns decoder, cache and scheduler (<see cref="EngineLoop"/>); callers meet it
/// through a bounded queue and each answer's own channel.
/// </summary>
public sealed class InferenceEngine : IInferenceEngine, IDisposable
{
    private readonly EngineOptions _options;
    private readonly LoadedModel _model;
    private readonly QueueLimit _queue;
    private readonly EngineLoop _loop;

    private InferenceEngine(EngineOptions options, LoadedModel model, MemoryPlan memory)
    {
        (_options, _model, Memory) = (options, model, memory);
        _queue = new QueueLimit((int)Math.Min((long)options.MaxBatch + options.MaxQueue, int.MaxValue));
        _loop = new EngineLoop(options, model, _queue);
        _loop.Start();
    }

    /// <inheritdoc/>
    public ModelInfo Model => _model.Info;

    /// <inheritdoc/>
    public Tokenizer Tokenizer => _model.Tokenizer;

    /// <summary>The memory that this configuration needs.</summary>
    public MemoryPlan Memory { get; }

    /// <summary>Compute threads.</summary>
    public int Threads => _loop.Threads;

    /// <summary>Tokens of cached prompts that were there from an earlier run.</summary>
    public int RestoredTokens => _loop.RestoredTokens;

    /// <summary>Why cached prompts of an earlier run were left out, or at the end could not be kept; null when nothing went wrong.</summary>
    public string? PrefixFileProblem => _loop.PrefixFileProblem;

    /// <summary>Whether requests can be taken: false once the engine has stopped or failed.</summary>
    public bool IsReady => _loop.IsReady;

    /// <inheritdoc/>
    public EngineStatistics Statistics
    {
        get
        {
            EngineStatistics statistics = _loop.Statistics;
            return statistics with { WaitingSequences = Math.Max(0, _queue.Count - statistics.RunningSequences) };
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
    /// <exception cref="ArgumentException">
    /// The prompt is empty or has an id outside the vocabulary, a count is negative or beyond the vocabulary, or an image has no
    /// placeholders or no encoder.
    /// </exception>
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
        var sequence = new Sequence(request, maxTokens, Tokenizer, _options, _loop.RowsOf(request.Images), _loop.Wake); // may throw: before it counts
        if (!_queue.TryEnter(request.Tenant))
        {
            return new Submission(null, SubmissionRefusal.QueueFull);
        }

        sequence.CancelOn(cancellationToken);
        _loop.Enqueue(sequence);
        return new Submission(sequence.ReadAsync(cancellationToken), null);
    }

    /// <summary>Stops the thread; answers under way end with <see cref="EngineStoppedException"/>.</summary>
    public void Dispose()
    {
        _loop.Dispose();
        _model.Dispose();
    }

    private void ThrowIfImpossible(GenerationRequest request)
    {
        if (request.MaxTokens < 0)
        {
            throw new ArgumentException($"{request.MaxTokens} tokens cannot be generated.", nameof(request));
        }

        if (request.Constraint is { } constraint && constraint.Grammar.Vocabulary.TokenCount != Model.VocabularySize)
        {
            throw new ArgumentException("The constraint was made for another vocabulary.", nameof(request));
        }

        if (request.Images.Count > 0 && !(Model.TakesImages && PromptImage.FitInto(request.Images, request.PromptTokens)))
        {
            throw new ArgumentException("Images need a vision encoder, and placeholders in the prompt that fit each of them.", nameof(request));
        }

        foreach (int? count in (ReadOnlySpan<int?>)[request.TopLogprobs, request.PromptLogprobs])
        {
            if (count < 0 || count > Model.VocabularySize)
            {
                throw new ArgumentException($"There are from 0 to {Model.VocabularySize} alternatives to a token, not {count}.", nameof(request));
            }
        }
    }
}
