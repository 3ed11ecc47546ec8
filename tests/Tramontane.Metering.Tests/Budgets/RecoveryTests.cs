using Tramontane.Metering.Budgets;
using Tramontane.Metering.Keys;
using Tramontane.Metering.Ledger;
using Tramontane.Metering.Prices;
using Tramontane.Metering.Tests.Storage;

namespace Tramontane.Metering.Tests.Budgets;

/// <summary>What a server leaves open is ended by a next one: once, for nothing, with everything given back.</summary>
public abstract class RecoveryTests(ITestDatabaseSource source) : MeterTest(source)
{
    [Fact]
    public async Task Open_AfterAStopWithOpenRequests_EndsThemAsCrashed()
    {
        await AddPriceAsync();
        await AddPrepaidAsync(credit: 1, freeTokens: 150);
        ApiKey key = await AddKeyAsync(new KeyLimits { ConcurrentRequests = 3, TokensPerDay = 1_000, MoneyTotal = 0.01m }, "acme");
        await AdmitAsync(Request(key, prompt: 100, max: 50, id: "free"));
        await AdmitAsync(Request(key, prompt: 100, max: 50, id: "paid"));
        LedgerRecord settled = await SettleAsync(await AdmitAsync(Request(key, prompt: 100, max: 50)), 100, 0, 20);

        await ReopenAsync();

        Assert.Equal(2, Meter.CrashedRequests);
        List<LedgerRecord> records = await Meter.Usage.RecordsAsync(new UsageQuery());
        Assert.Equal(3, records.Count);
        Assert.Equal(settled, records[0] with { Id = 0 });
        Assert.All(records[1..], r => Assert.Equal((RequestOutcome.Crashed, 0m, new TokenCounts(100, 0, 0)), (r.Outcome, r.Cost.Total, r.Counts)));
        Account account = (await Meter.Accounts.GetAsync("acme"))!;
        Assert.Equal((1 - settled.Cost.Total, 0m, 150, 0), (account.Balance, account.Reserved, account.FreeTokens, account.FreeTokensReserved));
        Assert.Equal(880, (await RefuseAsync(Request(key, prompt: 1_000, max: 0), RefusalKind.TokensPerDay)).Left);
        for (int i = 0; i < 3; i++)
        {
            await AdmitAsync(Request(key, prompt: 10, max: 0));
        }

        await RefuseAsync(Request(key, prompt: 10, max: 0), RefusalKind.ConcurrentRequests);
    }

    [Fact]
    public async Task Open_AfterAStopWithManyOpenRequests_EndsThemAll()
    {
        await Task.WhenAll(Enumerable.Range(0, 1_201).Select(_ => Task.Run(() => AdmitAsync(Request()))));
        await ReopenAsync();
        Assert.Equal(1_201, Meter.CrashedRequests);
        Assert.Equal(1_201, Assert.Single(await Meter.Usage.SummarizeAsync(new UsageQuery(), UsageGrouping.Outcome)).Errors);
        await ReopenAsync();
        Assert.Equal(0, Meter.CrashedRequests);
    }

    [Fact]
    public async Task Admit_ThroughAToolsMeter_IsRefused()
    {
        await using Meter tool = await OpenAsync(serves: false);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await tool.AdmitAsync(Request()));
        await AdmitAsync(Request()); // and the tool ends nothing of the server's
        Assert.Empty(await tool.Usage.RecordsAsync(new UsageQuery()));
    }

    [Fact]
    public async Task Calls_AfterDispose_AreRefused()
    {
        Reservation open = await AdmitAsync(Request());
        await Meter.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => AdmitAsync(Request()));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => SettleAsync(open, 100, 0, 1));
        await Meter.DisposeAsync();
    }
}

public sealed class SqliteRecoveryTests() : RecoveryTests(new SqliteSource())
{
    [Fact]
    public async Task Open_BesideAServerOnOneFile_IsRefused()
    {
        MeteringException refused = await Assert.ThrowsAsync<MeteringException>(() => OpenAsync());
        Assert.Equal(MeteringFault.InUse, refused.Fault);
        Assert.Contains("PostgreSQL", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_ANewFile_IsItsOwnersAlone()
    {
        await AddKeyAsync();
        if (!OperatingSystem.IsWindows())
        {
            foreach (string file in Directory.GetFiles(Path.GetDirectoryName(Database.Name)!, "metering.db*").Where(f => !f.EndsWith(".lock", StringComparison.Ordinal)))
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            }
        }
    }
}

[Collection(PostgresCollection.Name)]
public sealed class PostgresRecoveryTests(PostgresCluster cluster) : RecoveryTests(new PostgresSource(cluster))
{
    [Fact]
    public async Task Recover_BeforeTheLeaseEnds_LeavesOtherServersAlone()
    {
        await using Meter other = await OpenAsync();
        Reservation open = await AdmitAsync(Request());
        Clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(0, await other.RecoverAsync(all: false, byName: false, default));
        Assert.Equal(RequestOutcome.Completed, (await SettleAsync(open, 100, 0, 1)).Outcome);
    }

    [Fact]
    public async Task Recover_AfterTheLease_EndsOnceAndALateSettlementHearsOfIt()
    {
        await AddPriceAsync();
        await using Meter other = await OpenAsync();
        await using Meter third = await OpenAsync();
        Reservation open = await AdmitAsync(Request());
        Clock.Advance(TimeSpan.FromSeconds(31));

        long[] ended = await Task.WhenAll(other.RecoverAsync(all: false, byName: false, default), third.RecoverAsync(all: false, byName: false, default));
        Assert.Equal(1, ended.Sum());
        LedgerRecord late = await SettleAsync(open, 100, 0, 20);
        Assert.Equal((RequestOutcome.Crashed, 0m), (late.Outcome, late.Cost.Total));
        Assert.Equal([late], await Meter.Usage.RecordsAsync(new UsageQuery()));

        // It lives after all: with its next admission it has a lease again, and is left alone.
        Reservation next = await AdmitAsync(Request());
        Assert.Equal(0, await other.RecoverAsync(all: false, byName: false, default));
        Assert.Equal(RequestOutcome.Completed, (await SettleAsync(next, 100, 0, 1)).Outcome);
    }

    [Fact]
    public async Task Leases_ThatRanOut_AreLookedForAllTheTime()
    {
        var options = new MeterOptions { Database = Database.Name, TimeProvider = Clock, Lease = TimeSpan.FromSeconds(1), RefreshInterval = TimeSpan.FromMilliseconds(10) };
        await using Meter other = await Meter.OpenAsync(options);
        await AdmitAsync(Request());
        Clock.Advance(TimeSpan.FromSeconds(31));
        await EventuallyAsync(() => other.CrashedRequests == 1);
    }

    [Fact]
    public async Task Open_UnderTheNameOfALivingServer_LeavesItAlone()
    {
        await using Meter living = await OpenAsync(name: "host:8080");
        Reservation open = (await living.AdmitAsync(Request())).Reservation!;
        await using (Meter next = await OpenAsync(name: "host:8080"))
        {
            Assert.Equal(0, next.CrashedRequests);
            Assert.Equal(0, await next.RecoverAsync(all: false, byName: true, default));
        }

        Assert.Equal(RequestOutcome.Completed, (await living.SettleAsync(open, new Settlement(RequestOutcome.Completed, new TokenCounts(100, 0, 1)))).Outcome);
    }

    [Fact]
    public async Task Open_UnderTheNameOfAServerWhoseConnectionHasEnded_DoesNotWaitForItsLease()
    {
        await using Meter lost = await OpenAsync(name: "host:8080");
        Reservation open = (await lost.AdmitAsync(Request())).Reservation!;
        await cluster.ExecuteAsync(
            "postgres", "SELECT pg_terminate_backend(pid, 60000) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ShareLock'"); // as when its process is killed
        await using Meter unrelated = await OpenAsync(name: "host:8081");
        Assert.Equal(0, unrelated.CrashedRequests);
        await using Meter next = await OpenAsync(name: "host:8080");
        Assert.Equal(1, next.CrashedRequests);
        Assert.Equal(RequestOutcome.Crashed, (await next.Usage.FindAsync(open.RequestId))!.Outcome);
    }
}
