using System.Net;
using System.Text.RegularExpressions;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.Console.Usage;

/// <summary>What a browser does without scripts: keeps cookies, follows nothing by itself, sends forms with their hidden fields and its origin.</summary>
internal sealed class ConsoleBrowser(TestServer server) : IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = server.Url };

    internal string? Cookie { get; set; }

    internal static ConsoleBrowser Of(TestServer server) => new(server);

    internal async Task<(HttpResponseMessage Response, string Html)> GetAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        (HttpResponseMessage response, string html) = await SendAsync(request);
        Assert.DoesNotContain("&amp;amp;", html, StringComparison.Ordinal); // an address that was escaped twice leads elsewhere
        return (response, html);
    }

    /// <param name="path">Where.</param>
    /// <param name="origin">As the header says; <c>""</c> for none; null for the server's own.</param>
    /// <param name="fields">Names and values.</param>
    internal async Task<(HttpResponseMessage Response, string Html)> PostAsync(string path, IEnumerable<KeyValuePair<string, string>> fields, string? origin = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields) };
        if (origin != "")
        {
            request.Headers.Add("Origin", origin ?? server.Url.ToString().TrimEnd('/'));
        }

        return await SendAsync(request);
    }

    /// <summary>Fills the form with this id on the page and sends it.</summary>
    internal async Task<(HttpResponseMessage Response, string Html)> SubmitAsync(string page, string form, params (string Name, string Value)[] fields)
    {
        (string action, List<KeyValuePair<string, string>> hidden) = await FormAsync(page, form);
        return await PostAsync(action, hidden.Concat(fields.Select(f => KeyValuePair.Create(f.Name, f.Value))));
    }

    /// <summary>Where a form goes, and its hidden fields.</summary>
    internal async Task<(string Action, List<KeyValuePair<string, string>> Hidden)> FormAsync(string page, string form)
    {
        string html = (await GetAsync(page)).Html;
        Match found = Regex.Match(html, $"<form[^>]*id=\"{form}\"[^>]*action=\"([^\"]+)\".*?</form>", RegexOptions.Singleline);
        Assert.True(found.Success, $"no form {form} on {page}: {html}");
        return (found.Groups[1].Value, [.. Regex.Matches(found.Value, "<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\"").Select(m => KeyValuePair.Create(m.Groups[1].Value, WebUtility.HtmlDecode(m.Groups[2].Value)))]);
    }

    internal async Task<HttpResponseMessage> SignInAsync(string key, string next = "/usage") =>
        (await PostAsync("/sign-in", [new("key", key), new("next", next)])).Response;

    /// <summary>The page with its characters as they are read.</summary>
    internal static string Text(string html) => WebUtility.HtmlDecode(html);

    internal static string Secret(string html) => Regex.Match(html, "data-copy=\"(tm-[A-Za-z0-9_-]{43})\"") is { Success: true } found ? found.Groups[1].Value : throw new Xunit.Sdk.XunitException("no secret: " + html);

    public void Dispose() => _client.Dispose();

    private async Task<(HttpResponseMessage Response, string Html)> SendAsync(HttpRequestMessage request)
    {
        request.Headers.TryAddWithoutValidation("Accept", "text/html");
        if (Cookie is not null)
        {
            request.Headers.TryAddWithoutValidation("Cookie", Cookie);
        }

        HttpResponseMessage response = await _client.SendAsync(request);
        if (response.Headers.TryGetValues("Set-Cookie", out IEnumerable<string>? set))
        {
            string pair = set.Last().Split(';')[0];
            Cookie = pair.EndsWith('=') ? null : pair;
        }

        return (response, await response.Content.ReadAsStringAsync());
    }
}
