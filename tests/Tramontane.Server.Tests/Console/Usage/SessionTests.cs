using System.Net;
using Tramontane.Metering.Keys;
using Tramontane.Server.Auth;
using Tramontane.Server.Console;
using Tramontane.Server.Console.Sessions;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.Console.Usage;

/// <summary>Who may see usage and keys, and how a browser is known.</summary>
public sealed class SessionTests : IAsyncLifetime
{
    private readonly SettableTime _time = new();
    private TestLedger _ledger = null!;
    private TestServer _server = null!;
    private IssuedKey _admin = null!, _reader = null!;

    public async Task InitializeAsync()
    {
        _ledger = await TestLedger.OpenAsync(_time);
        _admin = await _ledger.CreateKeyAsync(scopes: KeyScopes.Admin);
        _reader = await _ledger.CreateKeyAsync(expires: _time.Now.AddHours(4));
        _server = await TestServer.StartAsync(time: _time, meter: _ledger.Meter);
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        await _ledger.DisposeAsync();
    }

    [Theory]
    [InlineData("/usage")]
    [InlineData("/keys")]
    public async Task Page_WithoutASession_AsksForAKeyAndSetsNoCookie(string path)
    {
        using var browser = ConsoleBrowser.Of(_server);
        (HttpResponseMessage response, string html) = await browser.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("action=\"/sign-in\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain(_reader.Key.Display, ConsoleBrowser.Text(html), StringComparison.Ordinal);
        Assert.False(response.Headers.Contains("Set-Cookie"));
        Assert.Equal(("no-store", "same-origin", SecurityHeaders.Policy), (response.Headers.CacheControl!.ToString(), response.Headers.GetValues("Referrer-Policy").Single(), response.Headers.GetValues("Content-Security-Policy").Single()));
        Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task SignIn_WithAKey_SetsAStrictCookieThatIsNotTheKey()
    {
        using var browser = ConsoleBrowser.Of(_server);
        HttpResponseMessage response = await browser.SignInAsync(_admin.Secret, "/keys");
        Assert.Equal((HttpStatusCode.SeeOther, "/keys"), (response.StatusCode, response.Headers.Location!.ToString()));
        string cookie = response.Headers.GetValues("Set-Cookie").Single();
        Assert.Matches("^tramontane-session=[A-Za-z0-9_-]{43}; path=/; samesite=strict; httponly$", cookie);
        Assert.DoesNotContain(_admin.Secret[3..], cookie, StringComparison.Ordinal);
        Assert.Contains(_reader.Key.Display, ConsoleBrowser.Text((await browser.GetAsync("/keys")).Html), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignIn_BehindTls_MakesTheCookieSecureAndTheHostsOwn()
    {
        await using TestServer server = await TestServer.StartAsync(configure: o => o.Console.PublicUrl = "https://llm.example.com", meter: _ledger.Meter);
        using var browser = ConsoleBrowser.Of(server);
        (HttpResponseMessage response, _) = await browser.PostAsync("/sign-in", [new("key", _admin.Secret)], "https://llm.example.com");
        Assert.Matches("^__Host-tramontane-session=[^;]+; path=/; secure; samesite=strict; httponly$", response.Headers.GetValues("Set-Cookie").Single());
        Assert.Contains("Sign out", (await browser.GetAsync("/usage")).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignIn_BesideThePublicAddress_SetsACookieThatTheBrowserTakes()
    {
        await using TestServer server = await TestServer.StartAsync(configure: o => o.Console.PublicUrl = "https://llm.example.com", meter: _ledger.Meter);
        using var browser = ConsoleBrowser.Of(server);
        (HttpResponseMessage response, _) = await browser.PostAsync("/sign-in", [new("key", _admin.Secret)]); // over http, by its own host
        Assert.Matches("^tramontane-session=[^;]+; path=/; samesite=strict; httponly$", response.Headers.GetValues("Set-Cookie").Single());
        Assert.Contains("Sign out", (await browser.GetAsync("/usage")).Html, StringComparison.Ordinal);
        // Under the public address that cookie is worth nothing: a neighbour of the host could have set it.
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Url + "usage") { Headers = { Host = "llm.example.com" } };
        request.Headers.Add("Accept", "text/html");
        request.Headers.Add("Cookie", browser.Cookie);
        using HttpResponseMessage page = await server.Client.SendAsync(request);
        Assert.DoesNotContain("Sign out", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignIn_ThroughAProxyThatChangesTheHost_SaysWhatToDo()
    {
        using var browser = ConsoleBrowser.Of(_server);
        (HttpResponseMessage response, string html) = await browser.PostAsync("/sign-in", [new("key", _admin.Secret)], "https://llm.example.com");
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Contains("--public-url", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("wrong", 401)]
    [InlineData("", 401)]
    [InlineData("inference", 401)]
    [InlineData("revoked", 401)]
    public async Task SignIn_WithoutARight_IsRefusedInTheForm(string which, int expected)
    {
        IssuedKey issued = await _ledger.CreateKeyAsync(scopes: KeyScopes.Inference | (which == "revoked" ? KeyScopes.Admin : KeyScopes.None));
        if (which == "revoked")
        {
            await _ledger.Meter.Keys.RevokeAsync(issued.Key.Id);
        }

        using var browser = ConsoleBrowser.Of(_server);
        (HttpResponseMessage response, string html) = await browser.PostAsync("/sign-in", [new("key", which is "inference" or "revoked" ? issued.Secret : which), new("next", "//evil.example")]);
        Assert.Equal(expected, (int)response.StatusCode);
        Assert.False(response.Headers.Contains("Set-Cookie"));
        Assert.Contains("role=\"alert\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("evil.example", html, StringComparison.Ordinal);
        Assert.DoesNotContain(issued.Secret, html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("http://127.0.0.1.evil.example")]
    public async Task Forms_FromElsewhere_AreRefused(string origin)
    {
        using var browser = ConsoleBrowser.Of(_server);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.PostAsync("/sign-in", [new("key", _admin.Secret)], origin)).Response.StatusCode);
        Assert.Null(browser.Cookie);
        await browser.SignInAsync(_admin.Secret);
        (string action, List<KeyValuePair<string, string>> hidden) = await browser.FormAsync("/keys", "create-key");
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.PostAsync(action, [.. hidden, new("name", "x"), new("scopes", "admin")], origin)).Response.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.PostAsync("/sign-out", hidden, origin)).Response.StatusCode);
        Assert.Equal(2, (await _ledger.Meter.Keys.ListAsync()).Count);
        Assert.Contains("Sign out", (await browser.GetAsync("/usage")).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Forms_WithoutTheSessionsOwnToken_AreRefused()
    {
        using var one = ConsoleBrowser.Of(_server);
        using var other = ConsoleBrowser.Of(_server);
        await one.SignInAsync(_admin.Secret);
        await other.SignInAsync(_admin.Secret);
        (string action, List<KeyValuePair<string, string>> others) = await other.FormAsync("/keys", "create-key");
        KeyValuePair<string, string>[] fields = [new("name", "x"), new("scopes", "admin")];
        foreach (IEnumerable<KeyValuePair<string, string>> hidden in new[] { others, [.. others.Where(f => f.Key != "token")], [.. others.Where(f => f.Key != "once")] })
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await one.PostAsync(action, [.. hidden, .. fields])).Response.StatusCode);
        }

        Assert.Equal(HttpStatusCode.Forbidden, (await one.PostAsync("/sign-out", others)).Response.StatusCode);
        Assert.Equal(2, (await _ledger.Meter.Keys.ListAsync()).Count);
    }

    [Fact]
    public async Task Forms_ThatAreNone_OrTooLong_AreRefused()
    {
        using var browser = ConsoleBrowser.Of(_server);
        await browser.SignInAsync(_admin.Secret);
        (string action, List<KeyValuePair<string, string>> hidden) = await browser.FormAsync("/keys", "create-key");
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.PostAsync(action, [.. hidden, new("name", new string('a', 100_000))])).Response.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.PostAsync(action, [.. hidden, .. Enumerable.Range(0, 100).Select(i => KeyValuePair.Create("f" + i, "x"))])).Response.StatusCode);
        using var api = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new FormUrlEncodedContent(hidden) };
        api.Headers.Authorization = new("Bearer", _admin.Secret);
        Assert.NotEqual(HttpStatusCode.OK, (await _server.Client.SendAsync(api)).StatusCode); // the API takes none, whatever the key
    }

    [Fact]
    public async Task Session_PlantedByAnother_IsNotTakenOver()
    {
        using var browser = ConsoleBrowser.Of(_server);
        browser.Cookie = "tramontane-session=" + new string('A', 43);
        await browser.SignInAsync(_admin.Secret);
        string first = browser.Cookie!;
        Assert.DoesNotContain("AAAA", first, StringComparison.Ordinal);
        await browser.SignInAsync(_reader.Secret); // a session before it ends
        using var before = ConsoleBrowser.Of(_server);
        before.Cookie = first;
        Assert.Contains("action=\"/sign-in\"", (await before.GetAsync("/usage")).Html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("idle")]
    [InlineData("expiry")]
    [InlineData("revocation")]
    [InlineData("rotation")]
    [InlineData("scope")]
    [InlineData("sign-out")]
    public async Task Session_EndsWith(string what)
    {
        using var browser = ConsoleBrowser.Of(_server);
        await browser.SignInAsync(_reader.Secret);
        string cookie = browser.Cookie!;
        for (int hours = 0; hours < 3; hours++) // used, it goes on
        {
            _time.Now = _time.Now.AddHours(1);
            Assert.Contains("Sign out", (await browser.GetAsync("/usage")).Html, StringComparison.Ordinal);
        }

        switch (what)
        {
            case "idle":
                await _ledger.Meter.Keys.UpdateAsync(_reader.Key.Id, s => s with { ExpiresAt = null });
                _time.Now = _time.Now.AddHours(8);
                break;
            case "expiry":
                _time.Now = _time.Now.AddHours(2);
                break;
            case "revocation":
                await _ledger.Meter.Keys.RevokeAsync(_reader.Key.Id);
                break;
            case "rotation":
                await _ledger.Meter.Keys.RotateAsync(_reader.Key.Id, TimeSpan.FromMinutes(5));
                Assert.Contains("Sign out", (await browser.GetAsync("/usage")).Html, StringComparison.Ordinal); // the grace
                _time.Now = _time.Now.AddMinutes(6);
                break;
            case "scope":
                await _ledger.Meter.Keys.UpdateAsync(_reader.Key.Id, s => s with { Scopes = KeyScopes.Inference });
                break;
            case "sign-out":
                string token = System.Text.RegularExpressions.Regex.Match((await browser.GetAsync("/usage")).Html, "name=\"token\" value=\"([^\"]+)\"").Groups[1].Value;
                HttpResponseMessage response = (await browser.PostAsync("/sign-out", [new("token", token)])).Response;
                Assert.Equal(HttpStatusCode.SeeOther, response.StatusCode);
                Assert.Null(browser.Cookie);
                break;
        }

        browser.Cookie = cookie;
        Assert.Contains("action=\"/sign-in\"", (await browser.GetAsync("/usage")).Html, StringComparison.Ordinal);
        Assert.Equal("/usage", (await browser.GetAsync("/usage.csv")).Response.Headers.Location!.ToString());
    }

    [Fact]
    public async Task Key_OfASignIn_IsInNoLogAndNoPage()
    {
        using var logs = new CapturedLogs();
        await using TestServer server = await TestServer.StartAsync(logs: logs, time: _time, meter: _ledger.Meter);
        using var browser = ConsoleBrowser.Of(server);
        await browser.SignInAsync(_admin.Secret);
        string html = (await browser.GetAsync("/usage")).Html + (await browser.GetAsync("/keys")).Html;
        Assert.DoesNotContain(_admin.Secret, html, StringComparison.Ordinal);
        string id = browser.Cookie!.Split('=')[1];
        Assert.DoesNotContain(id, html, StringComparison.Ordinal);
        string log = string.Join('\n', logs.Lines.Select(l => l.Line));
        Assert.NotEmpty(log);
        Assert.DoesNotContain(_admin.Secret, log, StringComparison.Ordinal);
        Assert.DoesNotContain(id, log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("user", false)]
    [InlineData("operator", true)]
    [InlineData("both", true)]
    public async Task SignIn_WithAKeyOfTheCommandLine_IsForItsAdministratorsAlone(string key, bool mayEnter)
    {
        await using TestServer server = await TestServer.StartAsync(
            configure: o =>
            {
                o.ApiKeys.Add("user");
                o.ApiKeys.Add("both");
                o.AdminKeys.Add("operator");
                o.AdminKeys.Add("both");
            },
            meter: _ledger.Meter);
        using var browser = ConsoleBrowser.Of(server);
        (HttpResponseMessage response, string html) = await browser.PostAsync("/sign-in", [new("key", key), new("next", "/keys")]);
        Assert.Equal(mayEnter ? HttpStatusCode.SeeOther : HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal(mayEnter, (await browser.GetAsync("/keys")).Html.Contains("id=\"create-key\"", StringComparison.Ordinal));
        Assert.Equal(!mayEnter, html.Contains("--admin-key", StringComparison.Ordinal));
    }

    [Fact]
    public void Store_OfOneKey_KeepsItsLatestSessions()
    {
        var store = new SessionStore(new ApiKeys(new ServerOptions { AdminKeys = { "a", "b" } }, null), _time);
        string other = store.Open(ApiKeys.Hash("b"));
        string[] ids = [.. Enumerable.Range(0, SessionStore.MostOfOneKey + 5).Select(_ =>
        {
            _time.Now = _time.Now.AddSeconds(1);
            return store.Open(ApiKeys.Hash("a"));
        })];
        Assert.Equal(SessionStore.MostOfOneKey + 1, store.Count);
        Assert.NotNull(store.Find(other));
        Assert.Null(store.Find(ids[0]));
        Assert.NotNull(store.Find(ids[^1]));
        _time.Now = _time.Now.AddHours(9);
        store.Open(ApiKeys.Hash("a"));
        Assert.Equal(1, store.Count);
    }

    [Fact]
    public async Task OpenServer_OnItsOwnMachine_ShowsTheLocalAccountAndSaysHowKeysBegin()
    {
        await using TestLedger ledger = await TestLedger.OpenAsync();
        await using TestServer server = await TestServer.StartAsync(meter: ledger.Meter);
        await server.PostAsync("/v1/chat/completions", TestServer.Chat());
        using var browser = ConsoleBrowser.Of(server);
        (HttpResponseMessage response, string usage) = await browser.GetAsync("/usage");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("<b>1</b><span>requests", usage, StringComparison.Ordinal);
        Assert.Contains("tramontane keys create --admin", (await browser.GetAsync("/keys")).Html, StringComparison.Ordinal);
        (response, _) = await browser.PostAsync("/keys", [new("name", "x"), new("scopes", "admin"), new("token", ""), new("once", new string('x', 40))]);
        Assert.Equal(HttpStatusCode.SeeOther, response.StatusCode);
        Assert.Empty(await ledger.Meter.Keys.ListAsync());
    }

    [Fact]
    public async Task ServerWithoutALedger_SaysThatNothingIsMetered()
    {
        await using TestServer server = await TestServer.StartAsync();
        using var browser = ConsoleBrowser.Of(server);
        Assert.Contains("Nothing is metered", (await browser.GetAsync("/usage")).Html, StringComparison.Ordinal);
        Assert.Contains("Nothing is metered", (await browser.GetAsync("/keys")).Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.GetAsync("/usage.csv")).Response.StatusCode);
    }
}
