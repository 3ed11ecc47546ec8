using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Tramontane.Metering.Prices;
using Tramontane.Server.Catalog;
using Tramontane.Server.Console.Cost;
using Tramontane.Server.Console.Pages;
using Tramontane.Server.Console.Rendering;
using Tramontane.Server.Tests.Fakes;
using Tramontane.Testing;

namespace Tramontane.Server.Tests.Console;

/// <summary>The cost calculator: exact, the same on both sides, held by the address.</summary>
public sealed class CostTests
{
    private static readonly PriceChoice s_price = new("listed", "Listed", "USD", 0.075m, 0.075m, 0.20m);

    private static CostResult Calculate(long prompt, long completion, long requests, int cached = 0, PriceChoice? price = null, decimal? hardware = null, decimal? speed = null) =>
        CostResult.Of(new CostInputs(prompt, completion, requests, cached, price ?? s_price, hardware, speed));

    [Fact]
    public void Request_OfHalfAMillionTokensEach_CostsTheBlendedPrice()
    {
        CostResult result = Calculate(500_000, 500_000, 1);
        Assert.Equal((0.1375m, 0.1375m), (result.PerRequest, result.Blended));
    }

    [Fact]
    public void Month_OfAHandSheet_IsTheSame()
    {
        // 1,200 in of which 25 % cached at 0.01, 300 out, 4,000 a day: (900·0.075 + 300·0.01 + 300·0.20) / 10⁶ = 0.0001305.
        CostResult result = Calculate(1200, 300, 4000, 25, s_price with { Cached = 0.01m });
        Assert.Equal((0.0001305m, 0.522m, 15.66m), (result.PerRequest, result.PerDay, result.PerMonth));
        Assert.Equal((144_000_000m, 36_000_000m), (result.PromptTokensPerMonth, result.CompletionTokensPerMonth));
    }

    [Fact]
    public void OwnHardware_OfAHandSheet_BreaksEvenWhereItCostsTheSame()
    {
        // 1,500 tokens of work at 800 a second: 46,080 requests a day. 900 a month / (30 · 0.000175) = 171,428.57…
        HardwareResult one = Calculate(1000, 500, 20_000, hardware: 900, speed: 800).Hardware!;
        Assert.Equal((1L, 900m, 434L, new BigInteger(46_080), new BigInteger(171_429), false), (one.Machines!.Value, one.PerMonth, one.UsePerMille!.Value, one.CapacityPerDay!.Value, one.BreakEvenPerDay!.Value, one.IsCheaper));
        HardwareResult many = Calculate(1000, 500, 100_000, hardware: 900, speed: 800).Hardware!;
        Assert.Equal((3L, 2700m), (many.Machines!.Value, many.PerMonth));
        Assert.Equal((null, 900m, null), (Calculate(1, 1, 1, hardware: 900).Hardware!.Machines, Calculate(1, 1, 1, hardware: 900).Hardware!.PerMonth, Calculate(1, 1, 1, price: s_price with { Prompt = 0, Cached = 0, Completion = 0 }, hardware: 900).Hardware!.BreakEvenPerDay));
    }

    [Fact]
    public void BreakEven_OfRandomInputs_IsTheSmallestNumberOfRequestsThatCostsAsMuch()
    {
        var random = new Random(7);
        for (int seed = 0; seed < 500; seed++)
        {
            decimal hardware = random.Next(1, 1_000_000) / 100m;
            long prompt = random.Next(1, 100_000), completion = random.Next(1, 10_000);
            BigInteger even = Calculate(prompt, completion, 1, hardware: hardware).Hardware!.BreakEvenPerDay!.Value;
            decimal perDay = Calculate(prompt, completion, 1).PerRequest * CostResult.Days;
            Assert.True((decimal)even * perDay >= hardware && ((decimal)even - 1) * perDay < hardware, $"seed {seed}");
        }
    }

    [Fact]
    public async Task Calculator_InTheBrowser_SaysTheSameAsTheServerForRandomInputs()
    {
        var random = new Random(11);
        JsonArray cases = [];
        List<Dictionary<string, string>> expected = [];
        foreach (string currency in (string[])["USD", "EUR", "CHF"])
        {
            for (int i = 0; i < 400; i++)
            {
                Dictionary<string, StringValues> query = new()
                {
                    ["in"] = Whole(random, 1_000_000), ["out"] = Whole(random, 1_000_000), ["rpd"] = Whole(random, 100_000_000), ["cached"] = random.Next(0, 101).ToString(CultureInfo.InvariantCulture),
                    ["pin"] = Maybe(random, () => Amount(random, 10_000, 6)), ["pcached"] = Maybe(random, () => Amount(random, 10_000, 6)), ["pout"] = Maybe(random, () => Amount(random, 10_000, 6)),
                    ["hw"] = Maybe(random, () => Amount(random, 1_000_000, 2)), ["tps"] = Maybe(random, () => Amount(random, 100_000, 2)),
                };
                var choice = new PriceChoice("own", "Own", currency, decimal.Parse(Amount(random, 100, 6), CultureInfo.InvariantCulture), 0.0625m, 0.2m);
                CostQuery read = CostQuery.Read(new QueryCollection(query), [choice], measured: null);
                bool isWell = read.Inputs is not null;
                expected.Add(isWell ? CostPage.Outputs(CostResult.Of(read.Inputs!), currency) : []);
                cases.Add(new JsonObject
                {
                    ["fields"] = new JsonObject(query.Select(q => KeyValuePair.Create(q.Key, (JsonNode?)q.Value.ToString()))),
                    ["price"] = new JsonObject { ["prompt"] = choice.Prompt.ToString(CultureInfo.InvariantCulture), ["cached"] = "0.0625", ["completion"] = "0.2" },
                    ["currency"] = currency,
                });
            }
        }

        string script = Path.Combine(Repository.Root, "src", "Tramontane.Server", "Console", "Assets", "cost.js");
        string output = await RunNodeAsync($$"""
            import { calculate, describe, readFields, parseDecimal } from {{JsonSerializer.Serialize(new Uri(script).AbsoluteUri)}};
            import { readFileSync } from "node:fs";
            const cases = JSON.parse(readFileSync(0, "utf8"));
            console.log(JSON.stringify(cases.map(({ fields, price, currency }) => {
              const { inputs } = readFields((name) => fields[name], Object.fromEntries(Object.entries(price).map(([n, v]) => [n, parseDecimal(v, 6)])));
              return inputs === null ? {} : describe(calculate(inputs), currency);
            })));
            """, cases.ToJsonString());
        Dictionary<string, string>[] actual = JsonSerializer.Deserialize<Dictionary<string, string>[]>(output)!;
        Assert.Equal(expected.Count, actual.Length);
        Assert.True(expected.Count(e => e.Count > 5) > 300);
        for (int i = 0; i < actual.Length; i++)
        {
            Assert.True(expected[i].Count == actual[i].Count && expected[i].All(e => actual[i].GetValueOrDefault(e.Key) == e.Value), $"{cases[i]}\nserver:  {JsonSerializer.Serialize(expected[i])}\nbrowser: {JsonSerializer.Serialize(actual[i])}");
        }
    }

    [Theory]
    [InlineData("in=-1", "in")]
    [InlineData("in=1e3", "in")]
    [InlineData("out=99999999999999999999", "out")]
    [InlineData("cached=101", "cached")]
    [InlineData("pin=0.0000001", "pin")]
    [InlineData("pout=1,5", "pout")]
    [InlineData("tps=0", "tps")]
    [InlineData("price=nobody", "price")]
    [InlineData("rpd=%3Cscript%3E", "rpd")]
    public async Task Page_WithAFieldThatIsWrong_SaysWhichAndHow(string query, string field)
    {
        await using TestServer server = await TestServer.StartAsync();
        using HttpResponseMessage response = await ConsoleRouteTests.GetAsync(server, "/cost?" + query);
        string html = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Matches($"id=\"e-{field}\">(Give|Choose)", html);
        Assert.DoesNotContain("<script>", html, StringComparison.Ordinal);
        string twin = await (await ConsoleRouteTests.GetAsync(server, "/cost.md?" + query, "*/*")).Content.ReadAsStringAsync();
        Assert.Contains($"`{field}`: ", twin, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_OfAnAddress_ShowsItsFieldsAndItsResultWithoutScripts()
    {
        await using TestServer server = await TestServer.StartAsync();
        using HttpResponseMessage response = await ConsoleRouteTests.GetAsync(server, "/cost?in=1200&out=300&rpd=4000&cached=25&price=mistral-small-3.2%40deepinfra&pcached=0.01&hw=100&tps=500");
        string html = WebUtility.HtmlDecode(await response.Content.ReadAsStringAsync());
        Assert.Contains("name=\"in\" value=\"1200\"", html, StringComparison.Ordinal);
        Assert.Matches("<option value=\"mistral-small-3.2@deepinfra\" selected", html);
        Assert.Contains("data-result=\"per-month\">$15.66</output>", html, StringComparison.Ordinal);
        Assert.Contains("data-result=\"hardware-break-even\">25,543 requests a day", html, StringComparison.Ordinal);
        Assert.Contains("An estimate", html, StringComparison.Ordinal);
        Assert.Contains("Blended (50/50)", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task History_OfOnePrice_HasNoChartAndOfTwoHasOne()
    {
        string one = await RenderAsync(new FixedPrices(FixedPrices.Row(1, 0.075m, 0.01m, 0.20m)));
        Assert.Contains("a chart appears once it changes", one, StringComparison.Ordinal);
        Assert.DoesNotContain("<path class=\"series-1\"", one, StringComparison.Ordinal);
        string two = await RenderAsync(new FixedPrices(FixedPrices.Row(1, 0.075m, 0.01m, 0.20m), FixedPrices.Row(3, 0.05m, 0.01m, 0.25m)));
        Assert.Matches("<path class=\"series-1\" d=\"M[0-9.]+ [0-9.]+H[0-9.]+V[0-9.]+H704\"", two);
        Assert.Contains("2026-05-03 17:08 UTC", two, StringComparison.Ordinal);
        Assert.Matches("value=\"own\" selected[^>]*data-prompt=\"0.05\"", two);
        Assert.Contains("class=\"own\"", two, StringComparison.Ordinal);
    }

    [Fact]
    public async Task History_WithAPriceToCome_MarksItAndItsLabelsHaveRoom()
    {
        string page = await RenderAsync(new FixedPrices(FixedPrices.Row(1, 0.075001m, 0.01m, 12_345.678901m), FixedPrices.Row(19, 0.05m, 0.01m, 0.25m))); // now is day 9
        Assert.Matches("2026-05-19 17:08 UTC, not yet in force", page);
        Assert.Matches("<rect class=\"future\" x=\"[0-9.]+\"", page);
        Assert.Contains("shaded: not yet in force", page, StringComparison.Ordinal);
        Match longest = Regex.Match(page, "<text x=\"([0-9.]+)\" y=\"[0-9.]+\" text-anchor=\"end\">\\$12,345.678901</text>");
        Assert.True(longest.Success && double.Parse(longest.Groups[1].Value, CultureInfo.InvariantCulture) >= "$12,345.678901".Length * 7.5, page);
        Assert.DoesNotContain("class=\"future\"", await RenderAsync(new FixedPrices(FixedPrices.Row(1, 1, 1, 1), FixedPrices.Row(3, 2, 1, 1))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task History_OfACorrectedPrice_HasTheCorrectionAlone()
    {
        await using TestLedger ledger = await TestLedger.OpenAsync();
        var prices = new MeteredPrices(ledger.Meter, new ModelCatalog(new ServerOptions(), new ScriptedEngine()));
        DateTimeOffset start = DateTimeOffset.UtcNow.AddDays(2);
        foreach (decimal price in (decimal[])[0.5m, 0.4m])
        {
            await ledger.Meter.Prices.AddAsync(new NewPrice { Model = TestLedger.Model, Currency = "USD", Prompt = price, Cached = price, Completion = price, Source = "test", EffectiveFrom = start });
        }

        Assert.Equal(0.4m, Assert.Single(prices.History).Prompt);
    }

    [Fact]
    public void Verdict_WithoutASpeed_IsNone()
    {
        HardwareResult hardware = Calculate(1_000_000, 1_000_000, 1_000_000, hardware: 10m).Hardware!;
        Assert.Null(hardware.IsCheaper);
    }

    [Fact]
    public async Task Comparison_NamesSourceAndDayOfEachPrice()
    {
        await using TestServer server = await TestServer.StartAsync();
        string page = await server.Client.GetStringAsync(new Uri("/cost.md", UriKind.Relative));
        string[] rows = [.. page.Split("## Comparison")[1].Split("## ")[0].Split('\n').Where(l => l.StartsWith("| [", StringComparison.Ordinal))];
        Assert.Equal(Comparison.Current.Prices.Count, rows.Length);
        Assert.All(rows, row => Assert.Matches(@"\]\(https://[^)]+\), as of \d{4}-\d{2}-\d{2}", row));
        // The context is the model's and may be from elsewhere: then it has its own source.
        Assert.All(Comparison.Current.Prices.Zip(rows), pair => Assert.Contains($"({Comparison.Current.Models.First(m => m.Id == pair.First.Model).Source.Url})", pair.Second.Split('|')[^2], StringComparison.Ordinal));
    }

    private static async Task<string> RenderAsync(IOwnPrices prices)
    {
        var options = new ServerOptions();
        var engine = new ScriptedEngine();
        var facts = new ModelFacts(new ModelCatalog(options, engine), engine, options, new ManualTime());
        var page = new CostPage(facts, prices, engine);
        var request = new PageRequest("http://localhost", "/cost", QueryCollection.Empty, FixedPrices.Day(9));
        return await PageHtml.RenderAsync(page.Info, await page.BuildAsync(request), request);
    }

    private static string Whole(Random random, int max) => ((long)Math.Pow(10, random.NextDouble() * Math.Log10(max))).ToString(CultureInfo.InvariantCulture);

    private static string Maybe(Random random, Func<string> value) => random.Next(3) == 0 ? "" : value();

    private static string Amount(Random random, int max, int decimals) =>
        decimal.Round((decimal)(random.NextDouble() * Math.Pow(10, random.NextDouble() * Math.Log10(max))), random.Next(decimals + 1)).ToString(CultureInfo.InvariantCulture);

    private static async Task<string> RunNodeAsync(string script, string input)
    {
        var start = new ProcessStartInfo("node", ["--input-type=module", "--eval", script]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process node = Process.Start(start)!;
        Task<string> output = node.StandardOutput.ReadToEndAsync(), errors = node.StandardError.ReadToEndAsync();
        await node.StandardInput.WriteAsync(input);
        node.StandardInput.Close();
        await node.WaitForExitAsync();
        Assert.True(node.ExitCode == 0, await errors);
        return await output;
    }
}
