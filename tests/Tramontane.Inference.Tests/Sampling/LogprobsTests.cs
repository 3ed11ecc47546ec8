using Tramontane.Inference.Sampling;
using Tramontane.Testing;

namespace Tramontane.Inference.Tests.Sampling;

public class LogprobsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(1_000)]
    [InlineData(131_072)]
    public void Of_RandomLogits_IsTheLogSoftmax(int vocabulary)
    {
        float[] logits = new Random(vocabulary).Floats(vocabulary, sigma: 5);
        double logSumExp = Math.Log(logits.Sum(logit => Math.Exp((double)logit)));
        var logprobs = new Logprobs(vocabulary);
        logprobs.SetLogits(logits);
        foreach (float logit in logits)
        {
            Assert.Equal(logit - logSumExp, logprobs.Of(logit), 2e-6);
        }
    }

    [Fact]
    public void Of_ImpossibleAndInfiniteLogits_AreZeroAndShared()
    {
        var logprobs = new Logprobs(4);
        logprobs.SetLogits([float.NaN, 1, float.NegativeInfinity, 1]);
        Assert.Equal(Math.Log(0.5), logprobs.Of(1), 1e-6);
        Assert.Equal(float.NegativeInfinity, logprobs.Of(float.NaN));
        Assert.Equal(float.NegativeInfinity, logprobs.Of(float.NegativeInfinity));

        logprobs.SetLogits([float.PositiveInfinity, 1, float.PositiveInfinity, 2]);
        Assert.Equal(Math.Log(0.5), logprobs.Of(float.PositiveInfinity), 1e-6);
        Assert.Equal(float.NegativeInfinity, logprobs.Of(1));

        logprobs.SetLogits([float.MaxValue, float.MinValue, 0, 0]);
        Assert.Equal(0, logprobs.Of(float.MaxValue));
        Assert.Throws<SamplingException>(() => logprobs.SetLogits([float.NaN, float.NaN, float.NegativeInfinity, float.NaN]));
    }

    [Fact]
    public void Top_RandomLogits_AreTheBestByLogitThenId()
    {
        for (int seed = 0; seed < 1_000; seed++)
        {
            var random = new Random(seed);
            float[] logits = [.. Enumerable.Range(0, random.Next(1, 100)).Select(_ => random.Next(10) == 0 ? float.NaN : random.Next(10) == 0 ? float.NegativeInfinity : random.Next(-9, 10))];
            int[] expected = [.. Enumerable.Range(0, logits.Length).Where(token => logits[token] > float.NegativeInfinity).OrderByDescending(token => logits[token]).ThenBy(token => token)];
            int[] tokens = new int[random.Next(0, 30)];

            int count = Logprobs.Top(logits, tokens);

            Assert.True(expected.Take(tokens.Length).SequenceEqual(tokens.Take(count)), $"seed {seed}");
        }
    }
}
