using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Tramontane.Metering.Keys;
using Tramontane.Metering.Ledger;
using Tramontane.Metering.Prices;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.Accounting;

/// <summary>What a client is told that it pays is what the ledger holds, to the last digit.</summary>
public sealed class CostTests
{
    private const string Messages = """[{"role":"user","content":"Hi"}]""";

    public static TheoryData<string, string> Requests { get; } = new()
    {
        { "/v1/chat/completions", $$"""{"model":"mistral-small-2506","messages":{{Messages}}}""" },
        { "/v1/chat/completions", $$"""{"model":"mistral-small-2506","messages":{{Messages}},"n":3,"max_tokens":7}""" },
        { "/v1/chat/completions", $$"""{"model":"mistral-small-2506","messages":{{Messages}},"stream":true}""" },
        { "/v1/chat/completions", $$"""{"model":"mistral-small-2506","messages":{{Messages}},"n":2,"stream":true,"stream_options":{"include_usage":true} }""" },
        { "/v1/completions", """{"model":"mistral-small-2506","prompt":["one","two"],"n":2,"max_tokens":5}""" },
        { "/v1/completions", """{"model":"mistral-small-2506","prompt":"one","stream":true}""" },
        { "/v1/responses", """{"model":"mistral-small-2506","input":"Hi"}""" },
        { "/v1/responses", """{"model":"mistral-small-2506","input":"Hi","stream":true}""" },
        { "/v1/messages", $$"""{"model":"mistral-small-2506","messages":{{Messages}},"max_tokens":50}""" },
        { "/v1/messages", $$"""{"model":"mistral-small-2506","messages":{{Messages}},"max_tokens":50,"stream":true}""" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task CostIsTheLedgersInEveryDialect(string path, string body)
    {
        await using TestLedger ledger = await TestLedger.OpenAsync();
        PriceRow price = await ledger.SetPriceAsync();
        await using TestServer server = await TestServer.StartAsync(meter: ledger.Meter);

        using HttpResponseMessage response = await server.Client.PostAsync(new Uri(path, UriKind.Relative), TestServer.Json(body));
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);

        LedgerRecord record = await ledger.FindAsync(response.Headers.GetValues("x-request-id").Single());
        JsonObject usage = CostReader.LastUsage(text);
        Assert.True(record.Cost.Total > 0);
        Assert.Equal(Money.Format(record.Cost.Total), usage["cost"]!.ToJsonString());
        JsonObject details = usage["cost_details"]!.AsObject();
        Assert.Equal(("USD", price.Id), ((string)details["currency"]!, (long)details["price_id"]!));
        Assert.Equal(record.Cost.Total, Amount(details["prompt"]!) + Amount(details["cached"]!) + Amount(details["completion"]!));
        Assert.Equal(price.Of(record.Counts), record.Cost);
        Assert.Equal(path == "/v1/messages" ? "anthropic" : "openai", record.Dialect);
        Assert.NotNull(record.FirstTokenAt);
        Assert.Equal(body.Contains("max_tokens\":7", StringComparison.Ordinal) || body.Contains("max_tokens\":5}", StringComparison.Ordinal) ? RequestOutcome.Length : RequestOutcome.Completed, record.Outcome);
    }

    [Fact]
    public async Task WithoutAPriceItCostsNothingAndIsWritten()
    {
        await using TestLedger ledger = await TestLedger.OpenAsync();
        await using TestServer server = await TestServer.StartAsync(meter: ledger.Meter);
        (int status, JsonObject body) = await server.PostAsync("/v1/chat/completions", TestServer.Chat());
        Assert.Equal(200, status);
        Assert.Equal("0", body["usage"]!["cost"]!.ToJsonString());
        Assert.Null(body["usage"]!["cost_details"]);
        LedgerRecord record = Assert.Single(await ledger.AllAsync());
        Assert.Equal((0m, "local", (int)body["usage"]!["completion_tokens"]!), (record.Cost.Total, record.AccountId, record.Counts.Completion));
    }

    [Fact]
    public async Task WithoutAMeterNothingIsSaidOfCost()
    {
        await using TestServer server = await TestServer.StartAsync();
        (_, JsonObject body) = await server.PostAsync("/v1/chat/completions", TestServer.Chat());
        Assert.False(body["usage"]!.AsObject().ContainsKey("cost"));
    }

    [Fact]
    public async Task ALaterPriceLeavesOldCostsAlone()
    {
        await using TestLedger ledger = await TestLedger.OpenAsync();
        await ledger.SetPriceAsync();
        await using TestServer server = await TestServer.StartAsync(meter: ledger.Meter);
        (_, JsonObject before) = await server.PostAsync("/v1/chat/completions", TestServer.Chat());
        await ledger.SetPriceAsync(prompt: 10, cached: 1, completion: 30);
        (_, JsonObject after) = await server.PostAsync("/v1/chat/completions", TestServer.Chat());
        List<LedgerRecord> records = await ledger.AllAsync();
        Assert.Equal([Amount(before["usage"]!["cost"]!), Amount(after["usage"]!["cost"]!)], records.Select(r => r.Cost.Total));
        Assert.True(records[0].Cost.Total < records[1].Cost.Total);
    }

    [Fact]
    public async Task WhoLeavesPaysForWhatWasMade()
    {
        await using TestLedger ledger = await TestLedger.OpenAsync();
        PriceRow price = await ledger.SetPriceAsync();
        var gate = new TaskCompletionSource();
        var engine = new ScriptedEngine();
        engine.Script = (request, cancellation) => StallAfterThree(request, gate.Task, cancellation);
        await using TestServer server = await TestServer.StartAsync(engine, meter: ledger.Meter);

        using (HttpResponseMessage response = await server.Client.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = TestServer.Json(TestServer.Chat("\"stream\":true")) }, HttpCompletionOption.ResponseHeadersRead))
        {
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
            for (int pieces = 0; pieces < 3;)
            {
                pieces += (await reader.ReadLineAsync())!.Contains("\"content\":\"x\"", StringComparison.Ordinal) ? 1 : 0;
            }
        }

        await engine.FirstCancelled.Task;
        LedgerRecord record = await EventuallyAsync(ledger);
        Assert.Equal((RequestOutcome.Aborted, 3), (record.Outcome, record.Counts.Completion));
        Assert.True(record.Counts.Prompt > 0);
        Assert.Equal(price.Of(record.Counts).Total, record.Cost.Total);
    }

    [Fact]
    public async Task AFaultOfTheServerCostsNothing()
    {
        await using TestLedger ledger = await TestLedger.OpenAsync();
        await ledger.SetPriceAsync();
        var engine = new ScriptedEngine();
        engine.Script = (request, _) => Broken(request);
        await using TestServer server = await TestServer.StartAsync(engine, meter: ledger.Meter);
        (int status, _) = await server.PostAsync("/v1/chat/completions", TestServer.Chat());
        Assert.Equal(500, status);
        LedgerRecord record = Assert.Single(await ledger.AllAsync());
        Assert.Equal((RequestOutcome.Failed, 0m, 1), (record.Outcome, record.Cost.Total, record.Counts.Completion));
    }

    [Fact]
    public async Task AQueueThatIsFullCostsNothingAndHoldsNothing()
    {
        await using TestLedger ledger = await TestLedger.OpenAsync();
        await ledger.SetPriceAsync();
        IssuedKey key = await ledger.CreateKeyAsync(new KeyLimits { ConcurrentRequests = 1 });
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine { Refusal = Inference.Engine.SubmissionRefusal.QueueFull }, meter: ledger.Meter);
        server.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.Secret);
        for (int i = 0; i < 3; i++)
        {
            (int status, JsonObject body) = await server.PostAsync("/v1/chat/completions", TestServer.Chat());
            Assert.Equal(429, status);
            Assert.Contains("waiting already", (string)body["error"]!["message"]!, StringComparison.Ordinal); // not: too many at one time
        }

        Assert.Empty(await ledger.AllAsync()); // a refusal is in no row
        Assert.Equal(0, await ledger.CountOpenAsync());
    }

    [Fact]
    public async Task AFaultBehindTheAdmissionHoldsNothing()
    {
        await using TestLedger ledger = await TestLedger.OpenAsync();
        IssuedKey key = await ledger.CreateKeyAsync(new KeyLimits { ConcurrentRequests = 1 });
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine { SubmitFault = new InvalidOperationException("broken on purpose") }, meter: ledger.Meter);
        server.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.Secret);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(500, (await server.PostAsync("/v1/chat/completions", TestServer.Chat())).Status); // not 429: too many at one time
        }

        Assert.All(await ledger.AllAsync(), r => Assert.Equal((RequestOutcome.Failed, 0m), (r.Outcome, r.Cost.Total)));
        Assert.Equal(0, await ledger.CountOpenAsync());
    }

    [Theory]
    [InlineData("\"stream\":true")]
    [InlineData("\"stream\":false")]
    public async Task AConstraintThatCannotBeFollowedIsPaidAsFarAsItWent(string fields)
    {
        await using TestLedger ledger = await TestLedger.OpenAsync();
        PriceRow price = await ledger.SetPriceAsync();
        var engine = new ScriptedEngine { Script = (request, _) => TooLarge(request) };
        await using TestServer server = await TestServer.StartAsync(engine, meter: ledger.Meter);
        using HttpResponseMessage response = await server.Client.PostAsync(new Uri("/v1/chat/completions", UriKind.Relative), TestServer.Json(TestServer.Chat(fields)));
        Assert.Contains("too complex to enforce", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        LedgerRecord record = await ledger.FindAsync(response.Headers.GetValues("x-request-id").Single());
        Assert.Equal((RequestOutcome.Aborted, 3), (record.Outcome, record.Counts.Completion));
        Assert.True(record.Cost.Total > 0);
        Assert.Equal(price.Of(record.Counts), record.Cost);
    }

    [Fact]
    public async Task AnAnswerWhoseSettlementFailsIsWholeAllTheSame()
    {
        await using TestLedger ledger = await TestLedger.OpenAsync();
        await using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={ledger.Database};Pooling=false"))
        {
            await connection.OpenAsync();
            await using Microsoft.Data.Sqlite.SqliteCommand command = connection.CreateCommand();
            command.CommandText = "CREATE TRIGGER odd BEFORE INSERT ON ledger BEGIN SELECT RAISE(ABORT, 'odd'); END";
            await command.ExecuteNonQueryAsync();
        }

        await using TestServer server = await TestServer.StartAsync(meter: ledger.Meter);
        (int status, JsonObject body) = await server.PostAsync("/v1/chat/completions", TestServer.Chat());
        Assert.Equal((200, "Hello, world!"), (status, (string)body["choices"]![0]!["message"]!["content"]!));
        Assert.Empty(await ledger.AllAsync());
    }

    private static decimal Amount(JsonNode node) => decimal.Parse(node.ToJsonString(), CultureInfo.InvariantCulture);

    private static async Task<LedgerRecord> EventuallyAsync(TestLedger ledger)
    {
        List<LedgerRecord> records;
        while ((records = await ledger.AllAsync()).Count == 0)
        {
            await Task.Yield();
        }

        return Assert.Single(records);
    }

    private static async IAsyncEnumerable<Inference.Engine.GenerationUpdate> StallAfterThree(
        Inference.Engine.GenerationRequest request, Task gate, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (int i = 1; i <= 3; i++)
        {
            yield return new Inference.Engine.GenerationUpdate { Text = "x", TokenIds = [1000], Usage = new Inference.Engine.TokenUsage(request.PromptTokens.Count, i, 0) };
        }

        await gate.WaitAsync(cancellationToken);
    }

    private static async IAsyncEnumerable<Inference.Engine.GenerationUpdate> TooLarge(Inference.Engine.GenerationRequest request)
    {
        for (int i = 1; i <= 3; i++)
        {
            await Task.Yield();
            yield return new Inference.Engine.GenerationUpdate { Text = "x", TokenIds = [1000], Usage = new Inference.Engine.TokenUsage(request.PromptTokens.Count, i, 0) };
        }

        throw new Tramontane.Grammar.GrammarException("It has too many states to follow.");
    }

    private static async IAsyncEnumerable<Inference.Engine.GenerationUpdate> Broken(Inference.Engine.GenerationRequest request)
    {
        await Task.Yield();
        yield return new Inference.Engine.GenerationUpdate { Text = "x", TokenIds = [1000], Usage = new Inference.Engine.TokenUsage(request.PromptTokens.Count, 1, 0) };
        throw new InvalidOperationException("broken on purpose");
    }
}
