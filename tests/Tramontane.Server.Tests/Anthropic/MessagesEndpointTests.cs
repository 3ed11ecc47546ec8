using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Tramontane.Inference.Engine;
using Tramontane.Server.Tests.Contract;
using Tramontane.Server.Tests.Fakes;
using Tramontane.Tokenization;

namespace Tramontane.Server.Tests.Anthropic;

public sealed class MessagesEndpointTests
{
    private const string Path = "/v1/messages";
    private const string Tools = "\"tools\":" + """[{"name":"weather","description":"d","input_schema":{"type":"object","properties":{"city":{"type":"string"}}}}]""";

    [Fact, ContractRow("anthropic.response")]
    public async Task Message_OfText_HasEveryKeyAndNoOther()
    {
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine("Hello, world!"));
        (int status, JsonObject body) = await server.PostAsync(Path, Message());
        Assert.Equal(200, status);
        Assert.Equal(["id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "usage"], body.Select(p => p.Key));
        Assert.StartsWith("msg_", (string?)body["id"], StringComparison.Ordinal);
        Assert.Equal(("message", "assistant", TestServer.ModelName, "end_turn"), ((string?)body["type"], (string?)body["role"], (string?)body["model"], (string?)body["stop_reason"]));
        Assert.Equal("""[{"type":"text","text":"Hello, world!"}]""", body["content"]!.ToJsonString());
        JsonObject usage = body["usage"]!.AsObject();
        Assert.Equal(["input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens", "service_tier"], usage.Select(p => p.Key));
        Assert.Equal((0, 2, 14, "standard"), ((int)usage["cache_creation_input_tokens"]!, (int)usage["cache_read_input_tokens"]!, (int)usage["output_tokens"]!, (string?)usage["service_tier"]));
    }

    [Fact, ContractRow("anthropic.empty")]
    public async Task Message_OfAnEmptyAnswer_HasNoBlocks()
    {
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine(""));
        Assert.Equal("[]", (await server.PostAsync(Path, Message())).Body["content"]!.ToJsonString());
        List<JsonObject> events = await StreamAsync(server, Message());
        Assert.Equal(["message_start", "ping", "message_delta", "message_stop"], events.Select(e => (string?)e["type"]));
    }

    [Fact, ContractRow("anthropic.count_tokens")]
    public async Task CountTokens_OfTheSameBody_IsTheSumOfTheInputCounts()
    {
        await using TestServer server = await TestServer.StartAsync();
        string body = Message(Tools + ",\"system\":" + """[{"type":"text","text":"a"},{"type":"text","text":"b"}]""");
        JsonObject usage = (await server.PostAsync(Path, body)).Body["usage"]!.AsObject();
        (int status, JsonObject count) = await server.PostAsync(Path + "/count_tokens", body);
        Assert.Equal(200, status);
        Assert.Equal(["input_tokens"], count.Select(p => p.Key));
        Assert.Equal((int)count["input_tokens"]!, (int)usage["input_tokens"]! + (int)usage["cache_read_input_tokens"]! + (int)usage["cache_creation_input_tokens"]!);
        JsonObject chat = (await server.PostAsync("/v1/chat/completions", TestServer.Chat(
            "\"tools\":" + """[{"type":"function","function":{"name":"weather","description":"d","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}}]""",
            """[{"role":"system","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},{"role":"user","content":"Hi"}]"""))).Body;
        Assert.Equal((int)chat["usage"]!["prompt_tokens"]!, (int)count["input_tokens"]!);
    }

    [Theory, ContractRow("anthropic.stream.order", "anthropic.stream.equal")]
    [InlineData("text")]
    [InlineData("calls")]
    [InlineData("text and calls")]
    [InlineData("no arguments")]
    public async Task Stream_PutTogether_IsTheWholeMessage(string kind)
    {
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine { Script = (request, token) => Play(kind, request, token) });
        string body = Message(Tools);
        JsonObject whole = (await server.PostAsync(Path, body)).Body;
        JsonObject streamed = AnthropicAssert.Accumulate(await StreamAsync(server, body));
        whole.Remove("id");
        streamed.Remove("id");
        Assert.Equal(whole.ToJsonString(), streamed.ToJsonString());
        if (kind != "text")
        {
            JsonNode call = whole["content"]!.AsArray()[^1]!;
            Assert.Matches("^toolu_[0-9A-Za-z]{24}$", (string?)call["id"]);
            Assert.Equal("tool_use", (string?)whole["stop_reason"]);
        }
    }

    [Fact, ContractRow("anthropic.stream.delta_types")]
    public async Task Stream_OfTextAndCalls_OpensABlockForEach()
    {
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine { Script = (request, token) => Play("text and calls", request, token) });
        List<JsonObject> events = await StreamAsync(server, Message(Tools));
        Assert.Equal(
            [
                "message_start", "ping", "content_block_start", "content_block_delta", "content_block_stop", "content_block_start", "content_block_delta", "content_block_delta", "content_block_stop",
                "content_block_start", "content_block_delta", "content_block_stop", "message_delta", "message_stop",
            ],
            events.Select(e => (string?)e["type"]));
        Assert.Equal("""{"type":"text","text":""}""", events[2]["content_block"]!.ToJsonString());
        Assert.Equal("{}", events[5]["content_block"]!["input"]!.ToJsonString());
    }

    [Theory, ContractRow("messages.stop_sequences", "anthropic.stop_reason")]
    [InlineData("[\"zzz\",\", w\",\"world\"]", "Hello", ", w")]
    [InlineData("[\"rld\",\"wor\",\"a\",\"b\",\"c\",\"d\"]", "Hello, ", "wor")]
    [InlineData("[\"!?\"]", "Hello, world!", null)]
    [InlineData("[]", "Hello, world!", null)]
    public async Task StopSequences_OfAnyNumber_CutAndAreNamed(string stops, string text, string? named)
    {
        await using TestServer server = await TestServer.StartAsync();
        string body = Message($"\"stop_sequences\":{stops}");
        JsonObject whole = (await server.PostAsync(Path, body)).Body;
        Assert.Equal((text, named, named is null ? "end_turn" : "stop_sequence"), ((string?)whole["content"]![0]!["text"], (string?)whole["stop_sequence"], (string?)whole["stop_reason"]));
        JsonObject streamed = AnthropicAssert.Accumulate(await StreamAsync(server, body));
        Assert.Equal((text, named), ((string?)streamed["content"]![0]!["text"], (string?)streamed["stop_sequence"]));
    }

    [Theory, ContractRow("messages.max_tokens", "anthropic.stop_reason", "conflicts.max_tokens")]
    [InlineData("5", 4096, "max_tokens")]
    [InlineData("50", 4096, "end_turn")]
    [InlineData("1e30", 20, "model_context_window_exceeded")]
    public async Task MaxTokens_OfAnySize_EndsTheAnswer(string maxTokens, int contextLength, string reason)
    {
        var engine = new ScriptedEngine(new string('x', 40));
        engine.Model = engine.Model with { ContextLength = contextLength };
        await using TestServer server = await TestServer.StartAsync(engine);
        string body = $$"""{"model":"{{TestServer.ModelName}}","max_tokens":{{maxTokens}},"messages":[{"role":"user","content":"Hi"}]}""";
        Assert.Equal(reason, (string?)(await server.PostAsync(Path, body)).Body["stop_reason"]);
    }

    [Theory, ContractRow("messages.messages", "anthropic.merging", "anthropic.prefill", "messages.system")]
    [InlineData("""[{"role":"user","content":"a"},{"role":"user","content":[{"type":"text","text":"b"}]}]""", "<s>[INST]a\n\nb[/INST]")]
    [InlineData("""[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]""", "<s>[INST]a[/INST]b")]
    [InlineData("""[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"s"},{"type":"redacted_thinking","data":"d"},{"type":"text","text":"b"}]},{"role":"user","content":"c"}]""", "<s>[INST]a[/INST]b</s>[INST]c[/INST]")]
    [InlineData("""[{"role":"system","content":"s"},{"role":"user","content":"a"}]""", "<s>[SYSTEM_PROMPT]s[/SYSTEM_PROMPT][INST]a[/INST]")]
    [InlineData("""[{"role":"user","content":[{"type":"document","source":{"type":"text","media_type":"text/plain","data":"doc"},"title":"t"},{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}]}]""", "<s>[INST]doc\n\na[/INST]")]
    public async Task Turns_BecomeThePromptOfAChat(string messages, string prompt) => Assert.Equal(prompt, await PromptAsync(messages));

    [Theory, ContractRow("messages.system")]
    [InlineData("""[{"type":"text","text":"x-anthropic-billing-header: cc_version=2.1.112.f2c; cc_entrypoint=cli; cch=a1b2c;"},{"type":"text","text":"s"}]""", "[SYSTEM_PROMPT]s[/SYSTEM_PROMPT]", "system[0]")]
    [InlineData("""[{"type":"text","text":"x-anthropic-billing-header: cch=1;\ns","cache_control":{"type":"ephemeral"}}]""", "[SYSTEM_PROMPT]s[/SYSTEM_PROMPT]", "system[0]")]
    [InlineData("\"x-anthropic-billing-header: cch=2;\\ns\"", "[SYSTEM_PROMPT]s[/SYSTEM_PROMPT]", "system")]
    [InlineData("\"x-anthropic-billing-header: cch=3;\"", "", "system")]
    [InlineData("""[{"type":"text","text":"s"},{"type":"text","text":"x-anthropic-billing-header: no"}]""", "[SYSTEM_PROMPT]s\n\nx-anthropic-billing-header: no[/SYSTEM_PROMPT]", null)]
    public async Task BillingLine_InFrontOfSystem_IsLeftOutAndNamed(string system, string prompt, string? leftOut)
    {
        var engine = new ScriptedEngine();
        await using TestServer server = await TestServer.StartAsync(engine, options => options.StrictParams = true);
        using HttpResponseMessage response = await server.Client.PostAsync(new Uri(Path, UriKind.Relative), TestServer.Json(Message($"\"system\":{system}")));
        Assert.True(response.IsSuccessStatusCode);
        Assert.Equal($"<s>{prompt}[INST]Hi[/INST]", ByteTokenizer.Instance.Decode([.. Assert.Single(engine.Requests).PromptTokens], ControlTokens.Keep));
        Assert.Equal(leftOut, response.Headers.TryGetValues("x-ignored-fields", out IEnumerable<string>? names) ? Assert.Single(names) : null);
    }

    [Fact, ContractRow("messages.system")]
    public async Task System_ThatIsEmpty_IsNone()
    {
        var engine = new ScriptedEngine();
        await using TestServer server = await TestServer.StartAsync(engine);
        await server.PostAsync(Path, Message("\"system\":\"\""));
        await server.PostAsync(Path, Message("\"system\":[]"));
        await server.PostAsync(Path, Message());
        Assert.Single(engine.Requests.Select(r => string.Join(' ', r.PromptTokens)).Distinct());
    }

    [Fact, ContractRow("anthropic.tool_result")]
    public async Task ToolResults_OfOneTurn_StandBeforeItsText()
    {
        string prompt = await PromptAsync("""[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"tool_use","id":"toolu_01","name":"f","input":{"x":1}},{"type":"tool_use","id":"toolu_02","name":"g","input":{}}]},{"role":"user","content":[{"type":"text","text":"t"},{"type":"tool_result","tool_use_id":"toolu_01","content":[{"type":"text","text":"r"}]},{"type":"tool_result","tool_use_id":"toolu_02","is_error":true}]}]""");
        string first = Native(prompt, "f"), second = Native(prompt, "g");
        Assert.Equal(
            $$"""<s>[INST]a[/INST][TOOL_CALLS]f[CALL_ID]{{first}}[ARGS]{"x": 1}[TOOL_CALLS]g[CALL_ID]{{second}}[ARGS]{}</s>[TOOL_RESULTS]{{first}}[TOOL_CONTENT]r[/TOOL_RESULTS][TOOL_RESULTS]{{second}}[TOOL_CONTENT][/TOOL_RESULTS][INST]t[/INST]""",
            prompt);
    }

    [Fact, ContractRow("conflicts.tool_call_id")]
    public async Task ToolUseId_OfAReply_IsTheModelsOwnInTheNextPrompt()
    {
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine { Script = (request, token) => Play("calls", request, token) });
        string id = (string)(await server.PostAsync(Path, Message(Tools))).Body["content"]![0]!["id"]!;
        string prompt = await PromptAsync("""[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"tool_use","id":"ID","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"ID"}]}]""".Replace("ID", id));
        Assert.Equal("abcdefghi", Native(prompt, "f"));
    }

    [Theory, ContractRow("anthropic.errors.validation")]
    [InlineData("""{"max_tokens":5,"messages":[]}""", "model: Field required")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"a"}]}""", "max_tokens: Field required")]
    [InlineData("""{"model":"m","max_tokens":5}""", "messages: Field required")]
    [InlineData("""{"model":"m","max_tokens":5,"messages":[]}""", "messages: at least one message is required")]
    [InlineData("""{"model":"m","max_tokens":0,"messages":[{"role":"user","content":"a"}]}""", "max_tokens: Input should be greater than or equal to 1")]
    [InlineData("""{"model":"m","max_tokens":5,"messages":[{"role":"tool","content":"a"}]}""", "messages.0.role: Input should be 'user', 'assistant' or 'system'")]
    [InlineData("""{"model":"m","max_tokens":5,"messages":[{"role":"user","content":[{"type":"text","text":""}]}]}""", "messages.0.content.0: text content blocks must be non-empty")]
    [InlineData("""{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"a"}],"temperature":1.5}""", "temperature: Input should be less than or equal to 1")]
    [InlineData("""{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"a"}],"temperature":"x"}""", "temperature: Input should be a valid number")]
    [InlineData("""{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"a"}],"top_k":-1}""", "top_k: Input should be greater than or equal to 0")]
    [InlineData("""{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"a"}],"stop_sequences":[""]}""", "stop_sequences.0: String should have at least 1 character")]
    [InlineData("""{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"a"}],"tools":[{"name":"f"}]}""", "tools.0.input_schema: Field required")]
    [InlineData("""{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"a"}],"tools":[{"type":"bash_20250124","name":"bash"}]}""", "tools.0.type: 'bash_20250124' is a tool that runs at Anthropic")]
    [InlineData("""{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"a"}],"tools":[{"name":"f","input_schema":{"type":"foo"}}]}""", "tools.0.input_schema: ")]
    [InlineData("""{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"a"}],"tool_choice":{"type":"any"}}""", "tool_choice: tool_choice 'any' is only allowed when tools are specified")]
    [InlineData("""{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"a"}],"tool_choice":{"type":"tool","name":"g"},"tools":[{"name":"f","input_schema":{"type":"object"}}]}""", "tool_choice: Tool 'g' not found")]
    [InlineData("""{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"a"}],"metadata":"x"}""", "metadata: Input should be an object")]
    [InlineData("""{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"a"}],"mcp_servers":[{}]}""", "mcp_servers: MCP servers are not supported")]
    [InlineData("""{"model":"m","max_tokens":5,"messages":[{"role":"user","content":[{"type":"document","source":{"type":"base64"}}]}]}""", "messages.0.content.0.source.type: Documents of type 'base64'")]
    [InlineData("""{"model":"m","max_tokens":5,"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"x"}]}]}""", "messages.0.content.0: The tool_result for 'x' has no tool_use block")]
    [InlineData("""{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"tool_use","id":"x","name":"f","input":{}}]},{"role":"user","content":"b"}]}""", "messages.1: The tool_use block 'x' has no tool_result block")]
    [InlineData("""{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"tool_use","id":"x","name":"f","input":{}}]}]}""", "messages.1: The tool_use block 'x' has no tool_result block")]
    [InlineData("[]", "We could not parse the JSON body of your request.")]
    public async Task Body_ThatIsWrong_Is400InAnthropicsWords(string body, string message)
    {
        await using TestServer server = await TestServer.StartAsync(configure: o => o.AcceptAnyModel = true);
        (int status, JsonObject error) = await server.PostAsync(Path, body);
        Assert.Equal(400, status);
        Assert.StartsWith(message, AnthropicAssert.IsError(error, "invalid_request_error"), StringComparison.Ordinal);
    }

    [Fact, ContractRow("anthropic.errors.context")]
    public async Task Prompt_LongerThanTheContext_IsToldWithTheNumbers()
    {
        await using TestServer server = await TestServer.StartAsync();
        string text = new('x', 4093);
        (int status, JsonObject body) = await server.PostAsync(Path, $$"""{"model":"{{TestServer.ModelName}}","max_tokens":5,"messages":[{"role":"user","content":"{{text}}"}]}""");
        Assert.Equal((400, "prompt is too long: 4096 tokens > 4096 maximum"), (status, AnthropicAssert.IsError(body, "invalid_request_error")));
    }

    [Theory, ContractRow("anthropic.errors.overload", "http.overload", "http.retry_after")]
    [InlineData(SubmissionRefusal.QueueFull, 529, "overloaded_error")]
    [InlineData(SubmissionRefusal.Stopped, 503, "api_error")]
    public async Task Refusal_OfTheEngine_HasAnthropicsStatus(SubmissionRefusal refusal, int status, string type)
    {
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine { Refusal = refusal });
        using HttpResponseMessage response = await server.Client.PostAsync(new Uri(Path, UriKind.Relative), TestServer.Json(Message("\"stream\":true")));
        Assert.Equal(status, (int)response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
        AnthropicAssert.IsError(await TestServer.ReadAsync(response), type);
    }

    [Fact, ContractRow("anthropic.errors.auth")]
    public async Task Key_MissingOrWrong_Is401InAnthropicsWords()
    {
        await using TestServer server = await TestServer.StartAsync(configure: o => o.ApiKeys.Add("sk-first"));
        (int status, JsonObject body) = await server.PostAsync(Path, Message());
        Assert.Equal((401, "x-api-key header is required"), (status, AnthropicAssert.IsError(body, "authentication_error")));
        using HttpRequestMessage request = new(HttpMethod.Post, Path) { Content = TestServer.Json(Message()) };
        request.Headers.Add("x-api-key", "sk-wrong");
        using HttpResponseMessage response = await server.Client.SendAsync(request);
        JsonObject error = await TestServer.ReadAsync(response);
        Assert.Equal("invalid x-api-key", AnthropicAssert.IsError(error, "authentication_error"));
        Assert.Equal((string?)error["request_id"], Assert.Single(response.Headers.GetValues("request-id")));
    }

    [Theory, ContractRow("anthropic.errors.routes")]
    [InlineData("GET", "/v1/messages", 405, "invalid_request_error")]
    [InlineData("POST", "/v1/messages/batches", 404, "not_found_error")]
    public async Task Route_Wrong_IsToldInAnthropicsShape(string method, string path, int status, string type)
    {
        await using TestServer server = await TestServer.StartAsync();
        using HttpRequestMessage request = new(new HttpMethod(method), path);
        using HttpResponseMessage response = await server.Client.SendAsync(request);
        Assert.Equal(status, (int)response.StatusCode);
        AnthropicAssert.IsError(await TestServer.ReadAsync(response), type);
    }

    [Fact, ContractRow("anthropic.errors.model")]
    public async Task Model_ThatIsUnknown_Is404()
    {
        await using TestServer server = await TestServer.StartAsync();
        (int status, JsonObject body) = await server.PostAsync(Path, """{"model":"claude-x","max_tokens":5,"messages":[{"role":"user","content":"a"}]}""");
        Assert.Equal((404, "model: claude-x"), (status, AnthropicAssert.IsError(body, "not_found_error")));
    }

    [Fact, ContractRow("anthropic.errors.stream", "http.stream_errors")]
    public async Task Stream_ThatBreaks_EndsWithAnErrorEvent()
    {
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine { Script = (_, _) => Breaking() });
        List<JsonObject> events = await StreamAsync(server, Message());
        JsonObject last = events[^1];
        AnthropicAssert.IsError(last, "api_error");
        Assert.DoesNotContain("secret", last.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact, ContractRow("http.keep_alive")]
    public async Task Stream_WithoutNews_GetsPings()
    {
        using var time = new ManualTime();
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine { Script = (request, token) => After(go, request, token) }, time: time);
        using HttpRequestMessage request = new(HttpMethod.Post, Path) { Content = TestServer.Json(Message("\"stream\":true")) };
        using HttpResponseMessage response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await time.WaitForTimerAsync();
        time.Advance(TimeSpan.FromSeconds(15));
        await time.WaitForTimerAsync();
        go.SetResult();
        List<JsonObject> events = AnthropicAssert.Events(await response.Content.ReadAsStringAsync());
        Assert.Equal(["message_start", "ping", "ping", "content_block_start"], events.Take(4).Select(e => (string?)e["type"]));
        Assert.Equal("Hello", (string?)AnthropicAssert.Accumulate(events)["content"]![0]!["text"]);
    }

    [Fact, ContractRow("messages.tool_choice")]
    public async Task ToolChoice_WithoutParallelUse_EndsAfterTheFirstCall()
    {
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine { Script = (request, token) => Play("text and calls", request, token) });
        JsonObject body = (await server.PostAsync(Path, Message(Tools + ",\"tool_choice\":" + """{"type":"auto","disable_parallel_tool_use":true}"""))).Body;
        Assert.Equal(["text", "tool_use"], body["content"]!.AsArray().Select(b => (string?)b!["type"]));
    }

    [Theory, ContractRow("anthropic.tool_input", "anthropic.stream.equal")]
    [InlineData("{\"a\":\"\u00e9", "{}")]
    [InlineData("{\"a\":1,\"b\":[1,\"x\",tr", """{"a":1,"b":[1,"x"]}""")]
    [InlineData("{\"a\":12", "{}")]
    [InlineData("{\"a\":[true", """{"a":[true]}""")]
    [InlineData("no object", "{}")]
    [InlineData("[1]", "{}")]
    public async Task Arguments_ThatAreCut_KeepTheirWholeValues(string arguments, string input)
    {
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine { Script = (_, _) => Calls(arguments) });
        JsonObject body = (await server.PostAsync(Path, Message(Tools))).Body;
        Assert.Equal(input, body["content"]![0]!["input"]!.ToJsonString());
        if (arguments[0] == '{')
        {
            JsonObject streamed = AnthropicAssert.Accumulate(await StreamAsync(server, Message(Tools)));
            Assert.Equal(input, streamed["content"]![0]!["input"]!.ToJsonString());
        }
    }

    [Fact, ContractRow("anthropic.tool_input")]
    public async Task Arguments_NestedDeeperThanRequestsMayBe_AreWritten()
    {
        string arguments = "{\"a\":" + new string('[', 2000) + new string(']', 2000) + "}";
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine { Script = (_, _) => Calls(arguments) });
        using HttpResponseMessage response = await server.Client.PostAsync(new Uri(Path, UriKind.Relative), TestServer.Json(Message(Tools)));
        Assert.Contains("\"input\":" + arguments, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory, ContractRow("models.anthropic")]
    [InlineData("/v1/models", """{"data":[CARD],"has_more":false,"first_id":"ID","last_id":"ID"}""")]
    [InlineData("/v1/models?limit=1", """{"data":[CARD],"has_more":false,"first_id":"ID","last_id":"ID"}""")]
    [InlineData("/v1/models?after_id=mistralai/Mistral-Small-3.2-24B-Instruct-2506", """{"data":[],"has_more":false,"first_id":null,"last_id":null}""")]
    [InlineData("/v1/models/mistral-small-2506", null)]
    public async Task Models_ForAnthropicsClients_AreInItsForm(string path, string? expected)
    {
        using var time = new ManualTime();
        await using TestServer server = await TestServer.StartAsync(time: time);
        JsonObject body = await GetAsync(server, path);
        const string Id = "mistralai/Mistral-Small-3.2-24B-Instruct-2506";
        string card = $$"""{"type":"model","id":"{{Id}}","display_name":"Scripted","created_at":"1970-01-01T00:00:00Z"}""";
        Assert.Equal(expected?.Replace("CARD", card).Replace("ID", Id) ?? card.Replace(Id, "mistral-small-2506"), body.ToJsonString());
    }

    [Theory, ContractRow("models.anthropic")]
    [InlineData("/v1/models?limit=0", "invalid_request_error")]
    [InlineData("/v1/models/gpt-9", "not_found_error")]
    public async Task Models_AskedWrongly_AreRefusedInAnthropicsShape(string path, string type)
    {
        await using TestServer server = await TestServer.StartAsync();
        AnthropicAssert.IsError(await GetAsync(server, path), type);
    }

    internal static string Message(string fields = "") =>
        $$"""{"model":"{{TestServer.ModelName}}","max_tokens":100,"messages":[{"role":"user","content":"Hi"}]{{(fields.Length > 0 ? "," : "")}}{{fields}}}""";

    internal static async Task<List<JsonObject>> StreamAsync(TestServer server, string body)
    {
        using HttpResponseMessage response = await server.Client.PostAsync(new Uri(Path, UriKind.Relative), TestServer.Json(body[..^1] + ",\"stream\":true}"));
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        return AnthropicAssert.Events(text);
    }

    private static async Task<JsonObject> GetAsync(TestServer server, string path)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        request.Headers.Add("anthropic-version", "2023-06-01");
        using HttpResponseMessage response = await server.Client.SendAsync(request);
        return await TestServer.ReadAsync(response);
    }

    /// <summary>What the engine is asked for these messages.</summary>
    private static async Task<string> PromptAsync(string messages)
    {
        var engine = new ScriptedEngine();
        await using TestServer server = await TestServer.StartAsync(engine);
        (int status, JsonObject body) = await server.PostAsync(Path, $$"""{"model":"{{TestServer.ModelName}}","max_tokens":5,"messages":{{messages}}}""");
        Assert.True(status == 200, body.ToJsonString());
        return ByteTokenizer.Instance.Decode([.. Assert.Single(engine.Requests).PromptTokens], ControlTokens.Keep);
    }

    private static string Native(string prompt, string tool)
    {
        string mark = $"{tool}[CALL_ID]";
        return prompt[(prompt.IndexOf(mark, StringComparison.Ordinal) + mark.Length)..][..9];
    }

    private static async IAsyncEnumerable<GenerationUpdate> Play(string kind, GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (kind == "text")
        {
            await foreach (GenerationUpdate update in ScriptedEngine.PlayText("Ça va? 💥", request, cancellationToken))
            {
                yield return update;
            }

            yield break;
        }

        if (kind == "text and calls")
        {
            yield return new GenerationUpdate { Text = "Let me see.", TokenIds = [1097] };
        }

        await foreach (GenerationUpdate update in Calls(kind == "no arguments" ? "" : "{\"city\":\"Arles\"}", second: kind == "text and calls"))
        {
            yield return update;
        }
    }

    private static async IAsyncEnumerable<GenerationUpdate> Calls(string arguments, bool second = false)
    {
        await Task.Yield();
        yield return new GenerationUpdate { ToolCalls = [new ToolCallDelta(0, "abcdefghi", "weather", "")], TokenIds = [9] };
        int half = arguments.Length / 2;
        yield return new GenerationUpdate { ToolCalls = [new ToolCallDelta(0, null, null, arguments[..half])], TokenIds = [1050] };
        yield return new GenerationUpdate { ToolCalls = [new ToolCallDelta(0, null, null, arguments[half..])], TokenIds = [1051] };
        if (second)
        {
            yield return new GenerationUpdate { ToolCalls = [new ToolCallDelta(1, "123456789", "weather", "{}")], TokenIds = [9] };
        }

        yield return new GenerationUpdate { FinishReason = FinishReason.ToolCalls, Usage = new TokenUsage(50, 4, 0) };
    }

    private static async IAsyncEnumerable<GenerationUpdate> Breaking()
    {
        yield return new GenerationUpdate { Text = "a", TokenIds = [1097] };
        await Task.Yield();
        throw new InvalidOperationException("secret");
    }

    private static async IAsyncEnumerable<GenerationUpdate> After(TaskCompletionSource go, GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await go.Task.WaitAsync(cancellationToken);
        await foreach (GenerationUpdate update in ScriptedEngine.PlayText("Hello", request, cancellationToken))
        {
            yield return update;
        }
    }
}
