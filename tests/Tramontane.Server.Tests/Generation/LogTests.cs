using Microsoft.Extensions.Logging;
using Tramontane.Metering.Keys;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.Generation;

public sealed class LogTests
{
    [Fact]
    public async Task Log_OfRequests_HoldsIdsAndCountsButNoTextAndNoKey()
    {
        using var logs = new CapturedLogs();
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine("confidential answer"), o => o.ApiKeys.Add("sk-confidential"), logs: logs);
        server.Client.DefaultRequestHeaders.Add("Authorization", "Bearer sk-confidential");
        const string Messages = """[{"role":"user","content":"confidential question"}]""";
        using HttpResponseMessage response = await server.Client.PostAsync(new Uri("/v1/chat/completions", UriKind.Relative), TestServer.Json(TestServer.Chat(messages: Messages)));
        await server.StreamAsync("/v1/chat/completions", TestServer.Chat("\"stream\":true", Messages));
        await server.PostAsync("/v1/chat/completions", TestServer.Chat("\"temperature\":\"confidential\"", Messages));
        await server.PostAsync("/v1/chat/completions", "{\"confidential");
        string id = response.Headers.GetValues("x-request-id").Single();
        Assert.Contains(logs.Lines, l => l.Level == LogLevel.Information && l.Line.Contains($"Request {id} completed: 1 answers, ", StringComparison.Ordinal) && l.Line.Contains("20 completion tokens", StringComparison.Ordinal));
        Assert.DoesNotContain(logs.Lines, l => l.Line.Contains("confidential", StringComparison.Ordinal));
        Assert.DoesNotContain(logs.Lines, l => l.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task Log_OfAMeteredServer_HoldsNoKeyOfHeaderOrBodyEvenWhenTheLedgerFails()
    {
        using var logs = new CapturedLogs();
        await using TestLedger ledger = await TestLedger.OpenAsync();
        await ledger.SetPriceAsync();
        IssuedKey good = await ledger.CreateKeyAsync(), revoked = await ledger.CreateKeyAsync();
        await ledger.Meter.Keys.RevokeAsync(revoked.Key.Id);
        await using TestServer server = await TestServer.StartAsync(meter: ledger.Meter, logs: logs);
        foreach (string secret in (string[])[good.Secret, revoked.Secret, "tm-" + new string('x', 43)])
        {
            await PostAsync("/v1/chat/completions", TestServer.Chat(), secret);
            await PostAsync("/api/v7/llm/chat/completions", $$"""{"key":"{{secret}}","model_id":"mistral-small-2506","messages":[{"role":"user","content":"Hi"}]}""", null);
            await PostAsync("/v1/chat/completions", $$"""{"key":"{{secret}}","messages":3}""", null);
            await PostAsync("/v1/admin/keys", "{}", secret);
        }

        await using (var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={ledger.Database};Pooling=false"))
        {
            await connection.OpenAsync();
            await using Microsoft.Data.Sqlite.SqliteCommand command = connection.CreateCommand();
            command.CommandText = "CREATE TRIGGER odd BEFORE INSERT ON ledger BEGIN SELECT RAISE(ABORT, 'odd'); END";
            await command.ExecuteNonQueryAsync();
        }

        Assert.Equal(200, await PostAsync("/v1/chat/completions", TestServer.Chat(), good.Secret));
        Assert.Contains(logs.Lines, l => l.Level == LogLevel.Error && l.Line.Contains("settlement", StringComparison.Ordinal));
        Assert.DoesNotContain(logs.Lines, l => l.Line.Contains(good.Secret[7..^4], StringComparison.Ordinal) || l.Line.Contains(revoked.Secret[7..^4], StringComparison.Ordinal) || l.Line.Contains("xxxxxxxx", StringComparison.Ordinal));

        async Task<int> PostAsync(string path, string body, string? secret)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = TestServer.Json(body) };
            request.Headers.Authorization = secret is null ? null : new System.Net.Http.Headers.AuthenticationHeaderValue("Bearer", secret);
            using HttpResponseMessage response = await server.Client.SendAsync(request);
            return (int)response.StatusCode;
        }
    }

    [Fact]
    public async Task Log_OfAClientThatLeaves_HasNoError()
    {
        using var logs = new CapturedLogs();
        var engine = new ScriptedEngine { Script = (_, token) => CancellationTests.Endless(new TaskCompletionSource(), token) };
        await using TestServer server = await TestServer.StartAsync(engine, logs: logs);
        using HttpRequestMessage request = new(HttpMethod.Post, "/v1/chat/completions") { Content = TestServer.Json(TestServer.Chat("\"stream\":true")) };
        using (await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead))
        {
        }

        await engine.FirstCancelled.Task.WaitAsync(TimeSpan.FromSeconds(60));
        await server.Host.StopAsync();
        Assert.DoesNotContain(logs.Lines, l => l.Level >= LogLevel.Warning);
    }
}
