using Tramontane.Metering.Budgets;
using Tramontane.Metering.Keys;
using Tramontane.Metering.Ledger;
using Tramontane.Metering.Prices;
using Tramontane.Metering.Tests.Storage;

namespace Tramontane.Metering.Tests.Budgets;

/// <summary>Many streams at once: nobody spends more than there is, and every number is accounted for to the last digit.</summary>
public abstract class OverspendTests(ITestDatabaseSource source) : MeterTest(source)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Streams_AThousandAtOnce_NeverOverspendAndAddUp(int seed)
    {
        var random = new Random(seed);
        await AddPriceAsync(prompt: 1.999999m, cached: 0.123457m, completion: 7.000003m);
        decimal credit = 0.4m + (random.Next(1_000_000) * 0.0000001m);
        await AddPrepaidAsync(credit, freeTokens: 10_000);
        ApiKey[] keys =
        [
            await AddKeyAsync(account: "acme"),
            await AddKeyAsync(new KeyLimits { MoneyPerDay = 0.1m, MoneyTotal = 0.09m }, "acme"),
            await AddKeyAsync(new KeyLimits { TokensPerDay = 60_000, RequestsPerDay = 200, ConcurrentRequests = 40 }, "acme"),
        ];
        int[] seeds = [.. Enumerable.Range(0, 1_000).Select(_ => random.Next())];

        Stream[] streams = await Task.WhenAll(seeds.Select((s, i) => Task.Run(() => RunAsync(new Random(s), keys[i % keys.Length]))));

        List<LedgerRecord> records = await Meter.Usage.RecordsAsync(new UsageQuery(), limit: UsageReports.LargestPage);
        Stream[] admitted = [.. streams.Where(s => s.Record is not null)];
        Assert.True(admitted.Length is > 50 and < 1_000, $"seed {seed}: {admitted.Length} of 1000 were admitted, so nothing was tested");
        Assert.Equal(admitted.Select(s => s.Record!).OrderBy(r => r.RequestId, StringComparer.Ordinal), records.Select(r => r with { Id = 0 }).OrderBy(r => r.RequestId, StringComparer.Ordinal));

        decimal spent = records.Sum(r => r.Cost.Total);
        Account account = (await Meter.Accounts.GetAsync("acme"))!;
        Assert.Equal((credit - spent, 0m), (account.Balance, account.Reserved));
        Assert.True(account.Balance >= 0, $"seed {seed}");
        Assert.Equal((10_000 - records.Where(r => r.IsFree).Sum(ChargedTokens), 0), (account.FreeTokens, account.FreeTokensReserved));
        Assert.True(account.FreeTokens >= 0, $"seed {seed}");
        Assert.Equal(spent, (await Meter.Usage.SummarizeAsync(new UsageQuery())).Sum(row => row.Cost.Total));

        LedgerRecord[][] byKey = [.. keys.Select(key => records.Where(r => r.KeyId == key.Id).ToArray())];
        Assert.InRange(byKey[1].Sum(r => r.Cost.Total), 0.00001m, 0.09m);
        Assert.InRange(byKey[2].Sum(ChargedTokens), 1, 60_000);
        Assert.InRange(byKey[2].Length, 1, 200);

        // What was open is closed: the limits admit exactly what they have left.
        Refusal left = await RefuseAsync(Request(keys[1], prompt: 1_000_000, max: 0), RefusalKind.MoneyPerDay);
        Assert.Equal(0.1m - byKey[1].Sum(r => r.Cost.Total), left.Left);
        left = await RefuseAsync(Request(keys[2], prompt: 1_000_000, max: 0), byKey[2].Length == 200 ? RefusalKind.RequestsPerDay : RefusalKind.TokensPerDay);
        Assert.Equal(byKey[2].Length == 200 ? 0 : 60_000 - byKey[2].Sum(ChargedTokens), left.Left);
    }

    private async Task<Stream> RunAsync(Random random, ApiKey key)
    {
        int prompt = random.Next(1, 400), max = random.Next(1, 400);
        Admission admission = await Meter.AdmitAsync(Request(key, prompt, max));
        if (admission.Reservation is not { } reservation)
        {
            return new Stream(admission.Refusal, null);
        }

        for (int tokens = random.Next(20); tokens > 0; tokens--)
        {
            await Task.Yield(); // it generates, beside the others
        }

        RequestOutcome outcome = (RequestOutcome)random.Next(4);
        var counts = new TokenCounts(prompt, random.Next(prompt + 1), outcome == RequestOutcome.Length ? max : random.Next(max + 1));
        LedgerRecord record = await Meter.SettleAsync(reservation, new Settlement(outcome, counts));
        Assert.True(record.Cost.Total <= reservation.ReservedCost);
        return new Stream(null, record);
    }

    private static long ChargedTokens(LedgerRecord record) => BudgetRules.Charged(new Settlement(record.Outcome, record.Counts)).Total;

    private sealed record Stream(Refusal? Refusal, LedgerRecord? Record);
}

public sealed class SqliteOverspendTests() : OverspendTests(new SqliteSource());

[Collection(PostgresCollection.Name)]
public sealed class PostgresOverspendTests(PostgresCluster cluster) : OverspendTests(new PostgresSource(cluster))
{
    /// <summary>Several servers on one database: their transactions wait for each other and never in a circle.</summary>
    [Fact]
    public async Task Servers_ThreeAtOnce_NeverOverspend()
    {
        await AddPriceAsync(prompt: 40_000m, completion: 40_000m); // 0.04 per token
        for (int i = 0; i < 4; i++)
        {
            await AddPrepaidAsync(credit: 2, id: $"acct{i}");
        }

        Meter[] servers = [await OpenAsync(), await OpenAsync(), Meter];
        try
        {
            int[] admitted = await Task.WhenAll(Enumerable.Range(0, 900).Select(i => Task.Run(async () =>
            {
                Admission admission = await servers[i % 3].AdmitAsync(Request(account: $"acct{i % 4}", prompt: 1, max: 1));
                if (admission.Reservation is not { } reservation)
                {
                    return 0;
                }

                await servers[i % 3].SettleAsync(reservation, new Settlement(RequestOutcome.Completed, new TokenCounts(1, 0, i % 2)));
                return 1 + (i % 2);
            })));

            Assert.InRange(admitted.Sum(), 150, 200);
            Assert.Equal(8 - (admitted.Sum() * 0.04m), (await Meter.Accounts.ListAsync()).Sum(a => a.Balance));
            Assert.All(await Meter.Accounts.ListAsync(), a => Assert.Equal((true, 0m), (a.Balance >= 0, a.Reserved)));
        }
        finally
        {
            await servers[0].DisposeAsync();
            await servers[1].DisposeAsync();
        }
    }
}
