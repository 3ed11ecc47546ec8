using System.Net;
using System.Net.Http.Headers;
using Tramontane.Metering.Budgets;
using Tramontane.Metering.Keys;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.Console.Usage;

/// <summary>Keys and accounts by forms, as an administrator without scripts uses them.</summary>
public sealed class KeysPageTests : IAsyncLifetime
{
    private const string Nasty = "\"><script>alert(1)</script>'&{{x}}=HYPERLINK(1)";

    private TestLedger _ledger = null!;
    private TestServer _server = null!;
    private ConsoleBrowser _browser = null!;
    private IssuedKey _admin = null!;

    public async Task InitializeAsync()
    {
        _ledger = await TestLedger.OpenAsync();
        _admin = await _ledger.CreateKeyAsync(scopes: KeyScopes.Admin);
        _server = await TestServer.StartAsync(meter: _ledger.Meter);
        _browser = ConsoleBrowser.Of(_server);
        await _browser.SignInAsync(_admin.Secret);
    }

    public async Task DisposeAsync()
    {
        _browser.Dispose();
        await _server.DisposeAsync();
        await _ledger.DisposeAsync();
    }

    [Fact]
    public async Task Key_OfAForm_IsMadeShownOnceUsedRotatedAndRevoked()
    {
        (HttpResponseMessage made, string html) = await _browser.SubmitAsync(
            "/keys", "create-key", ("name", "ci"), ("account", "local"), ("scopes", "inference"), ("scopes", "usage:read"), ("requests_per_minute", "60"), ("money_per_day", "0.5"), ("expires_at", "2100-01-01"));
        Assert.Equal((HttpStatusCode.OK, "no-store"), (made.StatusCode, made.Headers.CacheControl!.ToString()));
        string first = ConsoleBrowser.Secret(html);
        ApiKey key = (await _ledger.Meter.Keys.ListAsync()).Single(k => k.Settings.Name == "ci");
        Assert.Equal((60L, 0.5m, KeyScopes.Inference | KeyScopes.UsageRead), (key.Settings.Limits.RequestsPerMinute!.Value, key.Settings.Limits.MoneyPerDay!.Value, key.Settings.Scopes));
        Assert.Equal(new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero), key.Settings.ExpiresAt);
        Assert.Equal(200, await ChatAsync(first));
        foreach (string path in (string[])["/keys", $"/keys/{key.Id}", "/usage"])
        {
            html = (await _browser.GetAsync(path)).Html;
            Assert.DoesNotContain(first, html, StringComparison.Ordinal);
            Assert.Contains(key.Display, ConsoleBrowser.Text(html), StringComparison.Ordinal);
        }

        string page = $"/keys/{key.Id}";
        (_, html) = await _browser.SubmitAsync(page, "rotate-key", ("grace", "3600"));
        string second = ConsoleBrowser.Secret(html);
        Assert.Equal((200, 200), (await ChatAsync(first), await ChatAsync(second)));
        (_, html) = await _browser.SubmitAsync(page, "rotate-key", ("grace", "0"));
        Assert.Equal((401, 401, 200), (await ChatAsync(first), await ChatAsync(second), await ChatAsync(ConsoleBrowser.Secret(html))));

        (HttpResponseMessage unsure, _) = await _browser.SubmitAsync(page, "revoke-key");
        Assert.Equal(HttpStatusCode.BadRequest, unsure.StatusCode);
        Assert.Equal(200, await ChatAsync(ConsoleBrowser.Secret(html)));
        (HttpResponseMessage revoked, _) = await _browser.SubmitAsync(page, "revoke-key", ("confirm", "yes"));
        Assert.Equal((HttpStatusCode.SeeOther, "/keys?done=revoked"), (revoked.StatusCode, revoked.Headers.Location!.ToString()));
        Assert.Equal(401, await ChatAsync(ConsoleBrowser.Secret(html)));
        Assert.DoesNotContain("id=\"rotate-key\"", (await _browser.GetAsync(page)).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Form_SentTwice_IsDoneOnce()
    {
        (string action, List<KeyValuePair<string, string>> hidden) = await _browser.FormAsync("/keys", "create-key");
        KeyValuePair<string, string>[] fields = [.. hidden, new("name", "once"), new("scopes", "inference")];
        Assert.Equal(HttpStatusCode.OK, (await _browser.PostAsync(action, fields)).Response.StatusCode);
        Assert.Equal("/keys?done=again", (await _browser.PostAsync(action, fields)).Response.Headers.Location!.ToString());
        Assert.Single(await _ledger.Meter.Keys.ListAsync(), k => k.Settings.Name == "once");
    }

    [Fact]
    public async Task Form_ThatFailed_MayBeSentAgain()
    {
        IssuedKey key = await _ledger.CreateKeyAsync();
        (string action, List<KeyValuePair<string, string>> hidden) = await _browser.FormAsync($"/keys/{key.Key.Id}", "revoke-key");
        KeyValuePair<string, string>[] fields = [.. hidden, new("confirm", "yes")];
        // The form of one key, sent for a key that there is not: it fails, and says nothing of having been done.
        Assert.Equal(HttpStatusCode.NotFound, (await _browser.PostAsync("/keys/key_none/revoke", fields)).Response.StatusCode);
        Assert.Equal("/keys?done=revoked", (await _browser.PostAsync(action, fields)).Response.Headers.Location!.ToString());
        Assert.NotNull((await _ledger.Meter.Keys.GetAsync(key.Key.Id))!.RevokedAt);
    }

    [Theory]
    [InlineData("name", "", "characters")]
    [InlineData("scopes", "root", "Choose")]
    [InlineData("requests_per_minute", "-1", "whole number")]
    [InlineData("tokens_per_day", "1e9", "whole number")]
    [InlineData("money_total", "0.0000000000001", "decimals")]
    [InlineData("money_per_day", "1e3", "amount")]
    [InlineData("expires_at", "tomorrow", "day such as")]
    [InlineData("account", "nobody", "nobody")]
    public async Task Form_WithAWrongField_SaysSoAndKeepsTheRest(string field, string value, string said)
    {
        var fields = new Dictionary<string, string> { ["name"] = "kept", ["scopes"] = "inference", ["tokens_per_minute"] = "4711", [field] = value };
        (HttpResponseMessage response, string html) = await _browser.SubmitAsync("/keys", "create-key", [.. fields.Select(f => (f.Key, f.Value))]);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Matches($"<p class=\"error\" id=\"key-{field}-error\">[^<]*{said}", html);
        Assert.Contains("value=\"4711\"", html, StringComparison.Ordinal);
        Assert.Matches($"role=\"alert\"[^>]*>\\s*<p>Nothing was done[^<]*</p>\\s*<ul>\\s*<li><a href=\"#key-{field}\">", html); // which the page begins with
        Assert.Contains($"id=\"key-{field}\"", html, StringComparison.Ordinal);
        Assert.Single(await _ledger.Meter.Keys.ListAsync());
    }

    [Fact]
    public async Task Settings_OfAForm_ReplaceTheKeys()
    {
        IssuedKey key = await _ledger.CreateKeyAsync(new KeyLimits { RequestsPerDay = 1, MoneyTotal = 2.5m }, expires: new DateTimeOffset(2100, 1, 1, 17, 30, 0, TimeSpan.Zero));
        (HttpResponseMessage response, _) = await _browser.SubmitAsync(
            $"/keys/{key.Key.Id}", "change-key", ("name", "renamed"), ("scopes", "inference"), ("money_total", "2.5"), ("requests_per_day", ""), ("expires_at", "2100-01-01"));
        Assert.Equal("/keys?done=saved", response.Headers.Location!.ToString());
        KeySettings now = (await _ledger.Meter.Keys.GetAsync(key.Key.Id))!.Settings;
        Assert.Equal(new KeySettings { Name = "renamed", Scopes = KeyScopes.Inference, Limits = new KeyLimits { MoneyTotal = 2.5m }, ExpiresAt = key.Key.Settings.ExpiresAt }, now);
    }

    [Fact]
    public async Task Settings_OfAPageThatIsOutOfDate_ChangeNothing()
    {
        IssuedKey key = await _ledger.CreateKeyAsync(new KeyLimits { RequestsPerDay = 1 });
        (string action, List<KeyValuePair<string, string>> hidden) = await _browser.FormAsync($"/keys/{key.Key.Id}", "change-key");
        await _ledger.Meter.Keys.UpdateAsync(key.Key.Id, s => s with { Limits = new KeyLimits { RequestsPerDay = 1, MoneyTotal = 5 } }); // somebody else
        (HttpResponseMessage response, string html) = await _browser.PostAsync(action, [.. hidden, new("name", "renamed"), new("scopes", "inference"), new("requests_per_day", "9")]);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("Somebody has changed this key", html, StringComparison.Ordinal);
        KeySettings now = (await _ledger.Meter.Keys.GetAsync(key.Key.Id))!.Settings;
        Assert.Equal((key.Key.Settings.Name, 5m, 1L), (now.Name, now.Limits.MoneyTotal, now.Limits.RequestsPerDay));
    }

    [Fact]
    public async Task Money_BeforeAnyPrice_IsInTheDatabasesCurrency()
    {
        await _ledger.Meter.Accounts.AddCreditAsync(Account.Local, new NewCredit { Amount = 3, Currency = "CHF" });
        await _ledger.CreateKeyAsync(new KeyLimits { MoneyTotal = 2 });
        string html = (await _browser.GetAsync("/keys")).Html;
        Assert.Contains("2.00 CHF", html, StringComparison.Ordinal);
        Assert.DoesNotContain("$2.00", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Accounts_OfForms_GetTheirCreditOnce()
    {
        await _ledger.SetPriceAsync();
        await _browser.SubmitAsync("/keys", "create-account", ("name", "Acme"), ("id", "acme"), ("prepaid", "yes"));
        (HttpResponseMessage again, string html) = await _browser.SubmitAsync("/keys", "create-account", ("name", "Acme"), ("id", "acme"));
        Assert.Equal(HttpStatusCode.BadRequest, again.StatusCode);
        Assert.Contains("already", html, StringComparison.Ordinal);
        (string action, List<KeyValuePair<string, string>> hidden) = await _browser.FormAsync("/keys", "add-credit");
        KeyValuePair<string, string>[] fields = [.. hidden, new("account", "acme"), new("amount", "1.000000000001"), new("currency", "usd"), new("free_tokens", "1000"), new("note", Nasty)];
        Assert.Equal("/keys?done=credit", (await _browser.PostAsync(action, fields)).Response.Headers.Location!.ToString());
        await _browser.PostAsync(action, fields);
        Account account = (await _ledger.Meter.Accounts.GetAsync("acme"))!;
        Assert.Equal((1.000000000001m, 1000L, true), (account.Balance, account.FreeTokens, account.Prepaid));
        Assert.Contains("$1.000000000001", (await _browser.GetAsync("/keys")).Html, StringComparison.Ordinal);
        (again, html) = await _browser.SubmitAsync("/keys", "add-credit", ("account", "acme"), ("amount", "1"), ("currency", "EUR"));
        Assert.Equal(HttpStatusCode.BadRequest, again.StatusCode);
        Assert.Contains("USD", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_ThatAreMarkup_AreTextOnEveryPage()
    {
        await _browser.SubmitAsync("/keys", "create-account", ("name", Nasty), ("id", "acme"));
        (_, string issued) = await _browser.SubmitAsync("/keys", "create-key", ("name", Nasty), ("account", "acme"), ("scopes", "inference"));
        await ChatAsync(ConsoleBrowser.Secret(issued));
        string id = (await _ledger.Meter.Keys.ListAsync("acme")).Single().Id;
        (_, string wrong) = await _browser.SubmitAsync("/keys", "create-key", ("name", Nasty), ("account", Nasty), ("scopes", Nasty), ("money_total", Nasty));
        foreach (string html in (string[])[issued, wrong, (await _browser.GetAsync("/keys")).Html, (await _browser.GetAsync($"/keys/{id}")).Html, (await _browser.GetAsync("/usage")).Html, (await _browser.GetAsync("/usage?group=account")).Html])
        {
            Assert.Contains("&lt;script&gt;alert(1)", html, StringComparison.Ordinal);
            Assert.DoesNotContain("<script>alert", html, StringComparison.Ordinal);
            Assert.DoesNotMatch("<script(?![^>]* src=)|<style|\\son[a-z]+=|\\sstyle=", html);
        }
    }

    [Fact]
    public async Task Reader_SeesItsOwnKeyAndManagesNothing()
    {
        IssuedKey reader = await _ledger.CreateKeyAsync(), other = await _ledger.CreateKeyAsync();
        using var browser = ConsoleBrowser.Of(_server);
        await browser.SignInAsync(reader.Secret);
        string html = (await browser.GetAsync("/keys")).Html;
        Assert.Contains(reader.Key.Display, ConsoleBrowser.Text(html), StringComparison.Ordinal);
        Assert.DoesNotContain(other.Key.Display, ConsoleBrowser.Text(html), StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"create-key\"", html, StringComparison.Ordinal);
        string token = System.Text.RegularExpressions.Regex.Match(html, "name=\"token\" value=\"([^\"]+)\"").Groups[1].Value;
        foreach (string path in (string[])["/keys", "/keys/accounts", "/keys/credits", $"/keys/{other.Key.Id}", $"/keys/{other.Key.Id}/rotate", $"/keys/{other.Key.Id}/revoke", $"/keys/{reader.Key.Id}/revoke"])
        {
            (HttpResponseMessage response, html) = await browser.PostAsync(path, [new("token", token), new("once", new string('x', 40)), new("name", "x"), new("scopes", "admin"), new("grace", "0"), new("confirm", "yes")]);
            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
            Assert.Contains("scope admin", html, StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.Forbidden, (await browser.GetAsync($"/keys/{other.Key.Id}")).Response.StatusCode);
        Assert.Equal((200, 200), (await ChatAsync(reader.Secret), await ChatAsync(other.Secret)));
        Assert.Equal(3, (await _ledger.Meter.Keys.ListAsync()).Count);
    }

    [Fact]
    public async Task OwnKey_RotatedOrRevoked_KeepsOrEndsTheSession()
    {
        using var second = ConsoleBrowser.Of(_server);
        await second.SignInAsync(_admin.Secret);
        string page = $"/keys/{_admin.Key.Id}";
        await _browser.SubmitAsync(page, "rotate-key", ("grace", "0"));
        Assert.Contains("create-key", (await _browser.GetAsync("/keys")).Html, StringComparison.Ordinal);
        Assert.Contains("action=\"/sign-in\"", (await second.GetAsync("/keys")).Html, StringComparison.Ordinal);
        await _browser.SubmitAsync(page, "revoke-key", ("confirm", "yes"));
        Assert.Contains("action=\"/sign-in\"", (await _browser.GetAsync("/keys")).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_ThatIsNotThere_Is404()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await _browser.GetAsync("/keys/none")).Response.StatusCode);
        (string _, List<KeyValuePair<string, string>> hidden) = await _browser.FormAsync("/keys", "create-key");
        Assert.Equal(HttpStatusCode.NotFound, (await _browser.PostAsync("/keys/none/rotate", [.. hidden, new("grace", "0")])).Response.StatusCode);
    }

    private async Task<int> ChatAsync(string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = TestServer.Json(TestServer.Chat()) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using HttpResponseMessage response = await _server.Client.SendAsync(request);
        await response.Content.ReadAsByteArrayAsync();
        return (int)response.StatusCode;
    }
}
