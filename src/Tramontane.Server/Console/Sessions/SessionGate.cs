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

    /// <summary>What is said of a form that <see cref="ReadOwnFormAsync"/> refuses, with what an operator can do when it was one.</summary>
    internal const string NotOwnForm = "The form did not come from this page. Open the page again and send it from there. "
        + "If that does not help, a proxy changes the Host header: the operator must start the server with --public-url and the address that browsers show.";

    private const long LongestForm = 64 << 10;

    // Browsers take a cookie of the __Host- kind only from the host itself and over TLS, so that no neighbour can plant one.
    private const string SecureName = "__Host-tramontane-session", PlainName = "tramontane-session";

    /// <summary>Who asks: a session's key; everybody, on this machine, while the server has no key; otherwise nobody.</summary>
    internal Visitor? Identify(HttpContext context)
    {
        if (keys.IsOpen)
        {
            return context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address) ? new Visitor(Caller.Anyone, null) : null;
        }

        return CookieOf(context.Request) is { } id ? store.Find(id) : null;
    }

    /// <summary>Starts a session under a new id; one that the browser had before ends.</summary>
    internal void SignIn(HttpContext context, string secret)
    {
        Forget(context);
        bool isSecure = IsSecure(context.Request);
        context.Response.Cookies.Append(isSecure ? SecureName : PlainName, store.Open(ApiKeys.Hash(secret)), Cookie(isSecure));
    }

    /// <summary>Ends the browser's session.</summary>
    internal void SignOut(HttpContext context)
    {
        Forget(context);
        bool isSecure = IsSecure(context.Request);
        context.Response.Cookies.Delete(isSecure ? SecureName : PlainName, Cookie(isSecure));
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
        if (CookieOf(context.Request) is { } id)
        {
            store.Close(id);
        }
    }

    /// <summary>
    /// Whether the browser speaks TLS, perhaps with a proxy before this server. Forms say so themselves by their origin; other
    /// requests are known by the host that they name, since a server with a public address can be reached beside it too.
    /// </summary>
    private bool IsSecure(HttpRequest request)
    {
        string origin = request.Headers.Origin.ToString();
        if (origin.Contains("://", StringComparison.Ordinal) && IsOwnOrigin(request))
        {
            return origin.StartsWith("https:", StringComparison.OrdinalIgnoreCase);
        }

        return request.IsHttps || (Uri.TryCreate(options.Console.PublicUrl, UriKind.Absolute, out Uri? address)
            && address.Scheme == Uri.UriSchemeHttps && string.Equals(request.Host.Value, address.Authority, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The session's id. Where the browser speaks TLS, a cookie without the prefix counts for nothing: a neighbour could have set it.</summary>
    private string? CookieOf(HttpRequest request) =>
        (request.Cookies[SecureName] ?? (IsSecure(request) ? null : request.Cookies[PlainName])) is { Length: > 0 and <= 128 } id ? id : null;

    private static CookieOptions Cookie(bool isSecure) => new() { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = isSecure, Path = "/", IsEssential = true };
}
