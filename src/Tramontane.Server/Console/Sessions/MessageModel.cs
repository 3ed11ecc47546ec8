using Tramontane.Server.Console.Rendering;

namespace Tramontane.Server.Console.Sessions;

/// <summary>A page that says one thing.</summary>
/// <param name="Title">What happened.</param>
/// <param name="Text">What to do.</param>
/// <param name="BackTo">Where its one link leads.</param>
internal sealed record MessageModel(string Title, string Text, string BackTo)
{
    internal static PageContent Page(int status, string title, string text, string backTo = "/") =>
        new(title, typeof(MessageView), new MessageModel(title, text, backTo)) { Status = status, IsPrivate = true, IsIndexed = false };
}
