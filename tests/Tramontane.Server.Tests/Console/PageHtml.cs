using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Tramontane.Server.Console;
using Tramontane.Server.Console.Assets;
using Tramontane.Server.Console.Rendering;

namespace Tramontane.Server.Tests.Console;

/// <summary>Renders a page without a server.</summary>
internal static class PageHtml
{
    internal static async Task<string> RenderAsync(PageInfo info, PageContent content, PageRequest request)
    {
        await using ServiceProvider services = new ServiceCollection().AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance).BuildServiceProvider();
        var renderer = new PageRenderer(new ConsoleSite(new ServerOptions(), new AssetStore(), [], TimeProvider.System), services, NullLoggerFactory.Instance);
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { Response = { Body = body } };
        await renderer.WriteHtmlAsync(context, info, content, request);
        return System.Text.Encoding.UTF8.GetString(body.ToArray());
    }
}
