using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tramontane.Server.Console;
using Tramontane.Server.OpenAI;
using Tramontane.Server.Responses;

namespace Tramontane.Server.Observability;

/// <summary>
/// <c>/health</c>, and <c>/</c> for all but browsers: the process answers. <c>/ready</c>: it would take a request. <c>/metrics</c>: Prometheus.
/// </summary>
internal sealed class HealthEndpoints(EngineHealth health, MetricsCollector metrics, ConsoleEndpoints console)
{
    private static readonly HealthReply s_ok = new() { Status = "ok" };
    private static readonly HealthReply s_unavailable = new() { Status = "unavailable" };

    internal void Map(IEndpointRouteBuilder routes)
    {
        string[] methods = [HttpMethods.Get, HttpMethods.Head];
        routes.MapMethods("/", methods, context => console.TryWriteHome(context, out Task written) ? written : WriteAsync(context, StatusCodes.Status200OK, s_ok));
        routes.MapMethods("/health", methods, static context => WriteAsync(context, StatusCodes.Status200OK, s_ok));
        routes.MapMethods("/ready", methods, context => health.IsReady
            ? WriteAsync(context, StatusCodes.Status200OK, s_ok)
            : WriteAsync(context, StatusCodes.Status503ServiceUnavailable, s_unavailable));
        routes.MapMethods("/metrics", methods, context =>
        {
            context.Response.ContentType = PrometheusText.ContentType;
            return context.Response.WriteAsync(metrics.Render(), context.RequestAborted);
        });
    }

    private static Task WriteAsync(HttpContext context, int status, HealthReply reply) => JsonReply.WriteAsync(context, status, reply, OpenAIJson.Relaxed.HealthReply);
}

/// <summary>The reply of <c>/health</c> and <c>/ready</c>.</summary>
internal sealed record HealthReply
{
    /// <summary><c>ok</c> or <c>unavailable</c>.</summary>
    [JsonPropertyName("status")]
    public required string Status { get; init; }
}
