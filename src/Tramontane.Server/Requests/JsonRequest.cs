using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Tramontane.Server.Requests;

/// <summary>Reads a request body into what a route asks for. The body's memory is free again before any work begins.</summary>
internal static class JsonRequest
{
    /// <param name="context">The request.</param>
    /// <param name="options">Limits.</param>
    /// <param name="read">Maps the body; what it records as an error makes its result void.</param>
    internal static async ValueTask<(T? Request, ApiError? Error)> ReadAsync<T>(HttpContext context, ServerOptions options, Func<JsonField, T> read)
        where T : class
    {
        (JsonDocument? document, ApiError? error) = await RequestBody.ReadAsync(context.Request, options.MaxBodyBytes, context.RequestAborted);
        if (document is null)
        {
            return (null, error);
        }

        using (document)
        {
            var errors = new RequestErrors();
            T request = read(new JsonField(errors, document.RootElement, ""));
            return errors.First is null ? (request, null) : (null, errors.First);
        }
    }
}
