using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Tramontane.Server.Requests;

/// <summary>The id of a model in a path: it may hold slashes, raw or escaped.</summary>
internal static class RequestedModel
{
    /// <summary>
    /// Everything behind <c>/models/</c>, unescaped once. The decoded path will not do: it keeps <c>%2F</c> as it is, and
    /// <c>%252F</c> looks the same there.
    /// </summary>
    internal static string Id(HttpContext context)
    {
        const string Marker = "/models/";
        string target = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        int query = target.IndexOf('?', StringComparison.Ordinal);
        string path = query < 0 ? target : target[..query];
        int at = path.IndexOf(Marker, StringComparison.OrdinalIgnoreCase);
        return (at >= 0 ? Uri.UnescapeDataString(path[(at + Marker.Length)..]) : context.GetRouteValue("id")?.ToString() ?? "").TrimEnd('/');
    }
}
