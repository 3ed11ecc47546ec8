using Tramontane.Server.Console.Rendering;

namespace Tramontane.Server.Console.Sessions;

/// <summary>What stands where a page needs a visitor and has none.</summary>
/// <param name="Page">The page that was asked for: where a sign-in leads.</param>
/// <param name="Problem">What was wrong with the last try; null before it.</param>
/// <param name="HasKeys">Whether there is any key to sign in with.</param>
internal sealed record SignInModel(PageInfo Page, string? Problem, bool HasKeys)
{
    /// <summary>The page with the form.</summary>
    internal PageContent ToPage(int status = 200) =>
        new(Page.Label, typeof(SignInView), this) { Status = status, IsPrivate = true, IsIndexed = false, Styles = ["usage.css"] };
}
