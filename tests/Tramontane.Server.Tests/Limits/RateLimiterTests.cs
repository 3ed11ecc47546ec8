using System.Text.Json.Nodes;
using Tramontane.Metering.Keys;
using Tramontane.Server.Limits;
using Tramontane.Server.Tests.Anthropic;
using Tramontane.Server.Tests.Contract;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.Limits;

public sealed class RateLimiterTests
{
    private const string Path = "/v1/chat/completions";

    [Fact, ContractRow("http.rate_limit", "http.retry_after")]
    public async Task Requests_BeyondTheLimit_Are429UntilTheBucketHasRefilled()
    {
        using var time = new ManualTime();
        await using TestServer server = await TestServer.StartAsync(time: time, configure: o => o.RequestsPerMinute = 2);
        (int Status, string? Remaining, string? Reset, string? RetryAfter)[] seen = [await AskAsync(server), await AskAsync(server), await AskAsync(server)];
        Assert.Equal([(200, "1", "30s", null), (200, "0", "1m0s", null), (429, "0", "1m0s", "30")], seen);
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal((200, "0", "1m0s", null), await AskAsync(server));
    }

    [Fact, ContractRow("http.rate_limit")]
    public async Task Tokens_OfPromptAndAnswer_AreTakenFromTheAllowance()
    {
        using var time = new ManualTime();
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine("Hello"), time: time, configure: o => o.TokensPerMinute = 60);
        using (HttpResponseMessage first = await PostAsync(server, Path, TestServer.Chat()))
        {
            Assert.Equal(("60", "55"), (Header(first, "x-ratelimit-limit-tokens"), Header(first, "x-ratelimit-remaining-tokens"))); // BOS, [INST], two letters, [/INST]
        }

        using HttpResponseMessage second = await PostAsync(server, Path, TestServer.Chat());
        Assert.Equal("44", Header(second, "x-ratelimit-remaining-tokens")); // 5 + 6 of the first, 5 of this one
        using HttpResponseMessage long_ = await PostAsync(server, Path, TestServer.Chat(messages: $$"""[{"role":"user","content":"{{new string('x', 100)}}"}]"""));
        JsonObject error = await TestServer.ReadAsync(long_);
        Assert.Contains("tokens per minute", ErrorAssert.Is(error, "rate_limit_exceeded", null, "rate_limit_error"), StringComparison.Ordinal);
    }

    [Fact, ContractRow("http.rate_limit")]
    public async Task Limits_OfAnthropicsClients_AreToldInItsHeaders()
    {
        using var time = new ManualTime();
        await using TestServer server = await TestServer.StartAsync(time: time, configure: o =>
        {
            o.RequestsPerMinute = 1;
            o.TokensPerMinute = 600;
        });
        using (HttpResponseMessage first = await PostAsync(server, "/v1/messages", MessagesEndpointTests.Message()))
        {
            Assert.Equal(("1", "0", "1970-01-01T00:01:00Z"), (Header(first, "anthropic-ratelimit-requests-limit"), Header(first, "anthropic-ratelimit-requests-remaining"), Header(first, "anthropic-ratelimit-requests-reset")));
            Assert.Equal("595", Header(first, "anthropic-ratelimit-output-tokens-remaining"));
            Assert.Null(Header(first, "x-ratelimit-limit-requests"));
        }

        using HttpResponseMessage second = await PostAsync(server, "/v1/messages", MessagesEndpointTests.Message());
        Assert.Equal(429, (int)second.StatusCode);
        AnthropicAssert.IsError(await TestServer.ReadAsync(second), "rate_limit_error");
        Assert.NotNull(second.Headers.RetryAfter);
    }

    // The server's allowance of 5 requests and 100 tokens a minute beside a key's: told is what has less left.
    [Theory, ContractRow("http.rate_limit")]
    [InlineData(3, null, null, null, "3 2 1m0s", "100 95 3s")]
    [InlineData(9, null, null, null, "5 4 12s", "100 95 3s")]
    [InlineData(9, 2, null, null, "2 1 24h0m0s", "100 95 3s")]
    [InlineData(2, 2, null, null, "2 1 24h0m0s", "100 95 3s")]
    [InlineData(null, null, 40, null, "5 4 12s", "40 25 1m0s")]
    [InlineData(null, null, 90, 80, "5 4 12s", "80 65 24h0m0s")]
    public async Task Limits_OfServerAndKey_TheTighterIsTold(int? requests, int? requestsOfDay, int? tokens, int? tokensOfDay, string toldRequests, string toldTokens)
    {
        using var time = new ManualTime();
        await using TestLedger ledger = await TestLedger.OpenAsync(time);
        IssuedKey key = await ledger.CreateKeyAsync(new KeyLimits { RequestsPerMinute = requests, RequestsPerDay = requestsOfDay, TokensPerMinute = tokens, TokensPerDay = tokensOfDay });
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine("Hello"), o => (o.RequestsPerMinute, o.TokensPerMinute) = (5, 100), time, meter: ledger.Meter);
        server.Client.DefaultRequestHeaders.Add("x-api-key", key.Secret);
        using HttpResponseMessage response = await PostAsync(server, Path, TestServer.Chat("\"max_tokens\":10")); // 5 tokens and at most 10, which a key reserves
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal((toldRequests, toldTokens), (Told(response, "requests"), Told(response, "tokens")));

        using HttpResponseMessage anthropic = await PostAsync(server, "/v1/messages", MessagesEndpointTests.Message().Replace("100", "10", StringComparison.Ordinal));
        Assert.Equal(toldRequests.Split(' ')[0], Header(anthropic, "anthropic-ratelimit-requests-limit"));
        Assert.Equal(toldTokens.Split(' ')[0], Header(anthropic, "anthropic-ratelimit-input-tokens-limit"));
    }

    [Fact, ContractRow("http.rate_limit")]
    public async Task Limits_OfAKeyAlone_AreToldOnRefusalsToo()
    {
        using var time = new ManualTime();
        await using TestLedger ledger = await TestLedger.OpenAsync(time);
        IssuedKey key = await ledger.CreateKeyAsync(new KeyLimits { RequestsPerMinute = 1 });
        await using TestServer server = await TestServer.StartAsync(time: time, meter: ledger.Meter);
        server.Client.DefaultRequestHeaders.Add("x-api-key", key.Secret);
        Assert.Equal([(200, "0", "1m0s", null), (429, "0", "1m0s", "60")], [await AskAsync(server), await AskAsync(server)]);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((200, "0", "1m0s", null), await AskAsync(server));
        using HttpResponseMessage response = await PostAsync(server, Path, TestServer.Chat());
        Assert.Null(Header(response, "x-ratelimit-limit-tokens"));
    }

    private static string Told(HttpResponseMessage response, string limit) =>
        string.Join(' ', ((string[])["limit", "remaining", "reset"]).Select(what => Header(response, $"x-ratelimit-{what}-{limit}")));

    [Fact, ContractRow("http.rate_limit")]
    public async Task Headers_WithoutALimit_AreLeftOut()
    {
        await using TestServer server = await TestServer.StartAsync();
        using HttpResponseMessage response = await PostAsync(server, Path, TestServer.Chat());
        Assert.DoesNotContain(response.Headers, h => h.Key.Contains("ratelimit", StringComparison.OrdinalIgnoreCase));
    }

    [Theory, ContractRow("http.rate_limit")]
    [InlineData(0, "0ms")]
    [InlineData(0.0121, "13ms")]
    [InlineData(1, "1s")]
    [InlineData(59.2, "1m0s")]
    [InlineData(360, "6m0s")]
    [InlineData(3600, "1h0m0s")]
    [InlineData(86399.5, "24h0m0s")]
    [InlineData(7384, "2h3m4s")]
    public void Duration_IsWrittenAsOpenAIDoes(double seconds, string expected) => Assert.Equal(expected, RateLimitHeaders.Duration(TimeSpan.FromSeconds(seconds)));

    private static async Task<(int Status, string? Remaining, string? Reset, string? RetryAfter)> AskAsync(TestServer server)
    {
        using HttpResponseMessage response = await PostAsync(server, Path, TestServer.Chat());
        return ((int)response.StatusCode, Header(response, "x-ratelimit-remaining-requests"), Header(response, "x-ratelimit-reset-requests"), Header(response, "retry-after"));
    }

    private static Task<HttpResponseMessage> PostAsync(TestServer server, string path, string body) => server.Client.PostAsync(new Uri(path, UriKind.Relative), TestServer.Json(body));

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? values.Single() : null;
}
