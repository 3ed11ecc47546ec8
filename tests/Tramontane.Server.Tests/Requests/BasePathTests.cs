using System.Text.Json.Nodes;
using Tramontane.Server.Requests;
using Tramontane.Server.Tests.Anthropic;
using Tramontane.Server.Tests.Contract;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.Requests;

public sealed class BasePathTests
{
    [Theory, ContractRow("routes.deepinfra", "routes.openrouter", "routes.modelslab", "routes.plain")]
    [InlineData("/chat/completions", BasePath.Plain, "/v1/chat/completions")]
    [InlineData("/v1/chat/completions", BasePath.Plain, "/v1/chat/completions")]
    [InlineData("/v1/openai/chat/completions", BasePath.DeepInfra, "/v1/chat/completions")]
    [InlineData("/v1/openai/completions/", BasePath.DeepInfra, "/v1/completions/")]
    [InlineData("/v1/openai/models/a/b", BasePath.DeepInfra, "/v1/models/a/b")]
    [InlineData("/v1/openai/messages", BasePath.Plain, "/v1/openai/messages")]
    [InlineData("/api/v1/chat/completions", BasePath.OpenRouter, "/v1/chat/completions")]
    [InlineData("/api/v1/models", BasePath.OpenRouter, "/v1/models")]
    [InlineData("/api/v7/llm/chat/completions", BasePath.ModelsLab, "/v1/chat/completions")]
    [InlineData("/api/v7/llm/v1/messages", BasePath.ModelsLab, "/v1/messages")]
    [InlineData("/api/v7/llm/v1/messages/count_tokens", BasePath.ModelsLab, "/v1/messages/count_tokens")]
    [InlineData("/api/v7/llm/v1/models/x", BasePath.ModelsLab, "/v1/models/x")]
    [InlineData("/api/v7/llm/v1/chat/completions", BasePath.ModelsLab, "/api/v7/llm/v1/chat/completions")]
    [InlineData("/api/v1", BasePath.Plain, "/api/v1")]
    [InlineData("/api/v12/models", BasePath.Plain, "/api/v12/models")]
    [InlineData("", BasePath.Plain, "")]
    public void Resolve_OfAProvidersPath_IsThePlainRoute(string path, object basePath, string route) =>
        Assert.Equal(((BasePath)basePath, route), BasePaths.Resolve(path));

    [Theory, ContractRow("routes.deepinfra", "routes.openrouter", "routes.modelslab")]
    [InlineData("/v1/openai")]
    [InlineData("/api/v1")]
    [InlineData("/api/v7/llm")]
    public async Task Chat_UnderEachBasePath_Answers(string basePath)
    {
        await using TestServer server = await TestServer.StartAsync();
        Assert.Equal(200, (await server.PostAsync(basePath + "/chat/completions", TestServer.Chat())).Status);
    }

    [Fact, ContractRow("routes.modelslab", "anthropic.ignored")]
    public async Task Messages_UnderModelsLabsPath_AnswersWithAnyQuery()
    {
        await using TestServer server = await TestServer.StartAsync();
        Assert.Equal("message", (string?)(await server.PostAsync("/api/v7/llm/v1/messages?beta=true", MessagesEndpointTests.Message())).Body["type"]);
        (int status, JsonObject body) = await server.GetAsync("/api/v7/llm/v1/models");
        Assert.Equal((200, false), (status, (bool)body["has_more"]!));
    }

    [Fact, ContractRow("errors.openrouter", "conflicts.error_code")]
    public async Task Error_UnderOpenRoutersPath_HasTheStatusAsItsCode()
    {
        await using TestServer server = await TestServer.StartAsync();
        JsonObject error = (await server.PostAsync("/api/v1/chat/completions", "{}")).Body["error"]!.AsObject();
        Assert.Equal(["message", "type", "param", "code"], error.Select(p => p.Key));
        Assert.Equal(400, (int)error["code"]!);
        Assert.Equal("Invalid URL (GET /api/v1/nothing)", (string?)(await server.GetAsync("/api/v1/nothing")).Body["error"]!["message"]);
    }

    [Fact, ContractRow("stream.openrouter_usage", "http.generation_id")]
    public async Task Stream_UnderOpenRoutersPath_EndsWithAUsageChunk()
    {
        await using TestServer server = await TestServer.StartAsync();
        List<string> events = await server.StreamAsync("/api/v1/chat/completions", TestServer.Chat("\"stream\":true"));
        JsonObject last = TestServer.Parse(events[^2]);
        Assert.Empty(last["choices"]!.AsArray());
        Assert.Equal(14, (int)last["usage"]!["completion_tokens"]!);
        using HttpResponseMessage response = await server.Client.PostAsync(new Uri("/api/v1/chat/completions", UriKind.Relative), TestServer.Json(TestServer.Chat()));
        Assert.Equal((string?)(await TestServer.ReadAsync(response))["id"], Assert.Single(response.Headers.GetValues("X-Generation-Id")));
    }

    [Theory, ContractRow("routes.modelslab.fields")]
    [InlineData("/api/v7/llm/chat/completions", "\"model_id\":\"mistral-small-2506\"", "\"key\":\"sk-first\"", true, 200)]
    [InlineData("/api/v7/llm/chat/completions", "\"model\":\"mistral-small-2506\"", "\"key\":\"sk-wrong\"", true, 401)]
    [InlineData("/api/v7/llm/chat/completions", "\"model\":\"mistral-small-2506\"", "\"key\":7", true, 401)]
    [InlineData("/api/v7/llm/chat/completions", "\"model_id\":\"mistral-small-2506\"", "\"key\":\"sk-first\"", false, 401)]
    [InlineData("/v1/chat/completions", "\"model\":\"mistral-small-2506\"", "\"key\":\"sk-first\"", true, 401)]
    public async Task Key_InTheBody_OpensModelsLabsPathAlone(string path, string model, string key, bool accept, int status)
    {
        await using TestServer server = await TestServer.StartAsync(configure: o =>
        {
            o.ApiKeys.Add("sk-first");
            o.AcceptProviderFields = accept;
        });
        (int actual, JsonObject body) = await server.PostAsync(path, $$"""{{{model}},{{key}},"messages":[{"role":"user","content":"Hi"}]}""");
        Assert.Equal(status, actual);
        Assert.DoesNotContain("sk-wrong", body.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory, ContractRow("routes.modelslab.fields")]
    [InlineData("/v1/chat/completions", "\"model_id\":\"mistral-small-2506\"", true, null)]
    [InlineData("/v1/chat/completions", "\"model_id\":\"mistral-small-2506\",\"model\":\"mistral-small-2506\"", true, null)]
    [InlineData("/v1/chat/completions", "\"model_id\":\"mistral-small-2506\",\"model\":null", true, null)]
    [InlineData("/v1/chat/completions", "\"model_id\":\"mistral-small\",\"model\":\"mistral-small-2506\"", true, "invalid_value model_id")]
    [InlineData("/v1/chat/completions", "\"model_id\":7,\"model\":\"mistral-small-2506\"", true, "invalid_type model_id")]
    [InlineData("/v1/chat/completions", "\"model_id\":\"mistral-small-2506\"", false, "missing_required_parameter model")]
    [InlineData("/v1/completions", "\"model_id\":\"mistral-small-2506\",\"prompt\":\"Hi\"", true, null)]
    [InlineData("/v1/completions", "\"model_id\":\"other\",\"model\":\"mistral-small-2506\",\"prompt\":\"Hi\"", true, "invalid_value model_id")]
    [InlineData("/v1/responses", "\"model_id\":\"mistral-small-2506\",\"input\":\"Hi\"", true, null)]
    [InlineData("/v1/responses", "\"model_id\":\"other\",\"model\":\"mistral-small-2506\",\"input\":\"Hi\"", true, "invalid_value model_id")]
    [InlineData("/api/v7/llm/chat/completions", "\"model_id\":\"other\",\"model\":\"mistral-small-2506\"", true, "invalid_value model_id")]
    public async Task ModelId_IsAnotherNameForModelAndMayNotDiffer(string path, string fields, bool accept, string? refusal)
    {
        await using TestServer server = await TestServer.StartAsync(configure: o => (o.AcceptProviderFields, o.StrictParams) = (accept, accept));
        string messages = path.EndsWith("chat/completions", StringComparison.Ordinal) ? ",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]" : "";
        (int status, JsonObject body) = await server.PostAsync(path, $"{{{fields}{messages}}}");
        Assert.Equal((refusal is null ? 200 : 400, refusal), (status, status == 200 ? null : $"{body["error"]!["code"]} {body["error"]!["param"]}"));
        if (status == 200)
        {
            Assert.Equal("mistral-small-2506", (string?)body["model"]);
        }
    }

    [Fact, ContractRow("routes.modelslab.fields")]
    public async Task ModelId_OfMessages_IsReadUnderModelsLabsPathAlone()
    {
        await using TestServer server = await TestServer.StartAsync();
        string differing = MessagesEndpointTests.Message("\"model_id\":\"other\"");
        Assert.Equal(200, (await server.PostAsync("/v1/messages", differing)).Status);
        (int status, JsonObject body) = await server.PostAsync("/api/v7/llm/v1/messages", differing);
        Assert.Equal(400, status);
        Assert.StartsWith("model_id: ", AnthropicAssert.IsError(body, "invalid_request_error"), StringComparison.Ordinal);
    }

    [Theory, ContractRow("http.unknown_fields")]
    [InlineData("/v1/chat/completions", "\"user\":\"u\",\"wh\\u00e4t, ever\":1,\"nothing\":null", "user, wh?t??ever")]
    [InlineData("/api/v7/llm/chat/completions", "\"key\":\"k\"", null)]
    [InlineData("/v1/chat/completions", "\"temperature\":1", null)]
    [InlineData("/v1/chat/completions", "\"structured_outputs\":{\"regex\":\"a+\",\"disable_any_whitespace\":true,\"regx\":\"b\",\"json\":null}", "structured_outputs.disable_any_whitespace, structured_outputs.regx")]
    [InlineData("/v1/chat/completions", "\"structured_outputs\":true", null)]
    public async Task Fields_WithoutEffect_AreNamedInAHeader(string path, string fields, string? expected)
    {
        await using TestServer server = await TestServer.StartAsync();
        using HttpResponseMessage response = await server.Client.PostAsync(new Uri(path, UriKind.Relative), TestServer.Json(TestServer.Chat(fields)));
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal(expected, response.Headers.TryGetValues(IgnoredFields.Header, out IEnumerable<string>? values) ? values.Single() : null);
    }

    [Fact, ContractRow("http.strict_params")]
    public async Task Fields_ThatNobodyKnows_AreRefusedInStrictMode()
    {
        await using TestServer server = await TestServer.StartAsync(configure: o => o.StrictParams = true);
        (int status, JsonObject body) = await server.PostAsync("/v1/chat/completions", TestServer.Chat("\"user\":\"u\",\"whatever\":1"));
        Assert.Equal((400, "Unrecognized request argument supplied: whatever"), (status, ErrorAssert.Is(body, "unknown_parameter", "whatever")));
        (status, body) = await server.PostAsync("/v1/chat/completions", TestServer.Chat("\"structured_outputs\":{\"disable_fallback\":true,\"regx\":\"a\"}"));
        Assert.Equal((400, "Unrecognized request argument supplied: structured_outputs.regx"), (status, ErrorAssert.Is(body, "unknown_parameter", "structured_outputs.regx")));
        (status, body) = await server.PostAsync("/v1/messages", MessagesEndpointTests.Message("\"whatever\":1"));
        Assert.Equal((400, "whatever: Extra inputs are not permitted"), (status, AnthropicAssert.IsError(body, "invalid_request_error")));
    }

    [Theory, ContractRow("routes.models.escaping")]
    [InlineData("/v1/models/a%252Fb", "a%2Fb")]
    [InlineData("/api/v1/models/a%2Fb?x=/models/", "a/b")]
    [InlineData("/v1/openai/models/a/b/", "a/b")]
    public async Task ModelId_InAPath_IsUnescapedOnce(string path, string id)
    {
        await using TestServer server = await TestServer.StartAsync(configure: o =>
        {
            o.ServedModelNames.Add("a/b");
            o.ServedModelNames.Add("a%2Fb");
        });
        (int status, JsonObject body) = await server.GetAsync(path);
        Assert.Equal((200, id), (status, (string?)body["id"]));
    }

    [Fact, ContractRow("models.aliases")]
    public async Task ModelName_WithAStar_StandsForAllThatBeginSo()
    {
        await using TestServer server = await TestServer.StartAsync(configure: o => o.ServedModelNames.Add("claude-*"));
        Assert.Equal(200, (await server.PostAsync("/v1/messages", MessagesEndpointTests.Message().Replace(TestServer.ModelName, "claude-sonnet-9"))).Status);
        Assert.Equal(404, (await server.PostAsync("/v1/messages", MessagesEndpointTests.Message().Replace(TestServer.ModelName, "claude"))).Status);
        Assert.DoesNotContain("claude", (await server.GetAsync("/v1/models")).Body.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory, ContractRow("http.integers", "conflicts.max_tokens")]
    [InlineData("\"max_tokens\":1e30", 200, null)]
    [InlineData("\"max_tokens\":9223372036854775808", 200, null)]
    [InlineData("\"max_tokens\":1e999", 400, "invalid_type")]
    [InlineData("\"max_tokens\":-9223372036854775809", 400, "integer_below_min_value")]
    [InlineData("\"seed\":9223372036854775807", 200, null)]
    [InlineData("\"seed\":9223372036854775808", 400, "integer_above_max_value")]
    [InlineData("\"seed\":-9223372036854775808", 200, null)]
    [InlineData("\"seed\":-1e19", 400, "integer_below_min_value")]
    [InlineData("\"top_k\":1e300", 200, null)]
    public async Task Integer_AtTheEdges_IsJudgedExactly(string field, int status, string? code)
    {
        await using TestServer server = await TestServer.StartAsync();
        (int actual, JsonObject body) = await server.PostAsync("/v1/chat/completions", TestServer.Chat(field));
        Assert.Equal((status, code), (actual, (string?)body["error"]?["code"]));
    }
}
