using System.Text.Json.Nodes;
using Tramontane.Inference.Engine;
using Tramontane.Server.Tests.Contract;
using Tramontane.Server.Tests.Fakes;
using Tramontane.Tokenization;

namespace Tramontane.Server.Tests.OpenAI;

public sealed class ResponsesEndpointTests
{
    private const string Path = "/v1/responses";
    private const string Tools = "\"tools\":" + """[{"type":"function","name":"weather","parameters":{"type":"object"}}]""";

    [Fact, ContractRow("responses.object", "responses.usage")]
    public async Task Response_OfText_HasEveryKey()
    {
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine("Hello"));
        (int status, JsonObject body) = await server.PostAsync(Path, Ask("\"metadata\":{\"a\":\"b\"},\"instructions\":\"s\",\"store\":false"));
        Assert.Equal(200, status);
        string[] keys =
        [
            "id", "object", "created_at", "status", "background", "error", "incomplete_details", "instructions", "max_output_tokens", "model", "output", "parallel_tool_calls", "previous_response_id",
            "reasoning", "service_tier", "store", "temperature", "text", "tool_choice", "tools", "top_logprobs", "top_p", "truncation", "usage", "user", "metadata",
        ];
        Assert.Equal(keys, body.Select(p => p.Key));
        Assert.StartsWith("resp_", (string?)body["id"], StringComparison.Ordinal);
        Assert.Equal(("completed", "s", false, """{"a":"b"}"""), ((string?)body["status"], (string?)body["instructions"], (bool)body["store"]!, body["metadata"]!.ToJsonString()));
        JsonNode item = Assert.Single(body["output"]!.AsArray())!;
        Assert.Equal(("message", "assistant", "completed"), ((string?)item["type"], (string?)item["role"], (string?)item["status"]));
        Assert.Equal("""[{"type":"output_text","text":"Hello","annotations":[],"logprobs":[]}]""", item["content"]!.ToJsonString());
        Assert.Equal(["input_tokens", "input_tokens_details", "output_tokens", "output_tokens_details", "total_tokens"], body["usage"]!.AsObject().Select(p => p.Key));
        Assert.Equal("""{"cached_tokens":2,"cache_write_tokens":0}""", body["usage"]!["input_tokens_details"]!.ToJsonString());
    }

    [Fact, ContractRow("responses.incomplete")]
    public async Task Response_ThatIsCut_IsIncomplete()
    {
        await using TestServer server = await TestServer.StartAsync();
        JsonObject body = (await server.PostAsync(Path, Ask("\"max_output_tokens\":3"))).Body;
        Assert.Equal(("incomplete", "max_output_tokens", "incomplete"), ((string?)body["status"], (string?)body["incomplete_details"]!["reason"], (string?)body["output"]![0]!["status"]));
        List<JsonObject> events = await StreamAsync(server, Ask("\"max_output_tokens\":3"));
        Assert.Equal("response.incomplete", (string?)events[^1]["type"]);
    }

    [Theory, ContractRow("responses.stream.order", "responses.stream.equal")]
    [InlineData("Hello", "")]
    [InlineData("", "")]
    [InlineData("Hi 💥", ",\"top_logprobs\":2")]
    [InlineData(null, "," + Tools)]
    public async Task Stream_PutTogether_IsTheWholeResponse(string? text, string fields)
    {
        ScriptedEngine engine = text is null ? new ScriptedEngine { Script = ToolScript.Play } : new ScriptedEngine(text);
        await using TestServer server = await TestServer.StartAsync(engine);
        JsonObject whole = (await server.PostAsync(Path, Ask("\"seed\":1" + fields))).Body;
        List<JsonObject> events = await StreamAsync(server, Ask("\"seed\":1" + fields));
        Assert.Equal(Enumerable.Range(0, events.Count), events.Select(e => (int)e["sequence_number"]!));
        string[] middle = text is null
            ? ["response.output_item.added", "response.function_call_arguments.delta", "response.function_call_arguments.delta", "response.function_call_arguments.delta", "response.function_call_arguments.done", "response.output_item.done"]
            :
            [
                "response.output_item.added", "response.content_part.added", .. events.Where(e => (string?)e["type"] == "response.output_text.delta").Select(_ => "response.output_text.delta"),
                "response.output_text.done", "response.content_part.done", "response.output_item.done",
            ];
        Assert.Equal(["response.created", "response.in_progress", .. middle, "response.completed"], events.Select(e => (string?)e["type"]));
        Assert.Equal(whole.Select(p => p.Key), events[0]["response"]!.AsObject().Select(p => p.Key));
        JsonNode last = events[^1]["response"]!;
        Assert.Equal(WithoutIds(whole), WithoutIds(last));
        Assert.Equal((string?)last["output"]![0]!["id"], (string?)events[2]["item"]!["id"]);
        string joined = string.Concat(events.Where(e => ((string)e["type"]!).EndsWith(".delta", StringComparison.Ordinal)).Select(e => (string?)e["delta"]));
        Assert.Equal(text ?? """{"city":"Marseille"}""", joined);
        if (text is null)
        {
            JsonObject done = events.Single(e => (string?)e["type"] == "response.function_call_arguments.done");
            Assert.Equal(("weather", joined), ((string?)done["name"], (string?)done["arguments"]));
            Assert.Equal("abcdefghi", (string?)last["output"]![0]!["call_id"]);
        }
    }

    [Fact, ContractRow("responses.top_logprobs")]
    public async Task Logprobs_OfAStream_CoverTheText()
    {
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine("Hé"));
        JsonObject body = (await server.PostAsync(Path, Ask("\"include\":[\"message.output_text.logprobs\"],\"top_logprobs\":1"))).Body;
        JsonArray entries = body["output"]![0]!["content"]![0]!["logprobs"]!.AsArray();
        Assert.Equal([72, 195, 169], entries.SelectMany(e => e!["bytes"]!.AsArray()).Select(b => (int)b!));
        Assert.All(entries, e => Assert.Single(e!["top_logprobs"]!.AsArray()));
    }

    [Theory, ContractRow("responses.input", "responses.instructions")]
    [InlineData("\"a\"", "<s>[INST]a[/INST]")]
    [InlineData("""[{"role":"developer","content":"s"},{"role":"user","content":[{"type":"input_text","text":"a"}]}]""", "<s>[SYSTEM_PROMPT]s[/SYSTEM_PROMPT][INST]a[/INST]")]
    [InlineData("""[{"type":"message","role":"user","content":"a"},{"type":"reasoning","summary":[]},{"type":"item_reference","id":"x"},{"role":"assistant","content":[{"type":"output_text","text":"b","annotations":[]},{"type":"refusal","refusal":"c"}]},{"role":"user","content":"d"}]""", "<s>[INST]a[/INST]b\n\nc</s>[INST]d[/INST]")]
    [InlineData("""[{"role":"user","content":"a"},{"type":"function_call","call_id":"abcdefghi","name":"f","arguments":"{\"x\":1}"},{"type":"function_call","call_id":"123456789","name":"g","arguments":"{}"},{"type":"function_call_output","call_id":"abcdefghi","output":"r"},{"type":"function_call_output","call_id":"123456789","output":[{"type":"input_text","text":"q"}]}]""",
        """<s>[INST]a[/INST][TOOL_CALLS]f[CALL_ID]abcdefghi[ARGS]{"x": 1}[TOOL_CALLS]g[CALL_ID]123456789[ARGS]{}</s>[TOOL_RESULTS]abcdefghi[TOOL_CONTENT]r[/TOOL_RESULTS][TOOL_RESULTS]123456789[TOOL_CONTENT]q[/TOOL_RESULTS]""")]
    public async Task Input_OfAnyForm_BecomesThePromptOfAChat(string input, string prompt)
    {
        var engine = new ScriptedEngine();
        await using TestServer server = await TestServer.StartAsync(engine);
        string body = $$"""{"model":"{{TestServer.ModelName}}","input":{{input}}}""";
        (int status, JsonObject reply) = await server.PostAsync(Path, body);
        Assert.True(status == 200, reply.ToJsonString());
        Assert.Equal(prompt, ByteTokenizer.Instance.Decode([.. Assert.Single(engine.Requests).PromptTokens], ControlTokens.Keep));
        JsonObject count = (await server.PostAsync(Path + "/input_tokens", body)).Body;
        Assert.Equal($$"""{"object":"response.input_tokens","input_tokens":{{(int)reply["usage"]!["input_tokens"]!}}}""", count.ToJsonString());
    }

    [Theory, ContractRow("responses.refused")]
    [InlineData("\"previous_response_id\":\"resp_1\"", "previous_response_not_found", "previous_response_id")]
    [InlineData("\"conversation\":\"c\"", "unsupported_parameter", "conversation")]
    [InlineData("\"background\":true", "unsupported_parameter", "background")]
    [InlineData("\"prompt\":{\"id\":\"p\"}", "unsupported_parameter", "prompt")]
    [InlineData("\"tools\":[{\"type\":\"web_search\"}]", "unsupported_value", "tools[0].type")]
    [InlineData("\"tools\":[{\"name\":\"f\"}]", "missing_required_parameter", "tools[0].type")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"name\":\"f\",\"parameters\":{\"type\":\"foo\"}}]", "invalid_function_parameters", "tools[0].parameters")]
    [InlineData("\"max_output_tokens\":0", "integer_below_min_value", "max_output_tokens")]
    [InlineData("\"text\":{\"format\":{\"type\":\"json_schema\",\"name\":\"a\",\"schema\":{\"type\":5}}}", "invalid_json_schema", "text.format.schema")]
    [InlineData("\"text\":{\"format\":{\"type\":\"json_schema\",\"schema\":{}}}", "missing_required_parameter", "text.format.name")]
    [InlineData("\"metadata\":[]", "invalid_type", "metadata")]
    public async Task Field_ThatCannotBeHonoured_Is400(string field, string code, string param)
    {
        await using TestServer server = await TestServer.StartAsync();
        (int status, JsonObject body) = await server.PostAsync(Path, Ask(field));
        Assert.Equal(400, status);
        ErrorAssert.Is(body, code, param);
    }

    [Theory]
    [InlineData("[]", "empty_array", "input")]
    [InlineData("[7]", "invalid_type", "input[0]")]
    [InlineData("[{\"type\":\"web_search_call\"}]", "invalid_value", "input[0].type")]
    [InlineData("[{\"role\":\"tool\",\"content\":\"x\"}]", "invalid_value", "input[0].role")]
    [InlineData("[{\"role\":\"user\",\"content\":[{\"type\":\"input_image\",\"image_url\":\"data:,\"}]}]", "unsupported_value", "input[0].content[0].image_url")]
    [InlineData("[{\"role\":\"user\",\"content\":[{\"type\":\"input_file\"}]}]", "unsupported_value", "input[0].content[0]")]
    [InlineData("[{\"type\":\"function_call\",\"name\":\"f\"}]", "missing_required_parameter", "input[0].call_id")]
    public async Task Input_ThatIsWrong_Is400WithItsPath(string input, string code, string param)
    {
        await using TestServer server = await TestServer.StartAsync();
        (int status, JsonObject body) = await server.PostAsync(Path, $$"""{"model":"{{TestServer.ModelName}}","input":{{input}}}""");
        Assert.Equal(400, status);
        ErrorAssert.Is(body, code, param);
    }

    [Fact, ContractRow("responses.stored")]
    public async Task StoredResponse_IsGoneOnFromFetchedAndDeletedByItsOwnerAlone()
    {
        var engine = new ScriptedEngine("Hello");
        await using TestServer server = await TestServer.StartAsync(engine, o =>
        {
            o.ApiKeys.Add("sk-one");
            o.ApiKeys.Add("sk-two");
        });
        JsonObject first = await SendAsync(server, "sk-one", HttpMethod.Post, Path, Ask("\"instructions\":\"s\""), 200);
        string id = (string)first["id"]!;
        Assert.True((bool)first["store"]!);
        Assert.Equal(first.ToJsonString(), (await SendAsync(server, "sk-one", HttpMethod.Get, $"{Path}/{id}", null, 200)).ToJsonString());
        string next = $$"""{"model":"{{TestServer.ModelName}}","input":"More","previous_response_id":"{{id}}"}""";
        JsonObject second = await SendAsync(server, "sk-one", HttpMethod.Post, Path, next, 200);
        Assert.Equal(id, (string?)second["previous_response_id"]);
        Assert.Equal("<s>[INST]Hi[/INST]Hello</s>[INST]More[/INST]", ByteTokenizer.Instance.Decode([.. engine.Requests.Last().PromptTokens], ControlTokens.Keep));

        ErrorAssert.Is(await SendAsync(server, "sk-two", HttpMethod.Get, $"{Path}/{id}", null, 404), null, null);
        ErrorAssert.Is(await SendAsync(server, "sk-two", HttpMethod.Delete, $"{Path}/{id}", null, 404), null, null);
        ErrorAssert.Is(await SendAsync(server, "sk-two", HttpMethod.Post, Path, next, 400), "previous_response_not_found", "previous_response_id");

        Assert.Equal($$"""{"id":"{{id}}","object":"response","deleted":true}""", (await SendAsync(server, "sk-one", HttpMethod.Delete, $"{Path}/{id}", null, 200)).ToJsonString());
        await SendAsync(server, "sk-one", HttpMethod.Get, $"{Path}/{id}", null, 404);
    }

    [Fact, ContractRow("responses.stored.bounds")]
    public async Task StoredResponses_BeyondTheBound_GoOldestFirst()
    {
        await using TestServer server = await TestServer.StartAsync(configure: o => o.MaxStoredResponses = 2);
        var ids = new List<string>();
        for (int i = 0; i < 3; i++)
        {
            ids.Add((string)(await server.PostAsync(Path, Ask())).Body["id"]!);
        }

        int[] found = await Task.WhenAll(ids.Select(async id => (await server.GetAsync($"{Path}/{id}")).Status));
        Assert.Equal([404, 200, 200], found);
    }

    [Fact, ContractRow("responses.stored.off")]
    public async Task StoredResponses_SwitchedOff_AreNotKept()
    {
        await using TestServer server = await TestServer.StartAsync(configure: o => o.StoreResponses = false);
        JsonObject body = (await server.PostAsync(Path, Ask("\"store\":true"))).Body;
        Assert.False((bool)body["store"]!);
        (int status, JsonObject error) = await server.GetAsync($"{Path}/{(string)body["id"]!}");
        Assert.Equal(404, status);
        ErrorAssert.Is(error, "unknown_url", null);
    }

    [Fact, ContractRow("responses.stored")]
    public async Task Stream_OfAStoredResponse_IsKeptToo()
    {
        await using TestServer server = await TestServer.StartAsync();
        JsonNode last = (await StreamAsync(server, Ask()))[^1]["response"]!;
        Assert.Equal(last.ToJsonString(), (await server.GetAsync($"{Path}/{(string)last["id"]!}")).Body.ToJsonString());
    }

    [Fact, ContractRow("http.stream_errors", "responses.stream.failed")]
    public async Task Stream_ThatBreaks_EndsWithAFailedResponse()
    {
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine { Script = (_, _) => Breaking() });
        List<JsonObject> events = await StreamAsync(server, Ask());
        Assert.Equal(("response.failed", "failed", "server_error"), ((string?)events[^1]["type"], (string?)events[^1]["response"]!["status"], (string?)events[^1]["response"]!["error"]!["code"]));
        Assert.DoesNotContain("secret", events[^1].ToJsonString(), StringComparison.Ordinal);
    }

    private static string Ask(string fields = "") => $$"""{"model":"{{TestServer.ModelName}}","input":"Hi"{{(fields.Length > 0 ? "," : "")}}{{fields}}}""";

    private static async Task<List<JsonObject>> StreamAsync(TestServer server, string body)
    {
        using HttpResponseMessage response = await server.Client.PostAsync(new Uri(Path, UriKind.Relative), TestServer.Json(body[..^1] + ",\"stream\":true}"));
        return AnthropicAssert.Events(await response.Content.ReadAsStringAsync());
    }

    private static async Task<JsonObject> SendAsync(TestServer server, string key, HttpMethod method, string path, string? body, int status)
    {
        using HttpRequestMessage request = new(method, path) { Content = body is null ? null : TestServer.Json(body) };
        request.Headers.Add("x-api-key", key);
        using HttpResponseMessage response = await server.Client.SendAsync(request);
        JsonObject reply = await TestServer.ReadAsync(response);
        Assert.True(status == (int)response.StatusCode, reply.ToJsonString());
        return reply;
    }

    /// <summary>Ids and times differ from reply to reply.</summary>
    private static string WithoutIds(JsonNode response)
    {
        JsonObject copy = response.DeepClone().AsObject();
        copy.Remove("id");
        copy.Remove("created_at");
        foreach (JsonNode? item in copy["output"]!.AsArray())
        {
            item!.AsObject().Remove("id");
        }

        return copy.ToJsonString();
    }

    private static async IAsyncEnumerable<GenerationUpdate> Breaking()
    {
        yield return new GenerationUpdate { Text = "a", TokenIds = [1097] };
        await Task.Yield();
        throw new InvalidOperationException("secret");
    }
}
