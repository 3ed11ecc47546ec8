using Tramontane.Metering.Budgets;
using Tramontane.Metering.Keys;
using Tramontane.Metering.Tests.Storage;

namespace Tramontane.Metering.Tests.Budgets;

/// <summary>Requests that take what they can get: the most that fits every limit, never more, and a refusal below their least.</summary>
public abstract class GrantTests(ITestDatabaseSource source) : MeterTest(source)
{
    private const int Wanted = 1_000_000;

    [Fact]
    public async Task WithoutLimits_AllIsGranted() =>
        Assert.Equal(Wanted, (await AdmitAsync(Flexible(null))).MaxCompletionTokens);

    [Fact]
    public async Task TokensOfAWindow_AreGrantedToTheLast()
    {
        ApiKey key = await AddKeyAsync(new KeyLimits { TokensPerMinute = 1000, TokensPerDay = 1500 });
        Reservation first = await AdmitAsync(Flexible(key));
        Assert.Equal(900, first.MaxCompletionTokens);
        await RefuseAsync(Flexible(key), RefusalKind.TokensPerMinute);
        await SettleAsync(first, 100, 0, 300);
        Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(900, (await AdmitAsync(Flexible(key))).MaxCompletionTokens);
        Clock.Advance(TimeSpan.FromMinutes(1));
        await RefuseAsync(Flexible(key), RefusalKind.TokensPerDay); // 400 and 1,000 of 1,500
    }

    [Theory]
    [InlineData("0.001", 962)] // (0.001 - 100 · 0.075 / 10⁶) · 10⁶ / 1.03125 = 962.4…
    [InlineData("0.0000086", 1)]
    public async Task Money_IsGrantedToTheLastToken(string limit, int expected)
    {
        await AddPriceAsync(prompt: 0.075m, cached: 0.075m, completion: 1.03125m);
        decimal money = decimal.Parse(limit, System.Globalization.CultureInfo.InvariantCulture);
        (KeyLimits, RefusalKind)[] cases =
        [
            (new() { MoneyPerDay = money }, RefusalKind.MoneyPerDay), (new() { MoneyPerMonth = money }, RefusalKind.MoneyPerMonth), (new() { MoneyTotal = money }, RefusalKind.MoneyTotal),
        ];
        foreach ((KeyLimits limits, RefusalKind kind) in cases)
        {
            Reservation granted = await AdmitAsync(Flexible(await AddKeyAsync(limits)));
            Assert.Equal(expected, granted.MaxCompletionTokens);
            Assert.True(granted.ReservedCost <= money);
            await RefuseAsync(Request(await AddKeyAsync(limits), prompt: 100, max: expected + 1), kind); // one more does not fit
        }
    }

    [Fact]
    public async Task Credit_OrFreeTokens_WhicheverGivesMore()
    {
        await AddPriceAsync(prompt: 0, cached: 0, completion: 1);
        await AddPrepaidAsync();
        ApiKey key = await AddKeyAsync(account: "acme");
        await RefuseAsync(Flexible(key), RefusalKind.Credit);
        await Meter.Accounts.AddCreditAsync("acme", new NewCredit { FreeTokens = 350 });
        Reservation free = await AdmitAsync(Flexible(key));
        Assert.Equal((250, true), (free.MaxCompletionTokens, free.IsFree));
        await SettleAsync(free, 100, 0, 50); // 200 are left
        await Meter.Accounts.AddCreditAsync("acme", new NewCredit { Amount = 0.0005m, Currency = "USD" });
        Reservation paid = await AdmitAsync(Flexible(key));
        Assert.Equal((500, false), (paid.MaxCompletionTokens, paid.IsFree));
        Assert.Equal(100, (await AdmitAsync(Flexible(key))).MaxCompletionTokens); // the free ones, now that the credit is held
    }

    [Fact]
    public async Task LeastTokens_ThatDoNotFit_AreRefused()
    {
        ApiKey key = await AddKeyAsync(new KeyLimits { TokensPerMinute = 105 });
        await RefuseAsync(Flexible(key) with { LeastCompletionTokens = 6 }, RefusalKind.TokensPerMinute);
        Assert.Equal(5, (await AdmitAsync(Flexible(key) with { LeastCompletionTokens = 5 })).MaxCompletionTokens);
        await Assert.ThrowsAsync<ArgumentException>(async () => await Meter.AdmitAsync(Flexible(key) with { LeastCompletionTokens = Wanted + 1 }));
    }

    private AdmissionRequest Flexible(ApiKey? key) => Request(key, prompt: 100, max: Wanted) with { LeastCompletionTokens = 1 };
}

public sealed class SqliteGrantTests() : GrantTests(new SqliteSource());

[Collection(PostgresCollection.Name)]
public sealed class PostgresGrantTests(PostgresCluster cluster) : GrantTests(new PostgresSource(cluster));
