using Microsoft.Extensions.Logging;
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
