using System.Diagnostics;
using Tramontane.Metering.Budgets;
using Tramontane.Metering.Keys;
using Tramontane.Metering.Ledger;
using Tramontane.Metering.Prices;
using Tramontane.Metering.Tests.Storage;

namespace Tramontane.Metering.Tests.Budgets;

/// <summary>A server is killed under load (SIGKILL), again and again. Nothing that it was promised is lost, nothing counts twice.</summary>
public abstract class CrashTests(ITestDatabaseSource source) : MeterTest(source)
{
    private const decimal Credit = 1_000m;

    [Fact]
    public async Task Kill_UnderLoad_LosesNothingAndCountsNothingTwice()
    {
        await AddPriceAsync(prompt: 1.234567m, cached: 0.1m, completion: 9.876543m, from: DateTimeOffset.UnixEpoch);
        await AddPrepaidAsync(Credit);
        ApiKey key = await AddKeyAsync(new KeyLimits { ConcurrentRequests = 24 }, "acme");
        HashSet<string> admitted = [];
        Dictionary<string, string> settled = [];
        foreach ((string round, int lines) in new[] { ("a", 60), ("b", 700), ("c", 2_000) })
        {
            await Meter.DisposeAsync();
            await RunAndKillAsync(key, round, lines, admitted, settled);
            Meter = await Meter.OpenAsync(new MeterOptions { Database = Database.Name, InstanceName = CrashingServer.InstanceName });
            await CheckAsync(key, admitted, settled);
        }
    }

    private async Task RunAndKillAsync(ApiKey key, string round, int lines, HashSet<string> admitted, Dictionary<string, string> settled)
    {
        string assembly = typeof(CrashingServer).Assembly.Location;
        using Process server = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["exec", assembly, Database.Name, "acme", key.Id, round])
        {
            RedirectStandardOutput = true,
        })!;
        int read = 0;
        while (await server.StandardOutput.ReadLineAsync() is { } line)
        {
            string[] words = line.Split(' ');
            if (words[0] == "admitted")
            {
                admitted.Add(words[1]);
            }
            else
            {
                settled.Add(words[1], words[2]);
            }

            if (++read == lines)
            {
                server.Kill(); // SIGKILL on Unix
            }
        }

        await server.WaitForExitAsync();
        Assert.True(read >= lines, $"the server ended by itself after {read} lines");
    }

    private async Task CheckAsync(ApiKey key, HashSet<string> admitted, Dictionary<string, string> settled)
    {
        List<LedgerRecord> records = [];
        while (await Meter.Usage.RecordsAsync(new UsageQuery(), records.LastOrDefault()?.Id ?? 0) is { Count: > 0 } page)
        {
            records.AddRange(page);
        }

        Dictionary<string, LedgerRecord> byId = records.ToDictionary(r => r.RequestId); // throws when one counts twice
        Assert.All(settled, told => Assert.Equal(told.Value, Money.Format(byId[told.Key].Cost.Total)));
        Assert.All(admitted, id => Assert.True(byId.ContainsKey(id), $"{id} was admitted and is nowhere"));
        // What is crashed was never told to be settled, and cost nothing.
        Assert.All(records.Where(r => r.Outcome == RequestOutcome.Crashed), r => Assert.True(!settled.ContainsKey(r.RequestId) && r.Cost.Total == 0));
        Assert.Contains(records, r => r.Outcome == RequestOutcome.Crashed);

        Account account = (await Meter.Accounts.GetAsync("acme"))!;
        Assert.Equal((Credit - records.Sum(r => r.Cost.Total), 0m), (account.Balance, account.Reserved));

        // Nothing is open: as many as ever may start.
        Reservation[] all = await Task.WhenAll(Enumerable.Range(0, 24).Select(_ => AdmitAsync(Request(key))));
        await RefuseAsync(Request(key), RefusalKind.ConcurrentRequests);
        foreach (Reservation reservation in all)
        {
            await SettleAsync(reservation, 0, 0, 0, RequestOutcome.Failed);
        }
    }
}

public sealed class SqliteCrashTests() : CrashTests(new SqliteSource());

[Collection(PostgresCollection.Name)]
public sealed class PostgresCrashTests(PostgresCluster cluster) : CrashTests(new PostgresSource(cluster));
