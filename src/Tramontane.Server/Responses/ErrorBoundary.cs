using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tramontane.Server.Console;
using Tramontane.Server.Requests;

namespace Tramontane.Server.Responses;

/// <summary>The outermost layer: names each request, and turns what goes wrong in one into that request's error.</summary>
internal sealed partial class ErrorBoundary(ILogger<ErrorBoundary> logger, ConsoleEndpoints console)
{
    internal async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        string requestId = Identifiers.New("req_");
        context.TraceIdentifier = requestId;
        context.Response.Headers["x-request-id"] = requestId;
        context.Response.Headers["request-id"] = requestId;
        try
        {
            await next(context);
            await DescribeUnmatchedAsync(context);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client left: its sequences are cancelled, and nobody is there to hear of anything else.
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            await JsonReply.WriteErrorAsync(context, new ApiError(e.StatusCode, "The request could not be read: " + e.Message));
        }
        catch (Exception e)
        {
            Log.RequestFailed(logger, e, requestId);
            if (context.Response.HasStarted)
            {
                context.Abort(); // a cut reply must not look like a whole one
                return;
            }

            await (console.TryWriteError(context, StatusCodes.Status500InternalServerError, out Task written) ? written : JsonReply.WriteErrorAsync(context, ApiError.Of(e)));
        }
    }

    /// <summary>Routing answers unknown paths and methods without a body.</summary>
    private Task DescribeUnmatchedAsync(HttpContext context)
    {
        if (context.Response.HasStarted)
        {
            return Task.CompletedTask;
        }

        if (context.Response.StatusCode >= StatusCodes.Status400BadRequest && console.TryWriteError(context, context.Response.StatusCode, out Task written))
        {
            return written;
        }

        string method = context.Request.Method;
        string path = ClientStyle.Of(context).RequestedPath;
        return context.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => JsonReply.WriteErrorAsync(
                context, new ApiError(StatusCodes.Status404NotFound, $"Invalid URL ({method} {path})", "unknown_url")),
            StatusCodes.Status405MethodNotAllowed => JsonReply.WriteErrorAsync(
                context, new ApiError(StatusCodes.Status405MethodNotAllowed, $"Not allowed to {method} on {path}. Allowed: {context.Response.Headers.Allow}.", "method_not_supported")),
            _ => Task.CompletedTask,
        };
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "Request {RequestId} failed.")]
        public static partial void RequestFailed(ILogger logger, Exception exception, string requestId);
    }
}
