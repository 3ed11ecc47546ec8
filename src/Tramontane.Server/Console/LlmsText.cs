using System.Text;
using Tramontane.Server.Catalog;
using Tramontane.Server.Console.Rendering;

namespace Tramontane.Server.Console;

/// <summary><c>/llms.txt</c>: which pages there are, for programs that read them (llmstxt.org).</summary>
internal static class LlmsText
{
    internal const string Path = "/llms.txt";

    internal static string Of(ConsoleSite site, ModelFacts facts, PageRequest request)
    {
        var text = new StringBuilder();
        text.Append("# ").Append(ConsoleSite.Name).Append("\n\n> ").Append(facts.Name).Append(" (`").Append(facts.Id).Append("`) over HTTP, in the dialects of OpenAI, Anthropic and Mistral, at ")
            .Append(request.BaseUrl).Append("/v1.\n\n## Pages\n\n");
        foreach (PageInfo page in site.Pages.Where(p => p.HasMarkdown))
        {
            text.Append("- [").Append(page.Label).Append("](").Append(request.BaseUrl).Append(page.MarkdownPath).Append("): ").Append(page.Description).Append('\n');
        }

        return text.Append("\n## API\n\n- [OpenAPI 3.1](").Append(request.BaseUrl).Append("/openapi.json): every route with its request, reply and stream schemas\n")
            .Append("- [Models](").Append(request.BaseUrl).Append("/v1/models): the model card\n").ToString();
    }
}
