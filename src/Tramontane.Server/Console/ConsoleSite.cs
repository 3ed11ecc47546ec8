using Microsoft.AspNetCore.Http;
using Tramontane.Server.Console.Assets;
using Tramontane.Server.Console.Rendering;

namespace Tramontane.Server.Console;

/// <summary>What all pages share: who they are, what is linked, where assets lie.</summary>
internal sealed class ConsoleSite
{
    private readonly ConsoleOptions _options;
    private readonly TimeProvider _time;

    public ConsoleSite(ServerOptions options, AssetStore assets, IEnumerable<IConsolePage> pages, TimeProvider time)
    {
        _options = options.Console;
        _time = time;
        Assets = assets;
        Pages = [.. pages.Select(p => p.Info).OrderBy(p => p.Place).ThenBy(p => p.Order)];
    }

    /// <summary>The product, as it stands in titles.</summary>
    internal const string Name = "Tramontane";

    /// <summary>The program's version.</summary>
    internal static string Version { get; } = typeof(ConsoleSite).Assembly.GetName().Version?.ToString(3) ?? "";

    /// <summary>Every page, in the order of the navigation.</summary>
    internal IReadOnlyList<PageInfo> Pages { get; }

    /// <summary>Style sheets, scripts, fonts.</summary>
    internal AssetStore Assets { get; }

    /// <summary>The footer's links.</summary>
    internal IEnumerable<ConsoleLink> Links => _options.Links;

    internal IEnumerable<PageInfo> In(NavigationPlace place) => Pages.Where(p => p.Place == place);

    /// <summary>What a page may know of a request.</summary>
    internal PageRequest Describe(HttpContext context) =>
        new(PublicAddress.Of(context, _options), context.Request.Path.Value ?? "/", context.Request.Query, _time.GetUtcNow());
}
