using System.Diagnostics.CodeAnalysis;
using Tramontane.Metering;
using Tramontane.Metering.Budgets;
using Tramontane.Metering.Keys;
using Tramontane.Server.Console.Rendering;
using Tramontane.Server.Console.Sessions;

namespace Tramontane.Server.Console.Keys;

/// <summary>Reads what the pages of keys show.</summary>
/// <param name="meter">Null: there is no store of keys.</param>
internal sealed class KeysView(Meter? meter = null)
{
    /// <summary>Keys, and accounts, on the page.</summary>
    internal const int Most = 500;

    internal bool HasStore => meter is not null;

    internal async Task<KeysModel> ModelAsync(Visitor visitor, DateTimeOffset now, string? notice, CancellationToken cancellationToken)
    {
        List<ApiKey> all = visitor.IsAdmin ? await meter!.Keys.ListAsync(cancellationToken: cancellationToken) : await OwnAsync(visitor, cancellationToken);
        List<Account> accounts = visitor.IsAdmin ? await meter!.Accounts.ListAsync(cancellationToken)
            : await meter!.Accounts.GetAsync(visitor.Caller.AccountId, cancellationToken) is { } own ? [own] : [];
        return new KeysModel
        {
            Visitor = visitor,
            VisitorName = NameOf(visitor, all),
            Now = now,
            Keys = [.. all.OrderBy(k => k.RevokedAt is not null).ThenByDescending(k => k.CreatedAt).Take(Most)],
            HiddenKeys = Math.Max(0, all.Count - Most),
            Accounts = [.. accounts.OrderBy(a => a.ClosedAt is not null).ThenBy(a => a.Name, StringComparer.OrdinalIgnoreCase).Take(Most)],
            HiddenAccounts = Math.Max(0, accounts.Count - Most),
            Currency = await CurrencyAsync(cancellationToken),
            Notice = notice,
        };
    }

    internal async Task<KeyModel> KeyAsync(Visitor visitor, ApiKey key, DateTimeOffset now, FormState? form, string? problem, CancellationToken cancellationToken) =>
        new(visitor, NameOf(visitor, visitor.Caller.KeyId == key.Id ? [key] : await OwnAsync(visitor, cancellationToken)), now, key, form ?? KeyFormReader.Of(key.Settings), problem, await CurrencyAsync(cancellationToken));

    internal static PageContent ToPage(KeysModel model, int status = 200) => Private("Keys", typeof(KeysPageView), status, model);

    internal static PageContent ToPage(KeyModel model, int status = 200) => Private(model.Key.Settings.Name, typeof(KeyPageView), status, model);

    internal static PageContent ToPage(IssuedModel model) => Private("New secret", typeof(IssuedPageView), 200, model);

    /// <summary>What a redirect says was done; null for anything else.</summary>
    internal static string? Notice(string done) => done switch
    {
        "saved" => "The key is changed; its limits count from the next request on.",
        "revoked" => "The key is revoked. It opens nothing any more.",
        "account" => "The account is made.",
        "credit" => "The credit is given.",
        "again" => "This form was sent before, so nothing was done again. A secret is shown once; rotate the key if it was missed.",
        _ => null,
    };

    private static PageContent Private(string title, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.All)] Type view, int status, object model) =>
        new(title, view, model) { Status = status, IsPrivate = true, IsIndexed = false, Styles = ["usage.css"] };

    private async Task<List<ApiKey>> OwnAsync(Visitor visitor, CancellationToken cancellationToken) =>
        visitor.Caller.KeyId is { } id && await meter!.Keys.GetAsync(id, cancellationToken) is { } key ? [key] : [];

    private static string NameOf(Visitor visitor, List<ApiKey> keys) =>
        visitor.Caller.KeyId is null ? "a key of the command line" : keys.Find(k => k.Id == visitor.Caller.KeyId) is { } own ? $"{own.Settings.Name} ({own.Display})" : visitor.Caller.KeyId;

    /// <summary>The database's; dollars are what the forms offer before the first price or credit has set it.</summary>
    private async Task<string> CurrencyAsync(CancellationToken cancellationToken) => await meter!.CurrencyAsync(cancellationToken) ?? "USD";
}
