using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tramontane.Server.Catalog;
using Tramontane.Server.Console.Assets;
using Tramontane.Server.Console.Rendering;
using Tramontane.Server.Console.Sessions;
using Tramontane.Server.OpenApi;

namespace Tramontane.Server.Console;

/// <summary>Routes of the pages, their Markdown twins and their assets.</summary>
internal sealed class ConsoleEndpoints(IEnumerable<IConsolePage> pages, ConsoleSite site, AssetStore assets, PageRenderer renderer, ConsoleGate gate, SessionGate sessions, PrivateRoutes privateRoutes, ServerOptions options, ModelFacts facts)
{
    private static readonly string[] s_methods = [HttpMethods.Get, HttpMethods.Head];

    private readonly HashSet<string> _paths = new(
        pages.SelectMany(p => (string[])[p.Info.Path, p.Info.MarkdownPath]).Append(LlmsText.Path), StringComparer.OrdinalIgnoreCase);

    internal bool IsOn => options.Console.Visibility != ConsoleVisibility.Off;

    /// <summary>Whether a path is a page or asset, which let requests pass without an API key.</summary>
    internal bool Owns(PathString path) => IsOn
        && (path.StartsWithSegments(AssetStore.Root) || PrivateRoutes.Owns(path) || _paths.Contains(path.Value is { Length: > 1 } value ? value.TrimEnd('/') : "/"));

    /// <summary>
    /// Whether the request is for the OpenAPI document and may have it without an API key: who may read the reference may
    /// read what it is made from.
    /// </summary>
    internal bool ShowsDocument(HttpContext context) => IsOn && gate.MayRead(context)
        && string.Equals(context.Request.Path.Value, OpenApiEndpoint.Path, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a path takes forms; all others refuse them.</summary>
    internal bool TakesForms(PathString path) => IsOn && PrivateRoutes.Owns(path);

    internal void Map(IEndpointRouteBuilder routes)
    {
        if (!IsOn)
        {
            return;
        }

        assets.Map(routes);
        privateRoutes.Map(routes);
        routes.MapMethods(LlmsText.Path, s_methods, context =>
            gate.Admits(context) ? PageRenderer.WriteTextAsync(context, LlmsText.Of(site, facts, site.Describe(context))) : Task.CompletedTask);
        foreach (IConsolePage page in pages)
        {
            if (page.Info.Path != "/") // health has that route, and hands it over to browsers
            {
                routes.MapMethods(page.Info.Path, s_methods, context => WriteAsync(context, page, AcceptHeader.Preferred(context.Request) == PageForm.Markdown && page.Info.HasMarkdown));
            }

            if (page.Info.HasMarkdown)
            {
                routes.MapMethods(page.Info.MarkdownPath, s_methods, context => WriteAsync(context, page, asMarkdown: true));
            }
        }
    }

    /// <summary>
    /// <c>GET /</c> in the form that the client names: the first page for browsers and readers of Markdown. False for all
    /// others, who get the answer of <c>/health</c>.
    /// </summary>
    internal bool TryWriteHome(HttpContext context, out Task written)
    {
        context.Response.Headers.Append("Vary", "Accept");
        PageForm form = AcceptHeader.Preferred(context.Request);
        IConsolePage? home = IsOn && form is PageForm.Html or PageForm.Markdown ? pages.FirstOrDefault(p => p.Info.Path == "/") : null;
        written = home is null ? Task.CompletedTask : WriteAsync(context, home, form == PageForm.Markdown);
        return home is not null;
    }

    /// <summary>An error as a page, for a browser outside the API; false when the client is another or the path is the API's.</summary>
    internal bool TryWriteError(HttpContext context, int status, out Task written)
    {
        bool applies = IsOn && !IsApi(context.Request.Path) && AcceptHeader.Preferred(context.Request) == PageForm.Html
            && (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method));
        written = applies
            ? renderer.WriteHtmlAsync(context, null, ErrorModel.Page(status, context.TraceIdentifier, context.Request.Path), site.Describe(context))
            : Task.CompletedTask;
        return applies;
    }

    private static bool IsApi(PathString path) => path.StartsWithSegments("/v1") || path.StartsWithSegments("/api");

    private async Task WriteAsync(HttpContext context, IConsolePage page, bool asMarkdown)
    {
        if (!gate.Admits(context))
        {
            return;
        }

        if (page.Info.HasMarkdown && page.Info.Path != "/")
        {
            context.Response.Headers.Append("Vary", "Accept");
        }

        PageRequest request = site.Describe(context) with { Visitor = sessions.Identify(context), Aborted = context.RequestAborted };
        PageContent content = await page.BuildAsync(request);
        await (asMarkdown && content.Markdown is { } markdown
            ? PageRenderer.WriteMarkdownAsync(context, markdown)
            : renderer.WriteHtmlAsync(context, page.Info, content, request));
    }
}
