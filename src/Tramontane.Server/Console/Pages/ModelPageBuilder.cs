using System.Globalization;
using Tramontane.Server.Catalog;
using Tramontane.Server.Console.Rendering;

namespace Tramontane.Server.Console.Pages;

/// <summary>What the first page shows.</summary>
/// <param name="Facts">The loaded model.</param>
/// <param name="Sections">The page's text.</param>
internal sealed record ModelPageModel(ModelFacts Facts, IReadOnlyList<Section> Sections);

/// <summary>The first page: what is served here.</summary>
internal sealed class ModelPageBuilder(ModelFacts facts) : IConsolePage
{
    public PageInfo Info { get; } = new("/", "Model", "What is served here: specification, capabilities, prices, quick start.", NavigationPlace.Bar, 0) { ShortcutKey = 'h' };

    public ValueTask<PageContent> BuildAsync(PageRequest request)
    {
        Section[] sections =
        [
            new("capabilities", "Capabilities", new CheckList([.. facts.Capabilities.Select(c => (c.Label, c.IsAvailable, c.Detail, GlossaryIdOf(c.Id)))])),
            new("specification", "Specification", new FactList(
            [
                new("Model id", $"`{facts.Id}`"),
                new("Weights", $"`{facts.FileName}`"),
                new("Weight format", facts.WeightFormatText, "quantisation"),
                new("Parameters", facts.ParameterCount.ToString("N0", CultureInfo.InvariantCulture)),
                new("Context of this server", $"{facts.ContextLength.ToString("N0", CultureInfo.InvariantCulture)} tokens", "context"),
            ])),
        ];
        return ValueTask.FromResult(new PageContent(facts.Name, typeof(ModelPage), new ModelPageModel(facts, sections))
        {
            Markdown = MarkdownWriter.Write(Info, facts.Name, facts.Description, "product", request, sections),
        });
    }

    private static string? GlossaryIdOf(string capability) => capability switch
    {
        "vision" => "vision",
        "tools" => "tools",
        "json_mode" => "json",
        "structured_outputs" => "structured-outputs",
        "prompt_caching" => "cached-tokens",
        _ => null,
    };
}
