using Tramontane.Tokenization;

namespace Tramontane.Inference.Engine;

/// <summary>What the server needs of an engine; a test puts a scripted one in its place.</summary>
public interface IInferenceEngine
{
    /// <summary>The loaded model.</summary>
    ModelInfo Model { get; }

    /// <summary>The loaded model's tokenizer.</summary>
    Tokenizer Tokenizer { get; }

    /// <summary>Counters and gauges as of now; cheap, from any thread.</summary>
    EngineStatistics Statistics { get; }

    /// <summary>Whether requests are taken: false once the engine has stopped or failed.</summary>
    bool IsReady => true;

    /// <summary>
    /// Queues a sequence. Refusals are values, so that a bad request never becomes a broken stream.
    /// Cancelling <paramref name="cancellationToken"/>, or ending the enumeration early, frees the sequence within one step.
    /// </summary>
    Submission Submit(GenerationRequest request, CancellationToken cancellationToken);
}

/// <summary>Why a request was not queued.</summary>
public enum SubmissionRefusal
{
    /// <summary>The prompt fills the whole context; see <see cref="ModelInfo.ContextLength"/>.</summary>
    PromptTooLong,

    /// <summary>Too many requests wait already; try again later.</summary>
    QueueFull,

    /// <summary>The engine has stopped: the process is shutting down or the engine failed.</summary>
    Stopped,
}

/// <summary>The outcome of <see cref="IInferenceEngine.Submit"/>: updates or a refusal.</summary>
/// <param name="Updates">The answer as it comes, to be enumerated once; null when refused.</param>
/// <param name="Refusal">Null when accepted.</param>
public readonly record struct Submission(IAsyncEnumerable<GenerationUpdate>? Updates, SubmissionRefusal? Refusal);

/// <summary>A format that weights of the loaded model are stored in.</summary>
/// <param name="Name">As llama.cpp names it, such as <c>Q4_K</c>.</param>
/// <param name="Bytes">What tensors of this format take in the file.</param>
public sealed record WeightFormat(string Name, long Bytes);

/// <summary>What is known of the loaded model.</summary>
public sealed record ModelInfo
{
    /// <summary>The name inside the file, for people.</summary>
    public required string Name { get; init; }

    /// <summary>File name without folder, for people.</summary>
    public required string FileName { get; init; }

    /// <summary>Who made the weights, as the file says; null when it does not.</summary>
    public string? Author { get; init; }

    /// <summary>Licence of the weights, as the file says; null when it does not.</summary>
    public string? License { get; init; }

    /// <summary>True for the small bundled model that only shows that everything works.</summary>
    public required bool IsDemo { get; init; }

    /// <summary>Tokens that one sequence may hold, prompt and answer together, as configured.</summary>
    public required int ContextLength { get; init; }

    /// <summary>Positions that the model was made for; <see cref="ContextLength"/> is at most this. 0 when the file does not say.</summary>
    public int TrainedContextLength { get; init; }

    /// <summary>The formats that the weights are stored in, the largest first.</summary>
    public IReadOnlyList<WeightFormat> WeightFormats { get; init; } = [];

    /// <summary>Number of weights.</summary>
    public required long ParameterCount { get; init; }

    /// <summary>Entries of the vocabulary.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Whether prompts may hold images: a vision encoder was loaded beside the model.</summary>
    public bool TakesImages { get; init; }

    /// <summary>Hash over weights' shape and the numeric configuration; equal fingerprints give equal bytes.</summary>
    public required string Fingerprint { get; init; }
}

/// <summary>Counters since start and gauges as of now.</summary>
public readonly record struct EngineStatistics
{
    /// <summary>Prompt tokens evaluated.</summary>
    public long PromptTokens { get; init; }

    /// <summary>Tokens generated.</summary>
    public long GeneratedTokens { get; init; }

    /// <summary>Forward passes.</summary>
    public long Steps { get; init; }

    /// <summary>Seconds spent in forward passes.</summary>
    public double StepSeconds { get; init; }

    /// <summary>Sequences that ended on their own.</summary>
    public long FinishedSequences { get; init; }

    /// <summary>Sequences that were cancelled.</summary>
    public long CancelledSequences { get; init; }

    /// <summary>Tokens of prompts that were found in the cache instead of being evaluated; of sequences that have finished.</summary>
    public long CachedTokens { get; init; }

    /// <summary>Guessed tokens that were checked.</summary>
    public long DraftedTokens { get; init; }

    /// <summary>Guessed tokens that were right.</summary>
    public long AcceptedTokens { get; init; }

    /// <summary>How often a sequence lost its place for lack of cache blocks or to one of higher priority.</summary>
    public long Preemptions { get; init; }

    /// <summary>Images encoded.</summary>
    public long EncodedImages { get; init; }

    /// <summary>Images of prompts whose embeddings were there already: encoded for an earlier prompt or another place.</summary>
    public long SharedImages { get; init; }

    /// <summary>Images of prompts that needed no embeddings: the prompt's beginning was found in the cache.</summary>
    public long CachedImages { get; init; }

    /// <summary>Seconds spent on encoding images.</summary>
    public double EncodingSeconds { get; init; }

    /// <summary>Sequences in the batch.</summary>
    public int RunningSequences { get; init; }

    /// <summary>Sequences waiting for a place.</summary>
    public int WaitingSequences { get; init; }

    /// <summary>KV blocks that running sequences hold.</summary>
    public int UsedKvBlocks { get; init; }

    /// <summary>KV blocks that are kept for later prompts until they are needed.</summary>
    public int CachedKvBlocks { get; init; }

    /// <summary>KV blocks in all.</summary>
    public int TotalKvBlocks { get; init; }

    /// <summary>The same with the counters of another added; gauges and <see cref="Preemptions"/> stay.</summary>
    internal EngineStatistics Plus(in EngineStatistics more) => this with
    {
        PromptTokens = PromptTokens + more.PromptTokens,
        GeneratedTokens = GeneratedTokens + more.GeneratedTokens,
        Steps = Steps + more.Steps,
        StepSeconds = StepSeconds + more.StepSeconds,
        FinishedSequences = FinishedSequences + more.FinishedSequences,
        CancelledSequences = CancelledSequences + more.CancelledSequences,
        CachedTokens = CachedTokens + more.CachedTokens,
        DraftedTokens = DraftedTokens + more.DraftedTokens,
        AcceptedTokens = AcceptedTokens + more.AcceptedTokens,
        EncodedImages = EncodedImages + more.EncodedImages,
        SharedImages = SharedImages + more.SharedImages,
        CachedImages = CachedImages + more.CachedImages,
        EncodingSeconds = EncodingSeconds + more.EncodingSeconds,
    };
}
