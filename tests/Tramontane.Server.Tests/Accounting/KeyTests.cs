using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Tramontane.Metering.Budgets;
using Tramontane.Metering.Keys;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.Accounting;

/// <summary>Keys of the database at the server's gate: who enters, with what, and how far.</summary>
public sealed class KeyTests
{
    [Fact]
    public async Task AnOpenServerClosesWithTheFirstKey()
    {
        await using TestLedger ledger = await TestLedger.OpenAsync();
        await using TestServer server = await TestServer.StartAsync(meter: ledger.Meter);
        Assert.Equal(200, (await server.PostAsync("/v1/chat/completions", TestServer.Chat())).Status);
        IssuedKey key = await ledger.CreateKeyAsync();
        Assert.Equal(401, (await server.PostAsync("/v1/chat/completions", TestServer.Chat())).Status);
        Assert.Equal(200, await PostAsync(server, key.Secret));
        await ledger.Meter.Keys.RevokeAsync(key.Key.Id);
        Assert.Equal(401, await PostAsync(server, key.Secret));
        Assert.Equal(401, (await server.PostAsync("/v1/chat/completions", TestServer.Chat())).Status); // not open again
    }

    [Fact]
    public async Task AServerThatAsksForKeysIsNeverOpen()
    {
        await using TestLedger ledger = await TestLedger.OpenAsync();
        await using TestServer server = await TestServer.StartAsync(configure: o => o.RequireKey = true, meter: ledger.Meter);
        Assert.Equal(401, (await server.PostAsync("/v1/chat/completions", TestServer.Chat())).Status);
    }

    [Theory]
    [InlineData("revoked", "was revoked")]
    [InlineData("expired", "has expired")]
    [InlineData("unknown", "Incorrect API key")]
    public async Task RefusalsSayWhy(string what, string expected)
    {
        await using TestLedger ledger = await TestLedger.OpenAsync();
        IssuedKey key = await ledger.CreateKeyAsync(expires: what == "expired" ? DateTimeOffset.UtcNow.AddDays(-1) : null);
        if (what == "revoked")
        {
            await ledger.Meter.Keys.RevokeAsync(key.Key.Id);
        }

        await using TestServer server = await TestServer.StartAsync(meter: ledger.Meter);
        server.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", what == "unknown" ? "tm-nobody" : key.Secret);
        (int status, JsonObject body) = await server.PostAsync("/v1/chat/completions", TestServer.Chat());
        Assert.Equal(401, status);
        string message = ErrorAssert.Is(body, "invalid_api_key", null);
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain(key.Secret, message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AScopeThatIsMissingIs403InEveryDialect()
    {
        await using TestLedger ledger = await TestLedger.OpenAsync();
        IssuedKey key = await ledger.CreateKeyAsync(scopes: KeyScopes.UsageRead);
        await using TestServer server = await TestServer.StartAsync(meter: ledger.Meter);
        server.Client.DefaultRequestHeaders.Add("x-api-key", key.Secret);
        (int status, JsonObject body) = await server.PostAsync("/v1/chat/completions", TestServer.Chat());
        Assert.Equal(403, status);
        Assert.Contains("'inference'", ErrorAssert.Is(body, "insufficient_permissions", null), StringComparison.Ordinal);
        (status, body) = await server.PostAsync("/v1/messages", """{"model":"mistral-small-2506","max_tokens":5,"messages":[{"role":"user","content":"Hi"}]}""");
        Assert.Equal((403, "permission_error"), (status, (string)body["error"]!["type"]!));
    }

    [Fact]
    public async Task ABodyKeyIsHeldToItsScopeToo()
    {
        await using TestLedger ledger = await TestLedger.OpenAsync();
        IssuedKey good = await ledger.CreateKeyAsync(), bad = await ledger.CreateKeyAsync(scopes: KeyScopes.UsageRead);
        await using TestServer server = await TestServer.StartAsync(meter: ledger.Meter);
        foreach ((string secret, int expected) in new[] { (good.Secret, 200), (bad.Secret, 403), ("tm-none", 401) })
        {
            (int status, _) = await server.PostAsync("/api/v7/llm/chat/completions", $$"""{"key":"{{secret}}","model_id":"mistral-small-2506","messages":[{"role":"user","content":"Hi"}]}""");
            Assert.Equal(expected, status);
        }
    }

    [Theory]
    [InlineData("requests", 429, "rate_limit_exceeded", "rate_limit_error", "rate_limit_error")]
    [InlineData("money", 402, "insufficient_quota", "insufficient_quota", "billing_error")]
    [InlineData("credit", 402, "insufficient_quota", "insufficient_quota", "billing_error")]
    public async Task LimitsRefuseInTheDialectsShape(string limit, int expected, string code, string type, string anthropicType)
    {
        var clock = new ManualTime();
        await using TestLedger ledger = await TestLedger.OpenAsync(clock);
        await ledger.SetPriceAsync();
        await ledger.Meter.Accounts.CreateAsync("Acme", prepaid: limit == "credit", id: "acme");
        IssuedKey key = await ledger.CreateKeyAsync(
            limit switch { "requests" => new KeyLimits { RequestsPerMinute = 1 }, "money" => new KeyLimits { MoneyPerDay = 0.0002025m }, _ => KeyLimits.None }, account: "acme");
        await using TestServer server = await TestServer.StartAsync(time: clock, meter: ledger.Meter);
        server.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.Secret);

        if (limit != "credit")
        {
            Assert.Equal(200, (await server.PostAsync("/v1/chat/completions", TestServer.Chat("\"max_tokens\":1000"))).Status); // the first fits
        }

        using HttpResponseMessage response = await server.Client.PostAsync(new Uri("/v1/chat/completions", UriKind.Relative), TestServer.Json(TestServer.Chat("\"max_tokens\":1000")));
        Assert.Equal(expected, (int)response.StatusCode);
        ErrorAssert.Is(await TestServer.ReadAsync(response), code, null, type);
        Assert.Equal(limit != "credit", response.Headers.Contains("retry-after"));

        (int status, JsonObject body) = await server.PostAsync("/v1/messages", """{"model":"mistral-small-2506","max_tokens":4000,"messages":[{"role":"user","content":"Hi"}]}""");
        Assert.Equal((expected, anthropicType), (status, (string)body["error"]!["type"]!));
        Assert.Equal(limit == "credit" ? 0 : 1, ((ScriptedEngine)server.Engine).Requests.Count);
    }

    [Fact]
    public async Task AKeyWithAThousandFreeTokensStopsAtItsLimit()
    {
        await using TestLedger ledger = await TestLedger.OpenAsync();
        await ledger.SetPriceAsync();
        await ledger.Meter.Accounts.CreateAsync("Free", prepaid: true, id: "free");
        await ledger.Meter.Accounts.AddCreditAsync("free", new NewCredit { FreeTokens = 1000 });
        IssuedKey key = await ledger.CreateKeyAsync(account: "free");
        await using TestServer server = await TestServer.StartAsync(meter: ledger.Meter);
        server.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.Secret);
        int used = 0;
        for (int i = 0; ; i++)
        {
            (int status, JsonObject body) = await server.PostAsync("/v1/chat/completions", TestServer.Chat("\"max_tokens\":20"));
            if (status != 200)
            {
                Assert.Equal(402, status);
                Assert.InRange(used, 950, 1000);
                return;
            }

            Assert.Equal("0", body["usage"]!["cost"]!.ToJsonString());
            used += (int)body["usage"]!["total_tokens"]!;
            Assert.True(used <= 1000);
        }
    }

    [Fact]
    public async Task ARequestThatNamesNoLimitGetsWhatIsLeft()
    {
        await using TestLedger ledger = await TestLedger.OpenAsync();
        IssuedKey key = await ledger.CreateKeyAsync(new KeyLimits { TokensPerDay = 30 });
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine(new string('x', 200)), meter: ledger.Meter);
        server.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.Secret);
        (int status, JsonObject body) = await server.PostAsync("/v1/chat/completions", TestServer.Chat());
        Assert.Equal((200, "length", 30), (status, (string)body["choices"]![0]!["finish_reason"]!, (int)body["usage"]!["total_tokens"]!));
        Assert.Equal(429, (await server.PostAsync("/v1/chat/completions", TestServer.Chat())).Status);
    }

    private static async Task<int> PostAsync(TestServer server, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = TestServer.Json(TestServer.Chat()) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using HttpResponseMessage response = await server.Client.SendAsync(request);
        return (int)response.StatusCode;
    }
}
