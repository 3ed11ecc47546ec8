using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Tramontane.Server.Auth;
using Tramontane.Server.Catalog;
using Tramontane.Server.Console.Pages;
using Tramontane.Server.Console.Rendering;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.Console;

/// <summary>The first page and the data that it is made from.</summary>
public sealed partial class ModelPageTests
{
    private static readonly PageRequest s_request = new("https://llm.example.com", "/", QueryCollection.Empty, FixedPrices.Day(9));

    private static async Task<string> MarkdownAsync(IOwnPrices prices, PageRequest? request = null, Action<ServerOptions>? configure = null, ScriptedEngine? engine = null)
    {
        var options = new ServerOptions();
        configure?.Invoke(options);
        engine ??= new ScriptedEngine();
        var facts = new ModelFacts(new ModelCatalog(options, engine), engine, options, new ManualTime());
        return (await new ModelPageBuilder(facts, prices, new ApiKeys(options, meter: null), options).BuildAsync(request ?? s_request)).Markdown!;
    }

    [Fact]
    public async Task Specification_SaysWhatTheModelCardSays()
    {
        var engine = new ScriptedEngine();
        engine.Model = engine.Model with { TakesImages = true, WeightFormats = [new("Q4_K", 900), new("Q6_K", 95), new("F32", 5)], TrainedContextLength = 131_072 };
        await using TestServer server = await TestServer.StartAsync(engine, o => o.DefaultTemperature = 0.15);
        JsonNode card = (await server.GetAsync("/v1/models")).Body["data"]![0]!;
        string page = await server.Client.GetStringAsync(new Uri("/index.md", UriKind.Relative));
        Assert.Contains($"- **Model id:** `{card["id"]}`", page, StringComparison.Ordinal);
        Assert.Contains($"{card["context_length"]!.GetValue<int>():N0} tokens, prompt and answer together", page, StringComparison.Ordinal);
        Assert.Contains("131,072 positions in the weights; Mistral Small 3.2 is advertised with 128,000 tokens", page, StringComparison.Ordinal);
        Assert.Contains($"- **Default temperature:** {card["default_model_temperature"]}; Mistral recommends 0.15", page, StringComparison.Ordinal);
        Assert.Contains("- **Weight format:** Q4_K 90 %, Q6_K 10 %, F32 0 %", page, StringComparison.Ordinal);
        Assert.Contains($"- **Input:** {string.Join(", ", card["architecture"]!["input_modalities"]!.AsArray())}", page, StringComparison.Ordinal);
        Assert.All(card["aliases"]!.AsArray(), alias => Assert.Contains($"`{alias}`", page, StringComparison.Ordinal));
        JsonNode capabilities = card["capabilities"]!;
        foreach ((string name, string label) in ((string, string)[])[("vision", "Vision"), ("function_calling", "Tool calling"), ("json_mode", "JSON mode"), ("structured_outputs", "Structured outputs"), ("completion_fim", "Fill in the middle"), ("fine_tuning", "Fine-tuning")])
        {
            Assert.Contains(capabilities[name]!.GetValue<bool>() ? $"- **{label}:** " : $"- ~~{label}~~ (no): ", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Capabilities_WithoutAVisionEncoder_SayWhatIsMissing()
    {
        string page = await MarkdownAsync(new NoPrices());
        Assert.Contains("- ~~Vision~~ (no): No vision encoder is loaded", page, StringComparison.Ordinal);
        Assert.DoesNotContain("page.png", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prices_WhenTheyChange_ChangeTheQuestionsToo()
    {
        var prices = new FixedPrices(FixedPrices.Row(1, 0.075m, 0.01m, 0.20m), FixedPrices.Row(8, 0.0750005m, 0.01m, 0.25m), FixedPrices.Row(20, 9m, 9m, 9m));
        string first = await MarkdownAsync(prices, s_request with { Now = FixedPrices.Day(2) });
        Assert.Contains("- **Input:** $0.075 per 1,000,000 tokens (1 MTok)", first, StringComparison.Ordinal);
        Assert.Contains("- **Output:** $0.20 per 1,000,000 tokens (1 MTok)", first, StringComparison.Ordinal);
        Assert.Contains("- **Blended (50/50):** $0.1375 per 1,000,000 tokens", first, StringComparison.Ordinal);
        Assert.Contains("- **Tier and currency:** standard, USD", first, StringComparison.Ordinal);
        Assert.Contains("- **As of:** 2026-05-01 17:08 UTC, source: price list 2026", first, StringComparison.Ordinal);
        Assert.Contains("Output costs 2.67 times as much as input", first, StringComparison.Ordinal);
        Assert.Contains("half of them input, cost $0.1375.", first, StringComparison.Ordinal);
        string second = await MarkdownAsync(prices);
        Assert.Contains("$0.0750005 per 1,000,000 tokens of input", second, StringComparison.Ordinal);
        Assert.Contains("$0.25 per 1,000,000 tokens of output", second, StringComparison.Ordinal);
        Assert.DoesNotContain("$9", second, StringComparison.Ordinal);
        Assert.DoesNotContain("per call", second, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Prices_WhenNoneIsSet_SaySo() => Assert.Contains("No price is set on this server", await MarkdownAsync(new NoPrices()), StringComparison.Ordinal);

    [Fact]
    public async Task Questions_OfTheContext_FollowFromTheStatedDensities()
    {
        Assert.Equal((256, 16_000), (128_000 / ModelPageBuilder.TokensPerPage, 128_000 / ModelPageBuilder.TokensPerLine));
        Assert.Contains("128,000 tokens are about 256 pages of English or 16,000 lines of code, at 500 tokens a page and 8 a line", await MarkdownAsync(new NoPrices()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Questions_SayThatTheModelIsOpenAndCiteIt()
    {
        string page = await MarkdownAsync(new NoPrices());
        Assert.Contains("The weights are under Apache-2.0, and [Mistral's documentation](https://github.com/mistralai/platform-docs-public)", page, StringComparison.Ordinal);
        Assert.Contains("- ~~Fine-tuning~~ (no): Not over the API: the weights are open, so tune them elsewhere and load the result as GGUF.", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Specification_OfAFile_SaysWhatTheFileSaysAndNothingForIt()
    {
        string silent = await MarkdownAsync(new NoPrices());
        Assert.Contains("- **Made by:** not in the file", silent, StringComparison.Ordinal);
        Assert.Contains("- **Licence of the weights:** not in the file; Mistral AI's own weights are under Apache-2.0", silent, StringComparison.Ordinal);
        Assert.Contains("- **Context of the model:** not in the file", silent, StringComparison.Ordinal);
        var tuned = new ScriptedEngine();
        tuned.Model = tuned.Model with { Author = "Some [tuner](x)`\n", License = "cc-by-nc-4.0" };
        string page = await MarkdownAsync(new NoPrices(), engine: tuned);
        Assert.Contains("- **Made by:** Some tuner(x), as the file says", page, StringComparison.Ordinal);
        Assert.Contains("- **Licence of the weights:** cc-by-nc-4.0, as the file says; Mistral AI's", page, StringComparison.Ordinal);
        await using TestServer server = await TestServer.StartAsync(tuned);
        using HttpResponseMessage response = await ConsoleRouteTests.GetAsync(server, "/");
        string html = await response.Content.ReadAsStringAsync();
        Assert.Contains("<span class=\"badge\">cc-by-nc-4.0</span>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<span class=\"badge\">Apache-2.0</span>", html, StringComparison.Ordinal);
        Assert.Contains("<dt>Positions</dt><dd>not in the file</dd>", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, true, "Images that a request names by address are fetched from there")]
    [InlineData(true, false, "as a proxy. It calls nobody.")]
    [InlineData(false, true, "as a proxy. It calls nobody.")]
    public async Task Privacy_FollowsFromTheOptions(bool fetches, bool takesImages, string expected)
    {
        var engine = new ScriptedEngine();
        engine.Model = engine.Model with { TakesImages = takesImages };
        string page = await MarkdownAsync(new NoPrices(), configure: o => (o.Images.FetchRemote, o.StoreResponses) = (fetches, !fetches), engine: engine);
        Assert.Contains(expected, page, StringComparison.Ordinal);
        Assert.Equal(!fetches, page.Contains("replies of `/v1/responses` stay in its memory", StringComparison.Ordinal));
        await using TestServer server = await TestServer.StartAsync(engine, o => o.Images.FetchRemote = fetches);
        string compliance = await server.Client.GetStringAsync(new Uri("/compliance.md", UriKind.Relative));
        Assert.Equal(fetches && takesImages, compliance.Contains("under an egress policy", StringComparison.Ordinal));
        Assert.Contains("| Cookies | none: nobody signs in", compliance, StringComparison.Ordinal);
        Assert.Contains("IndexedDB", compliance, StringComparison.Ordinal);
        Assert.Contains("| Texts of prompts and answers in logs | nowhere", compliance, StringComparison.Ordinal);
        await using TestServer keyed = await TestServer.StartAsync(engine, o => o.ApiKeys.Add("secret"));
        Assert.Contains("| Cookies | one in your browser, after signing in", await keyed.Client.GetStringAsync(new Uri("/compliance.md", UriKind.Relative)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Guides_SayLicenceDataFlowAndWhatItTakes()
    {
        await using TestServer server = await TestServer.StartAsync();
        async Task<string> Twin(string path) => await server.Client.GetStringAsync(new Uri(path, UriKind.Relative));
        string compliance = await Twin("/compliance.md"), hosted = await Twin("/self-hosted.md"), best = await Twin("/best-llm-for.md");
        Assert.Matches(@"## Licences[\s\S]*\*\*Weights:\*\*[^\n]*Apache-2\.0[^\n]*\n- \*\*Program:\*\*", compliance);
        Assert.Matches(@"## The way of the data\s+1\. A request comes over HTTP[\s\S]*2\. Prompt and images are turned into tokens and computed here[\s\S]*4\. The answer goes back", compliance);
        Assert.Contains("## What is kept", compliance, StringComparison.Ordinal);
        Assert.Matches(@"\| Q4_K_M \| about 14 GB[\s\S]*1\. Get the weights", hosted);
        foreach (string title in (string[])["## Take it for", "## Try it for", "## Take another for"])
        {
            Assert.Contains(title, best, StringComparison.Ordinal);
        }

        string[] rows = [.. best.Split("## Alternatives by likeness")[1].Split('\n').Where(l => l.StartsWith("| [", StringComparison.Ordinal))];
        Assert.True(rows.Length >= 5);
        Assert.All(rows, row => Assert.Matches(@"\]\(https://[^)]+\), as of \d{4}-\d{2}-\d{2}", row.Split('|')[^2]));
    }

    [Fact]
    public async Task Related_AndSiblings_StandOnTheFirstPageWithTheirLikeness()
    {
        string page = await MarkdownAsync(new NoPrices());
        string related = page.Split("## Related models")[1].Split("\n## ")[0];
        string[] parts = related.Split("### Alternatives");
        foreach (SimilarModel model in Similarity.RelatedTo(Comparison.Current.Served, Comparison.Current))
        {
            string part = model.Model.Family == Comparison.Current.Served.Family ? parts[0] : parts[1];
            Assert.Matches($@"\[{Regex.Escape(model.Model.Name)}\]\({Regex.Escape(model.Model.Url)}\)[^\n]*{model.Score} % alike", part);
        }

        Assert.Contains("Mistral Small 3.1", parts[0], StringComparison.Ordinal);
        Assert.Contains("Mistral Small 4", parts[0], StringComparison.Ordinal);
        Assert.Contains("Ministral", parts[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_NamesEachSourceWithItsDay()
    {
        string page = await MarkdownAsync(new NoPrices());
        Assert.Contains("| Mistral | Retired from Mistral's own API | 2026-07-31 | [Mistral's documentation", page, StringComparison.Ordinal);
        Assert.Contains("| This server | Serving Scripted |", page, StringComparison.Ordinal);
        Assert.All(StatusRows().Matches(page).Skip(1), row => Assert.Matches(@"as of \d{4}-\d{2}-\d{2}", row.Value));
    }

    [Fact]
    public async Task Judgements_AreMarkedEditorialWithTheirDate()
    {
        string page = await MarkdownAsync(new NoPrices());
        foreach (string title in (string[])["Best for", "Strengths and limits", "Uses"])
        {
            Assert.Contains($"## {title}\n\n_Editorial, {ModelContent.Current.EditorialDate:yyyy-MM-dd}._", page, StringComparison.Ordinal);
        }

        ModelContent content = ModelContent.Current;
        Assert.Equal((3, 4, 3, 5, 4), (content.BestFor.Count, content.Strengths.Count, content.Limitations.Count, content.Features.Count, content.UseCases.Count));
    }

    [Fact]
    public async Task FrontMatter_HasTheKeysInOrderAsQuotedYaml()
    {
        string page = await MarkdownAsync(new NoPrices());
        string[] lines = page.Split("---\n")[1].TrimEnd('\n').Split('\n');
        Assert.Equal(["title", "description", "url", "canonical", "type", "component", "generated_at"], lines.Select(l => l.Split(':')[0]));
        Assert.All(lines, line => Assert.Matches("^[a-z_]+: \"([^\"\\\\]|\\\\.)*\"$", line));
        Assert.Contains("canonical: \"https://llm.example.com/\"", lines);
        Assert.Contains("url: \"https://llm.example.com/index.md\"", lines);
        Assert.Contains("type: \"product\"", lines);
        Assert.Contains("generated_at: \"2026-05-09T17:08:00Z\"", lines);
    }

    [Theory, MemberData(nameof(ConsoleRouteTests.PagePaths), MemberType = typeof(ConsoleRouteTests))]
    public async Task Twin_OfAPage_HoldsTheSameText(string path)
    {
        await using TestServer server = await TestServer.StartAsync(time: new ManualTime());
        using HttpResponseMessage htmlResponse = await ConsoleRouteTests.GetAsync(server, path);
        using HttpResponseMessage markdownResponse = await ConsoleRouteTests.GetAsync(server, path, "text/markdown");
        string html = Forms().Replace(await htmlResponse.Content.ReadAsStringAsync(), " "); // what needs scripts has no place in a twin
        string[] inPage = Words(Tags().Replace(html[html.IndexOf("<section class=\"section", StringComparison.Ordinal)..html.IndexOf(html.Contains("<aside", StringComparison.Ordinal) ? "<aside" : "</main>", StringComparison.Ordinal)], " "));
        string[] inTwin = Words(await markdownResponse.Content.ReadAsStringAsync());
        Assert.Empty(inPage.Except(inTwin).Except(["available", "Glossary"]).Except(Glossary.Entries.SelectMany(e => Words($"{e.Short} {e.Term} What is"))));
    }

    [Fact]
    public async Task Links_OfTheFirstPage_WithinTheSite_LeadSomewhere()
    {
        await using TestServer server = await TestServer.StartAsync();
        using HttpResponseMessage page = await ConsoleRouteTests.GetAsync(server, "/");
        string html = await page.Content.ReadAsStringAsync();
        foreach (string target in Links().Matches(html).Select(m => WebUtility.HtmlDecode(m.Groups[1].Value)).Distinct())
        {
            string[] parts = target.Split('#');
            using HttpResponseMessage response = await ConsoleRouteTests.GetAsync(server, parts[0].Length > 0 ? parts[0] : "/");
            Assert.True(response.IsSuccessStatusCode, target);
            if (parts.Length > 1)
            {
                Assert.Contains($"id=\"{parts[1]}\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Similarity_OfEqualModels_IsHundredAndFallsWithEachDifference()
    {
        Comparison data = Comparison.Current;
        ComparedModel served = data.Served;
        ComparedModel twin = served with { Id = "twin" };
        ListedPrice price = data.PriceOf(served.Id)!;
        Comparison With(ComparedModel model, decimal prompt, decimal completion) =>
            data with { Models = [served, model], Prices = [price, price with { Model = "twin", Prompt = prompt, Completion = completion }] };
        SimilarModel equal = Similarity.Compare(served, twin, With(twin, price.Prompt, price.Completion));
        Assert.Equal((100, "the same capabilities", "the same context", "the same price tier"), (equal.Score, equal.Reasons[0], equal.Reasons[1], equal.Reasons[2]));
        ComparedModel blind = twin with { Capabilities = ["tools", "json_mode"] };
        Assert.Equal((50 * 2 / 3) + 50, Similarity.Compare(served, blind, With(blind, price.Prompt, price.Completion)).Score);
        ComparedModel longer = twin with { Context = 256_000 };
        Assert.Equal(50 + 12 + 25, Similarity.Compare(served, longer, With(longer, price.Prompt, price.Completion)).Score);
        Assert.Equal((87, "one price tier higher"), (Similarity.Compare(served, twin, With(twin, 0.5m, 1m)).Score, Similarity.Compare(served, twin, With(twin, 0.5m, 1m)).Reasons[2]));
        Assert.Equal((75, "much dearer"), (Similarity.Compare(served, twin, With(twin, 5m, 9m)).Score, Similarity.Compare(served, twin, With(twin, 5m, 9m)).Reasons[2]));
        Assert.Equal((0, 1, 2), (Similarity.TierOf(0.1m, 0.3m), Similarity.TierOf(0.2m, 0.3m), Similarity.TierOf(1m, 1m)));
        Assert.Equal("mistral-small-3.1", Similarity.RelatedTo(served, data)[0].Model.Id);
    }

    [Fact]
    public void Data_OfOthers_HasASourceAndADayEach()
    {
        Comparison data = Comparison.Current;
        DataSource[] sources = [.. data.Models.Select(m => m.Source), .. data.Prices.Select(p => p.Source), .. data.Statuses.Select(s => s.Source)];
        Assert.All(sources, s => Assert.True(s.AsOf.Year >= 2025 && Uri.IsWellFormedUriString(s.Url, UriKind.Absolute) && s.Title.Length > 0, s.Title));
        Assert.All(data.Prices, p => Assert.True(p.Prompt >= 0 && p.Completion >= 0 && Regex.IsMatch(p.Currency, "^[A-Z]{3}$") && p.Tier == "standard" && data.Models.Any(m => m.Id == p.Model), p.Provider));
        Assert.Contains(data.Models, m => m is { Family: "Mistral Small", Name: "Mistral Small 3.1" });
        Assert.Contains(data.Models, m => m is { Family: "Mistral Small", Name: "Mistral Small 4" });
    }

    [Fact]
    public void Glossary_ExplainsMTok() => Assert.Contains("1 MTok = 1,000,000 tokens", Glossary.Find("mtok")!.Short, StringComparison.Ordinal);

    [Fact]
    public void Glossary_OfATermThatIsMissing_IsAFault() => Assert.Throws<KeyNotFoundException>(() => Glossary.Find("nothing"));

    [Fact]
    public void FilledText_OfANameWithoutValue_IsAFault() => Assert.Throws<KeyNotFoundException>(() => FilledText.Fill("{nobody}", new Dictionary<string, string>()));

    [Theory]
    [InlineData("0.0750", "USD", "$0.075")]
    [InlineData("0.2000", "USD", "$0.20")]
    [InlineData("0.1375", "EUR", "€0.1375")]
    [InlineData("1234567.5", "CHF", "1,234,567.50 CHF")]
    [InlineData("-0.000000075", "GBP", "−£0.000000075")]
    public void Money_ForPeople_IsNeverRounded(string amount, string currency, string expected) =>
        Assert.Equal(expected, MoneyText.Format(decimal.Parse(amount, System.Globalization.CultureInfo.InvariantCulture), currency));

    private static string[] Words(string text) => [.. WordRuns().Matches(WebUtility.HtmlDecode(text)).Select(m => m.Value)];

    [GeneratedRegex(@"[\p{L}\p{N}]+")]
    private static partial Regex WordRuns();

    [GeneratedRegex(@"<details class=""ref-try.*?</form>\s*</details>", RegexOptions.Singleline)]
    private static partial Regex Forms();

    [GeneratedRegex("<[^>]+>")]
    private static partial Regex Tags();

    [GeneratedRegex("href=\"([/#][^\"]*)\"")]
    private static partial Regex Links();

    [GeneratedRegex(@"^\| (This server|Mistral|DeepInfra|AI Coach)[^\n]*$", RegexOptions.Multiline)]
    private static partial Regex StatusRows();
}
