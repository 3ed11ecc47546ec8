using System.Text;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tramontane.Server.Console.Layout;

namespace Tramontane.Server.Console.Rendering;

/// <summary>Writes pages as HTML or Markdown, UTF-8 without a byte order mark.</summary>
internal sealed class PageRenderer(ConsoleSite site, IServiceProvider services, ILoggerFactory loggers)
{
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    internal async Task WriteHtmlAsync(HttpContext context, PageInfo? info, PageContent content, PageRequest request)
    {
        var view = new PageView(info, content, request, site);
        string html;
        await using (var renderer = new HtmlRenderer(new PageServices(services, [.. content.Models, view, request]), loggers))
        {
            html = await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<ConsoleLayout>()).ToHtmlString());
        }

        if (info?.HasMarkdown == true)
        {
            context.Response.Headers.Append("Link", $"<{info.MarkdownPath}>; rel=\"alternate\"; type=\"text/markdown\"");
        }

        await WriteAsync(context, content.Status, "text/html; charset=utf-8", html, content.IsPrivate);
    }

    internal static Task WriteMarkdownAsync(HttpContext context, string markdown) =>
        WriteAsync(context, StatusCodes.Status200OK, "text/markdown; charset=utf-8", markdown);

    internal static Task WriteTextAsync(HttpContext context, string text) =>
        WriteAsync(context, StatusCodes.Status200OK, "text/plain; charset=utf-8", text);

    private static Task WriteAsync(HttpContext context, int status, string type, string text, bool isPrivate = false)
    {
        byte[] body = s_utf8.GetBytes(text);
        SecurityHeaders.Add(context.Response.Headers);
        context.Response.Headers.CacheControl = isPrivate ? "no-store" : "no-cache";
        if (isPrivate)
        {
            context.Response.Headers["Referrer-Policy"] = "same-origin"; // with no-referrer, browsers send forms with "Origin: null"
        }

        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
