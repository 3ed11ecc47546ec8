using System.Globalization;
using Tramontane.Server.Auth;
using Tramontane.Server.Catalog;
using Tramontane.Server.Console.Rendering;
using Tramontane.Server.Console.SampleCode;

namespace Tramontane.Server.Console.Pages;

/// <summary>What the first page shows.</summary>
/// <param name="Facts">The loaded model.</param>
/// <param name="Price">The price in force; null for none.</param>
/// <param name="Lead">The first paragraph.</param>
/// <param name="Sections">The page's text.</param>
internal sealed record ModelPageModel(ModelFacts Facts, OwnPrice? Price, string Lead, IReadOnlyList<Section> Sections);

/// <summary>The first page: what is served here.</summary>
internal sealed class ModelPageBuilder(ModelFacts facts, IOwnPrices prices, ApiKeys keys, ServerOptions options) : IConsolePage
{
    // The densities that the context is explained with; a directory states them so.
    internal const int TokensPerPage = 500;
    internal const int TokensPerLine = 8;

    private const int AdvertisedContext = 128_000;

    public PageInfo Info { get; } = new("/", "Model", "What is served here: specification, capabilities, prices, quick start.", NavigationPlace.Bar, 0) { ShortcutKey = 'h' };

    public ValueTask<PageContent> BuildAsync(PageRequest request)
    {
        OwnPrice? price = prices.InForce(request.Now);
        ModelContent content = ModelContent.Current;
        var samples = new QuickStart(request.BaseUrl, facts.Id, needsKey: !keys.IsOpen);
        List<Section> sections =
        [
            QuickStartSection(samples),
            new("capabilities", "Capabilities", new CheckList([.. facts.Capabilities.Select(c => (c.Label, c.IsAvailable, c.Detail, c.GlossaryId))])),
            new("specification", "Specification", Specification()),
            new("prices", "Prices", [.. PriceBlocks(price)]),
            new("about", "About the model", new Paragraph(content.About), new ItemList(content.Features)),
            new("best-for", "Best for", new CardList([.. content.BestFor.Select(i => new Card(i.Title, i.Text))]), new Paragraph("More in [Best for](/best-llm-for).")) { Editorial = Date(content.EditorialDate) },
            new("strengths", "Strengths and limits",
                new Subheading("Strengths"), new ItemList(content.Strengths), new Subheading("Limits"), new ItemList(content.Limitations), new Subheading("Verdict"), new Paragraph(content.Verdict))
            {
                Editorial = Date(content.EditorialDate),
            },
            new("uses", "Uses", new CardList([.. content.UseCases.Select(i => new Card(i.Title, i.Text))])) { Editorial = Date(content.EditorialDate) },
            Status(),
            Related(),
            new("questions", "Questions", new QuestionList([.. content.Faq.Select(q => new Question(q.Question, FilledText.Fill(q.Answer, Values(request, price))))])),
        ];
        string lead = facts.IsDemo ? FilledText.Fill(content.DemoNote, Values(request, price)) : content.About;
        return ValueTask.FromResult(new PageContent(facts.Name, typeof(ModelPage), new ModelPageModel(facts, price, lead, sections))
        {
            Markdown = MarkdownWriter.Write(Info, facts.Name, lead, "product", request, sections),
        });
    }

    private Section QuickStartSection(QuickStart samples) => new("quick-start", "Quick start",
    [
        samples.Chat(),
        new Subheading("Streaming"), samples.Stream(),
        new Subheading("With the official packages"), new Paragraph("Packages of OpenAI, Anthropic and Mistral work unchanged but for the base URL."), samples.Packages(),
        new Subheading("An answer that fits a schema"), samples.Schema(),
        .. facts.TakesImages ? (Block[])[new Subheading("An image from a file"), samples.Image()] : [],
        new Subheading("Use with Claude Code", "claude-code-setup"),
        new Paragraph("Claude Code speaks Anthropic's Messages API, which this server serves at the same address: tools, streaming, images and token counts."),
        samples.ClaudeCode(),
    ]);

    private FactList Specification() => new(
    [
        new("Model id", $"`{facts.Id}`"),
        new("Other names", string.Join(", ", facts.Aliases.Select(a => $"`{a}`"))),
        new("Made by", facts.MadeBy),
        new("Task", "text generation from text" + (facts.TakesImages ? " and images" : "")),
        new("Input", string.Join(", ", facts.InputModalities)),
        new("Output", "text"),
        new("Context of this server", $"{Number(facts.ContextLength)} tokens, prompt and answer together", "context"),
        new("Context of the model", facts.TrainedContextLength == 0
            ? "not in the file"
            : facts.IsDemo ? $"{Number(facts.TrainedContextLength)} positions" : $"{Number(facts.TrainedContextLength)} positions in the weights; Mistral Small 3.2 is advertised with {Number(AdvertisedContext)} tokens", "context"),
        new("Weights", $"`{facts.FileName}`"),
        new("Weight format", facts.WeightFormatText, "quantisation"),
        new("Parameters", Number(facts.ParameterCount)),
        new("Vocabulary", $"{Number(facts.VocabularySize)} tokens", "token"),
        new("Default temperature", facts.DefaultTemperature.ToString(CultureInfo.InvariantCulture) + (facts.IsDemo ? "" : "; Mistral recommends 0.15")),
        new("Licence of the weights", facts.IsDemo
            ? "Apache-2.0, with this program"
            : (facts.License is { } license ? $"{license}, as the file says" : "not in the file") + "; Mistral AI's own weights are under Apache-2.0 ([model card](https://huggingface.co/mistralai/Mistral-Small-3.2-24B-Instruct-2506))"),
        new("Fingerprint", $"`{facts.Fingerprint}`"),
        new("Serving since", facts.Loaded.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)),
    ]);

    private static IEnumerable<Block> PriceBlocks(OwnPrice? price)
    {
        if (price is null)
        {
            yield return new Note("No price is set on this server: requests cost nothing here. What others ask stands in the [comparison](/cost#comparison).");
            yield break;
        }

        string unit = "per 1,000,000 tokens (1 MTok)";
        yield return new FactList(
        [
            new("Input", $"{MoneyText.Format(price.Prompt, price.Currency)} {unit}", "input-price"),
            new("Input found in the cache", $"{MoneyText.Format(price.Cached, price.Currency)} {unit}", "cached-tokens"),
            new("Output", $"{MoneyText.Format(price.Completion, price.Currency)} {unit}", "output-price"),
            new("Blended (50/50)", $"{MoneyText.Format((price.Prompt + price.Completion) / 2, price.Currency)} {unit}"),
            new("Tier and currency", $"{price.Tier}, {price.Currency}"),
            new("In force since", Time(price.EffectiveFrom)),
            new("As of", $"{Time(price.AsOf)}, source: {price.Source}", "as-of"),
        ]);
        if (price.Prompt > 0)
        {
            yield return new Paragraph(string.Create(CultureInfo.InvariantCulture, $"Output costs {price.Completion / price.Prompt:0.##} times as much as input here. Images are input. [Calculate a month](/cost)."));
        }
    }

    private Section Status()
    {
        IEnumerable<TableRow> others = Comparison.Current.Statuses.Select(s =>
            new TableRow([s.Who, s.Status, s.Since.Length > 0 ? s.Since : "not said", s.Source.ToText()]));
        return new Section("status", "Status", new DataTable(
            "Who says what of the model's availability; statements of others are as old as their dates.",
            [new("Who"), new("Status"), new("Since", IsShort: true), new("Source")],
            [new TableRow(["This server", "Serving " + facts.Name, facts.Loaded.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), "[/ready](/ready), now"], IsOwn: true), .. others]));
    }

    private static Section Related()
    {
        Comparison data = Comparison.Current;
        ComparedModel served = data.Served;
        IReadOnlyList<SimilarModel> similar = Similarity.RelatedTo(served, data);
        Card ToCard(SimilarModel s) => new(
            s.Model.Name,
            string.Create(CultureInfo.InvariantCulture, $"{char.ToUpperInvariant(s.Reasons[0][0])}{s.Reasons[0][1..]}, {s.Reasons[1]}, {s.Reasons[2]}. {s.Model.Parameters} billion parameters{(s.Model.Active < s.Model.Parameters ? $", {s.Model.Active} of them active" : "")}, {s.Model.License}."),
            s.Model.Url,
            $"{s.Score} % alike");
        return new Section("related", "Related models",
            new Paragraph($"Others like {served.Name}, by capabilities (half of the score), context and price tier (a quarter each). [Compare prices](/cost#comparison)."),
            new Subheading($"Other {served.Family} models", "siblings"), new CardList([.. similar.Where(s => s.Model.Family == served.Family).Select(ToCard)]),
            new Subheading("Alternatives", "alternatives"), new CardList([.. similar.Where(s => s.Model.Family != served.Family).Select(ToCard)]));
    }

    private Dictionary<string, string> Values(PageRequest request, OwnPrice? price) => new()
    {
        ["base_url"] = request.BaseUrl,
        ["context"] = Number(facts.ContextLength),
        ["trained_context"] = Number(facts.TrainedContextLength > 0 && !facts.IsDemo ? facts.TrainedContextLength : 131_072),
        ["pages"] = Number(AdvertisedContext / TokensPerPage),
        ["lines"] = Number(AdvertisedContext / TokensPerLine),
        ["price_answer"] = price is null
            ? "No price is set on this server, so nothing. [Cost](/cost) compares hosts and your own hardware."
            : $"{MoneyText.Format(price.Prompt, price.Currency)} per 1,000,000 tokens of input, {MoneyText.Format(price.Cached, price.Currency)} where input is found in the cache, and {MoneyText.Format(price.Completion, price.Currency)} per 1,000,000 tokens of output. "
                + $"1,000,000 tokens, half of them input, cost {MoneyText.Format((price.Prompt + price.Completion) / 2, price.Currency)}. Every reply says what it cost. [Calculate a month](/cost).",
        ["privacy_answer"] = "This server, and what its operator may have put before it, such as a proxy. "
            + (facts.FetchesImages && facts.TakesImages ? "Images that a request names by address are fetched from there, under an egress policy; apart from that it calls nobody. " : "It calls nobody. ")
            + "No prompt goes into its log"
            + (options.StoreResponses ? "; replies of `/v1/responses` stay in its memory unless a request says `store: false`" : "")
            + ". These pages set no cookie before you sign in, and the playground keeps conversations in your browser. [Compliance](/compliance) draws the way of the data.",
        ["vision_answer"] = facts.TakesImages
            ? "Yes: PNG, JPEG, WebP, GIF, BMP and TIFF, inside the request" + (facts.FetchesImages ? " or by address" : "") + ", up to 1540 × 1540 pixels at their own resolution (3,080 tokens). Audio, video and files are refused."
            : "The model does, but this server was started without its vision encoder (`--mmproj FILE`), so requests with images are refused.",
    };

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Date(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
