using Tramontane.Metering.Prices;
using Tramontane.Metering.Tests.Storage;

namespace Tramontane.Metering.Tests.Prices;

/// <summary>The append-only list of prices.</summary>
public abstract class PriceListTests(ITestDatabaseSource source) : MeterTest(source)
{
    [Fact]
    public async Task Add_ARow_KeepsEveryValue()
    {
        var price = new NewPrice
        {
            Provider = "elsewhere", Model = "mistralai/model:1", Tier = "batch", Currency = "CHF", Prompt = 0.075m, Cached = 0.000001m, Completion = 40_000m,
            EffectiveFrom = Clock.Now.AddDays(-3), Source = "https://example.com/prices", AsOf = Clock.Now.AddDays(-2),
        };
        PriceRow row = await Meter.Prices.AddAsync(price);
        await ReopenAsync();
        Assert.Equal([row], Meter.Prices.Current.Rows);
        Assert.Equal(
            new PriceRow(row.Id, "elsewhere", "mistralai/model:1", "batch", "CHF", Clock.Now.AddDays(-3), "https://example.com/prices", Clock.Now.AddDays(-2), 0.075m, 0.000001m, 40_000m),
            row);
        Assert.Equal(row, Meter.Prices.Current.InForce("mistralai/model:1", Clock.Now, "elsewhere", "batch"));
        Assert.Null(Meter.Prices.Current.InForce("mistralai/model:1", Clock.Now));
    }

    [Fact]
    public async Task Add_WithoutACachedPrice_TakesThePrompts()
    {
        PriceRow row = await Meter.Prices.AddAsync(new NewPrice { Model = Model, Currency = "USD", Prompt = 3, Completion = 4 });
        Assert.Equal((3m, Clock.Now, Clock.Now), (row.Cached, row.EffectiveFrom, row.AsOf));
    }

    [Fact]
    public async Task InForce_WithSeveralRows_IsTheNewestThatHasBegun()
    {
        DateTimeOffset now = Clock.Now;
        PriceRow first = await AddPriceAsync(prompt: 1, from: now.AddHours(-2));
        PriceRow future = await AddPriceAsync(prompt: 2, from: now.AddHours(2));
        PriceRow wrong = await AddPriceAsync(prompt: 3, from: now.AddHours(-1));
        PriceRow correction = await AddPriceAsync(prompt: 4, from: now.AddHours(-1));
        PriceBook book = Meter.Prices.Current;
        Assert.Null(book.InForce(Model, now.AddHours(-3)));
        Assert.Equal(first, book.InForce(Model, now.AddHours(-2)));
        Assert.Equal(correction, book.InForce(Model, now));
        Assert.Equal(future, book.InForce(Model, now.AddHours(2)));
        Assert.Equal([first, wrong, correction, future], book.History(Model));
        Assert.Empty(book.History("other"));
    }

    [Fact]
    public async Task Add_ByAnotherProcess_IsSeenWithTheNextLook()
    {
        await using Meter other = await OpenAsync(serves: false);
        PriceRow row = await AddPriceAsync();
        await other.RefreshAsync();
        Assert.Equal([row], other.Prices.Current.Rows);
    }

    [Fact]
    public async Task Add_WithWrongValues_IsRefused()
    {
        var good = new NewPrice { Model = Model, Currency = "USD", Prompt = 1, Completion = 1 };
        NewPrice[] wrong =
        [
            good with { Prompt = -1 }, good with { Completion = 40_000.000001m }, good with { Cached = 0.0000001m }, good with { Currency = "usd" }, good with { Currency = "EURO" },
            good with { Model = "" }, good with { Provider = "a b" }, good with { Tier = new string('t', 129) }, good with { Source = "" },
        ];
        foreach (NewPrice price in wrong)
        {
            Assert.Equal(MeteringFault.Invalid, (await Assert.ThrowsAsync<MeteringException>(() => Meter.Prices.AddAsync(price))).Fault);
        }

        Assert.Empty(Meter.Prices.Current.Rows);
    }
}

public sealed class SqlitePriceListTests() : PriceListTests(new SqliteSource());

[Collection(PostgresCollection.Name)]
public sealed class PostgresPriceListTests(PostgresCluster cluster) : PriceListTests(new PostgresSource(cluster));
