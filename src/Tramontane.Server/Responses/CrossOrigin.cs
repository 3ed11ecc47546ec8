using Microsoft.AspNetCore.Http;

namespace Tramontane.Server.Responses;

/// <summary>
/// Lets web pages of the allowed origins call the server. Credentials (cookies) are never allowed: the key is a header
/// that the page must set itself.
/// </summary>
internal sealed class CrossOrigin(IEnumerable<string> origins)
{
    private readonly HashSet<string> _origins = new(origins.Select(o => o.TrimEnd('/')), StringComparer.OrdinalIgnoreCase);

    internal Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        AddHeaders(context);
        if (!HttpMethods.IsOptions(context.Request.Method))
        {
            return next(context);
        }

        // A preflight, or somebody who asks what is possible: neither needs a key.
        const string Methods = "GET, HEAD, POST, PATCH, DELETE, OPTIONS";
        IHeaderDictionary headers = context.Response.Headers;
        headers.Allow = Methods;
        headers.AccessControlAllowMethods = "GET, POST, PATCH, DELETE, OPTIONS";
        headers.AccessControlMaxAge = "600";
        string requested = RequestedHeaders(context.Request.Headers.AccessControlRequestHeaders.ToString());
        headers.AccessControlAllowHeaders = requested.Length > 0
            ? requested // by name: "*" does not cover Authorization
            : "authorization, content-type, x-api-key, anthropic-version, anthropic-beta, anthropic-dangerous-direct-browser-access, http-referer, x-title";
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private void AddHeaders(HttpContext context)
    {
        IHeaderDictionary headers = context.Response.Headers;
        if (_origins.Contains("*"))
        {
            headers.AccessControlAllowOrigin = "*";
        }
        else
        {
            headers.Vary = "Origin";
            string origin = context.Request.Headers.Origin.ToString();
            if (!_origins.Contains(origin))
            {
                return;
            }

            headers.AccessControlAllowOrigin = origin;
        }

        headers.AccessControlExposeHeaders = "x-request-id, request-id, retry-after, x-ignored-fields";
    }

    private static string RequestedHeaders(string list) =>
        string.Join(", ", list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(name => name.Length <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            .Take(64));
}
