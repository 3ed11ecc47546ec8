using Microsoft.AspNetCore.Http;
using Tramontane.Server.Responses;

namespace Tramontane.Server.Requests;

/// <summary>Refuses, before it is read, a body that is too large or of a kind that no route takes.</summary>
/// <param name="maxBytes">The largest body.</param>
/// <param name="takesForms">Which paths take forms; no other does.</param>
internal sealed class BodyGate(long maxBytes, Func<PathString, bool> takesForms)
{
    internal Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.ContentLength > maxBytes)
        {
            return JsonReply.WriteErrorAsync(context, ApiError.BodyTooLarge(maxBytes));
        }

        string type = context.Request.ContentType ?? "";
        bool isForm = type.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase)
            || type.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase);
        return isForm && !takesForms(context.Request.Path)
            ? JsonReply.WriteErrorAsync(context, new ApiError(
                StatusCodes.Status415UnsupportedMediaType, "Forms are not supported. Send a JSON object with 'Content-Type: application/json'.", "unsupported_content_type"))
            : next(context);
    }
}
