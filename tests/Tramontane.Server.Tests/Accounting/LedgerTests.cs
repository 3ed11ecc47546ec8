using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Tramontane.Inference.Engine;
using Tramontane.Metering.Budgets;
using Tramontane.Metering.Keys;
using Tramontane.Metering.Ledger;
using Tramontane.Metering.Prices;
using Tramontane.Metering.Tests.Storage;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.Accounting;

/// <summary>
/// Many mixed requests at once, of which some are left in the middle, while prices change: the ledger has each once, and costs
/// are those that clients were told. The environment variable TRAMONTANE_LEDGER_COUNT sets how many, in place of what each database does.
/// </summary>
public abstract class LedgerTests(ITestDatabaseSource source, int count)
{
    private const int Clients = 32;

    private readonly int _count = Environment.GetEnvironmentVariable("TRAMONTANE_LEDGER_COUNT") is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : count;

    private static readonly (string Path, Func<Random, string> Body)[] s_requests =
    [
        ("/v1/chat/completions", r => TestServer.Chat($"\"n\":{r.Next(1, 4)},\"max_tokens\":{r.Next(1, 40)}")),
        ("/v1/chat/completions", r => TestServer.Chat($"\"max_tokens\":{r.Next(1, 40)},\"stream\":{Flag(r)}")),
        ("/v1/chat/completions", _ => TestServer.Chat("\"stream\":true,\"stream_options\":{\"include_usage\":true}")),
        ("/v1/completions", r => TestServer.Completion("[\"one\",\"two\",\"three\"]", $"\"n\":{r.Next(1, 3)},\"max_tokens\":{r.Next(1, 20)}")),
        ("/v1/completions", r => TestServer.Completion("\"one\"", $"\"max_tokens\":{r.Next(1, 20)},\"stream\":{Flag(r)}")),
        ("/v1/responses", r => $$"""{"model":"mistral-small-2506","input":"Hi","stream":{{Flag(r)}}}"""),
        ("/v1/messages", r => $$"""{"model":"mistral-small-2506","max_tokens":{{r.Next(1, 40)}},"stream":{{Flag(r)}},"messages":[{"role":"user","content":"Hi"}]}"""),
    ];

    [Fact]
    public async Task CostsAddUpToTheLedgerToTheLastDigit()
    {
        await using TestLedger ledger = await TestLedger.OpenAsync(source: source);
        await ledger.SetPriceAsync();
        await ledger.Meter.Accounts.CreateAsync("Acme", prepaid: true, id: "acme");
        await ledger.Meter.Accounts.AddCreditAsync("acme", new NewCredit { Amount = 1000, Currency = "USD" });
        IssuedKey key = await ledger.CreateKeyAsync(account: "acme");
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine { Script = PlaySlowly }, meter: ledger.Meter);
        server.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.Secret);

        var told = new ConcurrentDictionary<string, decimal?>(); // request id -> the cost that its client saw
        int next = 0;
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async client =>
        {
            for (int seed; (seed = Interlocked.Increment(ref next)) <= _count;)
            {
                var random = new Random(seed);
                if (seed % 100 == 0)
                {
                    await ledger.SetPriceAsync(prompt: seed * 0.000007m, cached: seed * 0.000001m, completion: seed * 0.000013m);
                }

                (string id, decimal? cost) = await SendAsync(server, random);
                Assert.True(told.TryAdd(id, cost));
            }
        }));

        while ((await ledger.AllAsync()).Count < _count)
        {
            await Task.Yield(); // of those that were left, the server hears a little later
        }

        List<LedgerRecord> records = await ledger.AllAsync();
        Assert.Equal(told.Keys.Order(StringComparer.Ordinal), records.Select(r => r.RequestId).Order(StringComparer.Ordinal));
        Dictionary<long, PriceRow> prices = ledger.Meter.Prices.Current.Rows.ToDictionary(p => p.Id);
        Assert.All(records, record =>
        {
            Assert.Equal(record.Outcome == RequestOutcome.Aborted && record.Counts.Completion == 0 ? default : prices[record.PriceId!.Value].Of(record.Counts), record.Cost);
            if (told[record.RequestId] is { } cost)
            {
                Assert.Equal(cost, record.Cost.Total);
            }
            else
            {
                Assert.Contains(record.Outcome, (RequestOutcome[])[RequestOutcome.Aborted, RequestOutcome.Completed, RequestOutcome.Length]); // left before it heard of its end
            }
        });

        decimal sum = records.Sum(r => r.Cost.Total);
        Assert.Equal(sum, Assert.Single(await ledger.Meter.Usage.SummarizeAsync(new UsageQuery())).Cost.Total);
        Account account = (await ledger.Meter.Accounts.GetAsync("acme"))!;
        Assert.Equal((1000 - sum, 0m), (account.Balance, account.Reserved));
        Assert.True(_count < 100 || records.Any(r => r.Outcome == RequestOutcome.Aborted));
    }

    /// <summary>Slow enough for a client to leave in the middle.</summary>
    private static async IAsyncEnumerable<GenerationUpdate> PlaySlowly(GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (GenerationUpdate update in ScriptedEngine.PlayText("Hello, world! How are you today?", request, cancellationToken))
        {
            await Task.Delay(1, cancellationToken);
            yield return update;
        }
    }

    private static string Flag(Random random) => random.Next(2) == 0 ? "true" : "false";

    /// <summary>The request's id, and the cost that it was told; null for a request that was left.</summary>
    private static async Task<(string Id, decimal? Cost)> SendAsync(TestServer server, Random random)
    {
        (string path, Func<Random, string> body) = s_requests[random.Next(s_requests.Length)];
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = TestServer.Json(body(random)) };
        using HttpResponseMessage response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        string id = response.Headers.GetValues("x-request-id").Single();
        Assert.Equal(200, (int)response.StatusCode);
        if (random.Next(5) == 0 && response.Content.Headers.ContentType!.MediaType == "text/event-stream")
        {
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
            for (int lines = random.Next(6); lines > 0; lines--)
            {
                await reader.ReadLineAsync();
            }

            return (id, null);
        }

        JsonObject usage = CostReader.LastUsage(await response.Content.ReadAsStringAsync());
        return (id, decimal.Parse(usage["cost"]!.ToJsonString(), CultureInfo.InvariantCulture));
    }
}

public sealed class SqliteLedgerTests() : LedgerTests(new SqliteSource(), 1_000);

[Collection(PostgresCollection.Name)]
public sealed class PostgresLedgerTests(PostgresCluster cluster) : LedgerTests(new PostgresSource(cluster), 200);
