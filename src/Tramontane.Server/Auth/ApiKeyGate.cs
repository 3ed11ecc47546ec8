using Microsoft.AspNetCore.Http;
using Tramontane.Metering.Keys;
using Tramontane.Server.Console;
using Tramontane.Server.Requests;
using Tramontane.Server.Responses;

namespace Tramontane.Server.Auth;

/// <summary>Lets requests pass that carry one of the configured keys; all of them when none is configured.</summary>
internal sealed class ApiKeyGate(ApiKeys keys, ConsoleEndpoints console)
{
    private static readonly string[] s_open = ["/", "/health", "/ready"];
    private static readonly object s_offered = new();

    /// <summary>Step 2: the key.</summary>
    internal async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (IsOpen(context.Request.Path) || console.Owns(context.Request.Path) || console.ShowsDocument(context))
        {
            context.Features.Set(Caller.Anyone);
            await next(context);
            return;
        }

        string[] offered = [.. OfferedKeys(context.Request.Headers)];
        if ((keys.IsOpen ? Caller.Anyone : offered.Select(keys.Find).FirstOrDefault(c => c is not null)) is { } caller)
        {
            if (Scopes.Refuse(caller, context.Request.Path) is { } missing)
            {
                await JsonReply.WriteErrorAsync(context, missing);
                return;
            }

            context.Features.Set(caller);
            await next(context);
            return;
        }

        if (MayCarryKeyInBody(context))
        {
            context.Items[s_offered] = offered.FirstOrDefault();
            await next(context); // without a caller: whoever reads the body looks for the key there
            return;
        }

        context.Response.Headers.WWWAuthenticate = "Bearer";
        await JsonReply.WriteErrorAsync(context, Refusal(keys, offered.FirstOrDefault()));
    }

    /// <summary>The refusal of a request whose key neither a header nor its body holds.</summary>
    internal static ApiError RefusalAfterBody(HttpContext context, ApiKeys keys, string? offered) => Refusal(keys, offered ?? context.Items[s_offered] as string);

    /// <param name="keys">Knows why the key is refused.</param>
    /// <param name="offered">The wrong key; null for none.</param>
    private static ApiError Refusal(ApiKeys keys, string? offered)
    {
        if (offered is null)
        {
            return new ApiError(StatusCodes.Status401Unauthorized, "You didn't provide an API key. Send it as 'Authorization: Bearer KEY' or 'x-api-key: KEY'.")
            {
                AnthropicMessage = "x-api-key header is required",
            };
        }

        keys.Find(offered, out KeyStatus status);
        string message = status switch
        {
            KeyStatus.Expired => $"The API key {Mask(offered)} has expired. Ask the operator of this server for another.",
            KeyStatus.Revoked => $"The API key {Mask(offered)} was revoked. Ask the operator of this server for another.",
            _ => $"Incorrect API key provided: {Mask(offered)}.",
        };
        return new ApiError(StatusCodes.Status401Unauthorized, message, "invalid_api_key") { AnthropicMessage = status == KeyStatus.Unknown ? "invalid x-api-key" : message };
    }

    private static bool IsOpen(PathString path) =>
        s_open.Any(open => string.Equals(path.Value?.TrimEnd('/') ?? "", open.TrimEnd('/'), StringComparison.OrdinalIgnoreCase));

    private static bool MayCarryKeyInBody(HttpContext context) =>
        ClientStyle.Of(context).AcceptsKeyInBody && HttpMethods.IsPost(context.Request.Method) && BasePaths.IsAtOrBelow(context.Request.Path, "/v1/chat/completions");

    private static IEnumerable<string> OfferedKeys(IHeaderDictionary headers)
    {
        const string Scheme = "Bearer ";
        string authorization = headers.Authorization.ToString();
        if (authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && authorization[Scheme.Length..].Trim() is { Length: > 0 } bearer)
        {
            yield return bearer;
        }

        if (headers["x-api-key"].ToString() is { Length: > 0 } key)
        {
            yield return key;
        }
    }

    private static string Mask(string key) => key.Length <= 6 ? "***" : key[..3] + "***";
}
