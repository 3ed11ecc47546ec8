using System.Text;
using Microsoft.AspNetCore.Http;
using Tramontane.Server.Auth;

namespace Tramontane.Server.Console;

/// <summary>Who may see the pages: everybody, or whoever gives the browser a key as the password of HTTP Basic.</summary>
internal sealed class ConsoleGate(ServerOptions options, ApiKeys keys)
{
    /// <summary>False when the request has been refused.</summary>
    internal bool Admits(HttpContext context)
    {
        if (MayRead(context))
        {
            return true;
        }

        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.Headers.WWWAuthenticate = "Basic realm=\"Tramontane: any user name, an API key as password\", charset=\"UTF-8\"";
        return false;
    }

    /// <summary>Whether the pages are for this request.</summary>
    internal bool MayRead(HttpContext context) =>
        options.Console.Visibility == ConsoleVisibility.Public || keys.IsOpen || (Password(context.Request) is { } key && keys.Find(key) is not null);

    private static string? Password(HttpRequest request)
    {
        const string Scheme = "Basic ";
        string header = request.Headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        Span<byte> decoded = new byte[header.Length];
        if (!Convert.TryFromBase64String(header[Scheme.Length..].Trim(), decoded, out int length))
        {
            return null;
        }

        string pair = Encoding.UTF8.GetString(decoded[..length]);
        int colon = pair.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : pair[(colon + 1)..];
    }
}
