using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Tramontane.Inference.Engine;
using Tramontane.Tokenization;

namespace Tramontane.Server.Tests.Fakes;

/// <summary>An engine that plays a script and remembers what it was asked.</summary>
internal sealed class ScriptedEngine : IInferenceEngine
{
    private long _cancelled;
    private long _finished;
    private int _running;

    internal ScriptedEngine(string answer = "Hello, world!") => Script = (request, cancellationToken) => PlayText(answer, request, cancellationToken);

    /// <summary>What a sequence answers.</summary>
    internal Func<GenerationRequest, CancellationToken, IAsyncEnumerable<GenerationUpdate>> Script { get; set; }

    /// <summary>When set, every request is refused with it.</summary>
    internal SubmissionRefusal? Refusal { get; set; }

    /// <summary>When set, no request is taken: it is thrown.</summary>
    internal Exception? SubmitFault { get; set; }

    internal ConcurrentQueue<GenerationRequest> Requests { get; } = [];

    /// <summary>Completes when the first sequence has been cancelled.</summary>
    internal TaskCompletionSource FirstCancelled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ModelInfo Model { get; set; } = new()
    {
        Name = "Scripted",
        FileName = "scripted.gguf",
        IsDemo = false,
        ContextLength = 4096,
        ParameterCount = 24_000_000_000,
        VocabularySize = SpecialTokens.Count + 256,
        Fingerprint = "0123456789abcdef",
    };

    public Tokenizer Tokenizer => ByteTokenizer.Instance;

    public bool IsReady => Refusal != SubmissionRefusal.Stopped;

    public EngineStatistics Statistics => new()
    {
        PromptTokens = 7,
        GeneratedTokens = 11,
        Steps = 13,
        StepSeconds = 1.5,
        FinishedSequences = Interlocked.Read(ref _finished),
        CancelledSequences = Interlocked.Read(ref _cancelled),
        RunningSequences = Volatile.Read(ref _running),
        UsedKvBlocks = 3,
        TotalKvBlocks = 17,
    };

    public Submission Submit(GenerationRequest request, CancellationToken cancellationToken)
    {
        if (SubmitFault is not null)
        {
            throw SubmitFault;
        }

        if (Refusal is not null)
        {
            return new Submission(null, Refusal);
        }

        Requests.Enqueue(request);
        return new Submission(RunAsync(request, cancellationToken), null);
    }

    /// <summary>One token per byte, text released at whole characters, log-probabilities that depend on the token alone.</summary>
    internal static async IAsyncEnumerable<GenerationUpdate> PlayText(
        string answer, GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IReadOnlyList<PositionLogprobs?>? promptLogprobs = request.PromptLogprobs is { } alternatives
            ? [.. request.PromptTokens.Select((id, i) => i == 0 ? null : Logprobs(id, alternatives))]
            : null;
        // As the engine does: the earliest stop text ends the answer before it.
        string? stop = request.Stop.Where(text => answer.Contains(text, StringComparison.Ordinal)).MinBy(text => answer.IndexOf(text, StringComparison.Ordinal));
        int[] ids = ByteTokenizer.Ids(stop is null ? answer : answer[..answer.IndexOf(stop, StringComparison.Ordinal)]);
        int count = Math.Min(ids.Length, request.MaxTokens ?? int.MaxValue);
        var detokenizer = new Detokenizer(ByteTokenizer.Instance);
        var held = new List<int>();
        for (int i = 0; i < count; i++)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            held.Add(ids[i]);
            string text = detokenizer.Append(ids[i]);
            if (text.Length > 0)
            {
                yield return new GenerationUpdate
                {
                    Text = text, TokenIds = [.. held], Logprobs = All(held, request), PromptLogprobs = promptLogprobs, Usage = Used(request, i + 1),
                };
                promptLogprobs = null;
                held.Clear();
            }
        }

        bool ended = ids.Length < (request.MaxTokens ?? int.MaxValue); // one more token ends it
        yield return new GenerationUpdate
        {
            Text = detokenizer.Flush(),
            TokenIds = [.. held],
            Logprobs = All(held, request),
            EndOfSequence = ended && request.TopLogprobs is { } top ? Logprobs(SpecialTokens.Eos, top) : null,
            PromptLogprobs = promptLogprobs,
            FinishReason = ended ? FinishReason.Stop : FinishReason.Length,
            StopText = ended ? stop : null,
            Usage = Used(request, count + (ended ? 1 : 0)),
        };
    }

    private static TokenUsage Used(GenerationRequest request, int completionTokens) =>
        new(request.PromptTokens.Count, completionTokens, Math.Min(2, request.PromptTokens.Count));

    internal static PositionLogprobs Logprobs(int id, int alternatives) =>
        new(new TokenLogprob(id, -id / 1000f), [.. Enumerable.Range(0, alternatives).Select(i => new TokenLogprob(SpecialTokens.Count + 'a' + i, -0.5f - i))]);

    private static IReadOnlyList<PositionLogprobs> All(List<int> ids, GenerationRequest request) =>
        request.TopLogprobs is { } alternatives ? [.. ids.Select(id => Logprobs(id, alternatives))] : [];

    private async IAsyncEnumerable<GenerationUpdate> RunAsync(GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _running);
        bool finished = false;
        try
        {
            await foreach (GenerationUpdate update in Script(request, cancellationToken))
            {
                finished = update.FinishReason is not null;
                yield return update;
            }
        }
        finally
        {
            Interlocked.Decrement(ref _running);
            Interlocked.Increment(ref finished ? ref _finished : ref _cancelled);
            if (!finished)
            {
                FirstCancelled.TrySetResult();
            }
        }
    }
}
