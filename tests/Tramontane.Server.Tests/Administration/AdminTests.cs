using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Tramontane.Metering.Keys;
using Tramontane.Metering.Tests.Storage;
using Tramontane.Server.Administration;
using Tramontane.Server.OpenApi;
using Tramontane.Server.Requests.Fields;
using Tramontane.Server.Tests.Contract;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.Administration;

/// <summary>Keys, accounts, prices and usage over HTTP, as an operator's scripts use them.</summary>
public abstract class AdminTests(ITestDatabaseSource source) : IAsyncLifetime
{
    private TestLedger _ledger = null!;
    private TestServer _server = null!;

    public async Task InitializeAsync()
    {
        _ledger = await TestLedger.OpenAsync(source: source);
        IssuedKey admin = await _ledger.CreateKeyAsync(scopes: KeyScopes.Admin | KeyScopes.UsageRead);
        _server = await TestServer.StartAsync(meter: _ledger.Meter);
        _server.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", admin.Secret);
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        await _ledger.DisposeAsync();
    }

    [Fact]
    public async Task AKeysLife()
    {
        (int status, JsonObject made) = await SendAsync("POST", "/v1/admin/keys", """{"name":"ci","limits":{"requests_per_minute":2,"money_per_day":"0.5"} }""");
        Assert.Equal(201, status);
        string id = (string)made["id"]!, first = (string)made["secret"]!;
        Assert.StartsWith("tm-", first, StringComparison.Ordinal);
        Assert.Equal("0.5", made["limits"]!["money_per_day"]!.ToJsonString());
        Assert.Equal(200, await ChatAsync(first));

        (_, JsonObject shown) = await SendAsync("GET", $"/v1/admin/keys/{id}");
        Assert.False(shown.ContainsKey("secret"));
        Assert.DoesNotContain(first, (await SendAsync("GET", "/v1/admin/keys")).Body.ToJsonString(), StringComparison.Ordinal);

        (_, JsonObject rotated) = await SendAsync("POST", $"/v1/admin/keys/{id}/rotate", "{}");
        Assert.Equal(401, await ChatAsync(first));
        Assert.Equal(200, await ChatAsync((string)rotated["secret"]!));
        Assert.Equal(429, await ChatAsync((string)rotated["secret"]!)); // two a minute, whatever the secret

        (status, JsonObject changed) = await SendAsync("PATCH", $"/v1/admin/keys/{id}", """{"limits":{"requests_per_minute":100} }""");
        Assert.Equal((200, "ci", 100L), (status, (string)changed["name"]!, (long)changed["limits"]!["requests_per_minute"]!));
        Assert.Equal(200, await ChatAsync((string)rotated["secret"]!));

        (status, JsonObject revoked) = await SendAsync("DELETE", $"/v1/admin/keys/{id}");
        Assert.True(status == 200 && revoked["revoked_at"] is not null);
        Assert.Equal(401, await ChatAsync((string)rotated["secret"]!));
    }

    [Fact]
    public async Task AnAccountsCreditPaysExactly()
    {
        await SendAsync("POST", "/v1/admin/prices", """{"currency":"USD","prompt":0.075,"cached":"0.025","completion":0.2,"source":"test"}""");
        Assert.Equal(201, (await SendAsync("POST", "/v1/admin/accounts", """{"id":"acme","name":"Acme","prepaid":true}""")).Status);
        (_, JsonObject key) = await SendAsync("POST", "/v1/admin/keys", """{"name":"acme","account_id":"acme"}""");
        Assert.Equal(402, await ChatAsync((string)key["secret"]!));

        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(201, (await SendAsync("POST", "/v1/admin/accounts/acme/credits", """{"id":"invoice-1","amount":1.000000000001,"currency":"USD","note":"prepaid"}""")).Status);
        }

        Assert.Single((await SendAsync("GET", "/v1/admin/accounts/acme/credits")).Body["data"]!.AsArray());
        Assert.Equal(200, await ChatAsync((string)key["secret"]!));
        (_, JsonObject usage) = await SendAsync("GET", "/v1/admin/usage?group_by=account,key,day&account_id=acme");
        JsonNode row = Assert.Single(usage["data"]!.AsArray())!;
        Assert.Equal(((string)key["id"]!, 1L, "USD"), ((string)row["key_id"]!, (long)row["requests"]!, (string)row["currency"]!));
        decimal cost = Amount(row["cost"]!);
        Assert.True(cost > 0);
        Assert.Equal(1.000000000001m - cost, Amount((await SendAsync("GET", "/v1/admin/accounts/acme")).Body["balance"]!));
    }

    [Fact]
    public async Task UsageOfOnesOwnIsNobodyElses()
    {
        IssuedKey mine = await _ledger.CreateKeyAsync(), other = await _ledger.CreateKeyAsync();
        await ChatAsync(mine.Secret);
        await ChatAsync(other.Secret);
        await ChatAsync(other.Secret);
        (int status, JsonObject usage) = await SendAsync("GET", "/v1/usage/me?group_by=day,model", key: mine.Secret);
        Assert.Equal((200, 1L, mine.Key.Id), (status, (long)usage["totals"]![0]!["requests"]!, (string)usage["key"]!["id"]!));
        Assert.Equal(403, (await SendAsync("GET", "/v1/admin/usage", key: mine.Secret)).Status);
        Assert.Equal(3L, (long)(await SendAsync("GET", "/v1/admin/usage")).Body["totals"]![0]!["requests"]!);
    }

    [Fact]
    public async Task TheLedgerGoesOutAsCsvAndInPages()
    {
        IssuedKey key = await _ledger.CreateKeyAsync();
        for (int i = 0; i < 3; i++)
        {
            await ChatAsync(key.Secret);
        }

        using HttpResponseMessage response = await _server.Client.GetAsync(new Uri("/v1/admin/requests?format=csv", UriKind.Relative));
        Assert.Equal("text/csv", response.Content.Headers.ContentType!.MediaType);
        string[] lines = (await response.Content.ReadAsStringAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, lines.Length);
        Assert.All(lines, line => Assert.Equal(17, line.Split(',').Length));

        var seen = new List<string>();
        for (long after = 0; ;)
        {
            JsonArray page = (await SendAsync("GET", $"/v1/admin/requests?limit=2&after={after}")).Body["data"]!.AsArray();
            if (page.Count == 0)
            {
                break;
            }

            seen.AddRange(page.Select(r => (string)r!["request_id"]!));
            after = (long)page[^1]!["id"]!;
        }

        Assert.Equal(lines.Skip(1).Select(l => l.Split(',')[1]), seen);
    }

    [Theory]
    [InlineData("POST", "/v1/admin/keys", "{}", 400, "name")]
    [InlineData("POST", "/v1/admin/keys", """{"name":"a","scopes":["root"]}""", 400, "scopes")]
    [InlineData("POST", "/v1/admin/keys", """{"name":"a","expires_at":"tomorrow"}""", 400, "expires_at")]
    [InlineData("POST", "/v1/admin/keys", """{"name":"a","account_id":"nobody"}""", 404, "nobody")]
    [InlineData("POST", "/v1/admin/keys", """{"name":"a","limits":{"money_per_day":1e-3} }""", 400, "money_per_day")]
    [InlineData("POST", "/v1/admin/keys", """{"name":"a","limits":{"money_per_day":"0.0000000000001"} }""", 400, "MoneyPerDay")]
    [InlineData("POST", "/v1/admin/prices", """{"currency":"usd","prompt":1,"completion":1}""", 400, "currency")]
    [InlineData("POST", "/v1/admin/prices", """{"currency":"USD","prompt":0.0000001,"completion":1}""", 400, "decimals")]
    [InlineData("POST", "/v1/admin/accounts", """{"name":"x","id":"local"}""", 409, "local")]
    [InlineData("POST", "/v1/admin/accounts/none/credits", """{"amount":1,"currency":"USD"}""", 404, "none")]
    [InlineData("GET", "/v1/admin/keys/none", null, 404, "none")]
    [InlineData("GET", "/v1/admin/usage?group_by=colour", null, 400, "colour")]
    [InlineData("GET", "/v1/admin/usage?from=yesterday", null, 400, "yesterday")]
    [InlineData("GET", "/v1/admin/requests?limit=0", null, 400, "limit")]
    [InlineData("GET", "/v1/admin/nothing", null, 404, "/v1/admin/nothing")]
    [InlineData("POST", "/v1/admin/keys", """{"name":"x","limits":{"money_per_dya":5} }""", 400, "limits.money_per_dya")]
    [InlineData("POST", "/v1/admin/keys", """{"name":"x","limit":{"money_per_day":5} }""", 400, "limit")]
    [InlineData("POST", "/v1/admin/keys", """{"name":"x","expire_at":"2030-01-01"}""", 400, "expire_at")]
    [InlineData("POST", "/v1/admin/accounts", """{"name":"x","pre_paid":true}""", 400, "pre_paid")]
    [InlineData("POST", "/v1/admin/accounts", """{"name":"x","id":"a/b"}""", 400, "id")]
    [InlineData("POST", "/v1/admin/keys", """{"name":"x","account_id":"\u0000"}""", 400, "NUL")]
    [InlineData("GET", "/v1/admin/keys?account_id=%00", null, 400, "NUL")]
    [InlineData("GET", "/v1/admin/usage?key_id=%00", null, 400, "NUL")]
    [InlineData("GET", "/v1/admin/usage?model=a%00", null, 400, "NUL")]
    [InlineData("GET", "/v1/admin/requests?account_id=%00", null, 400, "NUL")]
    [InlineData("GET", "/v1/admin/usage?account_id=a&account_id=b", null, 400, "account_id")]
    [InlineData("GET", "/v1/admin/usage?acount_id=a", null, 400, "acount_id")]
    [InlineData("GET", "/v1/admin/usage?format=xml", null, 400, "format")]
    [InlineData("GET", "/v1/admin/keys?acount_id=a", null, 400, "acount_id")]
    [InlineData("GET", "/v1/usage/me?key_id=another", null, 400, "key_id")]
    public async Task WhatCannotBeIsRefusedByName(string method, string path, string? body, int expected, string named)
    {
        (int status, JsonObject reply) = await SendAsync(method, path, body);
        Assert.True(expected == status, reply.ToJsonString());
        Assert.Contains(named, (string)reply["error"]!["message"]!, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task RepliesAndFieldsFitTheOpenApiDocument()
    {
        JsonObject document = OpenApiDocument.Create(needsKey: true);
        await _ledger.SetPriceAsync();
        await SendAsync("POST", "/v1/admin/accounts", """{"id":"doc","name":"Doc"}""");
        foreach (ApiOperation operation in ApiOperations.All.Where(o => o.Path.StartsWith("/v1/admin", StringComparison.Ordinal) || o.Path.StartsWith("/v1/usage", StringComparison.Ordinal)))
        {
            (_, JsonObject key) = await SendAsync("POST", "/v1/admin/keys", """{"name":"doc","account_id":"doc"}""");
            string path = operation.Path.Replace("{id}", operation.Path.Contains("/accounts/", StringComparison.Ordinal) ? "doc" : (string)key["id"]!, StringComparison.Ordinal);
            string? body = operation.Body is null ? null : new JsonObject(operation.Body.Fields.Select(f => KeyValuePair.Create(f.Name, JsonNode.Parse(ExampleOf(operation.Path, f))))).ToJsonString();
            (int status, JsonObject reply) = await SendAsync(operation.Method.ToUpperInvariant(), path, body, operation.Path == "/v1/usage/me" ? (string)key["secret"]! : null);
            Assert.True(operation.Status == status, $"{operation.Method} {path}: {reply.ToJsonString()}");
            JsonNode described = document["paths"]![operation.Path]![operation.Method]!;
            Assert.Empty(JsonSchemaCheck.Faults(document, reply, described["responses"]![$"{status}"]!["content"]!["application/json"]!["schema"]!));
            if (body is not null)
            {
                Assert.Empty(JsonSchemaCheck.Faults(document, JsonNode.Parse(body), described["requestBody"]!["content"]!["application/json"]!["schema"]!));
            }
        }
    }

    [Fact]
    public async Task WhateverABodyHolds_ItIsNoFaultOfTheServer()
    {
        string[] values =
        [
            "null", "true", "-1", "0", "1.5", "1e400", "99999999999999999999", "0.0000000000001", "-0", "1e-7", "\"\"", "\"x\"", "\"\\u0000\"", "\"USD\"", "\"\\ud800\"", "\"9999-12-31T23:59:59Z\"",
            "\"0001-01-01\"", "\"local\"", "[]", "[null]", "[\"admin\"]", "{}", "{\"money_per_day\":\"-1\"}", "{\"tokens_per_day\":9223372036854775807}", $"\"{new string('é', 3000)}\"", "79228162514264337593543950335",
        ];
        ApiOperation[] operations = [.. ApiOperations.All.Where(o => o.Path.StartsWith("/v1/admin", StringComparison.Ordinal) && o.Body is not null)];
        for (int seed = 0; seed < 600; seed++)
        {
            var random = new Random(seed);
            ApiOperation operation = operations[random.Next(operations.Length)];
            IEnumerable<string> fields = operation.Body!.Fields.Where(_ => random.Next(4) > 0).Select(f => $"\"{f.Name}\":{(random.Next(2) == 0 ? f.Example : values[random.Next(values.Length)])}");
            (int status, JsonObject reply) = await SendAsync(operation.Method.ToUpperInvariant(), operation.Path.Replace("{id}", "local", StringComparison.Ordinal), $"{{{string.Join(',', fields)}}}");
            Assert.True(status < 500, $"seed {seed}, {operation.Path}: {reply.ToJsonString()}");
        }
    }

    [Fact]
    public async Task AnOpenServerHasNoAdministration()
    {
        await using TestLedger ledger = await TestLedger.OpenAsync(source: source);
        await using TestServer server = await TestServer.StartAsync(meter: ledger.Meter);
        (int status, JsonObject body) = await server.GetAsync("/v1/admin/keys");
        Assert.Equal(403, status);
        Assert.Contains("tramontane keys create --admin", (string)body["error"]!["message"]!, StringComparison.Ordinal);
        using HttpResponseMessage usage = await server.Client.GetAsync(new Uri("/v1/usage/me", UriKind.Relative));
        Assert.Equal(200, (int)usage.StatusCode);
        Assert.False(usage.Headers.Contains("Access-Control-Allow-Origin")); // no web page that is visited may read it
        using HttpResponseMessage models = await server.Client.GetAsync(new Uri("/v1/models", UriKind.Relative));
        Assert.True(models.Headers.Contains("Access-Control-Allow-Origin"));
        await ledger.CreateKeyAsync();
        Assert.Equal(401, (await server.GetAsync("/v1/usage/me")).Status);
    }

    [Theory]
    [InlineData("127.0.0.1", null)]
    [InlineData("::1", null)]
    [InlineData("10.0.0.7", 403)]
    [InlineData(null, 403)]
    public void AnOpenServersUsageIsItsOwnMachines(string? address, int? refused)
    {
        var context = new DefaultHttpContext();
        context.Response.Headers["Access-Control-Allow-Origin"] = "*";
        context.Connection.RemoteIpAddress = address is null ? null : System.Net.IPAddress.Parse(address);
        Assert.Equal(refused, UsageEndpoint.RefuseStrangers(context)?.Status);
        Assert.False(context.Response.Headers.ContainsKey("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task APatchChangesWhatItNamesAndNullRemoves()
    {
        (_, JsonObject made) = await SendAsync("POST", "/v1/admin/keys", """{"name":"ci","expires_at":"2100-01-01","limits":{"requests_per_minute":2,"tokens_per_day":7,"money_per_day":"0.5"} }""");
        string path = $"/v1/admin/keys/{made["id"]}";
        (int status, JsonObject changed) = await SendAsync("PATCH", path, """{"limits":{"requests_per_minute":9,"tokens_per_day":null} }""");
        Assert.True(status == 200, changed.ToJsonString());
        Assert.Equal("""{"requests_per_minute":9,"requests_per_day":null,"tokens_per_minute":null,"tokens_per_day":null,"concurrent_requests":null,"money_per_day":0.5,"money_per_month":null,"money_total":null}""", changed["limits"]!.ToJsonString());
        Assert.NotNull(changed["expires_at"]);
        (_, changed) = await SendAsync("PATCH", path, """{"expires_at":null,"name":"other"}""");
        Assert.True(changed["expires_at"] is null && (string)changed["name"]! == "other" && (long)changed["limits"]!["requests_per_minute"]! == 9);

        await SendAsync("POST", "/v1/admin/accounts", """{"id":"acme","name":"Acme","prepaid":true}""");
        (_, JsonObject account) = await SendAsync("PATCH", "/v1/admin/accounts/acme", """{"name":"Acme & Co."}""");
        Assert.Equal(("Acme & Co.", true, true), ((string)account["name"]!, (bool)account["prepaid"]!, account["closed_at"] is null));
    }

    [Fact]
    public async Task UsageOfOnesOwnIsBoundInRangeAndNumber()
    {
        (int status, JsonObject reply) = await SendAsync("GET", "/v1/usage/me?from=2020-01-01");
        Assert.True(status == 400 && ((string)reply["error"]!["message"]!).Contains("366 days", StringComparison.Ordinal), reply.ToJsonString());
        Assert.Equal(200, (await SendAsync("GET", "/v1/admin/usage?from=2020-01-01")).Status);

        await using TestServer limited = await TestServer.StartAsync(configure: o => o.RequestsPerMinute = 2, meter: _ledger.Meter);
        limited.Client.DefaultRequestHeaders.Authorization = _server.Client.DefaultRequestHeaders.Authorization;
        Assert.Equal(200, (await limited.GetAsync("/v1/usage/me")).Status);
        Assert.Equal(200, (await limited.GetAsync("/v1/usage/me")).Status);
        Assert.Equal(429, (await limited.GetAsync("/v1/usage/me")).Status);
    }

    private static string ExampleOf(string path, RequestField field) => (path, field.Name) switch
    {
        ("/v1/admin/prices", "model") => "\"other\"",
        _ => field.Example,
    };

    private static decimal Amount(JsonNode node) => decimal.Parse(node.ToJsonString(), CultureInfo.InvariantCulture);

    private async Task<(int Status, JsonObject Body)> SendAsync(string method, string path, string? body = null, string? key = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = body is null ? null : TestServer.Json(body) };
        if (key is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        using HttpResponseMessage response = await _server.Client.SendAsync(request);
        return ((int)response.StatusCode, await TestServer.ReadAsync(response));
    }

    private async Task<int> ChatAsync(string key) => (await SendAsync("POST", "/v1/chat/completions", TestServer.Chat("\"max_tokens\":20"), key)).Status;
}

public sealed class SqliteAdminTests() : AdminTests(new SqliteSource());

[Collection(PostgresCollection.Name)]
public sealed class PostgresAdminTests(PostgresCluster cluster) : AdminTests(new PostgresSource(cluster));
