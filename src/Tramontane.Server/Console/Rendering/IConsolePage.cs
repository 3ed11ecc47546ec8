using System.Diagnostics.CodeAnalysis;

namespace Tramontane.Server.Console.Rendering;

/// <summary>Where a page stands in the navigation.</summary>
internal enum NavigationPlace
{
    /// <summary>In no list.</summary>
    None,

    /// <summary>In the bar at the top.</summary>
    Bar,

    /// <summary>Among the guides, in the footer.</summary>
    Guide,
}

/// <summary>What is known of a page before it is built.</summary>
/// <param name="Path">Its route, such as <c>/cost</c>.</param>
/// <param name="Label">One or two words for navigation.</param>
/// <param name="Description">One sentence, for search engines and <c>llms.txt</c>.</param>
/// <param name="Place">Where it is listed.</param>
/// <param name="Order">Its place among its neighbours, smallest first.</param>
internal sealed record PageInfo(string Path, string Label, string Description, NavigationPlace Place, int Order)
{
    /// <summary>Whether it has a Markdown twin.</summary>
    internal bool HasMarkdown { get; init; } = true;

    /// <summary>The second key of its shortcut, after <c>g</c>; null for none.</summary>
    internal char? ShortcutKey { get; init; }

    /// <summary>The path of its Markdown twin.</summary>
    internal string MarkdownPath => Path == "/" ? "/index.md" : Path + ".md";
}

/// <summary>
/// One page of the console. Registered in DI as <see cref="IConsolePage"/>, it is routed, listed in the navigation and in
/// <c>llms.txt</c>, and found by the browser suite.
/// </summary>
internal interface IConsolePage
{
    /// <summary>Route and place in the navigation.</summary>
    PageInfo Info { get; }

    /// <summary>Builds it for one request.</summary>
    ValueTask<PageContent> BuildAsync(PageRequest request);
}

/// <summary>A page that is ready to be rendered.</summary>
/// <param name="Title">The document's title, without the name of the site.</param>
/// <param name="Component">The Razor component inside the layout.</param>
/// <param name="Models">Objects that the component (and those in it) may <c>@inject</c> by their type.</param>
internal sealed record PageContent(
    string Title,
    [property: DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.All)] [param: DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.All)] Type Component,
    params IReadOnlyList<object> Models)
{
    /// <summary>Names of assets that are loaded as modules beside the site's own.</summary>
    internal IReadOnlyList<string> Scripts { get; init; } = [];

    /// <summary>Names of style sheets beside the site's own.</summary>
    internal IReadOnlyList<string> Styles { get; init; } = [];

    /// <summary>The Markdown twin; null where <see cref="PageInfo.HasMarkdown"/> is false.</summary>
    internal string? Markdown { get; init; }

    /// <summary>HTTP status.</summary>
    internal int Status { get; init; } = 200;

    /// <summary>Whether it is for one visitor: kept by no cache, not listed, and its forms name their origin.</summary>
    internal bool IsPrivate { get; init; }

    /// <summary>Whether search engines may list it.</summary>
    internal bool IsIndexed { get; init; } = true;
}
