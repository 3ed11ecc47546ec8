using Tramontane.Metering.Budgets;
using Tramontane.Metering.Keys;
using Tramontane.Metering.Ledger;
using Tramontane.Metering.Tests.Storage;

namespace Tramontane.Metering.Tests.Budgets;

/// <summary>Each limit: what it admits, what it refuses, what the refusal says, when it opens.</summary>
public abstract class LimitTests(ITestDatabaseSource source) : MeterTest(source)
{
    private static readonly DateTimeOffset s_nextMinute = new(2026, 3, 15, 12, 31, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset s_nextDay = new(2026, 3, 16, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset s_nextMonth = new(2026, 4, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task RequestsPerMinute_UsedUp_OpensWithTheNextMinute()
    {
        ApiKey key = await AddKeyAsync(new KeyLimits { RequestsPerMinute = 2 });
        await SettleAsync(await AdmitAsync(Request(key)), 100, 0, 1); // an ended request stays counted
        await AdmitAsync(Request(key));
        Refusal refusal = await RefuseAsync(Request(key), RefusalKind.RequestsPerMinute);
        Assert.Equal((2, 0, 1, s_nextMinute), (refusal.Limit, refusal.Left, refusal.Needed, refusal.OpensAt));
        Assert.Equal(RefusalCategory.Rate, refusal.Category);
        Assert.Equal("This API key may use 2 requests per minute; 0 are left and this request can take 1. More from 2026-03-15T12:31:00Z on.", refusal.Message);
        Clock.Now = s_nextMinute.AddMilliseconds(-1);
        await RefuseAsync(Request(key), RefusalKind.RequestsPerMinute);
        Clock.Now = s_nextMinute;
        await AdmitAsync(Request(key));
    }

    [Fact]
    public async Task RequestsPerDay_UsedUp_OpensWithTheNextDay()
    {
        ApiKey key = await AddKeyAsync(new KeyLimits { RequestsPerDay = 1 });
        await AdmitAsync(Request(key));
        Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(s_nextDay, (await RefuseAsync(Request(key), RefusalKind.RequestsPerDay)).OpensAt);
        Clock.Now = s_nextDay;
        await AdmitAsync(Request(key));
    }

    [Fact]
    public async Task TokensPerMinute_OfAnOpenRequest_CountWithTheMostThatItCanTake()
    {
        ApiKey key = await AddKeyAsync(new KeyLimits { TokensPerMinute = 300 });
        Reservation first = await AdmitAsync(Request(key, prompt: 100, max: 50));
        await AdmitAsync(Request(key, prompt: 100, max: 50));
        Refusal refusal = await RefuseAsync(Request(key, prompt: 1, max: 0), RefusalKind.TokensPerMinute);
        Assert.Equal((300, 0, 1, s_nextMinute), (refusal.Limit, refusal.Left, refusal.Needed, refusal.OpensAt));
        await SettleAsync(first, 100, 0, 10); // 40 are given back
        Assert.Equal(40, (await RefuseAsync(Request(key, prompt: 40, max: 1), RefusalKind.TokensPerMinute)).Left);
        await AdmitAsync(Request(key, prompt: 40, max: 0));
    }

    [Fact]
    public async Task Tokens_ThatNeverFit_AreToldSo()
    {
        ApiKey key = await AddKeyAsync(new KeyLimits { TokensPerMinute = 300 });
        Refusal refusal = await RefuseAsync(Request(key, prompt: 100, max: 201), RefusalKind.TokensPerMinute);
        Assert.Null(refusal.OpensAt);
        Assert.Equal("This API key may use 300 tokens per minute; this request alone can take 301. Ask for fewer.", refusal.Message);
    }

    [Fact]
    public async Task TokensPerDay_AcrossMidnight_BelongToTheDayOfTheStart()
    {
        ApiKey key = await AddKeyAsync(new KeyLimits { TokensPerDay = 150 });
        Clock.Now = s_nextDay.AddMilliseconds(-1);
        Reservation late = await AdmitAsync(Request(key, prompt: 100, max: 50));
        Assert.Equal(s_nextDay, (await RefuseAsync(Request(key, prompt: 1, max: 0), RefusalKind.TokensPerDay)).OpensAt);
        Clock.Now = s_nextDay;
        await AdmitAsync(Request(key, prompt: 100, max: 50));
        await SettleAsync(late, 100, 0, 0, RequestOutcome.Failed); // gives nothing back to the new day
        await RefuseAsync(Request(key, prompt: 1, max: 0), RefusalKind.TokensPerDay);
    }

    [Fact]
    public async Task Windows_WithAClockThatGoesBack_AreNotOpenedAgain()
    {
        ApiKey key = await AddKeyAsync(new KeyLimits { RequestsPerMinute = 1 });
        Clock.Now = s_nextMinute;
        await AdmitAsync(Request(key));
        Clock.Now = s_nextMinute.AddSeconds(-1);
        await RefuseAsync(Request(key), RefusalKind.RequestsPerMinute);
        Clock.Now = s_nextMinute.AddSeconds(1);
        await RefuseAsync(Request(key), RefusalKind.RequestsPerMinute);
    }

    [Theory]
    [InlineData(RequestOutcome.Completed, 50)]
    [InlineData(RequestOutcome.Aborted, 0)]
    [InlineData(RequestOutcome.Failed, 3)]
    public async Task ConcurrentRequests_UsedUp_OpenWithAnyEnd(RequestOutcome outcome, int completion)
    {
        ApiKey key = await AddKeyAsync(new KeyLimits { ConcurrentRequests = 2 });
        Reservation first = await AdmitAsync(Request(key));
        await AdmitAsync(Request(key));
        Refusal refusal = await RefuseAsync(Request(key), RefusalKind.ConcurrentRequests);
        Assert.Equal((2, 0, 1, null), (refusal.Limit, refusal.Left, refusal.Needed, refusal.OpensAt));
        await SettleAsync(first, 100, 0, completion, outcome);
        await AdmitAsync(Request(key));
        await RefuseAsync(Request(key), RefusalKind.ConcurrentRequests);
    }

    [Fact]
    public async Task Money_OfEachWindow_CountsReservationsThenCosts()
    {
        await AddPriceAsync(prompt: 2m, cached: 2m, completion: 6m, from: Clock.Now.AddDays(-1)); // 100 + 50 tokens: at most 0.0005
        (KeyLimits Limits, RefusalKind Kind, DateTimeOffset? OpensAt)[] cases =
        [
            (new KeyLimits { MoneyPerDay = 0.001m }, RefusalKind.MoneyPerDay, s_nextDay),
            (new KeyLimits { MoneyPerMonth = 0.001m }, RefusalKind.MoneyPerMonth, s_nextMonth),
            (new KeyLimits { MoneyTotal = 0.001m }, RefusalKind.MoneyTotal, null),
        ];
        foreach ((KeyLimits limits, RefusalKind kind, DateTimeOffset? opensAt) in cases)
        {
            Clock.Now = new DateTimeOffset(2026, 3, 15, 12, 0, 0, TimeSpan.Zero);
            ApiKey key = await AddKeyAsync(limits);
            Reservation first = await AdmitAsync(Request(key));
            await AdmitAsync(Request(key));
            Refusal refusal = await RefuseAsync(Request(key, prompt: 1, max: 0), kind);
            Assert.Equal((0.001m, 0m, 0.000002m, opensAt), (refusal.Limit, refusal.Left, refusal.Needed, refusal.OpensAt));
            Assert.Equal(RefusalCategory.Payment, refusal.Category);
            Assert.Contains("0.001 USD", refusal.Message, StringComparison.Ordinal);

            await SettleAsync(first, 100, 0, 0, RequestOutcome.Length); // costs 0.0002 of 0.0005
            Assert.Equal(0.0003m, (await RefuseAsync(Request(key, prompt: 151, max: 0), kind)).Left);
            await AdmitAsync(Request(key, prompt: 150, max: 0));
            if (opensAt is { } time)
            {
                Clock.Now = time.AddMilliseconds(-1);
                await RefuseAsync(Request(key, prompt: 1, max: 0), kind);
                Clock.Now = time;
                await AdmitAsync(Request(key));
            }
        }
    }

    [Fact]
    public async Task Limit_OfZero_AdmitsNothing()
    {
        ApiKey key = await AddKeyAsync(new KeyLimits { RequestsPerDay = 0 });
        Assert.Null((await RefuseAsync(Request(key), RefusalKind.RequestsPerDay)).OpensAt);
        key = await AddKeyAsync(new KeyLimits { ConcurrentRequests = 0 });
        await RefuseAsync(Request(key), RefusalKind.ConcurrentRequests);
    }

    [Fact]
    public async Task Refusals_TakeNothing()
    {
        await AddPriceAsync();
        ApiKey key = await AddKeyAsync(new KeyLimits { RequestsPerMinute = 2, TokensPerMinute = 200 });
        for (int i = 0; i < 5; i++)
        {
            await RefuseAsync(Request(key, prompt: 201, max: 0), RefusalKind.TokensPerMinute);
        }

        await AdmitAsync(Request(key, prompt: 100, max: 0));
        await AdmitAsync(Request(key, prompt: 100, max: 0));
        Assert.Empty(await Meter.Usage.RecordsAsync(new UsageQuery()));
    }

    [Fact]
    public async Task Keys_OfOneAccount_HaveWindowsOfTheirOwn()
    {
        ApiKey one = await AddKeyAsync(new KeyLimits { RequestsPerMinute = 1 });
        ApiKey two = await AddKeyAsync(new KeyLimits { RequestsPerMinute = 1 });
        await AdmitAsync(Request(one));
        await AdmitAsync(Request(two));
        await RefuseAsync(Request(one), RefusalKind.RequestsPerMinute);
        await AdmitAsync(Request()); // and requests without a key have none
    }
}

public sealed class SqliteLimitTests() : LimitTests(new SqliteSource());

[Collection(PostgresCollection.Name)]
public sealed class PostgresLimitTests(PostgresCluster cluster) : LimitTests(new PostgresSource(cluster));
