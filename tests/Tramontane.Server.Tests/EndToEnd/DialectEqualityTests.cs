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
    private const string Parameters = """{"type":"object","properties":{"n":{"type":"array","items":{"type":"number"},"minItems":2},"s":{"type":"string","minLength":4},"b":{"type":"boolean"}},"required":["n","s","b"]}""";

    private readonly InferenceEngine _engine = TestModel.LoadTiny();
    private TestServer _server = null!;

    public async Task InitializeAsync() => _server = await TestServer.StartAsync(_engine);

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _engine.Dispose();
    }

    [Theory, ContractRow("chat.stream.equal")]
    [InlineData("a client")]
    [InlineData("mistral-client-typescript/2.7.0")] // whole calls
    public async Task Chat_WithLogprobsAndTools_IsTheSameStreamedOrNot(string client)
    {
        const string Fields = "\"n\":2,\"logprobs\":true,\"top_logprobs\":2,\"return_token_ids\":true,\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":" + Parameters + "}}],\"logit_bias\":{\"9\":6,\"32\":6}";
        int cut = 0;
        for (int seed = 0; seed < 2 * Seeds; seed++)
        {
            string fields = $"\"seed\":{seed},\"max_tokens\":{10 + (5 * seed)},\"tool_choice\":\"{(seed % 2 == 0 ? "auto" : "required")}\",{Fields}";
            JsonObject whole = (await _server.PostAsync("/v1/chat/completions", TestServer.Chat(fields))).Body;
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
            {
                Content = TestServer.Json(TestServer.Chat(fields + ",\"stream\":true,\"stream_options\":{\"include_usage\":true}")),
            };
            request.Headers.TryAddWithoutValidation("User-Agent", client);
            using HttpResponseMessage response = await _server.Client.SendAsync(request);
            JsonObject[] chunks = [.. TestServer.Events(await response.Content.ReadAsStringAsync())[..^1].Select(TestServer.Parse)];
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
                cut += calls.Length > 0 && (string?)choice["finish_reason"] == "length" ? 1 : 0;
            }
        }

        Assert.True(cut > 2, $"{cut} calls were cut");
    }

    [Fact, ContractRow("anthropic.stream.equal")]
    public async Task Messages_AreTheSameStreamedOrNot()
    {
        int cut = 0;
        for (int seed = 0; seed < 4 * Seeds; seed++)
        {
            string choice = seed % 2 == 0 ? "auto" : "any";
            string body = $$$"""{"model":"{{{TestServer.ModelName}}}","max_tokens":{{{10 + (5 * seed)}}},"seed":{{{seed}}},"stop_sequences":["e","qq"],"messages":[{"role":"user","content":"Hi"}],"tool_choice":{"type":"{{{choice}}}"},"tools":[{"name":"f","input_schema":{{{Parameters}}}}]}""";
            await _server.PostAsync("/v1/messages", body); // the first fills the cache, which usage tells of
            JsonObject whole = (await _server.PostAsync("/v1/messages", body)).Body;
            cut += (string?)whole["stop_reason"] == "max_tokens" && whole["content"]!.AsArray() is [.., { } last] && (string?)last["type"] == "tool_use" ? 1 : 0;
            using HttpResponseMessage response = await _server.Client.PostAsync(new Uri("/v1/messages", UriKind.Relative), TestServer.Json(body[..^1] + ",\"stream\":true}"));
            JsonObject streamed = AnthropicAssert.Accumulate(AnthropicAssert.Events(await response.Content.ReadAsStringAsync()));
            whole.Remove("id");
            streamed.Remove("id");
            Assert.Equal(whole.ToJsonString(), streamed.ToJsonString());
            int counted = (int)(await _server.PostAsync("/v1/messages/count_tokens", body)).Body["input_tokens"]!;
            Assert.Equal(counted, (int)whole["usage"]!["input_tokens"]! + (int)whole["usage"]!["cache_read_input_tokens"]!);
        }

        Assert.True(cut > 2, $"{cut} calls were cut");
    }

    [Fact, ContractRow("responses.stream.equal")]
    public async Task Responses_AreTheSameStreamedOrNot()
    {
        int cut = 0;
        for (int seed = 0; seed < 3 * Seeds; seed++)
        {
            string tools = seed % 3 == 0 ? "" : $$$""","tools":[{"type":"function","name":"f","parameters":{{{Parameters}}}}],"tool_choice":"{{{(seed % 3 == 1 ? "auto" : "required")}}}" """;
            string body = $$"""{"model":"{{TestServer.ModelName}}","max_output_tokens":{{10 + (5 * seed)}},"seed":{{seed}},"input":"Hi","top_logprobs":2,"store":false{{tools}}}""";
            JsonObject whole = (await _server.PostAsync("/v1/responses", body)).Body;
            using HttpResponseMessage response = await _server.Client.PostAsync(new Uri("/v1/responses", UriKind.Relative), TestServer.Json(body[..^1] + ",\"stream\":true}"));
            JsonObject[] events = [.. AnthropicAssert.Events(await response.Content.ReadAsStringAsync())];
            JsonNode last = events[^1]["response"]!;
            Assert.Equal((string?)whole["status"], (string?)last["status"]);
            Assert.Equal(whole["usage"]!["output_tokens"]!.ToJsonString(), last["usage"]!["output_tokens"]!.ToJsonString());
            string[] items = [.. WithoutIds(whole["output"])];
            Assert.Equal(items, WithoutIds(last["output"]));
            Assert.Equal(items, events.Where(e => (string?)e["type"] == "response.output_item.done").SelectMany(e => WithoutIds(new JsonArray(e["item"]!.DeepClone()))));
            Assert.Equal(
                items.Select(item => TestServer.Parse(item)).Select(i => (string?)i["arguments"] ?? (string?)i["content"]![0]!["text"]),
                items.Select((_, i) => string.Concat(events.Where(e => (int?)e["output_index"] == i && ((string)e["type"]!).EndsWith(".delta", StringComparison.Ordinal)).Select(e => (string?)e["delta"]))));
            cut += items.Length > 0 && (string?)TestServer.Parse(items[^1])["type"] == "function_call" && (string?)whole["status"] == "incomplete" ? 1 : 0;
        }

        Assert.True(cut > 2, $"{cut} calls were cut");
    }

    // Ids of items are new with every request; those of calls come from the seed.
    private static IEnumerable<string> WithoutIds(JsonNode? output) => output!.AsArray().Select(item =>
    {
        JsonObject copy = item!.DeepClone().AsObject();
        copy.Remove("id");
        return copy.ToJsonString();
    });

    private static IEnumerable<string> Items(JsonNode? array) => array?.AsArray().Select(n => n!.ToJsonString()) ?? [];
}
