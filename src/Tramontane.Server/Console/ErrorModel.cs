using Tramontane.Server.Console.Pages;
using Tramontane.Server.Console.Rendering;

namespace Tramontane.Server.Console;

/// <summary>What an error page says.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Title">What happened.</param>
/// <param name="Advice">What to do.</param>
/// <param name="RequestId">The request's name in the log.</param>
internal sealed record ErrorModel(int Status, string Title, string Advice, string RequestId)
{
    internal static PageContent Page(int status, string requestId, string? path)
    {
        (string title, string advice) = status switch
        {
            401 => ("A key is needed", "Reload the page and give an API key of this server as the password."),
            404 => ("Nothing is here", $"No page has the path {path}. The navigation above lists them all."),
            405 => ("Not this way", $"The path {path} does not take this method."),
            _ => ("The page could not be made", "The fault is the server's; its log names it by the request below."),
        };
        return new PageContent(title, typeof(ErrorPage), new ErrorModel(status, title, advice, requestId)) { Status = status, IsIndexed = false };
    }
}
