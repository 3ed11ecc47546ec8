using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Tramontane.Server.Console;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.Console;

/// <summary>Routes, headers and forms of the pages.</summary>
public sealed class ConsoleRouteTests
{
    private const string Browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

    public static TheoryData<string> PagePaths => ["/", "/playground", "/docs", "/cost", "/best-llm-for", "/self-hosted", "/compliance", "/glossary"];

    internal static async Task<HttpResponseMessage> GetAsync(TestServer server, string path, string? accept = Browser, string? host = null, AuthenticationHeaderValue? authorization = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        request.Headers.Host = host;
        request.Headers.Authorization = authorization;
        return await server.Client.SendAsync(request);
    }

    [Theory]
    [InlineData(null, "application/json")]
    [InlineData("*/*", "application/json")]
    [InlineData("application/json, text/html;q=0.5", "application/json")]
    [InlineData("text/html;q=0", "application/json")]
    [InlineData("nonsense", "application/json")]
    [InlineData(Browser, "text/html")]
    [InlineData("text/markdown", "text/markdown")]
    [InlineData("text/markdown, text/html", "text/markdown")]
    [InlineData("text/html;q=0.4, text/markdown;q=0.5", "text/markdown")]
    public async Task Root_ByAccept_IsPageTwinOrHealth(string? accept, string expected)
    {
        await using TestServer server = await TestServer.StartAsync();
        using HttpResponseMessage response = await GetAsync(server, "/", accept);
        Assert.Equal((HttpStatusCode.OK, expected, "utf-8"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType, response.Content.Headers.ContentType.CharSet));
        Assert.Equal("Accept", response.Headers.Vary.ToString());
    }

    [Theory, MemberData(nameof(PagePaths))]
    public async Task Page_ForABrowser_HasTheHeadersOfASafePage(string path)
    {
        await using TestServer server = await TestServer.StartAsync();
        using HttpResponseMessage response = await GetAsync(server, path);
        byte[] body = await response.Content.ReadAsByteArrayAsync();
        Assert.Equal("<!DOCTYPE html>"u8.ToArray(), body[..15]); // UTF-8 without a byte order mark
        Assert.Equal("text/html; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(SecurityHeaders.Policy, response.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-referrer", response.Headers.GetValues("Referrer-Policy").Single());
        Assert.False(response.Headers.Contains("Set-Cookie"));
        Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
        string html = Encoding.UTF8.GetString(body);
        Assert.DoesNotMatch("<script(?![^>]* src=)|<style|\\son[a-z]+=|\\sstyle=", html); // nothing inline: the policy would refuse it
        Assert.DoesNotMatch("(src|<link[^>]*href)=\"(?!/|http://127)", html);
        Assert.DoesNotContain("â€", html, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(PagePaths))]
    public async Task Twin_BySuffixAndByAccept_IsTheSameMarkdown(string path)
    {
        await using TestServer server = await TestServer.StartAsync(time: new ManualTime());
        using HttpResponseMessage bySuffix = await GetAsync(server, path == "/" ? "/index.md" : path + ".md", accept: null);
        using HttpResponseMessage byAccept = await GetAsync(server, path, "text/markdown");
        Assert.Equal("text/markdown; charset=utf-8", bySuffix.Content.Headers.ContentType!.ToString());
        Assert.Equal(await bySuffix.Content.ReadAsStringAsync(), await byAccept.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("llm.example.com:8443", "http://llm.example.com:8443/")]
    [InlineData("[::1]:80", "http://[::1]:80/")]
    [InlineData("evil$(id).example", "http://127.0.0.1:")]
    [InlineData("a\"b", "http://127.0.0.1:")]
    public async Task Canonical_OfAHost_NamesItOnlyWhenPlain(string host, string expected)
    {
        await using TestServer server = await TestServer.StartAsync();
        using HttpClient client = new(new SocketsHttpHandler { UseProxy = false });
        using var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, server.Url.Port);
        await using System.Net.Sockets.NetworkStream stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET /index.md HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"));
        string reply = await new StreamReader(stream).ReadToEndAsync();
        if (host.Contains('"', StringComparison.Ordinal))
        {
            Assert.StartsWith("HTTP/1.1 400", reply, StringComparison.Ordinal); // the web server itself refuses such a host
            return;
        }

        Assert.Contains("canonical: \"" + expected, reply, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Canonical_WithAPublicUrl_NamesItWhateverTheHost()
    {
        await using TestServer server = await TestServer.StartAsync(configure: o => o.Console.PublicUrl = "https://llm.example.com/");
        using HttpResponseMessage response = await GetAsync(server, "/glossary");
        Assert.Contains("<link rel=\"canonical\" href=\"https://llm.example.com/glossary\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("canonical: \"https://llm.example.com/glossary\"", await server.Client.GetStringAsync(new Uri("/glossary.md", UriKind.Relative)), StringComparison.Ordinal);
        string llms = await server.Client.GetStringAsync(new Uri("/llms.txt", UriKind.Relative));
        Assert.Contains("(https://llm.example.com/glossary.md)", llms, StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1", llms, StringComparison.Ordinal);
        Assert.Contains("curl https://llm.example.com/v1/chat/completions", await server.Client.GetStringAsync(new Uri("/index.md", UriKind.Relative)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_WithKeys_AreOpenWhenPublicAndAskForAPasswordWhenPrivate()
    {
        await using TestServer open = await TestServer.StartAsync(configure: o => o.ApiKeys.Add("secret"));
        using HttpResponseMessage page = await GetAsync(open, "/glossary");
        using HttpResponseMessage api = await GetAsync(open, "/v1/models");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (page.StatusCode, api.StatusCode));

        await using TestServer closed = await TestServer.StartAsync(configure: o =>
        {
            o.ApiKeys.Add("secret");
            o.Console.Visibility = ConsoleVisibility.Private;
        });
        foreach (string path in (string[])["/", "/index.md", "/glossary", "/llms.txt"])
        {
            using HttpResponseMessage none = await GetAsync(closed, path);
            using HttpResponseMessage wrong = await GetAsync(closed, path, authorization: Basic("me:wrong"));
            using HttpResponseMessage right = await GetAsync(closed, path, authorization: Basic("me:secret"));
            Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.OK), (none.StatusCode, wrong.StatusCode, right.StatusCode));
            Assert.StartsWith("Basic", none.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        }

        // The document that the reference is made from is for those who may read the reference, and for keys.
        using HttpResponseMessage document = await GetAsync(open, "/openapi.json");
        using HttpResponseMessage unknown = await GetAsync(closed, "/openapi.json");
        using HttpResponseMessage known = await GetAsync(closed, "/openapi.json", authorization: Basic("me:secret"));
        using HttpResponseMessage key = await GetAsync(closed, "/openapi.json", authorization: new AuthenticationHeaderValue("Bearer", "secret"));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized, HttpStatusCode.OK, HttpStatusCode.OK), (document.StatusCode, unknown.StatusCode, known.StatusCode, key.StatusCode));

        using HttpResponseMessage health = await GetAsync(closed, "/", "*/*");
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    }

    [Fact]
    public async Task Pages_WhenOff_AreNotThere()
    {
        await using TestServer server = await TestServer.StartAsync(configure: o => o.Console.Visibility = ConsoleVisibility.Off);
        using HttpResponseMessage root = await GetAsync(server, "/");
        using HttpResponseMessage glossary = await GetAsync(server, "/glossary");
        Assert.Equal("application/json", root.Content.Headers.ContentType!.MediaType);
        Assert.Equal((HttpStatusCode.NotFound, "application/json"), (glossary.StatusCode, glossary.Content.Headers.ContentType!.MediaType));
    }

    [Fact]
    public async Task Links_OfTheOperator_StandInTheFooter()
    {
        await using TestServer server = await TestServer.StartAsync(time: new ManualTime(), configure: o => o.Console.Links.Add(new ConsoleLink("Help & more", "https://example.com/?a=1&b=2")));
        using HttpResponseMessage response = await GetAsync(server, "/glossary");
        string footer = (await response.Content.ReadAsStringAsync()).Split("<footer")[1];
        Assert.Contains("<a href=\"https://example.com/?a=1&amp;b=2\" rel=\"noreferrer\">Help &amp; more</a>", footer, StringComparison.Ordinal);
        Assert.Matches("Generated by Tramontane [0-9.]+ · <time datetime=\"[0-9-]+T[0-9:]+Z\">", WebUtility.HtmlDecode(footer));
    }

    [Theory]
    [InlineData("/nothing", Browser, "text/html")]
    [InlineData("/nothing", "*/*", "application/json")]
    [InlineData("/v1/nothing", Browser, "application/json")]
    [InlineData("/api/nothing", Browser, "application/json")]
    public async Task UnknownPath_ByClient_IsPageOrJson(string path, string accept, string type)
    {
        await using TestServer server = await TestServer.StartAsync();
        using HttpResponseMessage response = await GetAsync(server, path, accept);
        Assert.Equal((HttpStatusCode.NotFound, type), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
    }

    [Fact]
    public async Task ErrorPage_OfAPathWithMarkup_EscapesIt()
    {
        await using TestServer server = await TestServer.StartAsync();
        using HttpResponseMessage response = await GetAsync(server, "/%3Cscript%3Ealert(1)%3C/script%3E");
        Assert.DoesNotContain("<script>alert", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Assets_AreKeptForEverUnderTheirHashAndNowhereElse()
    {
        await using TestServer server = await TestServer.StartAsync(configure: o => o.ApiKeys.Add("secret"));
        using HttpResponseMessage page = await GetAsync(server, "/");
        string html = await page.Content.ReadAsStringAsync();
        string[] paths = [.. System.Text.RegularExpressions.Regex.Matches(html, "\"(/assets/[^\"]+)\"").Select(m => m.Groups[1].Value).Distinct()];
        Assert.True(paths.Length >= 5, html);
        foreach (string path in paths)
        {
            using HttpResponseMessage asset = await GetAsync(server, path);
            Assert.True(asset.IsSuccessStatusCode, path);
            Assert.Equal("public, max-age=31536000, immutable", asset.Headers.CacheControl!.ToString());
            using var again = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { IfNoneMatch = { asset.Headers.ETag! } } };
            using HttpResponseMessage unchanged = await server.Client.SendAsync(again);
            Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
            using HttpResponseMessage other = await GetAsync(server, System.Text.RegularExpressions.Regex.Replace(path, "/assets/[0-9a-f]+/", "/assets/000000000000/"));
            Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
        }
    }

    [Fact]
    public async Task Stylesheet_ForABrowserThatTakesBrotli_UnpacksToTheSameText()
    {
        await using TestServer server = await TestServer.StartAsync();
        string path = System.Text.RegularExpressions.Regex.Match(await (await GetAsync(server, "/")).Content.ReadAsStringAsync(), "/assets/[^\"]+/site.css").Value;
        byte[] plain = await server.Client.GetByteArrayAsync(new Uri(path, UriKind.Relative));
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { AcceptEncoding = { new("br") } } };
        using HttpResponseMessage packed = await server.Client.SendAsync(request);
        Assert.Equal("br", packed.Content.Headers.ContentEncoding.Single());
        using var unpacked = new MemoryStream();
        await new System.IO.Compression.BrotliStream(await packed.Content.ReadAsStreamAsync(), System.IO.Compression.CompressionMode.Decompress).CopyToAsync(unpacked);
        Assert.Equal(plain, unpacked.ToArray());
    }

    [Fact]
    public async Task Llms_ListsEveryTwinAndEachIsThere()
    {
        await using TestServer server = await TestServer.StartAsync();
        string text = await server.Client.GetStringAsync(new Uri("/llms.txt", UriKind.Relative));
        string[] links = [.. System.Text.RegularExpressions.Regex.Matches(text, @"\((http[^)]+\.md)\)").Select(m => m.Groups[1].Value)];
        Assert.Equal(PagePaths.Count, links.Length);
        Assert.Contains("> Scripted (`mistralai/Mistral-Small-3.2-24B-Instruct-2506`) over HTTP", text, StringComparison.Ordinal); // what is loaded, not what it is named after
        foreach (string link in links)
        {
            using HttpResponseMessage response = await server.Client.GetAsync(new Uri(link));
            Assert.Equal("text/markdown", response.Content.Headers.ContentType!.MediaType);
        }
    }

    private static AuthenticationHeaderValue Basic(string pair) => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));
}
