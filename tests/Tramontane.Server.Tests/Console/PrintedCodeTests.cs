using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Tramontane.Inference.Engine;
using Tramontane.Metering.Keys;
using Tramontane.Server.Catalog;
using Tramontane.Server.Console.Rendering;
using Tramontane.Server.OpenApi;
using Tramontane.Server.Tests.Clients;
using Tramontane.Server.Tests.Console.Usage;
using Tramontane.Server.Tests.Fakes;
using Tramontane.Testing;

namespace Tramontane.Server.Tests.Console;

/// <summary>
/// Every piece of code on every page is run by a test or is of a kind that cannot be run. Pages are found by their links, under
/// several configurations, so that a new one cannot be forgotten.
/// </summary>
public sealed partial class PrintedCodeTests
{
    // Words stand alone in it: an escaped backtick would join the next one.
    private static readonly JsonSerializerOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Blocks that scripts fill: with requests (PlaygroundCodeTests runs them) and with what models and servers write.</summary>
    private static readonly string[] s_filledByScripts = ["/playground", "/docs"];

    [Fact]
    public async Task Code_OfEveryPage_IsRunOrNoCommand()
    {
        using InferenceEngine demo = TestModel.LoadDemo();
        using InferenceEngine vision = TestModel.LoadTinyWithVision();
        await using TestLedger empty = await TestLedger.OpenAsync(), full = await TestLedger.OpenAsync();
        await full.SetPriceAsync(0.1m, 0.1m, 0.3m, ModelCatalog.DemoId);
        IssuedKey admin = await full.CreateKeyAsync(scopes: KeyScopes.Admin | KeyScopes.Inference);
        for (int i = 0; i < Server.Console.Keys.KeysView.Most; i++)
        {
            await full.CreateKeyAsync(); // more than /keys shows
        }

        var commands = new SortedSet<string>(StringComparer.Ordinal);
        var unknown = new SortedSet<string>(StringComparer.Ordinal); // to be listed among the command lines, which are run, or to be given a kind
        foreach ((InferenceEngine engine, TestLedger? ledger, string? key, string? session) in ((InferenceEngine, TestLedger?, string?, string?)[])
            [(demo, null, null, null), (demo, empty, null, null), (demo, null, "tm-a-key-of-this-test", null), (vision, null, null, null), (demo, full, null, admin.Secret)])
        {
            await using TestServer server = await TestServer.StartAsync(engine, o => { if (key is not null) { o.ApiKeys.Add(key); } }, meter: ledger?.Meter);
            using ConsoleBrowser browser = ConsoleBrowser.Of(server);
            Dictionary<string, string> pages = await ReadPagesAsync(browser, session);
            Assert.Equal(typeof(IConsolePage).Assembly.GetTypes().Count(t => t.IsClass && t.IsAssignableTo(typeof(IConsolePage))), pages.Keys.Count(p => !p.StartsWith("/keys/", StringComparison.Ordinal)));
            Assert.Equal(session is not null, pages.Keys.Any(p => p.StartsWith("/keys/", StringComparison.Ordinal)));
            pages["an error"] = (await browser.GetAsync("/nothing")).Html;
            string facts = await FactsAsync(server, pages.Keys, key ?? session);
            HashSet<string> names = [.. facts.Split('\n')], words = Words(facts);
            foreach ((string path, string html) in pages)
            {
                await AssertBlocksAsync(server, path, html);
                foreach (string code in PageCode.Inline(html))
                {
                    if (PageCode.CommandLines.Contains(code))
                    {
                        commands.Add(code);
                    }
                    else if (KindOf(code, names, words) is null)
                    {
                        unknown.Add($"{path} prints '{code}'");
                    }
                }
            }

            if (session is not null)
            {
                (_, string issued) = await browser.SubmitAsync("/keys", "create-key", ("name", "printed"), ("account", "local"), ("scopes", "inference"));
                using var runner = new SampleRunner(ConsoleBrowser.Secret(issued));
                Assert.Contains(ModelCatalog.DemoId, await runner.RunAsync("bash", Assert.Single(PageCode.Blocks(issued))), StringComparison.Ordinal);
            }
        }

        Assert.True(unknown.Count == 0, string.Join('\n', unknown));
        Assert.Equal(PageCode.CommandLines.Order(StringComparer.Ordinal), commands);
    }

    /// <summary>All pages by path, from the first on.</summary>
    private static async Task<Dictionary<string, string>> ReadPagesAsync(ConsoleBrowser browser, string? session)
    {
        if (session is not null)
        {
            await browser.SignInAsync(session);
        }

        Dictionary<string, string> pages = [];
        var open = new Queue<string>(["/"]);
        while (open.TryDequeue(out string? path))
        {
            if (pages.ContainsKey(path) || (path.StartsWith("/keys/", StringComparison.Ordinal) && pages.Keys.Count(p => p.StartsWith("/keys/", StringComparison.Ordinal)) >= 2)) // all keys' pages are alike
            {
                continue;
            }

            (HttpResponseMessage response, string html) = await browser.GetAsync(path);
            if (response.IsSuccessStatusCode && response.Content.Headers.ContentType?.MediaType == "text/html")
            {
                pages.Add(path, html);
                foreach (string link in PageCode.Links(html).Where(l => !l.StartsWith("/assets/", StringComparison.Ordinal)))
                {
                    open.Enqueue(link);
                }
            }
        }

        return pages;
    }

    /// <summary>The blocks are those of the page's Markdown twin, which <see cref="SampleTests"/> and ReferenceTests run.</summary>
    private static async Task AssertBlocksAsync(TestServer server, string path, string html)
    {
        string[] blocks = [.. PageCode.Blocks(html).Where(b => b.Length > 0 || !s_filledByScripts.Contains(path))];
        if (blocks.Length == 0)
        {
            return;
        }

        string twin = await server.Client.GetStringAsync(new Uri(path == "/" ? "/index.md" : path + ".md", UriKind.Relative));
        Assert.Equal(SampleTests.Of(twin).Select(s => s.Code).Order(StringComparer.Ordinal), blocks.Order(StringComparer.Ordinal));
    }

    /// <summary>What programs read of this server: names that pages print are found there.</summary>
    private static async Task<string> FactsAsync(TestServer server, IEnumerable<string> pages, string? key)
    {
        JsonNode models = JsonNode.Parse(await ReadAsync(server, "/v1/models", key))!["data"]!;
        return string.Join(
            '\n',
            [.. pages, .. ApiOperations.All.SelectMany(o => (string[])[o.Path, $"{o.Method.ToUpperInvariant()} {o.Path}"]), server.Url.ToString().TrimEnd('/'), $"{server.Url}v1",
                JsonNode.Parse(await ReadAsync(server, "/openapi.json", key))!.ToJsonString(s_plain), server.Engine.Model.FileName, .. models.AsArray().SelectMany(m => m!["aliases"]!.AsArray().Append(m["id"]).Select(n => (string)n!))]);
    }

    private static async Task<string> ReadAsync(TestServer server, string path, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        using HttpResponseMessage response = await server.Client.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return text;
    }

    /// <summary>Why it cannot be run; null when nothing says so.</summary>
    private static string? KindOf(string code, HashSet<string> names, HashSet<string> words) => code switch
    {
        "" => "filled by a script",
        "temperature 0.15" => "a value that a button sets",
        "\\n" => "how a line break is written",
        "mmproj*.gguf" => "names of files",
        "local" => "an account",
        "store: false" => "a field of a request with its value",
        _ when Identity().IsMatch(code) => "the id of a request, key or account, or a secret",
        _ when names.Contains(code) => "a route, an address, a file or a name of the model",
        _ when Literal().IsMatch(code) => "a JSON value",
        _ when FieldPath().IsMatch(code) && Words(code) is { Count: > 0 } parts && parts.IsSubsetOf(words) => "a field, value, header or media type of the OpenAPI document",
        _ => null,
    };

    private static HashSet<string> Words(string text) => [.. Word().Matches(text).Select(m => m.Value)];

    [GeneratedRegex("^((req|key|acct)_[A-Za-z0-9]+|tm-[A-Za-z0-9_…-]+|[0-9a-f]{12,16})$")]
    private static partial Regex Identity();

    [GeneratedRegex("^(-?[0-9.e+-]+|true|false|null|\"[^\"]*\"|\\[.*\\]|\\{.*\\})$")]
    private static partial Regex Literal();

    /// <summary>One word, or several with dots, brackets and slashes, without a space but in a media type's parameters.</summary>
    [GeneratedRegex(@"^[\w.\[\]{}/:…+*-]+(; [\w-]+=[\w.-]+)*$")]
    private static partial Regex FieldPath();

    [GeneratedRegex(@"[\w-]+")]
    private static partial Regex Word();
}
