using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tramontane.Metering;
using Tramontane.Server.Console.Keys;
using Tramontane.Server.Console.Rendering;
using Tramontane.Server.Console.Usage;

namespace Tramontane.Server.Console.Sessions;

/// <summary>Routes of what belongs to a visitor beside the pages themselves: signing in and out, forms, tables to download.</summary>
internal sealed class PrivateRoutes(SignInForms signIn, KeyForms keys, UsagePage usage, ConsoleSite site, ConsoleGate gate, SessionGate sessions, PageRenderer renderer)
{
    private static readonly PathString[] s_roots = ["/sign-in", "/sign-out", "/keys", "/usage", "/usage.csv"];

    /// <summary>Whether a path is one of these; who may go on there is decided here, not by the API's gate.</summary>
    internal static bool Owns(PathString path) => s_roots.Any(root => path.StartsWithSegments(root, StringComparison.OrdinalIgnoreCase));

    internal void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/sign-in", Guarded(signIn.SignInAsync));
        routes.MapPost("/sign-out", Guarded(signIn.SignOutAsync));
        routes.MapGet("/usage.csv", Guarded(usage.WriteCsvAsync));
        routes.MapPost("/keys", Guarded(keys.CreateKeyAsync));
        routes.MapPost("/keys/accounts", Guarded(keys.CreateAccountAsync));
        routes.MapPost("/keys/credits", Guarded(keys.AddCreditAsync));
        routes.MapGet("/keys/{id}", Guarded(keys.ShowAsync));
        routes.MapPost("/keys/{id}", Guarded(keys.UpdateAsync));
        routes.MapPost("/keys/{id}/rotate", Guarded(keys.RotateAsync));
        routes.MapPost("/keys/{id}/revoke", Guarded(keys.RevokeAsync));
    }

    /// <summary>See other: a reload then repeats no form.</summary>
    internal static void Redirect(HttpContext context, string path)
    {
        SecurityHeaders.Add(context.Response.Headers);
        context.Response.Headers.CacheControl = "no-store";
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = path;
    }

    private RequestDelegate Guarded(Func<HttpContext, Task> handle) => async context =>
    {
        if (!gate.Admits(context))
        {
            return;
        }

        try
        {
            await handle(context);
        }
        catch (MeteringException e) when (!context.Response.HasStarted)
        {
            (int status, string title) = e.Fault switch
            {
                MeteringFault.NotFound => (404, "Nothing is here"),
                MeteringFault.Conflict => (409, "That does not go together"),
                MeteringFault.Invalid => (400, "A value is wrong"),
                _ => (503, "The database does not answer"),
            };
            await renderer.WriteHtmlAsync(context, null, MessageModel.Page(status, title, e.Message, context.Request.Path.StartsWithSegments("/usage.csv") ? "/usage" : "/keys"), site.Describe(context) with { Visitor = sessions.Identify(context) });
        }
    };
}
