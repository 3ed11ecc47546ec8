using System.Text.Json.Nodes;
using Tramontane.Server.Tests.Contract;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.Auth;

public sealed class ApiKeyGateTests
{
    [Theory, ContractRow("http.auth")]
    [InlineData("Authorization", "Bearer sk-first")]
    [InlineData("Authorization", "bearer sk-second")]
    [InlineData("x-api-key", "sk-first")]
    public async Task Request_WithAKey_Passes(string header, string value)
    {
        await using TestServer server = await StartAsync();
        using HttpRequestMessage request = new(HttpMethod.Get, "/v1/models");
        request.Headers.Add(header, value);
        using HttpResponseMessage response = await server.Client.SendAsync(request);
        Assert.Equal(200, (int)response.StatusCode);
    }

    [Theory, ContractRow("http.auth")]
    [InlineData("wrong", "sk-first")]
    [InlineData("sk-first", "wrong")]
    public async Task Request_WithTwoKeysOfWhichOneIsValid_Passes(string bearer, string apiKey)
    {
        await using TestServer server = await StartAsync();
        using HttpRequestMessage request = new(HttpMethod.Get, "/v1/models");
        request.Headers.Add("Authorization", "Bearer " + bearer);
        request.Headers.Add("x-api-key", apiKey);
        using HttpResponseMessage response = await server.Client.SendAsync(request);
        Assert.Equal(200, (int)response.StatusCode);
    }

    [Theory, ContractRow("errors.key")]
    [InlineData("/v1/models")]
    [InlineData("/metrics")]
    [InlineData("/v1/unknown")]
    public async Task Request_WithoutKey_Is401(string path)
    {
        await using TestServer server = await StartAsync();
        (int status, JsonObject body) = await server.GetAsync(path);
        Assert.Equal(401, status);
        ErrorAssert.Is(body, code: null, param: null);
    }

    [Theory, ContractRow("errors.key", "http.auth.mask")]
    [InlineData("Bearer sk-firs")]
    [InlineData("Bearer sk-first1")]
    [InlineData("Bearer SK-FIRST")]
    [InlineData("Bearer sk-secret-of-somebody-else")]
    public async Task Request_WithAWrongKey_Is401AndNeverRepeatsIt(string authorization)
    {
        await using TestServer server = await StartAsync();
        using HttpRequestMessage request = new(HttpMethod.Get, "/v1/models");
        request.Headers.Add("Authorization", authorization);
        using HttpResponseMessage response = await server.Client.SendAsync(request);
        Assert.Equal(401, (int)response.StatusCode);
        string message = ErrorAssert.Is(await TestServer.ReadAsync(response), "invalid_api_key", param: null);
        Assert.DoesNotContain(authorization[7..], message, StringComparison.Ordinal);
    }

    [Theory, ContractRow("http.auth")]
    [InlineData("/v1/models", 200, 200)]
    [InlineData("/v1/usage/me", 403, 200)]
    [InlineData("/v1/admin/keys", 403, 200)]
    [InlineData("/v1/admin/usage", 403, 200)]
    [InlineData("/v1/admin/prices", 403, 200)]
    public async Task KeysOfTheOptions_MayAskTheModel_AndAdministrateWhenSaidSo(string path, int ofApiKey, int ofAdminKey)
    {
        await using TestLedger ledger = await TestLedger.OpenAsync();
        await using TestServer server = await TestServer.StartAsync(
            configure: options =>
            {
                options.ApiKeys.Add("user");
                options.AdminKeys.Add("operator");
            },
            meter: ledger.Meter);
        foreach ((string key, int expected) in new[] { ("user", ofApiKey), ("operator", ofAdminKey) })
        {
            using HttpRequestMessage request = new(HttpMethod.Get, path) { Headers = { { "x-api-key", key } } };
            using HttpResponseMessage response = await server.Client.SendAsync(request);
            Assert.Equal(expected, (int)response.StatusCode);
            if (expected == 403)
            {
                Assert.Contains("--admin-key", ErrorAssert.Is(await TestServer.ReadAsync(response), "insufficient_permissions", null), StringComparison.Ordinal);
            }
        }

        using HttpRequestMessage chat = new(HttpMethod.Post, "/v1/chat/completions") { Content = TestServer.Json(TestServer.Chat()), Headers = { { "x-api-key", "user" } } };
        using HttpResponseMessage answer = await server.Client.SendAsync(chat);
        Assert.Equal(200, (int)answer.StatusCode);
    }

    [Theory, ContractRow("routes.health")]
    [InlineData("/")]
    [InlineData("/health")]
    [InlineData("/health/")]
    [InlineData("/ready")]
    public async Task Health_WithoutKey_Passes(string path)
    {
        await using TestServer server = await StartAsync();
        Assert.Equal(200, (await server.GetAsync(path)).Status);
    }

    private static Task<TestServer> StartAsync() => TestServer.StartAsync(configure: options =>
    {
        options.ApiKeys.Add("sk-first");
        options.ApiKeys.Add("sk-second");
    });
}
