using Microsoft.AspNetCore.Http;

namespace Tramontane.Server.Console;

/// <summary>What a browser is told about the console's replies: nothing from elsewhere, nothing inline, no frames, no referrer.</summary>
internal static class SecurityHeaders
{
    /// <summary>The content security policy of every page and asset.</summary>
    internal const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    internal static void Add(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
        headers.Remove("Access-Control-Allow-Origin"); // the API may be called from other origins; pages and assets are for this one
        headers.Remove("Access-Control-Expose-Headers");
    }
}
