using Tramontane.Server.Catalog;
using Tramontane.Server.Console.Rendering;

namespace Tramontane.Server.Console.Pages;

/// <summary><c>/glossary</c>: the terms that the pages use.</summary>
internal sealed class GlossaryPage : IConsolePage
{
    public PageInfo Info { get; } = new("/glossary", "Glossary", "The terms of these pages, in a sentence or two each.", NavigationPlace.Guide, 40);

    public ValueTask<PageContent> BuildAsync(PageRequest request) => ValueTask.FromResult(new DocumentModel(
        "Glossary",
        "What the words on these pages mean.",
        [.. Glossary.Entries.OrderBy(e => e.Term, StringComparer.OrdinalIgnoreCase).Select(e => new Section(e.Id, e.Term, new Paragraph(e.Long.Length > 0 ? $"{e.Short} {e.Long}" : e.Short)))]).ToPage(Info, request));
}
