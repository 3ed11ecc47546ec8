using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Tramontane.Inference.Engine;
using Tramontane.Metering.Ledger;
using Tramontane.Server.Tests.Clients;
using Tramontane.Server.Tests.Contract;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.Robustness;

/// <summary>
/// 64 clients of all dialects at once, some of which hang up at random: everybody else gets exactly the answer that the
/// same request has alone. TRAMONTANE_SOAK_SECONDS makes it go on for that long instead of a few requests each.
/// </summary>
[ContractRow("robustness.soak", "http.disconnect")]
public sealed class SoakTests
{
    private const int Clients = 64;
    private const int Seeds = 24;
    private const int RequestsPerClient = 4;

    /// <summary>Kept responses and the buffers of open connections; what leaks with every request is far more after some minutes.</summary>
    private const long MaxGrowthBytes = 128L << 20;

    private static readonly int s_seconds = int.Parse(Environment.GetEnvironmentVariable("TRAMONTANE_SOAK_SECONDS") ?? "0", CultureInfo.InvariantCulture);

    /// <summary>A request by its seed, and the answer's text in a reply and in a stream.</summary>
    private static readonly (string Path, Func<int, string> Body, Func<JsonObject, string?> Text, Func<JsonObject, string?> Delta)[] s_dialects =
    [
        ("/v1/chat/completions", seed => $$"""{"model":"mistral-small-2506","seed":{{seed}},"max_tokens":12,"messages":[{"role":"user","content":"Question {{seed}}"}]}""",
            reply => (string?)reply["choices"]![0]!["message"]!["content"], data => (string?)data["choices"]![0]!["delta"]!["content"]),
        ("/api/v7/llm/chat/completions", seed => $$"""{"model_id":"mistral-small-2506","random_seed":{{seed}},"max_tokens":12,"messages":[{"role":"user","content":"Question {{seed}}"}]}""",
            reply => (string?)reply["choices"]![0]!["message"]!["content"], data => (string?)data["choices"]![0]!["delta"]!["content"]),
        ("/v1/completions", seed => $$"""{"model":"mistral-small-2506","seed":{{seed}},"max_tokens":12,"prompt":"Question {{seed}}"}""",
            reply => (string?)reply["choices"]![0]!["text"], data => (string?)data["choices"]![0]!["text"]),
        ("/v1/messages", seed => $$"""{"model":"mistral-small-2506","seed":{{seed}},"max_tokens":12,"messages":[{"role":"user","content":"Question {{seed}}"}]}""",
            reply => string.Concat(reply["content"]!.AsArray().Select(b => (string?)b!["text"])), data => (string?)data["delta"]?["text"]),
        ("/v1/responses", seed => $$"""{"model":"mistral-small-2506","seed":{{seed}},"max_output_tokens":12,"input":"Question {{seed}}"}""",
            reply => (string?)reply["output"]![0]!["content"]![0]!["text"], data => (string?)data["type"] == "response.output_text.delta" ? (string?)data["delta"] : null),
    ];

    [Fact]
    public async Task Clients_OfAllDialectsWithRandomAborts_GetTheirOwnAnswers()
    {
        using InferenceEngine engine = TestModel.LoadTiny();
        await using TestLedger ledger = await TestLedger.OpenAsync();
        await using TestServer server = await TestServer.StartAsync(engine, meter: ledger.Meter);
        var alone = new Dictionary<(int Dialect, int Seed), string?>();
        for (int dialect = 0; dialect < s_dialects.Length; dialect++)
        {
            for (int seed = 0; seed < Seeds; seed++)
            {
                alone[(dialect, seed)] = await AskAsync(server, dialect, seed);
            }
        }

        long memory = GC.GetTotalMemory(forceFullCollection: true);
        var clock = Stopwatch.StartNew();
        int answered = 0;
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async client =>
        {
            var random = new Random(client);
            for (int i = 0; s_seconds == 0 ? i < RequestsPerClient : clock.Elapsed.TotalSeconds < s_seconds; i++)
            {
                (int dialect, int seed) = (random.Next(s_dialects.Length), random.Next(Seeds));
                switch (random.Next(4))
                {
                    case 0:
                        await AbortAsync(server, dialect, seed, random.Next(0, 600), stream: random.Next(2) == 0);
                        break;
                    case 1:
                        Assert.Equal(alone[(dialect, seed)], await AskAsync(server, dialect, seed));
                        Interlocked.Increment(ref answered);
                        break;
                    default:
                        Assert.Equal(alone[(dialect, seed)], await StreamAsync(server, dialect, seed));
                        Interlocked.Increment(ref answered);
                        break;
                }
            }
        }));

        for (int i = 0; i < 20_000 && engine.Statistics is not { RunningSequences: 0, WaitingSequences: 0 }; i++)
        {
            await server.GetAsync("/health"); // gives the server time to notice who has left, without waiting for a clock
        }

        Assert.Equal((0, 0), (engine.Statistics.RunningSequences, engine.Statistics.WaitingSequences));
        Assert.True(answered >= Clients, $"{answered} answers");
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - memory, long.MinValue, MaxGrowthBytes);
        Assert.Equal(alone[(0, 0)], await AskAsync(server, 0, 0));

        long written = (await ledger.Meter.Usage.SummarizeAsync(new UsageQuery())).Sum(row => row.Requests);
        Assert.True(written > alone.Count + answered, $"{written} requests in the ledger, {answered} answered"); // and those that were left after they began
        await server.Host.StopAsync();
        Assert.Equal(0, await ledger.CountOpenAsync());
    }

    private static async Task<string?> AskAsync(TestServer server, int dialect, int seed)
    {
        (int status, JsonObject reply) = await server.PostAsync(s_dialects[dialect].Path, s_dialects[dialect].Body(seed));
        Assert.True(status == 200, reply.ToJsonString());
        return s_dialects[dialect].Text(reply);
    }

    private static async Task<string> StreamAsync(TestServer server, int dialect, int seed)
    {
        string body = s_dialects[dialect].Body(seed)[..^1] + ",\"stream\":true}";
        using HttpResponseMessage response = await server.Client.PostAsync(new Uri(s_dialects[dialect].Path, UriKind.Relative), TestServer.Json(body));
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return string.Concat(text.Split('\n').Where(l => l.StartsWith("data: {", StringComparison.Ordinal)).Select(l => s_dialects[dialect].Delta(TestServer.Parse(l["data: ".Length..]))));
    }

    /// <summary>Sends a request, reads some bytes of the reply at most, and drops the connection.</summary>
    private static async Task AbortAsync(TestServer server, int dialect, int seed, int bytesToRead, bool stream)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Url.Host, server.Url.Port);
        NetworkStream connection = client.GetStream();
        string body = s_dialects[dialect].Body(seed)[..^1] + (stream ? ",\"stream\":true}" : "}");
        await connection.WriteAsync(Encoding.UTF8.GetBytes($"POST {s_dialects[dialect].Path} HTTP/1.1\r\nHost: x\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}"));
        if (bytesToRead > 0)
        {
            await connection.ReadAtLeastAsync(new byte[bytesToRead], 1, throwOnEndOfStream: false);
        }
    }
}
