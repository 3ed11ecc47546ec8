using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Tramontane.Server.Console.Rendering;

/// <summary>Which form of a page a client asks for.</summary>
internal enum PageForm
{
    /// <summary>The client names none.</summary>
    Any,

    /// <summary><c>text/html</c>.</summary>
    Html,

    /// <summary><c>text/markdown</c>.</summary>
    Markdown,

    /// <summary><c>application/json</c>.</summary>
    Json,
}

/// <summary>Reads the <c>Accept</c> header: the form of highest quality that is named in so many words; wildcards name none.</summary>
internal static class AcceptHeader
{
    internal static PageForm Preferred(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out IList<MediaTypeHeaderValue>? accepted))
        {
            return PageForm.Any;
        }

        return accepted
            .Where(type => type.Quality is null or > 0)
            .Select(type => (Form: FormOf(type.MediaType.Value), Quality: type.Quality ?? 1))
            .Where(offer => offer.Form != PageForm.Any)
            .OrderByDescending(offer => offer.Quality) // stable: what comes first wins among equals
            .Select(offer => offer.Form)
            .FirstOrDefault(PageForm.Any);
    }

    private static PageForm FormOf(string? type) => type?.ToLowerInvariant() switch
    {
        "text/html" or "application/xhtml+xml" => PageForm.Html,
        "text/markdown" or "text/x-markdown" => PageForm.Markdown,
        "application/json" => PageForm.Json,
        _ => PageForm.Any,
    };
}
