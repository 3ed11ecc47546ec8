using System.Globalization;
using System.Text.RegularExpressions;
using Tramontane.Inference.Engine;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.Observability;

public sealed partial class HealthEndpointsTests
{
    [Fact]
    public async Task Ready_AfterTheEngineHasStopped_Is503WhileHealthStays200()
    {
        var engine = new ScriptedEngine();
        await using TestServer server = await TestServer.StartAsync(engine);
        Assert.Equal(200, (await server.GetAsync("/ready")).Status);
        engine.Refusal = SubmissionRefusal.Stopped;
        Assert.Equal(503, (await server.GetAsync("/ready")).Status);
        Assert.Equal(("""{"status":"ok"}""", 200), ((await server.GetAsync("/health")).Body.ToJsonString(), (await server.GetAsync("/")).Status));
    }

    [Fact]
    public async Task Metrics_AfterRequests_AreInPrometheusFormat()
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.PostAsync("/v1/chat/completions", TestServer.Chat());
        await server.StreamAsync("/v1/chat/completions", TestServer.Chat("\"stream\":true"));
        await server.PostAsync("/v1/completions", TestServer.Completion("\"secret prompt\""));
        using HttpResponseMessage response = await server.Client.GetAsync(new Uri("/metrics", UriKind.Relative));
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        string text = await response.Content.ReadAsStringAsync();
        Assert.All(text.TrimEnd('\n').Split('\n'), line => Assert.Matches(MetricLine(), line));
        Assert.Contains("# TYPE gen_ai_server_request_duration_seconds histogram\n", text, StringComparison.Ordinal);
        Assert.Equal(2, Value(text, "gen_ai_server_request_duration_seconds_count{gen_ai_operation_name=\"chat\",gen_ai_response_model=\"Scripted\"}"));
        Assert.Equal(2, Value(text, "gen_ai_server_request_duration_seconds_bucket{gen_ai_operation_name=\"chat\",gen_ai_response_model=\"Scripted\",le=\"+Inf\"}"));
        Assert.Equal(1, Value(text, "gen_ai_server_time_to_first_token_seconds_count{gen_ai_operation_name=\"text_completion\",gen_ai_response_model=\"Scripted\"}"));
        Assert.Equal(11, Value(text, "tramontane_engine_generated_tokens_total"));
        Assert.Equal(1.5, Value(text, "tramontane_engine_step_time_seconds_total"));
        Assert.Equal(17, Value(text, "tramontane_engine_total_kv_blocks"));
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_OfRefusedRequests_NameTheError()
    {
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine { Refusal = SubmissionRefusal.QueueFull });
        await server.PostAsync("/v1/chat/completions", TestServer.Chat());
        string text = await server.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        Assert.Equal(1, Value(text, "gen_ai_server_request_duration_seconds_count{error_type=\"rate_limit_error\",gen_ai_operation_name=\"chat\",gen_ai_response_model=\"Scripted\"}"));
    }

    [Fact]
    public async Task Metrics_OfTwoServersInOneProcess_StayApart()
    {
        await using TestServer first = await TestServer.StartAsync();
        await using TestServer second = await TestServer.StartAsync();
        await first.PostAsync("/v1/chat/completions", TestServer.Chat());
        string text = await second.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        Assert.DoesNotContain("gen_ai_server_request_duration_seconds_count", text, StringComparison.Ordinal);
    }

    private static double Value(string text, string series) =>
        double.Parse(text.Split('\n').Single(l => l.StartsWith(series + " ", StringComparison.Ordinal))[(series.Length + 1)..], CultureInfo.InvariantCulture);

    [GeneratedRegex("""^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? [0-9.eE+-]+)$""")]
    private static partial Regex MetricLine();
}
