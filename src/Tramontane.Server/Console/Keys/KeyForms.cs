using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tramontane.Metering;
using Tramontane.Metering.Budgets;
using Tramontane.Metering.Keys;
using Tramontane.Server.Auth;
using Tramontane.Server.Console.Rendering;
using Tramontane.Server.Console.Sessions;

namespace Tramontane.Server.Console.Keys;

/// <summary>What the forms of <c>/keys</c> do. All of them are for administrators, and each is taken once.</summary>
internal sealed class KeyForms(KeysView view, SessionGate sessions, ConsoleSite site, PageRenderer renderer, TimeProvider time, Meter? meter = null)
{
    /// <summary>The hidden field that makes a form one of its own.</summary>
    internal const string OnceField = "once";

    /// <summary>Graces to choose from when a key is rotated: seconds and label.</summary>
    internal static readonly (int Seconds, string Label)[] Graces = [(0, "at once"), (3_600, "in an hour"), (86_400, "in a day"), (604_800, "in a week"), (2_592_000, "in 30 days")];

    internal Task CreateKeyAsync(HttpContext context) => TakeAsync(context, async (visitor, form) =>
    {
        var state = new FormState();
        string account = KeyFormReader.Text(form, state, "account");
        KeySettings? settings = KeyFormReader.ReadSettings(form, state);
        IssuedKey? issued = null;
        if (settings is not null)
        {
            try
            {
                issued = await meter!.Keys.CreateAsync(account.Length == 0 ? Account.Local : account, settings, context.RequestAborted);
            }
            catch (MeteringException e) when (e.Fault is MeteringFault.Invalid or MeteringFault.NotFound)
            {
                state.Errors["account"] = e.Message;
            }
        }

        await (issued is null
            ? WriteAsync(context, KeysView.ToPage(await view.ModelAsync(visitor, time.GetUtcNow(), null, context.RequestAborted) with { KeyForm = state }, 400))
            : WriteAsync(context, KeysView.ToPage(new IssuedModel(issued, null, site.Describe(context).BaseUrl))));
    });

    internal async Task ShowAsync(HttpContext context)
    {
        if (await AdminAsync(context) is { } visitor)
        {
            await WriteKeyAsync(context, visitor, await FindAsync(context));
        }
    }

    internal Task UpdateAsync(HttpContext context) => TakeAsync(context, async (visitor, form) =>
    {
        ApiKey key = await FindAsync(context);
        var state = new FormState();
        if (KeyFormReader.ReadSettings(form, state) is not { } settings)
        {
            KeyFormReader.Text(form, state, KeyFormReader.SeenField); // still what these values were begun from
            await WriteKeyAsync(context, visitor, key, state, "A field needs another value; it says which.");
            return;
        }

        string seen = KeyFormReader.Text(form, state, KeyFormReader.SeenField);
        try
        {
            await meter!.Keys.UpdateAsync(key.Id, Change, context.RequestAborted);
        }
        catch (MeteringException e) when (e.Fault == MeteringFault.Conflict)
        {
            await WriteKeyAsync(context, visitor, await FindAsync(context), problem: "Somebody has changed this key since the page was opened. Its settings are shown as they are now: make your change again.");
            return;
        }

        PrivateRoutes.Redirect(context, "/keys?done=saved");

        KeySettings Change(KeySettings known)
        {
            // The form has days; a time within the day that it showed stays as it is.
            KeySettings changed = settings with { ExpiresAt = KeyText.Day(settings.ExpiresAt) == KeyText.Day(known.ExpiresAt) ? known.ExpiresAt : settings.ExpiresAt };
            return changed == known || KeyFormReader.VersionOf(known) == seen ? changed : throw new MeteringException(MeteringFault.Conflict, "The key was changed meanwhile.");
        }
    });

    internal Task RotateAsync(HttpContext context) => TakeAsync(context, async (visitor, form) =>
    {
        ApiKey key = await FindAsync(context);
        if (!Graces.Any(g => g.Seconds.ToString(null, null) == form["grace"]))
        {
            await WriteKeyAsync(context, visitor, key, problem: "Choose when the old secret ends.");
            return;
        }

        IssuedKey issued = await meter!.Keys.RotateAsync(key.Id, TimeSpan.FromSeconds(int.Parse(form["grace"]!, null)), context.RequestAborted);
        if (visitor.Caller.KeyId == key.Id)
        {
            visitor.Session!.KeyHash = ApiKeys.Hash(issued.Secret); // who rotates the key of this session goes on with its new secret
        }

        await WriteAsync(context, KeysView.ToPage(new IssuedModel(issued, issued.Key.PreviousSecretUntil, site.Describe(context).BaseUrl)));
    });

    internal Task RevokeAsync(HttpContext context) => TakeAsync(context, async (visitor, form) =>
    {
        ApiKey key = await FindAsync(context);
        if (form["confirm"] != "yes")
        {
            await WriteKeyAsync(context, visitor, key, problem: "Nothing was revoked: tick the box to confirm.");
            return;
        }

        await meter!.Keys.RevokeAsync(key.Id, context.RequestAborted);
        PrivateRoutes.Redirect(context, "/keys?done=revoked");
    });

    internal Task CreateAccountAsync(HttpContext context) => TakeAsync(context, async (visitor, form) =>
    {
        var state = new FormState();
        string id = KeyFormReader.Text(form, state, "id"), name = KeyFormReader.Text(form, state, "name");
        bool prepaid = KeyFormReader.Text(form, state, "prepaid") == "yes";
        try
        {
            await meter!.Accounts.CreateAsync(name, prepaid, id.Length == 0 ? null : id, context.RequestAborted);
        }
        catch (MeteringException e) when (e.Fault is MeteringFault.Invalid or MeteringFault.Conflict)
        {
            state.Errors["name"] = e.Message;
            await WriteAsync(context, KeysView.ToPage(await view.ModelAsync(visitor, time.GetUtcNow(), null, context.RequestAborted) with { AccountForm = state }, 400));
            return;
        }

        PrivateRoutes.Redirect(context, "/keys?done=account");
    });

    internal Task AddCreditAsync(HttpContext context) => TakeAsync(context, async (visitor, form) =>
    {
        var state = new FormState();
        string account = KeyFormReader.Text(form, state, "account");
        NewCredit? credit = KeyFormReader.ReadCredit(form, state);
        if (credit is not null)
        {
            try
            {
                await meter!.Accounts.AddCreditAsync(account, credit, context.RequestAborted);
                PrivateRoutes.Redirect(context, "/keys?done=credit");
                return;
            }
            catch (MeteringException e) when (e.Fault is MeteringFault.Invalid or MeteringFault.Conflict or MeteringFault.NotFound)
            {
                state.Errors["amount"] = e.Message;
            }
        }

        await WriteAsync(context, KeysView.ToPage(await view.ModelAsync(visitor, time.GetUtcNow(), null, context.RequestAborted) with { CreditForm = state }, 400));
    });

    /// <summary>Checks where the form is from, who sends it and that it is sent once, in this order, and only then does it.</summary>
    private async Task TakeAsync(HttpContext context, Func<Visitor, IFormCollection, Task> act)
    {
        if (await AdminAsync(context) is not { } visitor)
        {
            return;
        }

        if (await sessions.ReadOwnFormAsync(context) is not { } form || !visitor.Session!.IsFormToken(form[SessionGate.TokenField].ToString()) || form[OnceField].ToString().Length is < 16 or > 64)
        {
            await WriteAsync(context, MessageModel.Page(403, "Not this form", SessionGate.NotOwnForm, "/keys"));
            return;
        }

        if (!visitor.Session.TryTake(form[OnceField].ToString()))
        {
            PrivateRoutes.Redirect(context, "/keys?done=again");
            return;
        }

        try
        {
            await act(visitor, form);
        }
        catch
        {
            visitor.Session.Release(form[OnceField].ToString()); // or the next try would be told that it was done
            throw;
        }
    }

    /// <summary>The administrator who asks; null when somebody else was answered.</summary>
    private async Task<Visitor?> AdminAsync(HttpContext context)
    {
        Visitor? visitor = sessions.Identify(context);
        if (meter is null || visitor is not { Session: not null })
        {
            PrivateRoutes.Redirect(context, "/keys"); // which says what is missing
            return null;
        }

        if (!visitor.IsAdmin)
        {
            await WriteAsync(context, MessageModel.Page(403, "Not with this key", "Keys and accounts are managed with a key of the scope admin.", "/keys"));
            return null;
        }

        return visitor;
    }

    private async Task<ApiKey> FindAsync(HttpContext context)
    {
        string id = context.GetRouteValue("id")?.ToString() ?? "";
        return await meter!.Keys.GetAsync(id, context.RequestAborted) ?? throw new MeteringException(MeteringFault.NotFound, $"There is no key {id}.");
    }

    private async Task WriteKeyAsync(HttpContext context, Visitor visitor, ApiKey key, FormState? state = null, string? problem = null) =>
        await WriteAsync(context, KeysView.ToPage(await view.KeyAsync(visitor, key, time.GetUtcNow(), state, problem, context.RequestAborted), problem is null ? 200 : 400));

    private Task WriteAsync(HttpContext context, PageContent content) => renderer.WriteHtmlAsync(context, KeysPage.Description, content, site.Describe(context));
}
