using System.Text.Json.Nodes;
using Tramontane.Inference.Engine;
using Tramontane.Server.Tests.Contract;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.OpenAI.Chat;

public sealed class ChatValidationTests : IAsyncLifetime
{
    private TestServer _server = null!;

    public async Task InitializeAsync() => _server = await TestServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory, ContractRow("errors.type", "errors.range", "errors.enum", "errors.array", "errors.unsupported", "conflicts.stop", "chat.structured")]
    [InlineData("\"temperature\":\"1\"", "invalid_type", "temperature", "Invalid type for 'temperature': expected a decimal, but got a string instead.")]
    [InlineData("\"temperature\":3", "decimal_above_max_value", "temperature", "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 3 instead.")]
    [InlineData("\"temperature\":-0.5", "decimal_below_min_value", "temperature", "Invalid 'temperature': decimal below minimum value. Expected a value >= 0, but got -0.5 instead.")]
    [InlineData("\"temperature\":1e999", "invalid_type", "temperature", null)]
    [InlineData("\"top_p\":1.1", "decimal_above_max_value", "top_p", null)]
    [InlineData("\"top_k\":-2", "integer_below_min_value", "top_k", null)]
    [InlineData("\"min_p\":-1", "decimal_below_min_value", "min_p", null)]
    [InlineData("\"repetition_penalty\":0", "decimal_below_min_value", "repetition_penalty", null)]
    [InlineData("\"frequency_penalty\":2.5", "decimal_above_max_value", "frequency_penalty", null)]
    [InlineData("\"presence_penalty\":[]", "invalid_type", "presence_penalty", null)]
    [InlineData("\"max_tokens\":0", "integer_below_min_value", "max_tokens", "Invalid 'max_tokens': integer below minimum value. Expected a value >= 1, but got 0 instead.")]
    [InlineData("\"max_tokens\":16.5", "invalid_type", "max_tokens", "Invalid type for 'max_tokens': expected an integer, but got a decimal instead.")]
    [InlineData("\"max_tokens\":true", "invalid_type", "max_tokens", "Invalid type for 'max_tokens': expected an integer, but got a boolean instead.")]
    [InlineData("\"max_tokens\":5,\"max_completion_tokens\":6", "invalid_value", "max_completion_tokens", null)]
    [InlineData("\"n\":0", "integer_below_min_value", "n", null)]
    [InlineData("\"n\":129", "integer_above_max_value", "n", null)]
    [InlineData("\"seed\":1.5", "invalid_type", "seed", null)]
    [InlineData("\"seed\":99999999999999999999", "integer_above_max_value", "seed", null)]
    [InlineData("\"stop\":[\"a\",\"b\",\"c\",\"d\",\"e\"]", "array_above_max_length", "stop", null)]
    [InlineData("\"stop\":[\"a\",\"\"]", "empty_string", "stop[1]", null)]
    [InlineData("\"stop\":[\"a\",null]", "missing_required_parameter", "stop[1]", null)]
    [InlineData("\"stop\":7", "invalid_type", "stop", null)]
    [InlineData("\"stream\":\"yes\"", "invalid_type", "stream", null)]
    [InlineData("\"stream_options\":{\"include_usage\":true}", "invalid_value", "stream_options", null)]
    [InlineData("\"stream\":true,\"stream_options\":{\"include_usage\":1}", "invalid_type", "stream_options.include_usage", null)]
    [InlineData("\"logprobs\":1", "invalid_type", "logprobs", null)]
    [InlineData("\"top_logprobs\":3", "invalid_value", "top_logprobs", null)]
    [InlineData("\"logprobs\":true,\"top_logprobs\":21", "integer_above_max_value", "top_logprobs", null)]
    [InlineData("\"logit_bias\":{\"x\":1}", "invalid_value", "logit_bias", null)]
    [InlineData("\"logit_bias\":{\"-1\":1}", "invalid_value", "logit_bias", null)]
    [InlineData("\"logit_bias\":{\"1256\":1}", "invalid_value", "logit_bias", null)]
    [InlineData("\"logit_bias\":{\"1255\":101}", "decimal_above_max_value", "logit_bias.1255", null)]
    [InlineData("\"logit_bias\":[1]", "invalid_type", "logit_bias", null)]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\",\"schema\":{\"type\":\"strin\"}}}", "invalid_json_schema", "response_format.json_schema.schema", null)]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\",\"schema\":{\"$ref\":\"http://x/y\"}}}", "invalid_json_schema", "response_format.json_schema.schema", null)]
    [InlineData("\"response_format\":{\"type\":\"xml\"}", "invalid_value", "response_format.type", null)]
    [InlineData("\"response_format\":\"text\"", "invalid_type", "response_format", null)]
    [InlineData("\"structured_outputs\":{\"json\":{\"type\":5}}", "invalid_json_schema", "structured_outputs.json", null)]
    [InlineData("\"structured_outputs\":7", "invalid_type", "structured_outputs", null)]
    [InlineData("\"guided_json\":\"{\"", "invalid_value", "guided_json", null)]
    [InlineData("\"guided_choice\":[\"a\",5]", "invalid_type", "guided_choice[1]", null)]
    [InlineData("\"guided_regex\":\"(a\"", "invalid_value", "guided_regex", null)]
    [InlineData("\"guided_grammar\":\"start: missing\"", "invalid_value", "guided_grammar", null)]
    [InlineData("\"guided_regex\":\"a\",\"guided_choice\":[\"a\"]", "invalid_value", "guided_choice", null)]
    [InlineData("\"guided_whitespace_pattern\":\" \"", "unsupported_parameter", "guided_whitespace_pattern", null)]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\",\"parameters\":{\"type\":\"array\"}}}]", "invalid_function_parameters", "tools[0].function.parameters", null)]
    [InlineData("\"functions\":[{\"name\":\"f\"}]", "unsupported_parameter", "functions", null)]
    [InlineData("\"function_call\":\"auto\"", "unsupported_parameter", "function_call", null)]
    [InlineData("\"modalities\":[\"text\",\"audio\"]", "unsupported_value", "modalities", null)]
    [InlineData("\"audio\":{\"voice\":\"a\"}", "unsupported_parameter", "audio", null)]
    [InlineData("\"tool_choice\":\"required\"", "invalid_value", "tool_choice", null)]
    [InlineData("\"tool_choice\":\"sometimes\"", "invalid_value", "tool_choice", null)]
    [InlineData("\"tool_choice\":5", "invalid_type", "tool_choice", null)]
    [InlineData("\"tools\":{}", "invalid_type", "tools", null)]
    [InlineData("\"tools\":[{\"type\":\"web_search\"}]", "unsupported_value", "tools[0].type", null)]
    [InlineData("\"tools\":[{\"type\":\"function\"}]", "missing_required_parameter", "tools[0].function", null)]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{}}]", "missing_required_parameter", "tools[0].function.name", null)]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a b\"}}]", "invalid_value", "tools[0].function.name", null)]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a\",\"parameters\":[]}}]", "invalid_type", "tools[0].function.parameters", null)]
    [InlineData("\"tools\":[{\"function\":{\"name\":\"a\"}},{\"function\":{\"name\":\"a\"}}]", "invalid_value", "tools[1].function.name", null)]
    public async Task Field_ThatIsWrong_Is400WithItsPath(string field, string code, string param, string? message)
    {
        (int status, JsonObject body) = await _server.PostAsync("/v1/chat/completions", TestServer.Chat(field));
        Assert.Equal(400, status);
        string actual = ErrorAssert.Is(body, code, param);
        Assert.True(message is null || message == actual, actual);
    }

    [Theory, ContractRow("errors.missing")]
    [InlineData("{\"messages\":[]}", "missing_required_parameter", "model")]
    [InlineData("{\"model\":null,\"messages\":[]}", "missing_required_parameter", "model")]
    [InlineData("{\"model\":\"mistral-small-2506\"}", "missing_required_parameter", "messages")]
    [InlineData("{\"model\":7,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}", "invalid_type", "model")]
    public async Task Body_WithoutARequiredField_Is400(string request, string code, string param)
    {
        (int status, JsonObject body) = await _server.PostAsync("/v1/chat/completions", request);
        Assert.Equal(400, status);
        ErrorAssert.Is(body, code, param);
    }

    [Theory, ContractRow("chat.messages.roles", "chat.messages.content", "errors.missing", "chat.images")]
    [InlineData("\"Hi\"", "invalid_type", "messages")]
    [InlineData("[]", "empty_array", "messages")]
    [InlineData("[7]", "invalid_type", "messages[0]")]
    [InlineData("[{\"content\":\"x\"}]", "missing_required_parameter", "messages[0].role")]
    [InlineData("[{\"role\":\"robot\",\"content\":\"x\"}]", "invalid_value", "messages[0].role")]
    [InlineData("[{\"role\":\"user\"}]", "missing_required_parameter", "messages[0].content")]
    [InlineData("[{\"role\":\"user\",\"content\":null}]", "missing_required_parameter", "messages[0].content")]
    [InlineData("[{\"role\":\"user\",\"content\":5}]", "invalid_type", "messages[0].content")]
    [InlineData("[{\"role\":\"user\",\"content\":[\"x\"]}]", "invalid_type", "messages[0].content[0]")]
    [InlineData("[{\"role\":\"user\",\"content\":[{\"text\":\"x\"}]}]", "missing_required_parameter", "messages[0].content[0].type")]
    [InlineData("[{\"role\":\"user\",\"content\":[{\"type\":\"text\"}]}]", "missing_required_parameter", "messages[0].content[0].text")]
    [InlineData("[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":1}]}]", "invalid_type", "messages[0].content[0].text")]
    [InlineData("[{\"role\":\"user\",\"content\":[{\"type\":\"poem\",\"text\":\"x\"}]}]", "invalid_value", "messages[0].content[0].type")]
    [InlineData("[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"x\"},{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:,\"}}]}]", "unsupported_value", "messages[0].content[1].image_url")]
    [InlineData("[{\"role\":\"user\",\"content\":[{\"type\":\"input_audio\"}]}]", "unsupported_value", "messages[0].content[0]")]
    [InlineData("[{\"role\":\"user\",\"content\":[{\"type\":\"video_url\",\"video_url\":{\"url\":\"https://x.example/v.mp4\"}}]}]", "invalid_value", "messages[0].content[0].type")]
    [InlineData("[{\"role\":\"user\",\"content\":[{\"type\":\"file\"}]}]", "unsupported_value", "messages[0].content[0]")]
    [InlineData("[{\"role\":\"tool\",\"content\":\"x\"}]", "missing_required_parameter", "messages[0].tool_call_id")]
    [InlineData("[{\"role\":\"assistant\",\"tool_calls\":[{}]}]", "missing_required_parameter", "messages[0].tool_calls[0].function")]
    [InlineData("[{\"role\":\"assistant\",\"tool_calls\":[{\"type\":\"x\"}]}]", "invalid_value", "messages[0].tool_calls[0].type")]
    [InlineData("[{\"role\":\"assistant\",\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":7}}]}]", "invalid_type", "messages[0].tool_calls[0].function.arguments")]
    [InlineData("[{\"role\":\"assistant\",\"tool_calls\":\"f\"}]", "invalid_type", "messages[0].tool_calls")]
    public async Task Messages_ThatAreWrong_Are400WithTheirPath(string messages, string code, string param)
    {
        (int status, JsonObject body) = await _server.PostAsync("/v1/chat/completions", TestServer.Chat(messages: messages));
        Assert.Equal(400, status);
        ErrorAssert.Is(body, code, param);
    }

    [Fact, ContractRow("chat.choice")]
    public async Task ToolChoice_WithoutAnAllowedTool_Is400()
    {
        (int status, JsonObject body) = await _server.PostAsync(
            "/v1/chat/completions", TestServer.Chat("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],\"tool_choice\":{\"type\":\"allowed_tools\",\"allowed_tools\":{\"mode\":\"auto\",\"tools\":[]}}"));
        Assert.Equal(400, status);
        ErrorAssert.Is(body, "invalid_value", "tool_choice");
    }

    [Theory, ContractRow("http.null", "http.integers", "http.body.duplicates", "conflicts.empty_tools", "conflicts.unknown_field")]
    [InlineData("\"temperature\":null,\"stop\":null,\"tools\":null,\"stream_options\":null,\"logit_bias\":null,\"seed\":null,\"n\":null")]
    [InlineData("\"max_tokens\":16.0,\"top_k\":4e1,\"n\":1.0")]
    [InlineData("\"temperature\":\"wrong\",\"temperature\":0.5")]
    [InlineData("\"tools\":[],\"tool_choice\":\"none\",\"stop\":[],\"guided_json\":{},\"structured_outputs\":true,\"functions\":[]")]
    [InlineData("\"user\":\"u\",\"store\":true,\"metadata\":{},\"reasoning_effort\":\"low\",\"whatever\":{\"deep\":[1]},\"usage\":{\"include\":true}")]
    [InlineData("\"max_tokens\":6,\"max_completion_tokens\":6,\"top_p\":0,\"top_k\":-1,\"response_format\":{\"type\":\"text\"},\"modalities\":[\"text\"]")]
    [InlineData("\"max_tokens\":99999999999")]
    public async Task Field_ThatIsNullOddOrUnknown_IsAccepted(string fields) =>
        Assert.Equal(200, (await _server.PostAsync("/v1/chat/completions", TestServer.Chat(fields))).Status);

    [Fact, ContractRow("http.validation_first")]
    public async Task Stream_OfABadRequest_Is400AndNoStream()
    {
        (int status, JsonObject body) = await _server.PostAsync("/v1/chat/completions", TestServer.Chat("\"stream\":true,\"temperature\":9"));
        Assert.Equal(400, status);
        ErrorAssert.Is(body, "decimal_above_max_value", "temperature");
    }

    [Fact, ContractRow("errors.model")]
    public async Task Model_ThatIsUnknown_Is404()
    {
        (int status, JsonObject body) = await _server.PostAsync("/v1/chat/completions", """{"model":"gpt-9","messages":[{"role":"user","content":"x"}]}""");
        Assert.Equal(404, status);
        Assert.Equal("The model 'gpt-9' does not exist or you do not have access to it.", ErrorAssert.Is(body, "model_not_found", null));
    }

    [Theory, ContractRow("http.overload", "http.retry_after")]
    [InlineData(SubmissionRefusal.QueueFull, 429, "rate_limit_exceeded", "rate_limit_error")]
    [InlineData(SubmissionRefusal.Stopped, 503, "engine_stopped", "server_error")]
    public async Task Refusal_OfTheEngine_IsToldWithRetryAfter(SubmissionRefusal refusal, int status, string code, string type)
    {
        ((ScriptedEngine)_server.Engine).Refusal = refusal;
        using HttpResponseMessage response = await _server.Client.PostAsync(new Uri("/v1/chat/completions", UriKind.Relative), TestServer.Json(TestServer.Chat("\"stream\":true")));
        Assert.Equal(status, (int)response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
        ErrorAssert.Is(await TestServer.ReadAsync(response), code, null, type);
    }

    [Fact, ContractRow("errors.context")]
    public async Task Prompt_LongerThanTheContext_Is400WithTheSentenceThatAgentsParse()
    {
        string text = new('x', 4093); // BOS, [INST], text, [/INST]: exactly the context
        (int status, JsonObject body) = await _server.PostAsync("/v1/chat/completions", TestServer.Chat(messages: $$"""[{"role":"user","content":"{{text}}"}]"""));
        Assert.Equal(400, status);
        Assert.Equal(
            "This model's maximum context length is 4096 tokens. However, your messages resulted in 4096 tokens. Please reduce the length of the messages.",
            ErrorAssert.Is(body, "context_length_exceeded", "messages"));
    }
}
