using System.Globalization;
using System.Numerics;
using Tramontane.Inference.Engine;
using Tramontane.Server.Catalog;
using Tramontane.Server.Console.Cost;
using Tramontane.Server.Console.Rendering;

namespace Tramontane.Server.Console.Pages;

/// <summary>What <c>/cost</c> shows.</summary>
/// <param name="Query">The fields.</param>
/// <param name="Choices">Prices to choose from.</param>
/// <param name="Outputs">The result's texts by name; null when a field is wrong.</param>
/// <param name="Measured">Whether the speed was measured here.</param>
/// <param name="Now">When.</param>
/// <param name="History">Own prices, oldest first.</param>
/// <param name="Sections">The text below the calculator.</param>
internal sealed record CostPageModel(
    CostQuery Query, IReadOnlyList<PriceChoice> Choices, IReadOnlyDictionary<string, string>? Outputs, bool Measured, DateTimeOffset Now, IReadOnlyList<OwnPrice> History, IReadOnlyList<Section> Sections);

/// <summary><c>/cost</c>: what use costs here, elsewhere and on own hardware.</summary>
internal sealed class CostPage(ModelFacts facts, IOwnPrices prices, IInferenceEngine engine) : IConsolePage
{
    private const string Lead = "What your use costs at this server's price, at others' and on your own hardware. An estimate: what requests did cost is in every reply and in the ledger.";

    public PageInfo Info { get; } = new("/cost", "Cost", "Cost calculator with own hardware as an alternative, price history and a dated comparison.", NavigationPlace.Bar, 30) { ShortcutKey = 'c' };

    public ValueTask<PageContent> BuildAsync(PageRequest request)
    {
        OwnPrice? own = prices.InForce(request.Now);
        IReadOnlyList<PriceChoice> choices = Choices(own);
        decimal? measured = MeasuredSpeed();
        CostQuery query = CostQuery.Read(request.Query, choices, measured);
        Dictionary<string, string>? outputs = query.Inputs is { } inputs ? Outputs(CostResult.Of(inputs), inputs.Price.Currency) : null;
        Section[] page = [ComparisonSection(own, query.Inputs), .. HistorySection(request.Now), Method(measured)];
        Section[] twin = [new Section("result", "Result", ResultBlock(query, outputs)), .. page];
        return ValueTask.FromResult(new PageContent("Cost", typeof(CostView), new CostPageModel(query, choices, outputs, measured is not null, request.Now, prices.History, page))
        {
            Scripts = ["cost.js"],
            Markdown = MarkdownWriter.Write(Info, "Cost", Lead, "article", request, twin),
            Status = query.Inputs is null ? 400 : 200,
        });
    }

    /// <summary>The texts of the result, by the names of the page's outputs; cost.js writes the same.</summary>
    internal static Dictionary<string, string> Outputs(CostResult result, string currency)
    {
        var texts = new Dictionary<string, string>
        {
            ["per-request"] = MoneyText.Format(result.PerRequest, currency),
            ["per-day"] = MoneyText.Format(result.PerDay, currency),
            ["per-month"] = MoneyText.Format(result.PerMonth, currency),
            ["prompt-tokens"] = Count((BigInteger)result.PromptTokensPerMonth),
            ["completion-tokens"] = Count((BigInteger)result.CompletionTokensPerMonth),
        };
        if (result.Hardware is { } hardware)
        {
            texts["hardware-month"] = MoneyText.Format(hardware.PerMonth, currency);
            texts["hardware-machines"] = hardware.Machines is { } machines
                ? $"{Count(machines)}, busy {(hardware.UsePerMille!.Value / 10m).ToString("#,##0.#", CultureInfo.InvariantCulture)} % of the time"
                : "not known without a speed";
            texts["hardware-capacity"] = hardware.CapacityPerDay is { } capacity ? $"{Count(capacity)} requests a day" : "not known";
            texts["hardware-break-even"] = hardware.BreakEvenPerDay is { } even
                ? $"{Count(even)} requests a day" + (even > hardware.CapacityPerDay ? ", more than one machine can do" : "")
                : "never: the price asks nothing";
            texts["hardware-verdict"] = hardware.IsCheaper switch
            {
                null => "Give a speed to compare: without it nobody knows how many machines the requests need.",
                true => "Own hardware costs less.",
                false => "The price costs no more than own hardware.",
            };
        }

        return texts;
    }

    private static Block ResultBlock(CostQuery query, Dictionary<string, string>? outputs)
    {
        if (outputs is null || query.Inputs is not { } inputs)
        {
            return new Note(string.Join(" ", query.Fields.Values.Where(f => f.Error is not null).Select(f => $"`{f.Name}`: {f.Error}")), "bad");
        }

        List<Fact> facts =
        [
            new("Asked", string.Create(CultureInfo.InvariantCulture, $"{inputs.PromptTokens:N0} tokens in, {inputs.CompletionTokens:N0} out, {inputs.RequestsPerDay:N0} requests a day, {inputs.CachedPercent} % of prompts cached, at: {inputs.Price.Label}")),
            new("One request", outputs["per-request"]),
            new("A day", outputs["per-day"]),
            new("A month of 30 days", $"{outputs["per-month"]} for {outputs["prompt-tokens"]} tokens in and {outputs["completion-tokens"]} out"),
        ];
        if (outputs.TryGetValue("hardware-month", out string? month))
        {
            facts.AddRange([new("Own hardware a month", month), new("Machines", outputs["hardware-machines"]), new("One machine can do", outputs["hardware-capacity"]), new("Break-even", outputs["hardware-break-even"])]);
        }

        return new FactList(facts);
    }

    /// <summary>Tokens that this server has computed in a second of forward passes; null before it has computed enough to tell.</summary>
    private decimal? MeasuredSpeed()
    {
        EngineStatistics statistics = engine.Statistics;
        double speed = (statistics.PromptTokens + statistics.GeneratedTokens) / statistics.StepSeconds;
        return statistics.StepSeconds >= 1 && speed is >= 0.01 and < 1e9 ? decimal.Round((decimal)speed, 1) : null;
    }

    private static IReadOnlyList<PriceChoice> Choices(OwnPrice? own)
    {
        IEnumerable<PriceChoice> listed = Comparison.Current.Prices.Select(p => new PriceChoice(
            IdOf(p), $"{Comparison.Current.Models.First(m => m.Id == p.Model).Name}, {p.Provider}: {MoneyText.Format(p.Prompt, p.Currency)} / {MoneyText.Format(p.Completion, p.Currency)}",
            p.Currency, p.Prompt, p.Cached ?? p.Prompt, p.Completion));
        return own is null
            ? [.. listed]
            : [new PriceChoice("own", $"This server: {MoneyText.Format(own.Prompt, own.Currency)} / {MoneyText.Format(own.Completion, own.Currency)}", own.Currency, own.Prompt, own.Cached, own.Completion), .. listed];
    }

    private static string IdOf(ListedPrice price) =>
        $"{price.Model}@{string.Concat(price.Provider.TakeWhile(c => c != ',').Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : '-'))}";

    private Section ComparisonSection(OwnPrice? own, CostInputs? inputs)
    {
        string Month(string currency, decimal prompt, decimal cached, decimal completion) => inputs is null
            ? "–"
            : MoneyText.Format(CostResult.Of(inputs with { Price = new PriceChoice("", "", currency, prompt, cached, completion), HardwarePerMonth = null }).PerMonth, currency);
        List<TableRow> rows = [];
        if (own is not null)
        {
            rows.Add(new TableRow(
                [facts.Name, "This server", MoneyText.Format(own.Prompt, own.Currency), MoneyText.Format(own.Completion, own.Currency), MoneyText.Format((own.Prompt + own.Completion) / 2, own.Currency),
                    Month(own.Currency, own.Prompt, own.Cached, own.Completion), Number(facts.ContextLength), $"{own.Source}, as of {own.AsOf.UtcDateTime:yyyy-MM-dd}"],
                IsOwn: true));
        }

        foreach (ListedPrice price in Comparison.Current.Prices)
        {
            ComparedModel model = Comparison.Current.Models.First(m => m.Id == price.Model);
            rows.Add(new TableRow(
                [$"[{model.Name}]({model.Url})", price.Provider, MoneyText.Format(price.Prompt, price.Currency), MoneyText.Format(price.Completion, price.Currency),
                    MoneyText.Format((price.Prompt + price.Completion) / 2, price.Currency), Month(price.Currency, price.Prompt, price.Cached ?? price.Prompt, price.Completion), Number(model.Context),
                    price.Source.Url == model.Source.Url ? price.Source.ToText() : $"Price: {price.Source.ToText()}. Context: {model.Source.ToText()}"]));
        }

        return new Section("comparison", "Comparison",
            new Paragraph("Other models and providers, from a dated file that comes with this program; nothing is refreshed by itself. Quality is not compared: measure it on your own tasks."),
            new DataTable("Prices per 1,000,000 tokens (MTok); the month is that of the calculator above. Where a source names no price for cached input, it costs as much as other input.",
                [new("Model", IsShort: true), new("Provider"), new("Input", true), new("Output", true), new("Blended (50/50)", true), new("Your month", true), new("Context", true), new("Source, as of")], rows));
    }

    private IEnumerable<Section> HistorySection(DateTimeOffset now)
    {
        if (prices.History.Count == 0)
        {
            yield return new Section("history", "Price history", new Paragraph("No price has been set on this server."));
            yield break;
        }

        yield return new Section("history", "Price history",
            new Paragraph(prices.History.Count == 1
                ? "One price so far; a chart appears once it changes. A later price never changes what past requests cost."
                : "A later price never changes what past requests cost."),
            new DataTable("Own prices per 1,000,000 tokens, newest first.",
                [new("In force from", IsShort: true), new("Input", true), new("Cached", true), new("Output", true), new("Tier"), new("Currency"), new("Source, as of")],
                [.. prices.History.Reverse().Select(p => new TableRow(
                    [p.EffectiveFrom.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture) + (p.EffectiveFrom > now ? ", not yet in force" : ""), MoneyText.Format(p.Prompt, p.Currency), MoneyText.Format(p.Cached, p.Currency), MoneyText.Format(p.Completion, p.Currency),
                        p.Tier, p.Currency, $"{p.Source}, {p.AsOf.UtcDateTime:yyyy-MM-dd}"]))]));
    }

    private static Section Method(decimal? measured) => new("method", "How it is calculated",
        new ItemList(
        [
            "One request: (input not cached × input price + cached input × cached price + output × output price) ÷ 1,000,000. Exact, never rounded.",
            "A month has 30 days. Images are input: an image of w × h pixels takes (⌈w/28⌉ + 1) · ⌈h/28⌉ tokens.",
            "Own hardware: machines = ⌈tokens a day ÷ (tokens per second × 86,400)⌉. Cached input is not computed again, so it takes no time.",
            "Break-even: the requests a day from which one machine costs no more than the price asks.",
            measured is { } speed
                ? string.Create(CultureInfo.InvariantCulture, $"This server has computed {speed:N1} tokens in a second of work so far, prompts and answers together; that is the calculator's default.")
                : "This server has not computed enough yet to name a speed of its own: run `./tramontane bench` or use it for a while.",
        ]));

    private static string Count(BigInteger value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
