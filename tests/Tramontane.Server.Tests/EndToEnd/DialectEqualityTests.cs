using System.Text.Json.Nodes;
using Tramontane.Inference.Engine;
using Tramontane.Server.Tests.Clients;
using Tramontane.Server.Tests.Contract;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.EndToEnd;

/// <summary>A real engine behind every dialect: what a stream adds up to is what the same seed gives without streaming.</summary>
public sealed class DialectEqualityTests : IAsyncLifetime
{
    private const int Seeds = 6;

    private readonly InferenceEngine _engine = TestModel.LoadTiny();
    private TestServer _server = null!;

    public async Task InitializeAsync() => _server = await TestServer.StartAsync(_engine);

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _engine.Dispose();
    }

    [Fact, ContractRow("chat.stream.equal")]
    public async Task Chat_WithLogprobsAndTools_IsTheSameStreamedOrNot()
    {
        const string Fields = "\"max_tokens\":30,\"n\":2,\"logprobs\":true,\"top_logprobs\":2,\"return_token_ids\":true,\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],\"logit_bias\":{\"9\":6,\"32\":6}";
        for (int seed = 0; seed < Seeds; seed++)
        {
            string fields = $"\"seed\":{seed},{Fields}";
            JsonObject whole = (await _server.PostAsync("/v1/chat/completions", TestServer.Chat(fields))).Body;
            JsonObject[] chunks = [.. (await _server.StreamAsync("/v1/chat/completions", TestServer.Chat(fields + ",\"stream\":true,\"stream_options\":{\"include_usage\":true}")))[..^1].Select(TestServer.Parse)];
            Assert.Equal(whole["usage"]!["completion_tokens"]!.ToJsonString(), chunks[^1]["usage"]!["completion_tokens"]!.ToJsonString());
            foreach (JsonNode? choice in whole["choices"]!.AsArray())
            {
                JsonNode[] own = [.. chunks.SelectMany(c => c["choices"]!.AsArray()).Where(c => (int)c!["index"]! == (int)choice!["index"]!).Select(c => c!)];
                Assert.Equal((string?)choice!["message"]!["content"] ?? "", string.Concat(own.Select(c => (string?)c["delta"]!["content"])));
                Assert.Equal(Items(choice["logprobs"]!["content"]), own.SelectMany(c => Items(c["logprobs"]?["content"])));
                Assert.Equal(Items(choice["token_ids"]), own.SelectMany(c => Items(c["token_ids"])));
                Assert.Equal((string?)choice["finish_reason"], own.Select(c => (string?)c["finish_reason"]).Single(f => f is not null));
                string[] calls = [.. (choice["message"]!["tool_calls"]?.AsArray() ?? []).Select(c => $"{c!["id"]} {c["function"]!["name"]} {c["function"]!["arguments"]}")];
                JsonNode[] deltas = [.. own.SelectMany(c => c["delta"]!["tool_calls"]?.AsArray() ?? []).Select(c => c!)];
                Assert.Equal(calls, deltas.GroupBy(d => (int)d["index"]!).Select(g => $"{g.First()["id"]} {g.First()["function"]!["name"]} {string.Concat(g.Select(d => (string?)d["function"]!["arguments"]))}"));
            }
        }
    }

    [Fact, ContractRow("anthropic.stream.equal")]
    public async Task Messages_AreTheSameStreamedOrNot()
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            string body = $$"""{"model":"{{TestServer.ModelName}}","max_tokens":30,"seed":{{seed}},"stop_sequences":["e","qq"],"messages":[{"role":"user","content":"Hi"}],"tools":[{"name":"f","input_schema":{"type":"object"} }] }""";
            await _server.PostAsync("/v1/messages", body); // the first fills the cache, which usage tells of
            JsonObject whole = (await _server.PostAsync("/v1/messages", body)).Body;
            if ((string?)whole["stop_reason"] == "max_tokens" && (string?)whole["content"]!.AsArray()[^1]?["type"] == "tool_use")
            {
                continue; // cut inside a call's arguments: the pieces of the stream are not the JSON that the whole reply must be
            }

            using HttpResponseMessage response = await _server.Client.PostAsync(new Uri("/v1/messages", UriKind.Relative), TestServer.Json(body[..^1] + ",\"stream\":true}"));
            JsonObject streamed = AnthropicAssert.Accumulate(AnthropicAssert.Events(await response.Content.ReadAsStringAsync()));
            whole.Remove("id");
            streamed.Remove("id");
            Assert.Equal(whole.ToJsonString(), streamed.ToJsonString());
            int counted = (int)(await _server.PostAsync("/v1/messages/count_tokens", body)).Body["input_tokens"]!;
            Assert.Equal(counted, (int)whole["usage"]!["input_tokens"]! + (int)whole["usage"]!["cache_read_input_tokens"]!);
        }
    }

    [Fact, ContractRow("responses.stream.equal")]
    public async Task Responses_AreTheSameStreamedOrNot()
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            string body = $$"""{"model":"{{TestServer.ModelName}}","max_output_tokens":30,"seed":{{seed}},"input":"Hi","top_logprobs":2,"store":false}""";
            JsonObject whole = (await _server.PostAsync("/v1/responses", body)).Body;
            using HttpResponseMessage response = await _server.Client.PostAsync(new Uri("/v1/responses", UriKind.Relative), TestServer.Json(body[..^1] + ",\"stream\":true}"));
            JsonObject[] events = [.. AnthropicAssert.Events(await response.Content.ReadAsStringAsync())];
            JsonNode last = events[^1]["response"]!;
            Assert.Equal(whole["usage"]!["output_tokens"]!.ToJsonString(), last["usage"]!["output_tokens"]!.ToJsonString());
            Assert.Equal(whole["output"]![0]!["content"]!.ToJsonString(), last["output"]![0]!["content"]!.ToJsonString());
            JsonObject[] deltas = [.. events.Where(e => (string?)e["type"] == "response.output_text.delta")];
            Assert.Equal((string?)last["output"]![0]!["content"]![0]!["text"], string.Concat(deltas.Select(d => (string?)d["delta"])));
        }
    }

    private static IEnumerable<string> Items(JsonNode? array) => array?.AsArray().Select(n => n!.ToJsonString()) ?? [];
}
