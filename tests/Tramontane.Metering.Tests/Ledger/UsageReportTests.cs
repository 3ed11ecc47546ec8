using Tramontane.Metering.Budgets;
using Tramontane.Metering.Keys;
using Tramontane.Metering.Ledger;
using Tramontane.Metering.Prices;
using Tramontane.Metering.Tests.Storage;

namespace Tramontane.Metering.Tests.Ledger;

/// <summary>Sums and pages of the ledger.</summary>
public abstract class UsageReportTests(ITestDatabaseSource source) : MeterTest(source)
{
    [Fact]
    public async Task Summarize_ByEveryGrouping_AgreesWithTheRecords()
    {
        const int Seed = 5;
        var random = new Random(Seed);
        await AddPriceAsync(prompt: 1.234567m, cached: 0.000001m, completion: 9.876543m);
        await AddPrepaidAsync(credit: 100);
        ApiKey?[] keys = [await AddKeyAsync(), await AddKeyAsync(account: "acme"), null];
        string[] models = [Model, "model-without-price"], dialects = ["openai", "anthropic"];
        for (int i = 0; i < 200; i++)
        {
            ApiKey? key = keys[random.Next(3)];
            AdmissionRequest request = Request(key, prompt: random.Next(1, 2_000), max: 500) with
            {
                Model = models[random.Next(2)], Dialect = dialects[random.Next(2)],
            };
            Reservation reservation = await AdmitAsync(request);
            Clock.Advance(TimeSpan.FromMinutes(random.Next(60)));
            DateTimeOffset? first = random.Next(4) == 0 ? null : reservation.StartedAt.AddMilliseconds(random.Next(5_000));
            var counts = new TokenCounts(request.PromptTokens, random.Next(request.PromptTokens), random.Next(500), random.Next(request.PromptTokens));
            await Meter.SettleAsync(reservation, new Settlement((RequestOutcome)random.Next(4), counts, first));
        }

        List<LedgerRecord> all = await Meter.Usage.RecordsAsync(new UsageQuery());
        Assert.Equal(200, all.Count);
        var query = new UsageQuery { From = all[20].StartedAt, To = all[180].StartedAt };
        LedgerRecord[] records = [.. all.Where(r => r.StartedAt >= query.From && r.StartedAt < query.To)];
        for (var grouping = UsageGrouping.None; grouping < (UsageGrouping)64; grouping++)
        {
            UsageGrouping by = grouping;
            IEnumerable<UsageRow> expected = records
                .GroupBy(r => (
                    Day: by.HasFlag(UsageGrouping.Day) ? DateOnly.FromDateTime(r.StartedAt.UtcDateTime) : (DateOnly?)null,
                    Account: by.HasFlag(UsageGrouping.Account) ? r.AccountId : null,
                    Key: by.HasFlag(UsageGrouping.Key) ? r.KeyId : null,
                    Model: by.HasFlag(UsageGrouping.Model) ? r.Model : null,
                    Dialect: by.HasFlag(UsageGrouping.Dialect) ? r.Dialect : null,
                    Outcome: by.HasFlag(UsageGrouping.Outcome) ? r.Outcome : (RequestOutcome?)null,
                    r.Currency))
                .Select(g => new UsageRow
                {
                    Day = g.Key.Day, AccountId = g.Key.Account, KeyId = g.Key.Key, Model = g.Key.Model, Dialect = g.Key.Dialect, Outcome = g.Key.Outcome, Currency = g.Key.Currency,
                    Requests = g.Count(),
                    Errors = g.Count(r => r.Outcome == RequestOutcome.Failed),
                    PromptTokens = g.Sum(r => (long)r.Counts.Prompt),
                    CachedTokens = g.Sum(r => (long)r.Counts.Cached),
                    CompletionTokens = g.Sum(r => (long)r.Counts.Completion),
                    ImageTokens = g.Sum(r => (long)r.Counts.Image),
                    Cost = new Cost(g.Sum(r => r.Cost.Prompt), g.Sum(r => r.Cost.Cached), g.Sum(r => r.Cost.Completion)),
                    DurationMilliseconds = g.Sum(r => (long)(r.EndedAt - r.StartedAt).TotalMilliseconds),
                    FirstTokenMilliseconds = g.Sum(r => r.FirstTokenAt is { } first ? (long)(first - r.StartedAt).TotalMilliseconds : 0),
                    FirstTokenRequests = g.Count(r => r.FirstTokenAt is not null),
                });
            Assert.Equal(expected.OrderBy(r => r.ToString(), StringComparer.Ordinal), (await Meter.Usage.SummarizeAsync(query, by)).OrderBy(r => r.ToString(), StringComparer.Ordinal));
        }

        LatencyReport latency = await Meter.Usage.LatencyAsync(query);
        Assert.Equal(Quantiles(records.Select(r => r.EndedAt - r.StartedAt)), latency.Duration);
        Assert.Equal(Quantiles(records.Where(r => r.FirstTokenAt is not null).Select(r => r.FirstTokenAt!.Value - r.StartedAt)), latency.FirstToken);

        Assert.Equal(all.Where(r => r.KeyId == keys[0]!.Id), await Meter.Usage.RecordsAsync(new UsageQuery { KeyId = keys[0]!.Id }));
        Assert.Equal(all.Where(r => r.AccountId == "acme"), await Meter.Usage.RecordsAsync(new UsageQuery { AccountId = "acme" }));
        Assert.Equal(all.Where(r => r.Model == Model && r.Outcome == RequestOutcome.Aborted), await Meter.Usage.RecordsAsync(new UsageQuery { Model = Model, Outcome = RequestOutcome.Aborted }));
    }

    [Fact]
    public async Task Records_InPages_ComeOnceEach()
    {
        for (int i = 0; i < 25; i++)
        {
            await SettleAsync(await AdmitAsync(Request()), 100, 0, i);
        }

        List<LedgerRecord> pages = [];
        for (List<LedgerRecord> page = [new() { RequestId = "", AccountId = "", Model = "", Dialect = "", Outcome = default, Counts = default, Cost = default, StartedAt = default, EndedAt = default }]; page.Count > 0;)
        {
            page = await Meter.Usage.RecordsAsync(new UsageQuery(), after: pages.LastOrDefault()?.Id ?? 0, limit: 7);
            Assert.True(page.Count <= 7);
            pages.AddRange(page);
        }

        Assert.Equal(Enumerable.Range(0, 25), pages.Select(r => r.Counts.Completion));
        Assert.Equal(await Meter.Usage.RecordsAsync(new UsageQuery()), pages);
        Assert.Equal(pages.AsEnumerable().Reverse().Take(7), await Meter.Usage.LatestAsync(new UsageQuery(), 7));
        Assert.Empty(await Meter.Usage.LatestAsync(new UsageQuery { AccountId = "nobody" }));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Meter.Usage.RecordsAsync(new UsageQuery(), limit: 0));
        Assert.Null(await Meter.Usage.FindAsync("nobody"));
    }

    [Fact]
    public async Task Summarize_BeyondSixtyFourBitsOfPico_StaysExact()
    {
        await AddPriceAsync(prompt: 39_999.999999m, completion: 40_000m);
        for (int i = 0; i < 12; i++)
        {
            await SettleAsync(await AdmitAsync(Request(prompt: 99_999_999, max: 100_000_000)), 99_999_999, 0, 100_000_000);
        }

        UsageRow sum = Assert.Single(await Meter.Usage.SummarizeAsync(new UsageQuery()));
        Assert.Equal(12 * (4_000_000m + (99_999_999m * 0.039999999999m)), sum.Cost.Total); // 96 million: more than a column of pico units holds
    }

    private static LatencyQuantiles Quantiles(IEnumerable<TimeSpan> times)
    {
        long[] sorted = [.. times.Select(t => (long)t.TotalMilliseconds).Order()];
        return new LatencyQuantiles(sorted.Length, At(0.5m), At(0.9m), At(0.99m));

        long At(decimal quantile) => sorted[(int)Math.Ceiling(quantile * sorted.Length) - 1];
    }

    [Fact]
    public async Task Summarize_OfNothing_IsEmpty()
    {
        Assert.Empty(await Meter.Usage.SummarizeAsync(new UsageQuery(), UsageGrouping.Day));
        Assert.Equal(new LatencyReport(default, default), await Meter.Usage.LatencyAsync(new UsageQuery()));
        Assert.Empty(await Meter.Usage.RecordsAsync(new UsageQuery { From = Clock.Now, To = Clock.Now.AddDays(-1) }));
    }
}

public sealed class SqliteUsageReportTests() : UsageReportTests(new SqliteSource());

[Collection(PostgresCollection.Name)]
public sealed class PostgresUsageReportTests(PostgresCluster cluster) : UsageReportTests(new PostgresSource(cluster));
