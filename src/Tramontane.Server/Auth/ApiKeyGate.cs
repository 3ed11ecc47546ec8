using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Tramontane.Server.Requests;
using Tramontane.Server.Responses;

namespace Tramontane.Server.Auth;

/// <summary>Lets requests pass that carry one of the configured keys; all of them when none is configured.</summary>
internal sealed class ApiKeyGate
{
    private static readonly string[] s_open = ["/", "/health", "/ready"];

    private static readonly object s_tenant = new();

    private readonly byte[][] _keyHashes;

    internal ApiKeyGate(IEnumerable<string> keys) =>
        _keyHashes = [.. keys.Where(k => k.Length > 0).Select(Hash)];

    /// <summary>Step 2: the key.</summary>
    internal async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (_keyHashes.Length == 0 || IsOpen(context.Request.Path))
        {
            await next(context);
            return;
        }

        string[] offered = [.. OfferedKeys(context.Request.Headers)];
        if (Array.Find(offered, IsValid) is { } key)
        {
            context.Items[s_tenant] = Convert.ToHexStringLower(Hash(key));
            await next(context);
            return;
        }

        context.Response.Headers.WWWAuthenticate = "Bearer";
        await JsonReply.WriteErrorAsync(context, offered.Length == 0
            ? new ApiError(StatusCodes.Status401Unauthorized, "You didn't provide an API key. Send it as 'Authorization: Bearer KEY' or 'x-api-key: KEY'.")
            : new ApiError(StatusCodes.Status401Unauthorized, $"Incorrect API key provided: {Mask(offered[0])}.", "invalid_api_key"));
    }

    /// <summary>Whose request it is: the hash of the key that let it pass; null when none was needed.</summary>
    internal static string? TenantOf(HttpContext context) => context.Items[s_tenant] as string;

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    private static bool IsOpen(PathString path) =>
        s_open.Any(open => string.Equals(path.Value?.TrimEnd('/') ?? "", open.TrimEnd('/'), StringComparison.OrdinalIgnoreCase));

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

    /// <summary>Compares hashes of equal length against every key, so that time tells nothing of a key or its length.</summary>
    private bool IsValid(string key)
    {
        byte[] hash = Hash(key);
        bool valid = false;
        foreach (byte[] known in _keyHashes)
        {
            valid |= CryptographicOperations.FixedTimeEquals(hash, known);
        }

        return valid;
    }

    private static string Mask(string key) => key.Length <= 6 ? "***" : key[..3] + "***";
}
