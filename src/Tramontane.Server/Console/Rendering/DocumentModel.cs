using Tramontane.Server.Console.Pages;

namespace Tramontane.Server.Console.Rendering;

/// <summary>A page that is text alone.</summary>
/// <param name="Title">Heading of the first rank.</param>
/// <param name="Lead">What it is about, with inline Markdown.</param>
/// <param name="Sections">The text.</param>
internal sealed record DocumentModel(string Title, string Lead, IReadOnlyList<Section> Sections)
{
    /// <summary>The page as HTML and Markdown.</summary>
    internal PageContent ToPage(PageInfo info, PageRequest request) => new(Title, typeof(DocumentPage), this)
    {
        Markdown = MarkdownWriter.Write(info, Title, Lead, "article", request, Sections),
    };
}
