using Microsoft.Data.Sqlite;
using Tramontane.Metering.Budgets;
using Tramontane.Metering.Keys;
using Tramontane.Metering.Ledger;
using Tramontane.Metering.Prices;

namespace Tramontane.Metering.Tests.Storage;

/// <summary>A database that is away for a while.</summary>
public sealed class SqliteWriterFaultTests() : MeterTest(new SqliteSource())
{
    [Fact]
    public async Task Admit_WhileAnotherProcessWrites_WaitsForIt()
    {
        Task<Reservation> admission;
        await using (await HoldAsync())
        {
            admission = AdmitAsync(Request());
            await Task.Yield();
            Assert.False(admission.IsCompleted);
        }

        await SettleAsync(await admission, 100, 0, 1);
    }

    [Fact]
    public async Task Calls_WhileTheDatabaseIsAwayForLong_FailButWhatWasConsumedIsWritten()
    {
        await Meter.DisposeAsync();
        Meter = await Meter.OpenAsync(new MeterOptions { Database = Database.Name, TimeProvider = Clock, OperationTimeout = TimeSpan.FromMilliseconds(100) });
        await AddPriceAsync();
        ApiKey key = await AddKeyAsync(new KeyLimits { ConcurrentRequests = 1 });
        Reservation open = await AdmitAsync(Request(key));
        await using (await HoldAsync())
        {
            MeteringException settle = await Assert.ThrowsAsync<MeteringException>(() => SettleAsync(open, 100, 0, 20));
            MeteringException admit = await Assert.ThrowsAsync<MeteringException>(() => AdmitAsync(Request()));
            MeteringException create = await Assert.ThrowsAsync<MeteringException>(() => AddKeyAsync());
            Assert.All([settle, admit, create], e => Assert.Equal(MeteringFault.Unavailable, e.Fault));
        }

        await SettleAsync(await AdmitAsync(Request(key)), 100, 0, 1);
        LedgerRecord written = (await Meter.Usage.FindAsync(open.RequestId))!;
        Assert.Equal((RequestOutcome.Completed, new TokenCounts(100, 0, 20), 0.00032m), (written.Outcome, written.Counts, written.Cost.Total));
        Assert.Equal(2, (await Meter.Usage.RecordsAsync(new UsageQuery())).Count);
        Assert.Single(await Meter.Keys.ListAsync());
    }

    /// <summary>Writes to the database until it is disposed of.</summary>
    private async Task<SqliteConnection> HoldAsync()
    {
        var connection = new SqliteConnection($"Data Source={Database.Name};Pooling=false");
        await connection.OpenAsync();
        await using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE";
        await command.ExecuteNonQueryAsync();
        return connection;
    }
}

/// <summary>Connections that break, and servers that race.</summary>
[Collection(PostgresCollection.Name)]
public sealed class PostgresWriterFaultTests(PostgresCluster cluster) : MeterTest(new PostgresSource(cluster, isOwn: true))
{
    [Fact]
    public async Task Calls_WhileConnectionsAreCut_AreDoneOnceEach()
    {
        await AddPriceAsync();
        await AddPrepaidAsync(credit: 100);
        Task<LedgerRecord>[] streams = [.. Enumerable.Range(0, 400).Select(i => Task.Run(async () =>
        {
            Reservation reservation = await AdmitAsync(Request(account: "acme"));
            await Task.Yield();
            return await SettleAsync(reservation, 100, i % 100, i % 50, (RequestOutcome)(i % 4));
        }))];
        foreach (Task<LedgerRecord> stream in streams.Where((_, i) => i % 40 == 0))
        {
            await stream;
            await cluster.ExecuteAsync("postgres", $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{Database.Name.Split("Database=")[1]}'");
        }

        LedgerRecord[] told = await Task.WhenAll(streams);
        List<LedgerRecord> records = await Meter.Usage.RecordsAsync(new UsageQuery());
        Assert.Equal(told.Select(r => r with { Id = 0 }).OrderBy(r => r.RequestId, StringComparer.Ordinal), records.Select(r => r with { Id = 0 }).OrderBy(r => r.RequestId, StringComparer.Ordinal));
        Account account = (await Meter.Accounts.GetAsync("acme"))!;
        Assert.Equal((100 - records.Sum(r => r.Cost.Total), 0m), (account.Balance, account.Reserved));
    }

    [Fact]
    public async Task Admit_OneIdOnTwoServersAtOnce_IsOneOfThem()
    {
        await using Meter other = await OpenAsync();
        int[] admitted = await Task.WhenAll(Enumerable.Range(0, 100).SelectMany(i => new[] { Meter, other }.Select(meter => Task.Run(async () =>
        {
            try
            {
                return (await meter.AdmitAsync(Request(id: $"same-{i}"))).Reservation is null ? 0 : 1;
            }
            catch (MeteringException e) when (e.Fault == MeteringFault.Conflict)
            {
                return 0;
            }
        }))));
        Assert.Equal(100, admitted.Sum());
    }

    [Fact]
    public async Task Open_WithoutAServer_SaysSo()
    {
        var options = new MeterOptions { Database = "Host=/nowhere;Database=none;Username=none" };
        Assert.Equal(MeteringFault.Unavailable, (await Assert.ThrowsAsync<MeteringException>(() => Meter.OpenAsync(options))).Fault);
    }
}
