using System.Globalization;
using System.Text.Json.Nodes;
using Tramontane.Server.Auth;
using Tramontane.Server.Catalog;
using Tramontane.Server.Console.Rendering;
using Tramontane.Server.Console.SampleCode;

namespace Tramontane.Server.Console.Playground;

/// <summary>What the playground shows.</summary>
/// <param name="Facts">The loaded model.</param>
/// <param name="Settings">For its scripts.</param>
/// <param name="Sections">What stands there without scripts, and in the Markdown twin.</param>
internal sealed record PlaygroundModel(ModelFacts Facts, PlaygroundSettings Settings, IReadOnlyList<Section> Sections);

/// <summary><c>/playground</c>: chat with the model of this server.</summary>
internal sealed class PlaygroundPageBuilder(ModelFacts facts, IOwnPrices prices, ServerOptions options, ApiKeys keys) : IConsolePage
{
    public PageInfo Info { get; } = new("/playground", "Playground", "Chat with the model of this server: every parameter, images, JSON Schemas, tools.", NavigationPlace.Bar, 10);

    public ValueTask<PageContent> BuildAsync(PageRequest request)
    {
        string url = request.BaseUrl + "/v1/chat/completions";
        var settings = new PlaygroundSettings
        {
            Model = facts.Id,
            ContextLength = facts.ContextLength,
            MaxBodyBytes = options.MaxBodyBytes,
            NeedsKey = !keys.IsOpen,
            Prices = prices.InForce(request.Now) is { } price
                ? new PlaygroundPrices(price.Currency, Text(price.Prompt), Text(price.Cached), Text(price.Completion))
                : null,
            Controls = SamplingControl.All,
            Starters = PlaygroundExamples.Starters(facts.IsDemo),
            Schemas = PlaygroundExamples.Schemas,
            Tools = PlaygroundExamples.Tools,
            Results = PlaygroundExamples.Results,
            Samples = RequestSamples.Create("POST", url, hasBody: true, !keys.IsOpen, SampleReply.Chat),
            StreamSamples = RequestSamples.Create("POST", url, hasBody: true, !keys.IsOpen, SampleReply.ChatStream),
        };
        IReadOnlyList<Section> sections = Sections(settings);
        return ValueTask.FromResult(new PageContent("Playground", typeof(PlaygroundPage), new PlaygroundModel(facts, settings, sections))
        {
            Scripts = ["playground/playground.js"],
            Styles = ["playground/playground.css"],
            Markdown = MarkdownWriter.Write(Info, "Playground", Info.Description, "article", request, sections),
        });
    }

    /// <summary>The request that the playground would send first, for those who cannot run its scripts.</summary>
    private IReadOnlyList<Section> Sections(PlaygroundSettings settings)
    {
        var body = new JsonObject
        {
            ["model"] = facts.Id,
            ["messages"] = new JsonArray(
                new JsonObject { ["role"] = "system", ["content"] = PlaygroundExamples.SystemPrompt },
                new JsonObject { ["role"] = "user", ["content"] = settings.Starters[0].Text }),
        };
        foreach (SamplingControl control in settings.Controls.Where(c => c.Preset is not null))
        {
            body[control.Name] = JsonNode.Parse(control.Preset!);
        }

        return
        [
            new("request", "The same from a terminal",
                new Paragraph("The playground runs in a browser with JavaScript. What it sends can be sent from anywhere; this is its first request."),
                new Samples("first-request", "The first request", [.. settings.Samples.Select(s => s.Fill(body))])),
            new("parameters", "Parameters",
                new DataTable(
                    "What the playground lets you choose, what it begins with, and what holds when a field is left out. The [API reference](/docs) has the rest.",
                    [new("Field"), new("Range"), new("Begins with"), new("API default"), new("What it does")],
                    [.. settings.Controls.Select(c => new TableRow([$"`{c.Name}`", Range(c), c.Preset ?? "–", c.ApiDefault ?? "–", c.Note]))])),
            new("starters", "Prompts to begin with", new ItemList([.. settings.Starters.Select(s => $"**{s.Title}:** {s.Text.Replace('\n', ' ')}")])),
        ];
    }

    private static string Text(decimal price) => price.ToString("0.######", CultureInfo.InvariantCulture);

    private static string Range(SamplingControl control) => (control.Minimum, control.Maximum) switch
    {
        ({ } low, { } high) => string.Create(CultureInfo.InvariantCulture, $"{low} – {high}"),
        ({ } low, null) => string.Create(CultureInfo.InvariantCulture, $"≥ {low}"),
        _ => "64-bit integer",
    };
}
