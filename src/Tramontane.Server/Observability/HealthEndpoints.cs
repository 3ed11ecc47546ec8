using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tramontane.Server.Responses;

namespace Tramontane.Server.Observability;

/// <summary>
/// <c>/health</c> and <c>/</c>: the process answers. <c>/ready</c>: it would take a request. <c>/metrics</c>: Prometheus.
/// </summary>
internal sealed class HealthEndpoints(EngineHealth health, MetricsCollector metrics)
{
    private static readonly byte[] s_ok = """{"status":"ok"}"""u8.ToArray();
    private static readonly byte[] s_unavailable = """{"status":"unavailable"}"""u8.ToArray();

    internal void Map(IEndpointRouteBuilder routes)
    {
        string[] methods = [HttpMethods.Get, HttpMethods.Head];
        routes.MapMethods("/", methods, static context => JsonReply.WriteAsync(context, StatusCodes.Status200OK, s_ok));
        routes.MapMethods("/health", methods, static context => JsonReply.WriteAsync(context, StatusCodes.Status200OK, s_ok));
        routes.MapMethods("/ready", methods, context => health.IsReady
            ? JsonReply.WriteAsync(context, StatusCodes.Status200OK, s_ok)
            : JsonReply.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, s_unavailable));
        routes.MapMethods("/metrics", methods, context =>
        {
            context.Response.ContentType = PrometheusText.ContentType;
            return context.Response.WriteAsync(metrics.Render(), context.RequestAborted);
        });
    }
}
