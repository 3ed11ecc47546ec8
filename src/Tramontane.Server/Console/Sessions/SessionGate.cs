using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Tramontane.Server.Auth;

namespace Tramontane.Server.Console.Sessions;

/// <summary>Knows a browser by its session's cookie, which exists only after signing in, and takes forms from the console's own pages alone.</summary>
internal sealed class SessionGate(ApiKeys keys, SessionStore store, ServerOptions options)
{
    /// <summary>The hidden field that holds <see cref="ConsoleSession.FormToken"/>.</summary>
    internal const string TokenField = "token";

    private const long LongestForm = 64 << 10;

    /// <summary>Who asks: a session's key; everybody, on this machine, while the server has no key; otherwise nobody.</summary>
    internal Visitor? Identify(HttpContext context)
    {
        if (keys.IsOpen)
        {
            return context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address) ? new Visitor(Caller.Anyone, null) : null;
        }

        return context.Request.Cookies[CookieName(context)] is { Length: > 0 and <= 128 } id ? store.Find(id) : null;
    }

    /// <summary>Starts a session under a new id; one that the browser had before ends.</summary>
    internal void SignIn(HttpContext context, string secret)
    {
        Forget(context);
        context.Response.Cookies.Append(CookieName(context), store.Open(ApiKeys.Hash(secret)), Cookie(context));
    }

    /// <summary>Ends the browser's session.</summary>
    internal void SignOut(HttpContext context)
    {
        Forget(context);
        context.Response.Cookies.Delete(CookieName(context), Cookie(context));
    }

    /// <summary>A form of one of the console's own pages; null when it is none, is too long, or came from elsewhere.</summary>
    internal async Task<IFormCollection?> ReadOwnFormAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        if (!IsOwnOrigin(request) || !(request.ContentType ?? "").StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) || request.ContentLength > LongestForm)
        {
            return null;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = LongestForm;
        }

        try
        {
            var form = new FormFeature(request, new FormOptions { ValueCountLimit = 64, KeyLengthLimit = 128, ValueLengthLimit = 8_192, BufferBody = false });
            return await form.ReadFormAsync(context.RequestAborted);
        }
        catch (Exception e) when (e is InvalidDataException or BadHttpRequestException)
        {
            return null;
        }
    }

    /// <summary>Browsers name the origin of every form, or at least whether it is the same; who names neither is none.</summary>
    private bool IsOwnOrigin(HttpRequest request)
    {
        string origin = request.Headers.Origin.ToString();
        int host = origin.IndexOf("://", StringComparison.Ordinal);
        if (host < 0)
        {
            return request.Headers["Sec-Fetch-Site"] == "same-origin";
        }

        string from = origin[(host + 3)..];
        return from.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase)
            || (Uri.TryCreate(options.Console.PublicUrl, UriKind.Absolute, out Uri? address) && from.Equals(address.Authority, StringComparison.OrdinalIgnoreCase));
    }

    private void Forget(HttpContext context)
    {
        if (context.Request.Cookies[CookieName(context)] is { Length: > 0 and <= 128 } id)
        {
            store.Close(id);
        }
    }

    private bool IsSecure(HttpContext context) =>
        context.Request.IsHttps || options.Console.PublicUrl?.StartsWith("https:", StringComparison.OrdinalIgnoreCase) == true; // behind a proxy that ends TLS

    // Browsers take a cookie of the __Host- kind only from the host itself and over TLS, so that no neighbour can plant one.
    private string CookieName(HttpContext context) => IsSecure(context) ? "__Host-tramontane-session" : "tramontane-session";

    private CookieOptions Cookie(HttpContext context) => new() { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = IsSecure(context), Path = "/", IsEssential = true };
}
