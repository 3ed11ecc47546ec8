using Microsoft.AspNetCore.Http;
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
        if (keys.IsOpen || IsOpen(context.Request.Path) || console.Owns(context.Request.Path))
        {
            context.Features.Set(Caller.Anyone);
            await next(context);
            return;
        }

        string[] offered = [.. OfferedKeys(context.Request.Headers)];
        if (offered.Select(keys.Find).FirstOrDefault(c => c is not null) is { } caller)
        {
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
        await JsonReply.WriteErrorAsync(context, Refusal(offered.FirstOrDefault()));
    }

    /// <summary>The refusal of a request whose key neither a header nor its body holds.</summary>
    internal static ApiError RefusalAfterBody(HttpContext context, string? offered) => Refusal(offered ?? context.Items[s_offered] as string);

    /// <param name="offered">The wrong key; null for none.</param>
    private static ApiError Refusal(string? offered) => offered is null
        ? new ApiError(StatusCodes.Status401Unauthorized, "You didn't provide an API key. Send it as 'Authorization: Bearer KEY' or 'x-api-key: KEY'.")
        {
            AnthropicMessage = "x-api-key header is required",
        }
        : new ApiError(StatusCodes.Status401Unauthorized, $"Incorrect API key provided: {Mask(offered)}.", "invalid_api_key") { AnthropicMessage = "invalid x-api-key" };

    private static bool IsOpen(PathString path) =>
        s_open.Any(open => string.Equals(path.Value?.TrimEnd('/') ?? "", open.TrimEnd('/'), StringComparison.OrdinalIgnoreCase));

    private static bool MayCarryKeyInBody(HttpContext context) =>
        ClientStyle.Of(context).AcceptsProviderFields && HttpMethods.IsPost(context.Request.Method) && BasePaths.IsAtOrBelow(context.Request.Path, "/v1/chat/completions");

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
