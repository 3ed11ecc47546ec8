using System.Text.Json.Nodes;
using Tramontane.Inference.Engine;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.OpenAI.Tokens;

public sealed class TokenizeEndpointTests
{
    [Theory]
    [InlineData("""{"prompt":"hé"}""", """{"count":4,"max_model_len":4096,"tokens":[1,1104,1195,1169],"token_strs":null}""")]
    [InlineData("""{"prompt":"h","add_special_tokens":false,"model":"mistral-small-2506"}""", """{"count":1,"max_model_len":4096,"tokens":[1104],"token_strs":null}""")]
    [InlineData("""{"prompt":"h","return_token_strs":true}""", """{"count":2,"max_model_len":4096,"tokens":[1,1104],"token_strs":["\u003Cs\u003E","h"]}""")]
    [InlineData("""{"prompt":""}""", """{"count":1,"max_model_len":4096,"tokens":[1],"token_strs":null}""")]
    public async Task Tokenize_OfAText_HasVllmsShape(string request, string expected)
    {
        await using TestServer server = await TestServer.StartAsync();
        (int status, JsonObject body) = await server.PostAsync("/tokenize", request);
        Assert.Equal(200, status);
        Assert.Equal(expected, body.ToJsonString());
    }

    [Fact]
    public async Task Tokenize_OfMessages_EqualsThePromptOfTheSameChat()
    {
        await using TestServer server = await TestServer.StartAsync();
        const string Conversation = """[{"role":"system","content":"S"},{"role":"user","content":"Hi"}]""";
        const string Tools = """ "tools":[{"type":"function","function":{"name":"f"}}] """;
        (_, JsonObject tokens) = await server.PostAsync("/tokenize", $$"""{"messages":{{Conversation}},{{Tools}},"add_generation_prompt":true}""");
        (_, JsonObject reply) = await server.PostAsync("/v1/chat/completions", TestServer.Chat(Tools, Conversation));
        GenerationRequest asked = ((ScriptedEngine)server.Engine).Requests.Single();
        Assert.Equal(asked.PromptTokens, tokens["tokens"]!.AsArray().Select(t => (int)t!));
        Assert.Equal((int)reply["usage"]!["prompt_tokens"]!, (int)tokens["count"]!);
    }

    [Theory]
    [InlineData("""{"tokens":[1,1104,1195,1169,2]}""", "hé")]
    [InlineData("""{"tokens":[]}""", "")]
    [InlineData("""{"tokens":[1195],"model":"mistral-small-2506"}""", "\uFFFD")]
    public async Task Detokenize_OfIds_IsTheirText(string request, string expected)
    {
        await using TestServer server = await TestServer.StartAsync();
        (int status, JsonObject body) = await server.PostAsync("/detokenize", request);
        Assert.Equal(200, status);
        Assert.Equal(expected, (string)body["prompt"]!);
    }

    [Theory]
    [InlineData("/tokenize", "{}", 400, "missing_required_parameter", "prompt")]
    [InlineData("/tokenize", "{\"prompt\":[]}", 400, "invalid_type", "prompt")]
    [InlineData("/tokenize", "{\"messages\":[]}", 400, "empty_array", "messages")]
    [InlineData("/tokenize", "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"add_generation_prompt\":true,\"continue_final_message\":true}", 400, "invalid_value", "continue_final_message")]
    [InlineData("/tokenize", "{\"prompt\":\"a\",\"model\":\"gpt-9\"}", 404, "model_not_found", null)]
    [InlineData("/detokenize", "{}", 400, "missing_required_parameter", "tokens")]
    [InlineData("/detokenize", "{\"tokens\":[1256]}", 400, "integer_above_max_value", "tokens[0]")]
    [InlineData("/detokenize", "{\"tokens\":[1,\"a\"]}", 400, "invalid_type", "tokens[1]")]
    public async Task Request_ThatIsWrong_IsRefused(string path, string request, int status, string code, string? param)
    {
        await using TestServer server = await TestServer.StartAsync();
        (int actual, JsonObject body) = await server.PostAsync(path, request);
        Assert.Equal(status, actual);
        ErrorAssert.Is(body, code, param);
    }
}
