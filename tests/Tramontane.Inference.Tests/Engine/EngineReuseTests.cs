using System.Globalization;
using System.Text;
using System.Text.Json;
using Tramontane.Compute.Memory;
using Tramontane.Grammar;
using Tramontane.Grammar.JsonSchema;
using Tramontane.Inference.Engine;
using Tramontane.Inference.Sampling;
using Tramontane.Inference.Tests.Model;
using Tramontane.Tokenization;

namespace Tramontane.Inference.Tests.Engine;

/// <summary>What the engine reuses, guesses, delays or does twice changes no byte of any answer.</summary>
public sealed class EngineReuseTests
{
    private const int Mixes = 200;

    private static readonly string s_model = Path.Combine(GoldenModel.TinyS.Folder, "tiny-s.q8_0.gguf");

    private static EngineOptions Options => new() { ModelPath = s_model, ContextLength = 192, MaxBatch = 8, MaxBatchTokens = 64, Threads = 2 };

    // Each way to run the same requests: with threads, a cache that holds two contexts, or guesses.
    public static TheoryData<int, int?, int, KeyValueType> Ways => new()
    {
        { 1, null, 0, KeyValueType.F16 },
        { 2, null, 0, KeyValueType.Q8_0 },
        { 2, 2 * 192, 0, KeyValueType.F16 },
        { 2, null, 8, KeyValueType.F16 },
        { 1, 2 * 192, 4, KeyValueType.Q8_0 },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Submit_RandomMixes_GiveTheBytesOfRunningAlone(int threads, int? cacheTokens, int lookupTokens, KeyValueType type)
    {
        GenerationRequest[] requests = [.. Enumerable.Range(0, 40).Select(seed => RandomRequest(seed))];
        using (InferenceEngine any = InferenceEngine.Load(Options))
        {
            requests = [.. requests.Select((request, i) => i % 4 == 0 ? request with { Constraint = Records(any.Tokenizer), TopLogprobs = null } : request)];
        }

        var alone = new Dictionary<GenerationRequest, string>();
        using (InferenceEngine cold = InferenceEngine.Load(Options with { MaxBatch = 1, Threads = 1, KeyValueType = type }))
        {
            for (int i = 0; i < requests.Length; i++)
            {
                alone[requests[i]] = await RunAsync(cold, requests[i] with { CacheSalt = $"{i}" }); // a salt each: nothing is reused
            }

            Assert.Equal(0, cold.Statistics.CachedTokens);
        }

        var random = new Random(threads + lookupTokens);
        InferenceEngine engine = InferenceEngine.Load(Options with { Threads = threads, CacheTokens = cacheTokens, LookupTokens = lookupTokens, KeyValueType = type });
        for (int mix = 0; mix < Mixes / 5; mix++)
        {
            GenerationRequest[] chosen = [.. Enumerable.Range(0, random.Next(1, 17)).Select(_ => requests[random.Next(requests.Length)])];
            string[] answers = await Task.WhenAll(chosen.Select(request => RunAsync(engine, request)));
            for (int i = 0; i < chosen.Length; i++)
            {
                Assert.True(alone[chosen[i]] == answers[i], $"mix {mix}, answer {i}:\n{alone[chosen[i]]}\n{answers[i]}");
            }
        }

        engine.Dispose();
        EngineStatistics statistics = engine.Statistics;
        Assert.True(statistics.CachedTokens > 1000, $"{statistics}");
        Assert.True(cacheTokens is null || statistics.Preemptions > 0, $"{statistics}");
        Assert.True(lookupTokens == 0 || (statistics.DraftedTokens > 100 && statistics.AcceptedTokens > 10), $"{statistics}");
    }

    [Fact]
    public async Task Submit_SamePromptAgain_IsMostlyFoundAndCounted()
    {
        using InferenceEngine engine = InferenceEngine.Load(Options);
        GenerationRequest request = new() { PromptTokens = Tokens(1, 150), MaxTokens = 8 };
        Assert.Equal(0, (await UsageAsync(engine, request)).CachedTokens);
        Assert.Equal(149, (await UsageAsync(engine, request)).CachedTokens); // the last token's logits begin the answer
        TokenUsage longer = await UsageAsync(engine, request with { PromptTokens = [.. request.PromptTokens, .. Tokens(2, 20)] });
        Assert.Equal(150, longer.CachedTokens);
        Assert.Equal(0, (await UsageAsync(engine, request with { PromptTokens = Tokens(3, 150) })).CachedTokens);
    }

    [Fact]
    public async Task Submit_PromptOfAnotherTenantOrSalt_IsNotFound()
    {
        using InferenceEngine engine = InferenceEngine.Load(Options);
        GenerationRequest request = new() { PromptTokens = Tokens(1, 110), MaxTokens = 2, Tenant = "a", CacheSalt = "s" };
        await UsageAsync(engine, request);
        Assert.Equal(0, (await UsageAsync(engine, request with { Tenant = "b" })).CachedTokens);
        Assert.Equal(0, (await UsageAsync(engine, request with { CacheSalt = null })).CachedTokens);
        Assert.Equal(0, (await UsageAsync(engine, request with { Tenant = "as", CacheSalt = "" })).CachedTokens);
        Assert.Equal(109, (await UsageAsync(engine, request)).CachedTokens);
    }

    [Fact]
    public async Task Submit_PromptLogprobs_AreTheSameWhenThePromptIsCached()
    {
        using InferenceEngine engine = InferenceEngine.Load(Options with { MaxBatch = 1 });
        GenerationRequest request = new() { PromptTokens = Tokens(1, 100), MaxTokens = 3, PromptLogprobs = 2, TopLogprobs = 2 };
        string cold = await RunAsync(engine, request);
        Assert.Equal(cold, await RunAsync(engine, request));
    }

    [Fact]
    public async Task Submit_OneTenantFillsTheQueue_AnotherIsStillTaken()
    {
        using InferenceEngine engine = InferenceEngine.Load(Options with { MaxBatch = 1, MaxQueue = 7, MaxPendingUpdates = 1 });
        GenerationRequest request = RandomRequest(1) with { Tenant = "greedy", MaxTokens = 30 };
        using var source = new CancellationTokenSource();
        Submission[] greedy = [.. Enumerable.Range(0, 6).Select(_ => engine.Submit(request, source.Token))];
        Assert.Equal(4, greedy.Count(s => s.Refusal is null));
        Assert.All(greedy[4..], s => Assert.Equal(SubmissionRefusal.QueueFull, s.Refusal));
        Assert.NotEmpty(await RunAsync(engine, request with { Tenant = "modest" }));
        await source.CancelAsync();
    }

    // A few beginnings that many share, so that the cache is hit; little text again and again, so that guesses are right now and then.
    private static GenerationRequest RandomRequest(int seed)
    {
        var random = new Random(seed);
        int[] common = Tokens(seed % 3, random.Next(20, 90));
        int[] rest = [.. Enumerable.Range(0, random.Next(1, 40)).Select(i => 64 + (i % random.Next(2, 6)))];
        return new GenerationRequest
        {
            PromptTokens = [.. common, .. rest],
            MaxTokens = random.Next(1, 50),
            TopLogprobs = random.Next(3) == 0 ? 2 : null,
            PromptLogprobs = random.Next(8) == 0 ? 1 : null,
            Tenant = random.Next(3) == 0 ? "other" : null,
            Priority = random.Next(5) == 0 ? 1 : 0,
            Sampling = new SamplingParameters
            {
                Seed = (ulong)seed,
                Temperature = random.Next(3) * 0.6f,
                TopP = random.Next(2) == 0 ? 1 : 0.9f,
                RepetitionPenalty = random.Next(4) == 0 ? 1.1f : 1,
                // A random model hardly repeats itself: favour a few tokens, so that there is something to guess.
                LogitBias = random.Next(2) == 0 ? new Dictionary<int, float> { [64] = 9, [65] = 9, [66] = 8 } : new Dictionary<int, float>(),
            },
        };
    }

    // Text of which much is forced and much is said again and again.
    private static Constraint Records(Tokenizer tokenizer)
    {
        var vocabulary = new TokenVocabulary(tokenizer.VocabularySize, tokenizer.TokenBytes, tokenizer.IsControl, SpecialTokens.Eos);
        using JsonDocument schema = JsonDocument.Parse(
            """{"type":"array","minItems":1,"maxItems":4,"items":{"type":"object","properties":{"name":{"enum":["al","be"]},"on":{"type":"boolean"}},"required":["name","on"]}}""");
        return new Constraint(CompiledGrammar.FromJsonSchema(vocabulary, schema.RootElement, JsonSchemaOptions.Generation));
    }

    private static int[] Tokens(int seed, int count)
    {
        var random = new Random(1000 + seed);
        return [1, .. Enumerable.Range(0, count - 1).Select(_ => random.Next(64, 512))];
    }

    private static async Task<TokenUsage> UsageAsync(InferenceEngine engine, GenerationRequest request)
    {
        TokenUsage usage = default;
        await foreach (GenerationUpdate update in engine.Submit(request, default).Updates!)
        {
            usage = update.Usage;
        }

        return usage;
    }

    // Everything an answer says, but for what was cached.
    private static async Task<string> RunAsync(InferenceEngine engine, GenerationRequest request)
    {
        var answer = new StringBuilder();
        await foreach (GenerationUpdate update in engine.Submit(request, default).Updates!)
        {
            answer.Append(update.Text).AppendJoin(' ', update.TokenIds).AppendJoin(' ', update.Logprobs.Select(Format));
            answer.AppendJoin(' ', update.PromptLogprobs?.Select(p => p is null ? "-" : Format(p)) ?? []);
            answer.Append(CultureInfo.InvariantCulture, $"{update.FinishReason}{update.Usage.CompletionTokens}|");
        }

        return answer.ToString();
    }

    private static string Format(PositionLogprobs logprobs) => $"{logprobs.Token}{string.Join(',', logprobs.Top)}";
}
