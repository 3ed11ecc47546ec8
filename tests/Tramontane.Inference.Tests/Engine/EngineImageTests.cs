using Tramontane.Compute.Kernels;
using Tramontane.Compute.Memory;
using Tramontane.Inference.Engine;
using Tramontane.Inference.Tests.Model;
using Tramontane.Inference.Tests.Vision;
using Tramontane.Inference.Vision;
using Tramontane.Testing;
using Tramontane.Tokenization;
using Tramontane.Tokenization.Images;
using Xunit.Abstractions;

namespace Tramontane.Inference.Tests.Engine;

/// <summary>Prompts with images through the engine, on the tiny random-weight model and its encoder.</summary>
public sealed class EngineImageTests(ITestOutputHelper output)
{
    private static readonly string s_model = Path.Combine(GoldenModel.TinyS.Folder, "tiny-s.q8_0.gguf");
    private static readonly string s_vision = Path.Combine(GoldenModel.TinyS.Folder, "mmproj-tiny-s.f16.gguf");

    private static EngineOptions Options => new()
    {
        ModelPath = s_model, VisionPath = s_vision, ContextLength = 512, MaxBatch = 4, MaxBatchTokens = 48, Threads = 2,
        ComputeMode = ComputeMode.Exact, KeyValueType = KeyValueType.F32,
    };

    [Fact]
    public async Task Submit_WithImages_TakesTheLargestLogitOfTheDecoderWithThoseEmbeddings()
    {
        using InferenceEngine engine = InferenceEngine.Load(Options);
        GenerationRequest request = Request([Picture(1, 84, 56), Picture(2, 28, 140)], maxTokens: 12);
        int[] answer = (await RunAsync(engine, request)).Tokens;

        using var vision = new VisionHarness("mmproj-tiny-s.f16.gguf", threads: 2);
        using var harness = new DecoderHarness(s_model, ComputeMode.Exact, KeyValueType.F32) { Images = Embeddings(request, vision) };
        float[][] logits = harness.Logits([.. request.PromptTokens, .. answer]);
        for (int step = 0; step < answer.Length; step++)
        {
            float[] row = logits[request.PromptTokens.Count - 1 + step];
            int best = Enumerable.Range(0, row.Length).Where(t => t == SpecialTokens.Eos || !engine.Tokenizer.IsControl(t)).MaxBy(t => row[t]);
            Assert.Equal(best, answer[step]);
        }
    }

    [Fact]
    public async Task Submit_SecondTurnWithTheSameImages_EncodesNothingAgain()
    {
        using InferenceEngine engine = InferenceEngine.Load(Options);
        GenerationRequest first = Request([Picture(1, 84, 56), Picture(2, 56, 56)], maxTokens: 4);
        Answer firstAnswer = await RunAsync(engine, first);
        Assert.Equal(2, engine.Statistics.EncodedImages);

        GenerationRequest second = first with { PromptTokens = [.. first.PromptTokens, .. firstAnswer.Tokens, 3, 120, 130, 4] };
        Answer secondAnswer = await RunAsync(engine, second);
        EngineStatistics statistics = engine.Statistics;
        output.WriteLine($"encoded {statistics.EncodedImages}, shared {statistics.SharedImages}, cached {statistics.CachedImages}, cached tokens {secondAnswer.Usage.CachedTokens}");
        Assert.Equal(2, statistics.EncodedImages);
        Assert.Equal(2, statistics.SharedImages + statistics.CachedImages);
        Assert.True(secondAnswer.Usage.CachedTokens > 0);

        // The answer is that of an engine that has seen nothing before.
        using InferenceEngine fresh = InferenceEngine.Load(Options);
        Assert.Equal(secondAnswer.Tokens, (await RunAsync(fresh, second)).Tokens);
    }

    [Fact]
    public async Task Submit_OneImageSeveralTimesAndForOthers_IsEncodedOnce()
    {
        using InferenceEngine engine = InferenceEngine.Load(Options);
        PreparedImage image = Picture(1, 84, 84);
        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => RunAsync(engine, Request([image, image, image], maxTokens: 3, question: 100 + i) with { Tenant = $"{i}" })));
        EngineStatistics statistics = engine.Statistics;
        Assert.Equal((1, 17), (statistics.EncodedImages, statistics.SharedImages));
    }

    [Fact]
    public async Task Submit_OtherImageInTheSamePlace_IsNotTakenForTheFirst()
    {
        using InferenceEngine engine = InferenceEngine.Load(Options);
        GenerationRequest first = Request([Picture(1, 168, 168)], maxTokens: 1) with { TopLogprobs = 5 }, other = Request([Picture(2, 168, 168)], maxTokens: 1) with { TopLogprobs = 5 };
        Answer[] answers = [await RunAsync(engine, first), await RunAsync(engine, other), await RunAsync(engine, first)];
        Assert.Equal(answers[0].Logprobs, answers[2].Logprobs);
        Assert.NotEqual(answers[0].Logprobs, answers[1].Logprobs);
        Assert.Equal(2, engine.Statistics.EncodedImages);
        Assert.True(answers[2].Usage.CachedTokens > 32); // rows of the image were found
        Assert.True(answers[1].Usage.CachedTokens < 16); // only the text before it
    }

    [Theory]
    [InlineData(512L << 20, null)]
    [InlineData(0L, null)] // nothing is kept: encoded again whenever needed
    [InlineData(20_000L, 320)] // one or two images are kept, and sequences lose their places
    public async Task Submit_AnyMixOfImagesAndText_GivesTheBytesOfEachAlone(long imageCacheBytes, int? cacheTokens)
    {
        GenerationRequest[] requests = [.. Enumerable.Range(0, 16).Select(RandomRequest)];
        var alone = new List<Answer>();
        using (InferenceEngine engine = InferenceEngine.Load(Options with { MaxBatch = 1, Threads = 1 }))
        {
            foreach (GenerationRequest request in requests)
            {
                alone.Add(await RunAsync(engine, request));
            }
        }

        using InferenceEngine busy = InferenceEngine.Load(Options with { Threads = 3, ImageCacheBytes = imageCacheBytes, CacheTokens = cacheTokens, ContextLength = cacheTokens ?? Options.ContextLength });
        Answer[] together = await Task.WhenAll(requests.Select(request => RunAsync(busy, request)));
        for (int i = 0; i < requests.Length; i++)
        {
            Assert.Equal(alone[i].Tokens, together[i].Tokens);
        }

        EngineStatistics statistics = busy.Statistics;
        output.WriteLine($"{imageCacheBytes} bytes: encoded {statistics.EncodedImages}, shared {statistics.SharedImages}, cached {statistics.CachedImages}, preempted {statistics.Preemptions}");
        Assert.Equal((0, 0), (statistics.RunningSequences, statistics.UsedKvBlocks));
    }

    [Fact]
    public async Task Submit_CancelledWhileAnImageIsEncoded_LeavesTheOthersUnharmed()
    {
        using InferenceEngine engine = InferenceEngine.Load(Options with { ContextLength = 16_384, MaxBatchTokens = 512 });
        for (int round = 0; round < 4; round++)
        {
            // Four large images, 24 steps per layer each: not all of them are encoded before the cancellation arrives.
            GenerationRequest large = Request([.. Enumerable.Range(0, 4).Select(i => Picture((100 * round) + i, 1540, 1540))], maxTokens: 5);
            long encodedBefore = engine.Statistics.EncodedImages;
            using var cancellation = new CancellationTokenSource();
            double before = engine.Statistics.EncodingSeconds;
            Task<Answer> cancelled = CollectAsync(engine.Submit(large, cancellation.Token));
            Task<Answer> other = RunAsync(engine, Request([], maxTokens: 8, question: 100 + round));
            SpinWait.SpinUntil(() => engine.Statistics.EncodingSeconds > before); // its encoding has begun
            await cancellation.CancelAsync();
            await other; // answers go on beside it
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
            Answer next = await RunAsync(engine, Request([Picture((100 * round) + 10, 56, 56)], maxTokens: 2)); // the encoder is free again
            Assert.True(next.Usage.PromptTokens > 0);
            Assert.InRange(engine.Statistics.EncodedImages - encodedBefore, 1, 4);
        }

        EngineStatistics statistics = engine.Statistics;
        Assert.Equal((4, 8), (statistics.CancelledSequences, statistics.FinishedSequences));
        Assert.Equal((0, 0), (statistics.RunningSequences, statistics.UsedKvBlocks));
    }

    [Fact]
    public void Submit_ImagesThatDoNotFit_Throws()
    {
        using InferenceEngine engine = InferenceEngine.Load(Options);
        GenerationRequest good = Request([Picture(1, 56, 84)], maxTokens: 1);
        PromptImage image = good.Images[0];
        foreach (GenerationRequest bad in (GenerationRequest[])[
            good with { Images = [image with { Start = image.Start + 1 }] },
            good with { Images = [image with { Start = -1 }] },
            good with { Images = [image with { Start = good.PromptTokens.Count }] },
            good with { Images = [image, image] },
            good with { PromptTokens = [1, 2, 3] }])
        {
            Assert.Throws<ArgumentException>(() => engine.Submit(bad, default));
        }

        using InferenceEngine textOnly = InferenceEngine.Load(Options with { VisionPath = null });
        Assert.False(textOnly.Model.TakesImages);
        Assert.Throws<ArgumentException>(() => textOnly.Submit(good, default));
    }

    [Fact]
    public void Load_EncoderOfAnotherKind_SaysWhatToChange()
    {
        string tinyK = Path.Combine(GoldenModel.TinyK.Folder, "tiny-k.q6_k.gguf");
        EngineConfigurationException error = Assert.Throws<EngineConfigurationException>(() => InferenceEngine.Load(Options with { ModelPath = tinyK }));
        Assert.Contains("--mmproj", error.Message, StringComparison.Ordinal);
        Assert.Throws<Inference.Weights.GgufException>(() => InferenceEngine.Load(Options with { VisionPath = s_model }));
    }

    private static GenerationRequest RandomRequest(int seed)
    {
        var rng = new Random(seed);
        PreparedImage[] images = [.. Enumerable.Range(0, rng.Next(4)).Select(_ => Picture(rng.Next(3), 28 * rng.Next(1, 3) * 2, 28 * rng.Next(1, 3) * 2))];
        return Request(images, maxTokens: rng.Next(1, 40), question: 100 + (seed % 3)) with { Sampling = new() { Temperature = 0.9f, Seed = (ulong)seed } };
    }

    // Text, then each image with text behind it.
    private static GenerationRequest Request(IReadOnlyList<PreparedImage> images, int maxTokens, int question = 99)
    {
        List<int> tokens = [1, 3, question, question + 1];
        var placed = new List<PromptImage>();
        foreach (PreparedImage image in images)
        {
            placed.Add(new PromptImage(tokens.Count, image));
            image.Grid.AppendTokens(tokens);
            tokens.Add(question);
        }

        tokens.Add(4);
        return new GenerationRequest { PromptTokens = tokens, Images = placed, MaxTokens = maxTokens, Sampling = new() { Temperature = 0 } };
    }

    private static PreparedImage Picture(int seed, int width, int height)
    {
        Assert.True(PreparedImage.TryCreate(new Random(seed).Bytes(width * height * 3), new ImageSize(width, height), ImageConfiguration.Default, out PreparedImage? image));
        return image;
    }

    private static Dictionary<int, ReadOnlyMemory<float>> Embeddings(GenerationRequest request, VisionHarness vision)
    {
        var found = new Dictionary<int, ReadOnlyMemory<float>>();
        int dim = vision.Encoder.Config.OutputDim;
        foreach (PromptImage image in request.Images)
        {
            float[] embeddings = vision.Encode(image.Image);
            for (int position = image.Start; position < image.End; position++)
            {
                if (image.EmbeddingAt(position) is { } index)
                {
                    found[position] = embeddings.AsMemory(index * dim, dim);
                }
            }
        }

        return found;
    }

    private static Task<Answer> RunAsync(InferenceEngine engine, GenerationRequest request) => CollectAsync(engine.Submit(request, default));

    private static async Task<Answer> CollectAsync(Submission submission)
    {
        Assert.Null(submission.Refusal);
        var tokens = new List<int>();
        var logprobs = new List<TokenLogprob>();
        TokenUsage usage = default;
        await foreach (GenerationUpdate update in submission.Updates!)
        {
            tokens.AddRange(update.TokenIds);
            logprobs.AddRange(update.Logprobs.SelectMany(p => p.Top));
            usage = update.Usage;
        }

        return new Answer([.. tokens], [.. logprobs], usage);
    }

    private sealed record Answer(int[] Tokens, TokenLogprob[] Logprobs, TokenUsage Usage);
}
