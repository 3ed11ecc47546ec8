using Tramontane.Metering.Prices;

namespace Tramontane.Metering.Tests.Prices;

/// <summary>Money is exact.</summary>
public sealed class MoneyTests
{
    [Theory]
    [InlineData("0", "0")]
    [InlineData("0.000000000001", "0.000000000001")]
    [InlineData("0.1500", "0.15")]
    [InlineData("100", "100")]
    [InlineData("-12.340", "-12.34")]
    [InlineData("9223372.036854775807", "9223372.036854775807")]
    [InlineData("1000000000000.000000000001", "1000000000000.000000000001")]
    public void Format_AnAmount_HasNoNoise(string amount, string expected) => Assert.Equal(expected, Money.Format(decimal.Parse(amount)));

    [Theory]
    [InlineData("0", 0)]
    [InlineData("0.000000000001", 1)]
    [InlineData("-1.5", -1_500_000_000_000)]
    [InlineData("9223372.036854775807", long.MaxValue)]
    public void ToPico_AndBack_IsTheSame(string amount, long pico)
    {
        Assert.Equal(pico, Money.ToPico(decimal.Parse(amount)));
        Assert.Equal(decimal.Parse(amount), Money.FromPico(pico));
    }

    [Theory]
    [InlineData("0.0000000000001")]
    [InlineData("9223372.036854775808")]
    [InlineData("79228162514264337593543950335")]
    public void ToPico_OfWhatDoesNotFit_Throws(string amount) => Assert.Throws<OverflowException>(() => Money.ToPico(decimal.Parse(amount)));

    [Fact]
    public void Cost_OfAnyCountsAndPrices_HasTwelveDecimalsAndFits()
    {
        var random = new Random(11);
        for (int i = 0; i < 20_000; i++)
        {
            PriceRow price = Row(RandomPrice(random), RandomPrice(random), RandomPrice(random));
            int prompt = random.Next(TokenCounts.Most + 1), cached = random.Next(prompt + 1), completion = random.Next(TokenCounts.Most + 1);
            Cost cost = price.Of(new TokenCounts(prompt, cached, completion));

            // the definition in whole numbers: count · (price · 10⁶) is pico units
            Int128 pico = ((Int128)(prompt - cached) * (long)(price.Prompt * 1_000_000)) + ((Int128)cached * (long)(price.Cached * 1_000_000)) + ((Int128)completion * (long)(price.Completion * 1_000_000));
            Assert.Equal(pico, Money.ToPico(cost.Total));
            Assert.Equal(cost.Total, decimal.Parse(Money.Format(cost.Total)));
            Assert.True(cost.Total <= price.MostFor(prompt, completion));
        }
    }

    [Fact]
    public void Cost_OfTheSurveysExample_IsItsFigure() =>
        Assert.Equal("0.1375", Money.Format(Row(0.075m, 0.075m, 0.20m).Of(new TokenCounts(500_000, 0, 500_000)).Total));

    [Theory]
    [InlineData(-1, 0, 0, 0)]
    [InlineData(0, 0, -1, 0)]
    [InlineData(5, 6, 0, 0)]
    [InlineData(5, 0, 0, 6)]
    [InlineData(5, -1, 0, 0)]
    [InlineData(100_000_001, 0, 0, 0)]
    [InlineData(0, 0, 100_000_001, 0)]
    public void Cost_OfImpossibleCounts_Throws(int prompt, int cached, int completion, int image) =>
        Assert.Throws<ArgumentException>(() => Row(1, 1, 1).Of(new TokenCounts(prompt, cached, completion, image)));

    private static decimal RandomPrice(Random random) => random.Next(4) switch
    {
        0 => 0.000001m * random.Next(1_000_000),
        1 => Money.LargestPrice,
        2 => 0,
        _ => 0.000001m * random.NextInt64((long)Money.LargestPrice * 1_000_000),
    };

    private static PriceRow Row(decimal prompt, decimal cached, decimal completion) =>
        new(1, PriceRow.Self, "m", PriceRow.StandardTier, "USD", default, "test", default, prompt, cached, completion);
}
