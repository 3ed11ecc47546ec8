using Tramontane.Metering.Budgets;
using Tramontane.Metering.Keys;
using Tramontane.Metering.Ledger;
using Tramontane.Metering.Prices;
using Tramontane.Metering.Tests.Storage;

namespace Tramontane.Metering.Tests.Budgets;

/// <summary>What ended requests pay, and what the ledger holds of them.</summary>
public abstract class SettlementTests(ITestDatabaseSource source) : MeterTest(source)
{
    [Theory]
    [InlineData(RequestOutcome.Completed, 7, "0.000197")]
    [InlineData(RequestOutcome.Length, 50, "0.000455")]
    [InlineData(RequestOutcome.Aborted, 7, "0.000197")]
    [InlineData(RequestOutcome.Aborted, 0, "0")]
    [InlineData(RequestOutcome.Failed, 7, "0")]
    public async Task Settle_EveryOutcome_PaysByTheRule(RequestOutcome outcome, int completion, string expected)
    {
        PriceRow price = await AddPriceAsync(prompt: 2m, cached: 0.5m, completion: 6m);
        Reservation reservation = await AdmitAsync(Request(prompt: 100, max: 50));
        Clock.Advance(TimeSpan.FromSeconds(2));

        LedgerRecord record = await Meter.SettleAsync(reservation, new Settlement(outcome, new TokenCounts(100, 30, completion), Clock.Now));

        // 70 computed at 2, 30 cached at 0.5, completion at 6, per million
        Assert.Equal(expected, Money.Format(record.Cost.Total));
        LedgerRecord stored = (await Meter.Usage.FindAsync(reservation.RequestId))!;
        Assert.Equal(record with { Id = stored.Id }, stored);
        Assert.Equal(new TokenCounts(100, 30, completion), stored.Counts);
        Assert.Equal((price.Id, "USD"), (stored.PriceId, stored.Currency));
        Assert.Equal(TimeSpan.FromSeconds(2), stored.EndedAt - stored.StartedAt);
    }

    [Fact]
    public async Task Release_GivesEverythingBackAndWritesNothing()
    {
        await AddPriceAsync();
        await AddPrepaidAsync(credit: 1, freeTokens: 150);
        ApiKey key = await AddKeyAsync(
            new KeyLimits { RequestsPerMinute = 2, RequestsPerDay = 2, TokensPerMinute = 300, TokensPerDay = 300, ConcurrentRequests = 2, MoneyPerDay = 1, MoneyTotal = 1 }, "acme");
        for (int i = 0; i < 5; i++)
        {
            Reservation free = await AdmitAsync(Request(key)), paid = await AdmitAsync(Request(key));
            Assert.True(free.IsFree && !paid.IsFree);
            await Meter.ReleaseAsync(free);
            await Meter.ReleaseAsync(paid);
            await Meter.ReleaseAsync(paid); // again changes nothing
        }

        Account account = (await Meter.Accounts.GetAsync("acme"))!;
        Assert.Equal((1m, 0m, 150, 0), (account.Balance, account.Reserved, account.FreeTokens, account.FreeTokensReserved));
        Assert.Empty(await Meter.Usage.RecordsAsync(new UsageQuery()));
        LedgerRecord settled = await SettleAsync(await AdmitAsync(Request(key, id: "settled")), 100, 0, 1);
        Assert.Equal("settled", settled.RequestId);
        Assert.Single(await Meter.Usage.RecordsAsync(new UsageQuery()));
    }

    [Fact]
    public async Task Release_OfAWindowThatHasPassed_LeavesTheNextAlone()
    {
        ApiKey key = await AddKeyAsync(new KeyLimits { RequestsPerMinute = 1 });
        Reservation old = await AdmitAsync(Request(key));
        Clock.Advance(TimeSpan.FromMinutes(1));
        await AdmitAsync(Request(key));
        await Meter.ReleaseAsync(old);
        await RefuseAsync(Request(key), RefusalKind.RequestsPerMinute);
    }

    [Fact]
    public async Task Settle_WithoutAPrice_CostsNothing()
    {
        LedgerRecord record = await SettleAsync(await AdmitAsync(Request()), 100, 0, 20);
        Assert.Equal(0, record.Cost.Total);
        Assert.Null(record.PriceId);
        Assert.Null(record.Currency);
    }

    [Fact]
    public async Task Settle_Twice_GivesTheFirstRecordAndTakesOnce()
    {
        await AddPriceAsync();
        await AddPrepaidAsync(credit: 1);
        ApiKey key = await AddKeyAsync(new KeyLimits { ConcurrentRequests = 1 }, "acme");
        Reservation reservation = await AdmitAsync(Request(key));
        LedgerRecord first = await SettleAsync(reservation, 100, 0, 20);
        LedgerRecord second = await SettleAsync(reservation, 100, 0, 50, RequestOutcome.Failed);

        Assert.Equal(first, second with { Id = 0 });
        Assert.Equal(1 - first.Cost.Total, (await Meter.Accounts.GetAsync("acme"))!.Balance);
        Assert.Single(await Meter.Usage.RecordsAsync(new UsageQuery()));
        await AdmitAsync(Request(key));
        await RefuseAsync(Request(key), RefusalKind.ConcurrentRequests);
    }

    [Fact]
    public async Task Settle_BeyondTheAdmission_IsTheCallersMistake()
    {
        Reservation reservation = await AdmitAsync(Request(prompt: 100, max: 50));
        await Assert.ThrowsAsync<InvalidOperationException>(() => SettleAsync(reservation, 100, 0, 51));
        await Assert.ThrowsAsync<InvalidOperationException>(() => SettleAsync(reservation, 101, 0, 50));
        await Assert.ThrowsAsync<ArgumentException>(() => SettleAsync(reservation, 100, 101, 50));
        await Assert.ThrowsAsync<ArgumentException>(() => SettleAsync(reservation, 100, 0, 1, RequestOutcome.Crashed));
        Assert.Empty(await Meter.Usage.RecordsAsync(new UsageQuery()));
        await SettleAsync(reservation, 100, 0, 50);
    }

    [Fact]
    public async Task Admit_AnIdThatWasUsed_IsAConflict()
    {
        Reservation reservation = await AdmitAsync(Request(id: "once"));
        Assert.Equal(MeteringFault.Conflict, (await Assert.ThrowsAsync<MeteringException>(() => AdmitAsync(Request(id: "once")))).Fault);
        await SettleAsync(reservation, 100, 0, 1);
        Assert.Equal(MeteringFault.Conflict, (await Assert.ThrowsAsync<MeteringException>(() => AdmitAsync(Request(id: "once")))).Fault);
    }

    [Fact]
    public async Task Admit_ForNobody_IsNotFound()
    {
        ApiKey key = await AddKeyAsync();
        await Meter.Accounts.CreateAsync("Other", prepaid: false, "other");
        AdmissionRequest[] wrong = [Request(account: "nobody"), Request(key) with { KeyId = "key_none" }, Request(key, account: "other")];
        foreach (AdmissionRequest request in wrong)
        {
            Assert.Equal(MeteringFault.NotFound, (await Assert.ThrowsAsync<MeteringException>(() => AdmitAsync(request))).Fault);
        }
    }

    [Fact]
    public async Task Settle_AfterANewPrice_PaysTheOneOfItsStart()
    {
        PriceRow old = await AddPriceAsync(prompt: 2m, completion: 6m);
        Reservation before = await AdmitAsync(Request());
        LedgerRecord settled = await SettleAsync(await AdmitAsync(Request()), 100, 0, 50);
        Clock.Advance(TimeSpan.FromSeconds(1));
        PriceRow next = await AddPriceAsync(prompt: 20m, completion: 60m);
        PriceRow backdated = await AddPriceAsync(prompt: 7m, completion: 7m, from: Clock.Now.AddDays(-30));
        await AddPriceAsync(prompt: 9m, completion: 9m, from: Clock.Now.AddDays(1));

        LedgerRecord record = await SettleAsync(before, 100, 0, 50);
        LedgerRecord after = await SettleAsync(await AdmitAsync(Request()), 100, 0, 50);

        Assert.Equal((old.Id, 0.0005m), (record.PriceId!.Value, record.Cost.Total));
        Assert.Equal((next.Id, 0.005m), (after.PriceId!.Value, after.Cost.Total));
        Assert.Equal(settled.Cost, (await Meter.Usage.FindAsync(settled.RequestId))!.Cost);
        Assert.Null(Meter.Prices.Current.InForce(Model, backdated.EffectiveFrom.AddMilliseconds(-1)));
        Assert.Equal(9m, Meter.Prices.Current.InForce(Model, Clock.Now.AddDays(2))!.Prompt);
    }
}

public sealed class SqliteSettlementTests() : SettlementTests(new SqliteSource());

[Collection(PostgresCollection.Name)]
public sealed class PostgresSettlementTests(PostgresCluster cluster) : SettlementTests(new PostgresSource(cluster));
