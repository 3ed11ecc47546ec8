using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tramontane.Server.Auth;
using Tramontane.Server.Requests.Fields;

namespace Tramontane.Server.Requests;

/// <summary>Step 1: reads a request body into what a route asks for. The body's memory is free again before any work begins.</summary>
internal sealed class RequestReader(ServerOptions options, ApiKeys keys, LargeWork largeWork)
{
    /// <param name="context">The request.</param>
    /// <param name="shape">The fields that the route knows.</param>
    /// <param name="read">Maps the body; what it records as an error makes its result void.</param>
    internal async ValueTask<(T? Request, ApiError? Error)> ReadAsync<T>(HttpContext context, RequestShape shape, Func<JsonField, T> read)
        where T : class
    {
        (Memory<byte> bytes, ApiError? error) = await RequestBody.ReadAsync(context.Request, options.MaxBodyBytes, context.RequestAborted);
        return error is not null ? (null, error) : await largeWork.RunAsync(bytes.Length, () => Read(context, bytes, shape, read), context.RequestAborted);
    }

    private (T? Request, ApiError? Error) Read<T>(HttpContext context, Memory<byte> bytes, RequestShape shape, Func<JsonField, T> read)
        where T : class
    {
        (JsonDocument? document, ApiError? error) = RequestBody.Parse(bytes);
        if (document is null)
        {
            return (null, KeyIsMissing(context) ? ApiKeyGate.RefusalAfterBody(context, keys, null) : error);
        }

        using (document)
        {
            var errors = new RequestErrors();
            var body = new JsonField(errors, document.RootElement, "");
            if (KeyIsMissing(context) && !AcceptKey(context, body["key"]))
            {
                return (null, ApiKeyGate.RefusalAfterBody(context, keys, body["key"].IsString ? body["key"].String() : null));
            }

            if (Scopes.Refuse(context.Features.Get<Caller>()!, context.Request.Path) is { } missing)
            {
                return (null, missing);
            }

            T request = read(body);
            IgnoredFields.Report(body, errors.LeftOut, shape, ClientStyle.Of(context), options.StrictParams || shape.IsStrict, context.Response);
            error = errors.First ?? RequestBody.RefuseInfiniteNumbers(bytes);
            return error is null ? (request, null) : (null, error);
        }
    }

    /// <summary>The gate let the request pass because its key may stand in the body.</summary>
    private static bool KeyIsMissing(HttpContext context) => context.Features.Get<Caller>() is null;

    private bool AcceptKey(HttpContext context, JsonField key)
    {
        if (!key.IsString || keys.Find(key.String()!) is not { } caller)
        {
            return false;
        }

        context.Features.Set(caller);
        return true;
    }
}
