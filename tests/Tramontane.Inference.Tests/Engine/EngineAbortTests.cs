using Tramontane.Inference.Engine;
using Tramontane.Inference.Sampling;
using Tramontane.Inference.Tests.Model;
using Tramontane.Tokenization;

namespace Tramontane.Inference.Tests.Engine;

/// <summary>Many small requests that end in every way there is, at random: nothing may be lost or left behind.</summary>
public sealed class EngineAbortTests
{
    private const int ContextLength = 64;
    private const int MaxBatch = 4;
    private const int Clients = 8;
    private const int RequestsPerClient = 250;

    private static readonly string s_model = Path.Combine(GoldenModel.TinyS.Folder, "tiny-s.q8_0.gguf");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Submit_ThousandsOfRequestsWithRandomAborts_EveryBlockReturns(int seed)
    {
        InferenceEngine engine = InferenceEngine.Load(new EngineOptions
        {
            ModelPath = s_model, ContextLength = ContextLength, MaxBatch = MaxBatch, MaxBatchTokens = 24, MaxPendingUpdates = seed, Threads = 1,
        });
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            var random = new Random((seed * Clients) + client);
            for (int i = 0; i < RequestsPerClient; i++)
            {
                await RunOneAsync(engine, random, $"seed {seed}, client {client}, request {i}");
            }
        })));

        // A full batch of whole contexts takes every block: one that was lost would be missed here.
        int[] lengths = await Task.WhenAll(Enumerable.Range(0, MaxBatch).Select(_ => CountAsync(engine.Submit(WholeContext(), default).Updates!)));
        Assert.All(lengths, length => Assert.Equal(ContextLength - 1, length));

        engine.Dispose(); // the counters stand still now
        EngineStatistics statistics = engine.Statistics;
        Assert.Equal((0, 0, 0), (statistics.UsedKvBlocks, statistics.RunningSequences, statistics.WaitingSequences));
        Assert.Equal((Clients * RequestsPerClient) + MaxBatch, statistics.FinishedSequences + statistics.CancelledSequences);
        Assert.True(statistics.FinishedSequences > 100 && statistics.CancelledSequences > 100, $"{statistics}: seed {seed}");
    }

    private static async Task RunOneAsync(InferenceEngine engine, Random random, string where)
    {
        using var source = new CancellationTokenSource();
        GenerationRequest request = RandomRequest(random);
        int updatesUntilEnd = random.Next(6), ending = random.Next(6);
        if (ending == 0)
        {
            await source.CancelAsync(); // before it began
        }

        Submission submission = engine.Submit(request, source.Token);
        Assert.True(submission.Refusal is null, $"{submission.Refusal}: {where}");
        if (ending == 1)
        {
            await source.CancelAsync(); // never read
            return;
        }

        try
        {
            GenerationUpdate? last = null;
            await foreach (GenerationUpdate update in submission.Updates!)
            {
                last = update;
                if (updatesUntilEnd-- > 0)
                {
                    continue;
                }

                if (ending == 2)
                {
                    return; // the reader leaves
                }

                if (ending == 3)
                {
                    await source.CancelAsync();
                }
            }

            Assert.True(last?.Usage.PromptTokens == request.PromptTokens.Count, $"no usage: {where}");
        }
        catch (Exception exception) when (exception is not Xunit.Sdk.XunitException)
        {
            bool expected = exception is OperationCanceledException ? source.IsCancellationRequested : float.IsNaN(request.Sampling.Temperature);
            Assert.True(expected, $"{exception.GetType().Name}: {where}");
        }
    }

    private static GenerationRequest RandomRequest(Random random) => new()
    {
        PromptTokens = [1, .. Enumerable.Range(0, random.Next(0, 40)).Select(_ => random.Next(64, 512))],
        MaxTokens = random.Next(0, 7),
        TopLogprobs = random.Next(4) == 0 ? 1 : null,
        PromptLogprobs = random.Next(8) == 0 ? 1 : null,
        Sampling = new SamplingParameters { Seed = (ulong)random.Next(), Temperature = random.Next(20) == 0 ? float.NaN : random.Next(2) }, // NaN is a fault of this request alone
    };

    private static GenerationRequest WholeContext() => new()
    {
        PromptTokens = [1],
        Sampling = new SamplingParameters { LogitBias = new Dictionary<int, float> { [SpecialTokens.Eos] = float.NegativeInfinity } },
    };

    private static async Task<int> CountAsync(IAsyncEnumerable<GenerationUpdate> updates)
    {
        int count = 0;
        await foreach (GenerationUpdate update in updates)
        {
            count = update.Usage.CompletionTokens;
        }

        return count;
    }
}
