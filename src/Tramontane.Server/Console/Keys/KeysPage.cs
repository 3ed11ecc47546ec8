using Tramontane.Server.Auth;
using Tramontane.Server.Console.Rendering;
using Tramontane.Server.Console.Sessions;

namespace Tramontane.Server.Console.Keys;

/// <summary><c>/keys</c>: API keys and accounts.</summary>
internal sealed class KeysPage(KeysView view, ApiKeys keys) : IConsolePage
{
    /// <summary>The page.</summary>
    internal static PageInfo Description { get; } = new("/keys", "Keys", "API keys with their scopes and limits, accounts and credit.", NavigationPlace.Bar, 70) { HasMarkdown = false };

    public PageInfo Info => Description;

    public async ValueTask<PageContent> BuildAsync(PageRequest request)
    {
        if (!view.HasStore)
        {
            return MessageModel.Page(200, "Keys", "Nothing is metered: this server was started without a database, so its keys are those of its command line. With --data FOLDER or --database CONNECTION it keeps keys.");
        }

        if (request.Visitor is not { Session: not null } visitor)
        {
            return new SignInModel(Info, null, !keys.IsOpen).ToPage();
        }

        return KeysView.ToPage(await view.ModelAsync(visitor, request.Now, KeysView.Notice(request.Query["done"].ToString()), request.Aborted));
    }
}
