using Tramontane.Inference.Sampling;

namespace Tramontane.Inference.Tests.Sampling;

public class CounterRandomTests
{
    // Lines "philox4x32 10" of tests/kat_vectors of Random123 1.14.0, the authors' implementation.
    [Theory]
    [InlineData("00000000 00000000 00000000 00000000 00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8")]
    [InlineData("ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd")]
    [InlineData("243f6a88 85a308d3 13198a2e 03707344 a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1")]
    public void Philox_PublishedInputs_GivesThePublishedWords(string counterAndKey, string expected)
    {
        uint[] x = Words(counterAndKey);
        (uint a, uint b, uint c, uint d) = CounterRandom.Philox((x[0], x[1], x[2], x[3]), (x[4], x[5]));
        Assert.Equal(Words(expected), new[] { a, b, c, d });
    }

    [Fact]
    public void Uniform_SeedAndPosition_UseAllTheirBits()
    {
        double[] draws = [CounterRandom.Uniform(0, 0), CounterRandom.Uniform(1, 0), CounterRandom.Uniform(1UL << 63, 0), CounterRandom.Uniform(0, 1), CounterRandom.Uniform(0, 1L << 40)];
        Assert.Equal(draws.Length, draws.Distinct().Count());
        Assert.Equal(draws[0], CounterRandom.Uniform(0, 0));
    }

    [Fact]
    public void Uniform_ManyPositions_FillTheUnitIntervalEvenly()
    {
        int[] bins = new int[100];
        for (int position = 0; position < 100_000; position++)
        {
            double u = CounterRandom.Uniform(7, position);
            Assert.InRange(u, 0, 1 - 1e-16);
            bins[(int)(u * 100)]++;
        }

        Assert.InRange(bins.Sum(n => (n - 1000.0) * (n - 1000.0) / 1000), 50, 170); // chi-square, 99 degrees of freedom
    }

    private static uint[] Words(string hex) => [.. hex.Split(' ').Select(word => Convert.ToUInt32(word, 16))];
}
