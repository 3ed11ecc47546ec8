using Npgsql;
using Tramontane.Metering.Budgets;
using Tramontane.Metering.Keys;
using Tramontane.Metering.Ledger;
using Tramontane.Metering.Prices;
using Tramontane.Metering.Tests.Storage;

namespace Tramontane.Metering.Tests.Ledger;

/// <summary>Several servers at once: whoever reads the ledger in pages sees every record, and a revoked key starts nothing.</summary>
[Collection(PostgresCollection.Name)]
public sealed class LedgerPageTests(PostgresCluster cluster) : MeterTest(new PostgresSource(cluster, isOwn: true))
{
    [Fact]
    public async Task Records_WhileALowerIdIsNotCommitted_WaitForIt()
    {
        await SettleAsync(await AdmitAsync(Request()), 100, 0, 1);
        await using NpgsqlConnection other = await ConnectAsync();
        await using NpgsqlTransaction transaction = await other.BeginTransactionAsync();
        await RunAsync(
            other,
            """
            INSERT INTO ledger (request_id, account_id, model, dialect, outcome, prompt_tokens, cached_tokens, completion_tokens, image_tokens, prompt_pico, cached_pico, completion_pico, is_free, started_at, ended_at)
            SELECT 'slow', account_id, model, dialect, outcome, prompt_tokens, cached_tokens, completion_tokens, image_tokens, prompt_pico, cached_pico, completion_pico, is_free, started_at, ended_at FROM ledger
            """);
        await SettleAsync(await AdmitAsync(Request(id: "quick")), 100, 0, 1); // its id is higher, its commit earlier

        Task<List<LedgerRecord>> page = Meter.Usage.RecordsAsync(new UsageQuery(), after: 1);
        for (int i = 0; i < 50; i++)
        {
            Assert.NotNull(await Meter.Usage.FindAsync("quick")); // a page that did not wait would be there by now
        }

        Assert.False(page.IsCompleted);
        await transaction.CommitAsync();
        Assert.Equal(["slow", "quick"], (await page).Select(r => r.RequestId));
    }

    [Fact]
    public async Task Records_ReadInPagesWhileServersSettle_AreAllOfThem()
    {
        await using Meter other = await OpenAsync();
        Task[] servers = [.. new[] { Meter, other }.SelectMany((meter, server) => Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            for (int i = 0; i < 60; i++)
            {
                Reservation reservation = (await meter.AdmitAsync(Request(id: $"{server}-{worker}-{i}"))).Reservation!;
                await meter.SettleAsync(reservation, new Settlement(RequestOutcome.Completed, new TokenCounts(100, 0, 1)));
            }
        })))];
        var all = Task.WhenAll(servers);
        List<LedgerRecord> seen = [];
        for (bool isLast = false; !isLast;)
        {
            isLast = all.IsCompleted;
            for (int count = -1; count != seen.Count;)
            {
                count = seen.Count;
                seen.AddRange(await Meter.Usage.RecordsAsync(new UsageQuery(), seen.LastOrDefault()?.Id ?? 0, limit: 7));
            }
        }

        await all;
        Assert.Equal(480, seen.Count);
        Assert.Equal(480, seen.DistinctBy(r => r.RequestId).Count());
    }

    [Fact]
    public async Task Admit_WhileItsKeyIsRevoked_IsBeforeThatOrRefused()
    {
        ApiKey key = await AddKeyAsync();
        await using Meter admin = await OpenAsync(serves: false);
        await using NpgsqlConnection other = await ConnectAsync();
        await using NpgsqlTransaction transaction = await other.BeginTransactionAsync();
        await RunAsync(other, "SELECT 1 FROM key_counters FOR UPDATE"); // another server's admission
        Task<Admission> admission = Meter.AdmitAsync(Request(key)).AsTask();
        await WaitersAsync(1);
        Task<ApiKey> revocation = admin.Keys.RevokeAsync(key.Id);
        while (!revocation.IsCompleted && await CountAsync() < 2)
        {
            await Task.Yield();
        }

        bool wasRevoked = revocation.IsCompleted;
        await transaction.CommitAsync();
        Admission admitted = await admission;
        Assert.NotNull((await revocation).RevokedAt);
        Assert.True(!wasRevoked || admitted.Refusal is not null, "It was admitted behind its revocation.");
        await RefuseAsync(Request(key), RefusalKind.KeyRevoked);

        async Task WaitersAsync(int count)
        {
            while (await CountAsync() < count)
            {
                await Task.Yield();
            }
        }

        async Task<long> CountAsync()
        {
            await using NpgsqlConnection watcher = await ConnectAsync();
            await using var command = new NpgsqlCommand("SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'", watcher);
            return (long)(await command.ExecuteScalarAsync())!;
        }
    }

    private async Task<NpgsqlConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection(Database.Name);
        await connection.OpenAsync();
        return connection;
    }

    private static async Task RunAsync(NpgsqlConnection connection, string text)
    {
        await using var command = new NpgsqlCommand(text, connection);
        await command.ExecuteNonQueryAsync();
    }
}
