using Microsoft.AspNetCore.Http;
using Tramontane.Metering.Keys;
using Tramontane.Server.Requests;

namespace Tramontane.Server.Auth;

/// <summary>What a key must be allowed to do for a route.</summary>
internal static class Scopes
{
    /// <summary>For whoever started the server.</summary>
    internal const string HintOfCommandLine = " A key given as --api-key may only ask the model; --admin-key gives one that may do everything.";

    /// <summary>Why this caller may not use the path; null when it may.</summary>
    internal static ApiError? Refuse(Caller caller, PathString path)
    {
        KeyScopes needed = Needed(path);
        if (caller.Scopes.HasFlag(needed))
        {
            return null;
        }

        return caller == Caller.Anyone
            ? Forbidden("No key has been made yet, and this needs one. On the machine of the server, 'tramontane keys create --admin' makes the first.")
            : Forbidden($"This API key may not do that: it needs the scope '{KeyScopeNames.Of(needed)[0]}'.{(caller.KeyId is null ? HintOfCommandLine : "")}");
    }

    private static KeyScopes Needed(PathString path) =>
        path.StartsWithSegments("/v1/admin", StringComparison.OrdinalIgnoreCase) ? KeyScopes.Admin
        : path.StartsWithSegments("/v1/usage", StringComparison.OrdinalIgnoreCase) ? KeyScopes.UsageRead
        : path.StartsWithSegments("/metrics", StringComparison.OrdinalIgnoreCase) ? KeyScopes.None
        : KeyScopes.Inference;

    private static ApiError Forbidden(string message) => new(StatusCodes.Status403Forbidden, message, "insufficient_permissions");
}
