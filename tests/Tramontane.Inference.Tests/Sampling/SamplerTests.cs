using Tramontane.Inference.Sampling;
using Tramontane.Testing;

namespace Tramontane.Inference.Tests.Sampling;

public class SamplerTests
{
    private static readonly float[] s_logits = [1, 3, 2, 3, -1, 0, 2.5f, -4];

    [Theory]
    [InlineData(new float[] { 1, 3, 2, 3 }, 1)] // the lowest id on ties
    [InlineData(new float[] { -5 }, 0)]
    [InlineData(new float[] { float.NaN, -1, float.NaN, -2 }, 1)]
    [InlineData(new float[] { float.NegativeInfinity, float.NegativeInfinity, -1e38f }, 2)]
    [InlineData(new float[] { 0, float.PositiveInfinity, float.PositiveInfinity }, 1)]
    [InlineData(new float[] { -0f, 0f }, 0)]
    public void Sample_TemperatureZero_TakesTheLargest(float[] logits, int expected) =>
        Assert.Equal(expected, Draw(logits, new SamplingParameters { Temperature = 0 }));

    [Fact]
    public void Sample_TemperatureZero_AgreesWithALoopForEveryLength()
    {
        for (int seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            float[] logits = [.. Enumerable.Range(0, random.Next(1, 200)).Select(_ => random.Next(20) == 0 ? float.NaN : random.Next(-5, 5))];
            int expected = -1;
            for (int i = 0; i < logits.Length; i++)
            {
                expected = !float.IsNaN(logits[i]) && (expected < 0 || logits[i] > logits[expected]) ? i : expected;
            }

            if (expected >= 0)
            {
                Assert.True(expected == Draw(logits, new SamplingParameters { Temperature = 0 }), $"seed {seed}");
            }
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void Sample_NothingPossible_Throws(float logit)
    {
        Assert.Throws<SamplingException>(() => Draw([logit, logit], new SamplingParameters { Temperature = 0 }));
        Assert.Throws<SamplingException>(() => Draw([logit, logit], new SamplingParameters()));
        Assert.Throws<SamplingException>(() => Draw([1, 2], new SamplingParameters(), forbidden: [3]));
    }

    [Theory]
    [InlineData(-1f)]
    [InlineData(float.NaN)]
    public void Sample_TemperatureThatIsNone_Throws(float temperature) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Draw(s_logits, new SamplingParameters { Temperature = temperature }));

    [Fact]
    public void Sample_RepetitionPenalty_DividesPositiveAndMultipliesNegative()
    {
        // Penalised: 1 (prompt) and 3 (answer) to 1.5, so 6 at 2.5 wins; then 6 too, so 2 at 2 wins.
        var parameters = new SamplingParameters { Temperature = 0, RepetitionPenalty = 2 };
        Assert.Equal(6, Draw(s_logits, parameters, prompt: [1], generated: [3]));
        Assert.Equal(2, Draw(s_logits, parameters, prompt: [1, 6, 6], generated: [3, 3]));
        Assert.Equal(1, Draw([-1.5f, -2], parameters, prompt: [0], generated: [])); // −1.5 becomes −3
    }

    [Fact]
    public void Sample_FrequencyAndPresencePenalty_CountOnlyTheAnswer()
    {
        Assert.Equal(1, Draw(s_logits, new SamplingParameters { Temperature = 0, PresencePenalty = 2, FrequencyPenalty = 2 }, prompt: [1, 1, 1], generated: []));
        Assert.Equal(3, Draw(s_logits, new SamplingParameters { Temperature = 0, PresencePenalty = 0.1f }, prompt: [], generated: [1, 1, 1]));
        Assert.Equal(1, Draw(s_logits, new SamplingParameters { Temperature = 0, PresencePenalty = 0.1f }, prompt: [], generated: [1, 1, 1, 3]));
        Assert.Equal(3, Draw(s_logits, new SamplingParameters { Temperature = 0, FrequencyPenalty = 0.1f }, prompt: [], generated: [1, 1, 1, 3]));
        Assert.Equal(1, Draw(s_logits, new SamplingParameters { Temperature = 0, FrequencyPenalty = -0.1f }, prompt: [], generated: [1]));
    }

    [Fact]
    public void Sample_Bias_IsAddedAndLosesAgainstForbidden()
    {
        var bias = new SamplingParameters { Temperature = 0, LogitBias = new Dictionary<int, float> { [7] = 100, [1] = -100, [1000] = 5, [-1] = 5 } };
        Assert.Equal(7, Draw(s_logits, bias));
        Assert.Equal(3, Draw(s_logits, bias, forbidden: [1UL << 7]));
        Assert.Equal(7, Draw(s_logits, bias with { LogitBias = new SortedList<int, float> { [7] = 100 } }));
    }

    [Fact]
    public void Sample_Forbidden_NeverComesAtAnyTemperature()
    {
        float[] logits = new Random(3).Floats(1_000);
        ulong[] forbidden = [.. Enumerable.Range(0, 16).Select(word => word % 3 == 0 ? ulong.MaxValue : 0xF0F0_F0F0_F0F0_F0F0)];
        forbidden[2] = 0;
        for (int position = 0; position < 2_000; position++)
        {
            int token = Draw(logits, new SamplingParameters { Temperature = 5, Seed = 9 }, forbidden: forbidden, position: position);
            Assert.True((forbidden[token / 64] >> (token % 64) & 1) == 0, $"token {token} at position {position}");
        }
    }

    private static readonly SamplingParameters[] s_distributions =
    [
        new() { Seed = 1 },
        new() { Seed = 2, Temperature = 0.5f },
        new() { Seed = 3, Temperature = 3 },
        new() { Seed = 4, TopK = 3 },
        new() { Seed = 5, TopP = 0.8f },
        new() { Seed = 6, MinP = 0.3f },
        new() { Seed = 7, Temperature = 1.5f, TopK = 6, TopP = 0.9f, MinP = 0.05f },
        new() { Seed = 8, RepetitionPenalty = 1.3f, FrequencyPenalty = 0.5f, PresencePenalty = 0.25f, LogitBias = new Dictionary<int, float> { [4] = 2 } },
    ];

    public static TheoryData<int> Distributions => new(Enumerable.Range(0, s_distributions.Length));

    [Theory, MemberData(nameof(Distributions))]
    public void Sample_ManyPositions_HasTheDefinedDistribution(int distribution)
    {
        SamplingParameters parameters = s_distributions[distribution];
        const int Draws = 20_000;
        int[] prompt = [0, 2], generated = [1, 1, 6];
        SamplingOracle oracle = SamplingOracle.Of(s_logits, parameters, prompt, generated);
        int[] counts = new int[s_logits.Length];
        var sampler = new Sampler(s_logits.Length);
        TokenCounts tokenCounts = Counts(prompt, generated);
        for (int position = 0; position < Draws; position++)
        {
            counts[sampler.Sample(s_logits, parameters, tokenCounts, [], position)]++;
        }

        double chiSquare = oracle.Tokens.Zip(oracle.Probabilities, (token, p) => Math.Pow(counts[token] - (Draws * p), 2) / (Draws * p)).Sum();
        Assert.Equal(Draws, oracle.Tokens.Sum(token => counts[token])); // nothing that was cut comes
        Assert.InRange(chiSquare, 0, 30); // at most 7 degrees of freedom: 30 is exceeded once in 10,000 seeds
    }

    [Theory]
    [InlineData(0f, new[] { 1 })]
    [InlineData(0.3f, new[] { 1 })]
    [InlineData(0.35f, new[] { 1, 3 })] // the token that crosses the sum is kept
    [InlineData(0.99999f, new[] { 1, 3, 6, 2, 0, 5, 4, 7 })]
    public void Sample_TopP_KeepsTheFewestThatReachTheSum(float topP, int[] expected) =>
        Assert.Equal(expected.Order(), Drawable(new SamplingParameters { TopP = topP })); // 0.31, 0.31, 0.19, 0.11, …

    [Theory]
    [InlineData(1, new[] { 1 })]
    [InlineData(2, new[] { 1, 3 })]
    [InlineData(3, new[] { 1, 3, 6 })]
    [InlineData(100, new[] { 0, 1, 2, 3, 4, 5, 6, 7 })]
    public void Sample_TopK_KeepsTheMostLikely(int topK, int[] expected) =>
        Assert.Equal(expected, Drawable(new SamplingParameters { TopK = topK }).Order());

    [Theory]
    [InlineData(1f, new[] { 1, 3 })]
    [InlineData(0.6f, new[] { 1, 3, 6 })] // exp(−0.5) is 0.607
    [InlineData(0.61f, new[] { 1, 3 })]
    public void Sample_MinP_KeepsWhatIsLikelyEnough(float minP, int[] expected) =>
        Assert.Equal(expected, Drawable(new SamplingParameters { MinP = minP }).Order());

    [Fact]
    public void Sample_MinPThatCutsLessThanTopK_LeavesTopKAsItIs() =>
        Assert.Equal([1, 3], Drawable(new SamplingParameters { TopK = 2, MinP = 1e-7f }));

    [Fact]
    public void Sample_AnyParameters_EqualsTheDefinition()
    {
        int compared = 0;
        for (int seed = 0; seed < 3_000; seed++)
        {
            var random = new Random(seed);
            int vocabulary = random.Next(2, 300);
            float[] logits = random.Floats(vocabulary, sigma: 4);
            if (random.Next(3) == 0)
            {
                logits = [.. logits.Select(logit => MathF.Round(logit))]; // ties
            }

            int[] prompt = [.. Enumerable.Range(0, random.Next(5)).Select(_ => random.Next(vocabulary))];
            int[] generated = [.. Enumerable.Range(0, random.Next(20)).Select(_ => random.Next(vocabulary))];
            SamplingParameters parameters = RandomParameters(random, vocabulary);
            int allowed = random.Next(vocabulary);
            bool mask = random.Next(2) == 0;
            ulong[] forbidden = new ulong[mask ? (vocabulary + 63) / 64 : 0];
            for (int token = 0; mask && token < vocabulary; token++)
            {
                forbidden[token / 64] |= token != allowed && token % 3 != 0 ? 1UL << (token % 64) : 0;
            }

            SamplingOracle oracle = SamplingOracle.Of(logits, parameters, prompt, generated, token => mask && token != allowed && token % 3 != 0);
            var sampler = new Sampler(vocabulary);
            for (int position = 0; position < 5 && oracle.IsDecided; position++)
            {
                int actual = sampler.Sample(logits, parameters, Counts(prompt, generated), forbidden, position);
                if (oracle.TokenAt(CounterRandom.Uniform(parameters.Seed, position)) is int expected)
                {
                    compared++;
                    Assert.True(expected == actual, $"seed {seed}, position {position}: expected {expected}, got {actual}, {parameters}");
                }
            }
        }

        Assert.True(compared > 10_000, $"only {compared} draws were compared");
    }

    [Theory]
    [InlineData(0.3f, 0, 1f)]
    [InlineData(1f, 0, 1f)]
    [InlineData(1f, 0, 0.9f)]
    [InlineData(1.5f, 1_000, 0.95f)]
    [InlineData(50f, 50_000, 1f)]
    public void Sample_WholeVocabulary_EqualsTheDefinition(float temperature, int topK, float topP)
    {
        float[] logits = new Random(5).Floats(131_072, sigma: 3);
        var parameters = new SamplingParameters { Temperature = temperature, TopK = topK, TopP = topP, Seed = 11 };
        SamplingOracle oracle = SamplingOracle.Of(logits, parameters, [], []);
        var sampler = new Sampler(logits.Length);
        int compared = 0;
        for (int position = 0; position < 60; position++)
        {
            double uniform = CounterRandom.Uniform(11, position);
            int actual = sampler.Sample(logits, parameters, null, [], position);
            // Thousands of tokens lie within rounding of each other: the token must lie in order where the number points.
            int place = Array.IndexOf(oracle.Tokens, actual);
            Assert.True(place >= 0, $"position {position}: {actual} is cut");
            double before = oracle.Probabilities[..place].Sum();
            Assert.InRange(uniform, before - 2e-5, before + oracle.Probabilities[place] + 2e-5);
            compared++;
        }

        Assert.Equal(60, compared);
    }

    [Fact]
    public void Sample_SameSeedAndPosition_GivesTheSameTokenFromAnySampler()
    {
        float[] logits = new Random(1).Floats(5_000);
        var parameters = new SamplingParameters { Temperature = 2, TopP = 0.9f, Seed = 77 };
        int[] first = [.. Enumerable.Range(0, 50).Select(position => Draw(logits, parameters, position: position))];
        var used = new Sampler(5_000);
        for (int position = 49; position >= 0; position--)
        {
            used.Sample(new Random(position).Floats(5_000), new SamplingParameters { TopK = 7 }, null, [], 3); // something in between
            Assert.Equal(first[position], used.Sample(logits, parameters, null, [], position));
        }

        Assert.True(first.Distinct().Count() > 20);
        Assert.NotEqual(first, Enumerable.Range(0, 50).Select(position => Draw(logits, parameters with { Seed = 78 }, position: position)));
    }

    [Fact]
    public void Sample_ExtremeParametersAndLogits_GivesAPossibleTokenOrThrows()
    {
        float[] extremeLogits = [0, -0f, 1, -1, 1e-45f, 88, -104, 1e30f, -1e30f, float.MaxValue, float.MinValue, float.NegativeInfinity, float.NaN, float.PositiveInfinity];
        float[] extremeNumbers = [0, 1e-45f, 1e-30f, 0.5f, 1, 2, 1e10f, float.MaxValue, float.PositiveInfinity];
        for (int seed = 0; seed < 5_000; seed++)
        {
            var random = new Random(seed);
            float Pick(float[] values) => values[random.Next(values.Length)];
            int vocabulary = random.Next(1, 40);
            bool finite = random.Next(2) == 0;
            float[] logits = [.. Enumerable.Range(0, vocabulary).Select(_ => Pick(finite ? extremeLogits[..11] : extremeLogits))];
            var parameters = new SamplingParameters
            {
                Temperature = Pick(extremeNumbers), TopK = random.Next(3) * random.Next(100), TopP = Pick(extremeNumbers), MinP = Pick(extremeNumbers), Seed = (ulong)seed,
            };
            ulong forbidden = random.Next(2) == 0 ? 0 : (ulong)random.NextInt64();
            bool IsPossible(int token) => logits[token] > float.NegativeInfinity && (forbidden >> token & 1) == 0;

            var sampler = new Sampler(vocabulary);
            int? drawn = null;
            Exception? exception = Record.Exception(() => drawn = sampler.Sample(logits, parameters, null, [forbidden], seed));

            bool anyPossible = Enumerable.Range(0, vocabulary).Any(IsPossible);
            Assert.True(anyPossible ? exception is null && IsPossible(drawn!.Value) : exception is SamplingException, $"seed {seed}: {drawn}, {exception}");
        }
    }

    [Fact]
    public void Sample_AfterTheFirst_AllocatesNothing()
    {
        float[] logits = new Random(2).Floats(10_000);
        SamplingParameters[] all = [.. s_distributions, new() { Temperature = 0 }];
        ulong[] forbidden = new ulong[157];
        var sampler = new Sampler(logits.Length);
        TokenCounts counts = Counts([1, 2, 3], [4, 5]);
        foreach (SamplingParameters parameters in all.Concat(all))
        {
            sampler.Sample(logits, parameters, counts, forbidden, 0);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (SamplingParameters parameters in all)
        {
            sampler.Sample(logits, parameters, counts, forbidden, 1);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static SamplingParameters RandomParameters(Random random, int vocabulary) => new()
    {
        Temperature = random.Next(5) == 0 ? 0 : (float)Math.Exp((random.NextDouble() * 4) - 2),
        TopK = random.Next(2) * random.Next(vocabulary * 2),
        TopP = random.Next(2) == 0 ? 1 : random.NextSingle(),
        MinP = random.Next(3) == 0 ? random.NextSingle() * 0.3f : 0,
        RepetitionPenalty = random.Next(2) == 0 ? 1 : 0.5f + random.NextSingle(),
        FrequencyPenalty = random.Next(2) == 0 ? 0 : (random.NextSingle() * 4) - 2,
        PresencePenalty = random.Next(2) == 0 ? 0 : (random.NextSingle() * 4) - 2,
        LogitBias = Enumerable.Range(0, random.Next(4)).Select(i => i * 7 % vocabulary).Distinct().ToDictionary(token => token, _ => (random.NextSingle() * 20) - 10),
        Seed = (ulong)random.NextInt64(),
    };

    // Which tokens come at all; the least likely of them once in 4,000 draws.
    private static int[] Drawable(SamplingParameters parameters)
    {
        var sampler = new Sampler(s_logits.Length);
        return [.. Enumerable.Range(0, 20_000).Select(position => sampler.Sample(s_logits, parameters, null, [], position)).Distinct().Order()];
    }

    private static int Draw(float[] logits, SamplingParameters parameters, int[]? prompt = null, int[]? generated = null, ulong[]? forbidden = null, long position = 0) =>
        new Sampler(logits.Length).Sample(logits, parameters, Counts(prompt ?? [], generated ?? []), forbidden ?? [], position);

    private static TokenCounts Counts(int[] prompt, int[] generated)
    {
        var counts = new TokenCounts(prompt);
        foreach (int token in generated)
        {
            counts.Add(token);
        }

        return counts;
    }
}
