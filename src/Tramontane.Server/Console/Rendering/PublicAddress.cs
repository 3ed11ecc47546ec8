using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace Tramontane.Server.Console.Rendering;

/// <summary>
/// The address that samples and links name: the configured one, or what the client itself called the server. Nothing but
/// a plain host and port is taken from the <c>Host</c> header, since it goes into commands that people paste into a shell.
/// </summary>
internal static partial class PublicAddress
{
    /// <summary>Without a slash at the end, such as <c>http://127.0.0.1:8080</c>.</summary>
    internal static string Of(HttpContext context, ConsoleOptions options)
    {
        if (options.PublicUrl is { Length: > 0 } configured)
        {
            return configured.TrimEnd('/');
        }

        string host = context.Request.Host.Value ?? "";
        return $"{context.Request.Scheme}://{(IsPlain(host) ? host : Local(context))}";
    }

    internal static bool IsPlain(string host) => host.Length <= 255 && PlainHost().IsMatch(host);

    private static string Local(HttpContext context)
    {
        IPAddress address = context.Connection.LocalIpAddress ?? IPAddress.Loopback;
        return new IPEndPoint(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, context.Connection.LocalPort).ToString();
    }

    [GeneratedRegex(@"\A([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?\z", RegexOptions.NonBacktracking)]
    private static partial Regex PlainHost();
}
