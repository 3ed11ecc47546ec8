using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Tramontane.Metering.Keys;
using Tramontane.Server.Auth;
using Tramontane.Server.Console.Keys;
using Tramontane.Server.Console.Rendering;
using Tramontane.Server.Console.Usage;

namespace Tramontane.Server.Console.Sessions;

/// <summary><c>POST /sign-in</c> and <c>POST /sign-out</c>.</summary>
internal sealed class SignInForms(ApiKeys keys, SessionGate sessions, SignInLimit limit, ConsoleSite site, PageRenderer renderer)
{
    internal async Task SignInAsync(HttpContext context)
    {
        if (await sessions.ReadOwnFormAsync(context) is not { } form)
        {
            await RefuseAsync(context, UsagePage.Description, SessionGate.NotOwnForm, StatusCodes.Status403Forbidden);
            return;
        }

        PageInfo page = form["next"] == KeysPage.Description.Path ? KeysPage.Description : UsagePage.Description;
        IPAddress? address = context.Connection.RemoteIpAddress;
        if (limit.Enter(address) is { } wait && wait > TimeSpan.Zero)
        {
            int seconds = (int)Math.Ceiling(wait.TotalSeconds);
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            await RefuseAsync(context, page, $"Too many wrong keys were tried. Try again in {seconds} {(seconds == 1 ? "second" : "seconds")}.", StatusCodes.Status429TooManyRequests);
            return;
        }

        string secret = form["key"].ToString().Trim();
        Caller? caller = keys.Find(secret, out KeyStatus status);
        if (caller is not null)
        {
            limit.GiveBack(address);
        }

        if (caller is null || !SessionStore.MaySignIn(caller))
        {
            string problem = caller is not null ? "This key may do neither: it needs the scope usage:read or admin." + (caller.KeyId is null ? Scopes.HintOfCommandLine : "")
                : status switch
                {
                    KeyStatus.Expired => "This key has expired.",
                    KeyStatus.Revoked => "This key was revoked.",
                    _ => "No key of this server reads so.",
                };
            await RefuseAsync(context, page, problem, StatusCodes.Status401Unauthorized);
            return;
        }

        sessions.SignIn(context, secret);
        PrivateRoutes.Redirect(context, page.Path);
    }

    internal async Task SignOutAsync(HttpContext context)
    {
        Visitor? visitor = sessions.Identify(context);
        if (await sessions.ReadOwnFormAsync(context) is not { } form || (visitor?.Session is { } session && !session.IsFormToken(form[SessionGate.TokenField].ToString())))
        {
            await RefuseAsync(context, UsagePage.Description, SessionGate.NotOwnForm, StatusCodes.Status403Forbidden);
            return;
        }

        sessions.SignOut(context);
        PrivateRoutes.Redirect(context, UsagePage.Description.Path);
    }

    private Task RefuseAsync(HttpContext context, PageInfo page, string problem, int status) =>
        renderer.WriteHtmlAsync(context, page, new SignInModel(page, problem, !keys.IsOpen).ToPage(status), site.Describe(context));
}
