using Tramontane.Compute.Kernels;
using Tramontane.Compute.Memory;
using Tramontane.Inference.Engine;
using Tramontane.Inference.Sampling;
using Tramontane.Inference.Tests.Model;
using Tramontane.Tokenization;

namespace Tramontane.Inference.Tests.Engine;

/// <summary>The engine on a tiny random-weight model.</summary>
public sealed class InferenceEngineTests
{
    private static readonly string s_model = Path.Combine(GoldenModel.TinyS.Folder, "tiny-s.q8_0.gguf");

    private static EngineOptions Options => new() { ModelPath = s_model, ContextLength = 256, MaxBatch = 4, MaxBatchTokens = 48, Threads = 2 };

    [Fact]
    public async Task Submit_Greedy_TakesTheLargestAllowedLogitEachStep()
    {
        using InferenceEngine engine = InferenceEngine.Load(Options with { ComputeMode = ComputeMode.Exact, KeyValueType = KeyValueType.F32 });
        int[] prompt = [1, 92, 250, 204];
        Answer answer = await RunAsync(engine, new GenerationRequest { PromptTokens = prompt, Sampling = new() { Temperature = 0 }, MaxTokens = 40 });

        using var harness = new DecoderHarness(s_model, ComputeMode.Exact, KeyValueType.F32);
        float[][] logits = harness.Logits([.. prompt, .. answer.Tokens], [prompt.Length, 1]);
        for (int step = 0; step < answer.Tokens.Count; step++)
        {
            float[] row = logits[prompt.Length - 1 + step];
            int best = Enumerable.Range(0, row.Length).Where(t => t == SpecialTokens.Eos || !engine.Tokenizer.IsControl(t)).MaxBy(t => row[t]);
            Assert.Equal(best, answer.Tokens[step]);
        }
    }

    [Fact]
    public async Task Submit_SameSeedAndPrompt_GivesTheSameBytesWhateverElseRuns()
    {
        GenerationRequest[] requests = [.. Enumerable.Range(0, 24).Select(RandomRequest)];
        var alone = new List<Answer>();
        using (InferenceEngine engine = InferenceEngine.Load(Options with { MaxBatch = 1, Threads = 1 }))
        {
            foreach (GenerationRequest request in requests)
            {
                alone.Add(await RunAsync(engine, request));
            }
        }

        using InferenceEngine busy = InferenceEngine.Load(Options with { Threads = 3 });
        Answer[] together = await Task.WhenAll(requests.Select(request => RunAsync(busy, request)));
        for (int i = 0; i < requests.Length; i++)
        {
            Assert.Equal(alone[i].Text, together[i].Text);
            Assert.Equal(alone[i].Tokens, together[i].Tokens);
            Assert.Equal(alone[i].Usage, together[i].Usage with { CachedTokens = alone[i].Usage.CachedTokens });
            Assert.Equal(alone[i].LogprobText, together[i].LogprobText);
        }
    }

    [Fact]
    public async Task Submit_RandomWorkloadWithAborts_LosesAndLeaksNothing()
    {
        using InferenceEngine engine = InferenceEngine.Load(Options with { MaxPendingUpdates = 4 });
        GenerationRequest[] requests = [.. Enumerable.Range(0, 60).Select(RandomRequest)];
        Answer[] expected = new Answer[requests.Length];
        for (int i = 0; i < requests.Length; i++)
        {
            expected[i] = await RunAsync(engine, requests[i]);
        }

        await Task.WhenAll(requests.Select(async (request, i) =>
        {
            // Every third reader leaves after a few updates, in one of the two ways.
            if (i % 3 == 0)
            {
                using var source = new CancellationTokenSource();
                int left = i % 7;
                try
                {
                    await foreach (GenerationUpdate update in engine.Submit(request, source.Token).Updates!)
                    {
                        if (left-- <= 0)
                        {
                            if (i % 2 == 0)
                            {
                                break;
                            }

                            await source.CancelAsync();
                        }
                    }
                }
                catch (OperationCanceledException)
                {
                }
            }
            else
            {
                Answer answer = await RunAsync(engine, request);
                Assert.True(expected[i].Tokens.SequenceEqual(answer.Tokens) && expected[i].Text == answer.Text, $"request {i}");
            }
        }));

        await AssertIdleAsync(engine);
    }

    [Fact]
    public async Task Submit_ReaderThatLagsBehind_PausesItselfAlone()
    {
        using InferenceEngine engine = InferenceEngine.Load(Options with { MaxPendingUpdates = 2 });
        GenerationRequest request = RandomRequest(5) with { MaxTokens = 60, Sampling = new SamplingParameters { LogitBias = new Dictionary<int, float> { [SpecialTokens.Eos] = -100 } } };
        await using IAsyncEnumerator<GenerationUpdate> slow = engine.Submit(request, default).Updates!.GetAsyncEnumerator();
        Assert.True(await slow.MoveNextAsync());
        Answer other = await RunAsync(engine, request);
        Assert.Equal(60, other.Usage.CompletionTokens);
        Assert.Equal(1, engine.Statistics.RunningSequences); // the slow one waits, unfinished

        var text = new System.Text.StringBuilder(slow.Current.Text);
        while (await slow.MoveNextAsync())
        {
            text.Append(slow.Current.Text);
        }

        Assert.Equal(other.Text, text.ToString());
    }

    [Fact]
    public async Task Submit_MoreThanTheQueueHolds_IsRefusedAndLosesNothing()
    {
        using InferenceEngine engine = InferenceEngine.Load(Options with { MaxBatch = 1, MaxQueue = 3, MaxPendingUpdates = 1 });
        GenerationRequest request = RandomRequest(1) with { MaxTokens = 30 };
        Submission first = engine.Submit(request, default);
        var accepted = new List<Submission> { first };
        Submission refused = first;
        for (int i = 0; i < 6 && refused.Refusal is null; i++)
        {
            refused = engine.Submit(request, default);
            if (refused.Refusal is null)
            {
                accepted.Add(refused);
            }
        }

        Assert.Equal(SubmissionRefusal.QueueFull, refused.Refusal);
        Assert.Null(refused.Updates);
        var answers = new List<Answer>();
        foreach (Submission submission in accepted)
        {
            answers.Add(await ReadAsync(submission.Updates!));
        }

        Assert.Single(answers.Select(a => a.Text).Distinct());
        await AssertIdleAsync(engine);
    }

    [Fact]
    public async Task Submit_PromptOfTheWholeContext_IsRefusedUnlessNothingIsGenerated()
    {
        using InferenceEngine engine = InferenceEngine.Load(Options);
        int[] prompt = [1, .. Enumerable.Range(0, 255).Select(i => 64 + i)];
        Assert.Equal(SubmissionRefusal.PromptTooLong, engine.Submit(new GenerationRequest { PromptTokens = prompt }, default).Refusal);
        Assert.Equal(SubmissionRefusal.PromptTooLong, engine.Submit(new GenerationRequest { PromptTokens = [.. prompt, 70], MaxTokens = 0 }, default).Refusal);
        Answer evaluated = await RunAsync(engine, new GenerationRequest { PromptTokens = prompt, MaxTokens = 0, PromptLogprobs = 0 });
        Assert.Equal(new TokenUsage(256, 0, 0), evaluated.Usage);
        Answer last = await RunAsync(engine, new GenerationRequest { PromptTokens = prompt[..255] });
        Assert.Equal(1, last.Usage.CompletionTokens);
    }

    [Fact]
    public async Task Submit_PromptLogprobs_AreTheLogSoftmaxOfEachRow()
    {
        using InferenceEngine engine = InferenceEngine.Load(Options with { ComputeMode = ComputeMode.Exact, KeyValueType = KeyValueType.F32 });
        int[] prompt = [1, .. Enumerable.Range(0, 99).Select(i => 64 + (i * 37 % 448))]; // more rows than one step has logits for
        Answer answer = await RunAsync(engine, new GenerationRequest { PromptTokens = prompt, MaxTokens = 2, PromptLogprobs = 3, TopLogprobs = 2, Sampling = new() { Temperature = 0 } });

        using var harness = new DecoderHarness(s_model, ComputeMode.Exact, KeyValueType.F32);
        float[][] logits = harness.Logits([.. prompt, .. answer.Tokens]);
        Assert.Equal(prompt.Length, answer.PromptLogprobs!.Count);
        Assert.Null(answer.PromptLogprobs[0]);
        for (int p = 1; p < prompt.Length; p++)
        {
            AssertLogprobs(logits[p - 1], prompt[p], 3, answer.PromptLogprobs[p]!);
        }

        for (int i = 0; i < answer.Tokens.Count; i++)
        {
            AssertLogprobs(logits[prompt.Length - 1 + i], answer.Tokens[i], 2, answer.Logprobs[i]);
        }
    }

    [Fact]
    public async Task Submit_StopText_EndsTheAnswerBeforeIt()
    {
        using InferenceEngine engine = InferenceEngine.Load(Options);
        GenerationRequest request = RandomRequest(3) with { MaxTokens = 50, TopLogprobs = null };
        string whole = (await RunAsync(engine, request)).Text;
        string stop = whole.Substring(whole.Length / 2, 3);
        Answer stopped = await RunAsync(engine, request with { Stop = [stop] });
        Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)], stopped.Text);
        Assert.Equal((FinishReason.Stop, stop), (stopped.Reason, stopped.StopText));
        Assert.True(stopped.Usage.CompletionTokens < 50);
        Assert.Null((await RunAsync(engine, request with { Stop = ["never in this text"] })).StopText);
        Assert.Equal("", (await RunAsync(engine, request with { Stop = [whole[..2], whole[..4]] })).Text);
    }

    [Fact]
    public async Task Submit_TokensOutsideTheVocabulary_Throw()
    {
        using InferenceEngine engine = InferenceEngine.Load(Options);
        Assert.Throws<ArgumentException>(() => engine.Submit(new GenerationRequest { PromptTokens = [] }, default));
        Assert.Throws<ArgumentException>(() => engine.Submit(new GenerationRequest { PromptTokens = [1, 512] }, default));
        Assert.Throws<ArgumentException>(() => engine.Submit(new GenerationRequest { PromptTokens = [-1] }, default));
        Assert.Equal(2, (await RunAsync(engine, new GenerationRequest { PromptTokens = [1], MaxTokens = 2, Sampling = new() { LogitBias = new Dictionary<int, float> { [2] = -100 } } })).Tokens.Count);
    }

    [Fact]
    public async Task Submit_ImpossibleCounts_ThrowAndHarmNobody()
    {
        using InferenceEngine engine = InferenceEngine.Load(Options);
        GenerationRequest good = RandomRequest(2) with { MaxTokens = 30 };
        Task<Answer> running = RunAsync(engine, good);
        Assert.Throws<ArgumentException>(() => engine.Submit(good with { MaxTokens = -1 }, default));
        Assert.Throws<ArgumentException>(() => engine.Submit(good with { TopLogprobs = -1 }, default));
        Assert.Throws<ArgumentException>(() => engine.Submit(good with { PromptLogprobs = 513 }, default));
        Assert.Equal((await running).Tokens, (await RunAsync(engine, good)).Tokens);
        Assert.True(engine.IsReady);
    }

    [Fact]
    public async Task Submit_RequestThatCannotBeRead_LeavesTheQueueAsItWas()
    {
        using InferenceEngine engine = InferenceEngine.Load(Options with { MaxQueue = 2 });
        for (int i = 0; i < 10; i++)
        {
            Assert.Throws<FormatException>(() => engine.Submit(new GenerationRequest { PromptTokens = new WatchedTokens(() => throw new FormatException()) }, default));
        }

        Assert.NotEmpty((await RunAsync(engine, RandomRequest(2))).Tokens);
    }

    [Fact]
    public async Task Submit_WhileTheEngineStops_EndsTheAnswerWithAnError()
    {
        InferenceEngine engine = InferenceEngine.Load(Options);
        Submission late = engine.Submit(new GenerationRequest { PromptTokens = new WatchedTokens(engine.Dispose) }, default);
        await Assert.ThrowsAsync<EngineStoppedException>(() => ReadAsync(late.Updates!).WaitAsync(TimeSpan.FromMinutes(1))); // not a hang
        Assert.Equal((0, 0), (engine.Statistics.WaitingSequences, engine.Statistics.RunningSequences));
    }

    [Fact]
    public async Task Submit_RequestThatCannotBeSampled_FailsAlone()
    {
        using InferenceEngine engine = InferenceEngine.Load(Options);
        GenerationRequest good = RandomRequest(2) with { MaxTokens = 30 };
        Task<Answer> running = RunAsync(engine, good);
        var everything = Enumerable.Range(0, 512).ToDictionary(t => t, _ => float.NegativeInfinity);
        await Assert.ThrowsAsync<SamplingException>(() => RunAsync(engine, good with { Sampling = new SamplingParameters { LogitBias = everything } }));
        Assert.Equal((await running).Tokens, (await RunAsync(engine, good)).Tokens);
        await AssertIdleAsync(engine);
    }

    [Fact]
    public async Task Submit_AnswerThatIsNeverRead_EndsWithItsCaller()
    {
        using InferenceEngine engine = InferenceEngine.Load(Options with { MaxPendingUpdates = 2 });
        using var source = new CancellationTokenSource();
        Assert.NotNull(engine.Submit(RandomRequest(6) with { MaxTokens = 100 }, source.Token).Updates);
        await source.CancelAsync();
        await AssertIdleAsync(engine);
    }

    [Fact]
    public async Task Dispose_WithAnswersUnderWay_EndsThemWithAnError()
    {
        InferenceEngine engine = InferenceEngine.Load(Options with { MaxPendingUpdates = 1 });
        Submission submission = engine.Submit(RandomRequest(4) with { MaxTokens = 200 }, default);
        engine.Dispose();
        await Assert.ThrowsAsync<EngineStoppedException>(() => ReadAsync(submission.Updates!));
        Assert.False(engine.IsReady);
        Assert.Equal(SubmissionRefusal.Stopped, engine.Submit(RandomRequest(4), default).Refusal);
    }

    [Fact]
    public void Load_ImpossibleConfigurations_SayWhatToChange()
    {
        Assert.Contains("--ctx", Assert.Throws<EngineConfigurationException>(() => InferenceEngine.Load(Options with { ContextLength = 1 })).Message, StringComparison.Ordinal);
        Assert.Contains("--ctx", Assert.Throws<EngineConfigurationException>(() => InferenceEngine.Load(Options with { ContextLength = 200_000 })).Message, StringComparison.Ordinal);
        Assert.Throws<EngineConfigurationException>(() => InferenceEngine.Load(Options with { MaxBatch = 0 }));
        Assert.Throws<EngineConfigurationException>(() => InferenceEngine.Load(Options with { MaxPendingUpdates = 0 }));
        Assert.Contains("--max-batch", Assert.Throws<EngineConfigurationException>(() => InferenceEngine.Load(Options with { MaxBatch = int.MaxValue })).Message, StringComparison.Ordinal);
        Assert.Throws<EngineConfigurationException>(() => InferenceEngine.Load(Options with { MaxBatch = int.MaxValue, ContextLength = 32 }));
        string message = Assert.Throws<EngineConfigurationException>(() => InferenceEngine.Load(Options with { ContextLength = 131_072, MaxBatch = 10_000 })).Message;
        Assert.Contains("--max-batch", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Statistics_AfterAnswers_CountTokensExactly()
    {
        using InferenceEngine engine = InferenceEngine.Load(Options);
        Answer[] answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => RunAsync(engine, RandomRequest(i))));
        await AssertIdleAsync(engine);
        Assert.Equal(answers.Sum(a => a.Usage.PromptTokens), engine.Statistics.PromptTokens + engine.Statistics.CachedTokens);
        Assert.Equal(answers.Sum(a => a.Usage.CachedTokens), engine.Statistics.CachedTokens);
        Assert.Equal(answers.Sum(a => a.Usage.CompletionTokens), engine.Statistics.GeneratedTokens);
        Assert.Equal(10, engine.Statistics.FinishedSequences);
    }

    private static GenerationRequest RandomRequest(int seed)
    {
        var random = new Random(seed);
        return new GenerationRequest
        {
            PromptTokens = [1, .. Enumerable.Range(0, random.Next(1, 90)).Select(_ => random.Next(64, 512))],
            MaxTokens = random.Next(1, 40),
            TopLogprobs = random.Next(2) == 0 ? null : random.Next(4),
            Sampling = new SamplingParameters
            {
                Seed = (ulong)seed,
                Temperature = random.NextSingle() * 1.5f,
                TopP = random.Next(2) == 0 ? 1 : 0.9f,
                TopK = random.Next(2) * 20,
                FrequencyPenalty = random.Next(2) * 0.5f,
            },
        };
    }

    private static void AssertLogprobs(float[] logits, int token, int top, PositionLogprobs actual)
    {
        double max = logits.Max(), logSum = Math.Log(logits.Sum(l => Math.Exp(l - max)));
        Assert.Equal(token, actual.Token.TokenId);
        Assert.Equal(logits[token] - max - logSum, actual.Token.Logprob, 1e-4);
        int[] best = [.. Enumerable.Range(0, logits.Length).OrderByDescending(t => logits[t]).ThenBy(t => t).Take(top)];
        Assert.Equal(best, actual.Top.Select(t => t.TokenId));
        Assert.All(actual.Top, t => Assert.Equal(logits[t.TokenId] - max - logSum, t.Logprob, 1e-4));
    }

    // Counters are published by the engine's thread after the last update was sent: an empty request makes it pass by.
    private static async Task AssertIdleAsync(InferenceEngine engine)
    {
        EngineStatistics statistics;
        do
        {
            await RunAsyncUncounted(engine);
            statistics = engine.Statistics;
        }
        while (statistics.RunningSequences > 0 || statistics.WaitingSequences > 0 || statistics.UsedKvBlocks > 0);

        Assert.Equal(0, statistics.UsedKvBlocks);
    }

    private static async Task RunAsyncUncounted(InferenceEngine engine)
    {
        // Cancelled before it starts: it takes no step, but the engine wakes and publishes its gauges.
        using var source = new CancellationTokenSource();
        await source.CancelAsync();
        if (engine.Submit(new GenerationRequest { PromptTokens = [1] }, source.Token).Updates is { } updates)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ReadAsync(updates));
        }

        await Task.Yield();
    }

    private static Task<Answer> RunAsync(InferenceEngine engine, GenerationRequest request) => ReadAsync(engine.Submit(request, default).Updates!);

    private static async Task<Answer> ReadAsync(IAsyncEnumerable<GenerationUpdate> updates)
    {
        var text = new System.Text.StringBuilder();
        var tokens = new List<int>();
        var logprobs = new List<PositionLogprobs>();
        IReadOnlyList<PositionLogprobs?>? promptLogprobs = null;
        GenerationUpdate? last = null;
        await foreach (GenerationUpdate update in updates)
        {
            Assert.Null(last?.FinishReason); // nothing follows the last update
            text.Append(update.Text);
            tokens.AddRange(update.TokenIds);
            logprobs.AddRange(update.Logprobs);
            promptLogprobs ??= update.PromptLogprobs;
            last = update;
        }

        return new Answer(text.ToString(), tokens, logprobs, promptLogprobs, last!.FinishReason!.Value, last.StopText, last.Usage);
    }

    /// <summary>A prompt of one token that does something when it is enumerated for the second time: behind Submit's first checks.</summary>
    private sealed class WatchedTokens(Action onSecond) : IReadOnlyList<int>
    {
        private int _enumerations;

        public int Count => 1;

        public int this[int index] => 1;

        public IEnumerator<int> GetEnumerator()
        {
            if (++_enumerations == 2)
            {
                onSecond();
            }

            return Enumerable.Repeat(1, 1).GetEnumerator();
        }

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }

    private sealed record Answer(
        string Text, List<int> Tokens, List<PositionLogprobs> Logprobs, IReadOnlyList<PositionLogprobs?>? PromptLogprobs, FinishReason Reason, string? StopText, TokenUsage Usage)
    {
        /// <summary>Every bit of the log-probabilities, for comparison by value.</summary>
        public string LogprobText => string.Join(';', Logprobs.Select(e => $"{e.Token}:{string.Join(',', e.Top)}"));
    }
}
