namespace Tramontane.Server.Console.Rendering;

/// <summary>Everything that the layout shows around a page.</summary>
/// <param name="Info">The page; null for an error page.</param>
/// <param name="Content">What is in it.</param>
/// <param name="Request">Whom it is for.</param>
/// <param name="Site">Navigation, links, assets.</param>
internal sealed record PageView(PageInfo? Info, PageContent Content, PageRequest Request, ConsoleSite Site);
