using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Tramontane.Inference.Engine;
using Tramontane.Metering;

namespace Tramontane.Server.Tests.Fakes;

/// <summary>A server on a free port of the loopback, and a client for it.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    internal const string ModelName = "mistral-small-2506";

    private readonly ServerHost _host;

    private TestServer(ServerHost host, IInferenceEngine engine)
    {
        _host = host;
        Engine = engine;
        Client = new HttpClient(new SocketsHttpHandler { UseProxy = false, MaxResponseDrainSize = 0 }) { BaseAddress = new Uri(host.Url) };
    }

    internal HttpClient Client { get; }

    internal IInferenceEngine Engine { get; }

    internal ServerHost Host => _host;

    internal Uri Url => new(_host.Url);

    internal static async Task<TestServer> StartAsync(IInferenceEngine? engine = null, Action<ServerOptions>? configure = null, TimeProvider? time = null, ILoggerProvider? logs = null, Meter? meter = null)
    {
        engine ??= new ScriptedEngine();
        var options = new ServerOptions { Port = 0 };
        configure?.Invoke(options);
        var host = new ServerHost(options, engine, logs is null ? null : builder => builder.AddProvider(logs).SetMinimumLevel(LogLevel.Trace), time, meter);
        await host.StartAsync();
        return new TestServer(host, engine);
    }

    /// <summary>A chat request with one user message; <paramref name="fields"/> is JSON text of further members, such as <c>"n":2</c>.</summary>
    internal static string Chat(string fields = "", string messages = """[{"role":"user","content":"Hi"}]""") =>
        $$"""{"model":"{{ModelName}}","messages":{{messages}}{{(fields.Length > 0 ? "," : "")}}{{fields}}}""";

    internal static string Completion(string prompt, string fields = "") =>
        $$"""{"model":"{{ModelName}}","prompt":{{prompt}}{{(fields.Length > 0 ? "," : "")}}{{fields}}}""";

    internal static HttpContent Json(string body) => Json(Encoding.UTF8.GetBytes(body));

    internal static HttpContent Json(byte[] body) => new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

    internal async Task<(int Status, JsonObject Body)> PostAsync(string path, string body)
    {
        using HttpResponseMessage response = await Client.PostAsync(new Uri(path, UriKind.Relative), Json(body));
        return ((int)response.StatusCode, await ReadAsync(response));
    }

    internal async Task<(int Status, JsonObject Body)> GetAsync(string path)
    {
        using HttpResponseMessage response = await Client.GetAsync(new Uri(path, UriKind.Relative));
        return ((int)response.StatusCode, await ReadAsync(response));
    }

    /// <summary>Posts and collects the <c>data:</c> lines of the event stream; <c>[DONE]</c> is the last of them.</summary>
    internal async Task<List<string>> StreamAsync(string path, string body)
    {
        using HttpResponseMessage response = await Client.PostAsync(new Uri(path, UriKind.Relative), Json(body));
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        return Events(text);
    }

    internal static List<string> Events(string text)
    {
        Assert.EndsWith("\n\n", text, StringComparison.Ordinal);
        string[] blocks = text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        return [.. blocks.Where(b => b[0] != ':').Select(b =>
        {
            Assert.StartsWith("data: ", b, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', b);
            return b["data: ".Length..];
        })];
    }

    internal static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();

    internal static async Task<JsonObject> ReadAsync(HttpResponseMessage response)
    {
        Assert.Equal("application/json; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        return JsonSerializer.Deserialize<JsonObject>(await response.Content.ReadAsByteArrayAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _host.DisposeAsync();
    }
}
