using System.Text.Json.Nodes;
using Tramontane.Inference.Engine;
using Tramontane.Server.Tests.Contract;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.OpenAI.Completions;

public sealed class CompletionsEndpointTests
{
    private const string Path = "/v1/completions";

    [Fact, ContractRow("completions.response")]
    public async Task Reply_HasOpenAIsShapeAndSixteenTokensByDefault()
    {
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine("twelve and four more"));
        (int status, JsonObject body) = await server.PostAsync(Path, TestServer.Completion("\"One\""));
        Assert.Equal(200, status);
        Assert.StartsWith("cmpl-", (string)body["id"]!, StringComparison.Ordinal);
        Assert.Equal("text_completion", (string)body["object"]!);
        Assert.Equal("""[{"text":"twelve and four ","index":0,"logprobs":null,"finish_reason":"length"}]""", body["choices"]!.ToJsonString());
        Assert.Equal((4, 16), ((int)body["usage"]!["prompt_tokens"]!, (int)body["usage"]!["completion_tokens"]!));
    }

    [Fact, ContractRow("completions.forms")]
    public async Task Prompt_AsTextOrIds_GetsBosOnlyAsText()
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.PostAsync(Path, TestServer.Completion("[\"a\",\"\"]"));
        await server.PostAsync(Path, TestServer.Completion("[1097,1098]"));
        await server.PostAsync(Path, TestServer.Completion("[[1,1097],[1098]]"));
        Assert.Equal(
            ["1,1097", "1", "1097,1098", "1,1097", "1098"],
            ((ScriptedEngine)server.Engine).Requests.Select(r => string.Join(',', r.PromptTokens)));
    }

    [Fact, ContractRow("completions.choices")]
    public async Task Prompts_TimesN_AreChoicesInOrder()
    {
        await using TestServer server = await TestServer.StartAsync();
        (_, JsonObject body) = await server.PostAsync(Path, TestServer.Completion("[\"a\",\"bc\"]", "\"n\":2,\"echo\":true,\"max_tokens\":1,\"seed\":4"));
        Assert.Equal(["aH", "aH", "bcH", "bcH"], body["choices"]!.AsArray().Select(c => (string)c!["text"]!));
        Assert.Equal([0, 1, 2, 3], body["choices"]!.AsArray().Select(c => (int)c!["index"]!));
        Assert.Equal([4ul, 5, 4, 5], ((ScriptedEngine)server.Engine).Requests.Select(r => r.Sampling.Seed));
        Assert.Equal((5, 4, 4), ((int)body["usage"]!["prompt_tokens"]!, (int)body["usage"]!["completion_tokens"]!, (int)body["usage"]!["prompt_tokens_details"]!["cached_tokens"]!));
    }

    [Theory]
    [InlineData("\"stream\":false")]
    [InlineData("\"stream\":true")]
    public async Task Echo_WithLogprobsAndNoTokens_IsTheHarnessContract(string stream)
    {
        await using TestServer server = await TestServer.StartAsync();
        string request = TestServer.Completion("\"né\"", $"\"echo\":true,\"logprobs\":1,\"max_tokens\":0,{stream}");
        JsonNode choice = stream.EndsWith("true", StringComparison.Ordinal)
            ? TestServer.Parse((await server.StreamAsync(Path, request))[0])["choices"]![0]!
            : (await server.PostAsync(Path, request)).Body["choices"]![0]!;
        Assert.Equal(("né", "length"), ((string)choice["text"]!, (string)choice["finish_reason"]!));
        Assert.Equal(
            """{"tokens":["\u003Cs\u003E","n","\uFFFD","\uFFFD"],"token_logprobs":[null,-1.11,-1.195,-1.169],"top_logprobs":[null,{"a":-0.5,"n":-1.11},{"a":-0.5,"\uFFFD":-1.195},{"a":-0.5,"\uFFFD":-1.169}],"text_offset":[0,0,1,1]}""",
            choice["logprobs"]!.ToJsonString());
        GenerationRequest asked = ((ScriptedEngine)server.Engine).Requests.Single();
        Assert.Equal((0, 1, 1), (asked.MaxTokens, asked.PromptLogprobs, asked.TopLogprobs));
    }

    [Fact, ContractRow("completions.echo_logprobs")]
    public async Task Echo_WithLogprobs_HasOneEntryPerTokenOfPromptAndAnswer()
    {
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine("\U0001F600!"));
        (_, JsonObject body) = await server.PostAsync(Path, TestServer.Completion("[1,1120,1121]", "\"echo\":true,\"logprobs\":0"));
        JsonNode choice = body["choices"]![0]!;
        Assert.Equal("xy\U0001F600!", (string)choice["text"]!);
        Assert.Equal([0, 0, 1, 2, 2, 2, 2, 3, 4], choice["logprobs"]!["text_offset"]!.AsArray().Select(n => (int)n!)); // the last is EOS
        Assert.Equal(9, choice["logprobs"]!["token_logprobs"]!.AsArray().Count);
        Assert.Equal("</s>", (string)choice["logprobs"]!["tokens"]![8]!);
        Assert.Equal("""{"x":-1.12}""", choice["logprobs"]!["top_logprobs"]![1]!.ToJsonString());
    }

    [Fact]
    public async Task Echo_WhenTheModelEndsAtOnce_StillHasAnEntryForTheGeneratedToken()
    {
        // lm-evaluation-harness asks for one token and cuts the last entry off, whatever it is.
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine(""));
        (_, JsonObject body) = await server.PostAsync(Path, TestServer.Completion("[1,1097]", "\"echo\":true,\"logprobs\":1,\"max_tokens\":1,\"temperature\":0"));
        Assert.Equal("""["\u003Cs\u003E","a","\u003C/s\u003E"]""", body["choices"]![0]!["logprobs"]!["tokens"]!.ToJsonString());
        Assert.Equal("a", (string)body["choices"]![0]!["text"]!);
    }

    [Theory, ContractRow("completions.stream")]
    [InlineData("")]
    [InlineData(",\"echo\":true,\"logprobs\":2")]
    [InlineData(",\"n\":2,\"logprobs\":0")]
    public async Task Stream_PutTogether_EqualsTheReply(string fields)
    {
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine("Grüße \U0001F600"));
        (_, JsonObject whole) = await server.PostAsync(Path, TestServer.Completion("\"a\"", "\"seed\":1" + fields));
        List<string> events = await server.StreamAsync(Path, TestServer.Completion("\"a\"", "\"seed\":1,\"stream\":true" + fields));
        Assert.Equal("[DONE]", events[^1]);
        foreach (JsonNode? choice in whole["choices"]!.AsArray())
        {
            List<JsonNode> pieces = [.. events[..^1].Select(TestServer.Parse).Select(c => c["choices"]![0]!).Where(c => (int)c["index"]! == (int)choice!["index"]!)];
            Assert.Equal((string)choice!["text"]!, string.Concat(pieces.Select(p => (string)p["text"]!)));
            foreach (string list in (string[])["tokens", "token_logprobs", "top_logprobs", "text_offset"])
            {
                string joined = new JsonArray([.. pieces.Where(p => p["logprobs"] is not null).SelectMany(p => p["logprobs"]![list]!.AsArray()).Select(n => n?.DeepClone())]).ToJsonString();
                Assert.Equal((choice["logprobs"]?[list] ?? new JsonArray()).ToJsonString(), joined);
            }
        }
    }

    [Fact]
    public async Task Stream_WithIncludeUsage_EndsWithIt()
    {
        await using TestServer server = await TestServer.StartAsync();
        List<string> events = await server.StreamAsync(Path, TestServer.Completion("\"a\"", "\"stream\":true,\"stream_options\":{\"include_usage\":true}"));
        Assert.Equal(14, (int)TestServer.Parse(events[^2])["usage"]!["completion_tokens"]!);
        Assert.Empty(TestServer.Parse(events[^2])["choices"]!.AsArray());
    }

    [Theory]
    [InlineData("7", "", "invalid_type", "prompt")]
    [InlineData("[]", "", "empty_array", "prompt")]
    [InlineData("[[]]", "", "empty_array", "prompt[0]")]
    [InlineData("[1097,\"a\"]", "", "invalid_type", "prompt[1]")]
    [InlineData("[\"a\",1097]", "", "invalid_type", "prompt[1]")]
    [InlineData("[[1097],[\"a\"]]", "", "invalid_type", "prompt[1][0]")]
    [InlineData("[-1]", "", "integer_below_min_value", "prompt[0]")]
    [InlineData("[1256]", "", "integer_above_max_value", "prompt[0]")]
    [InlineData("[{}]", "", "invalid_type", "prompt[0]")]
    [InlineData("\"a\"", "\"max_tokens\":0", "integer_below_min_value", "max_tokens")]
    [InlineData("\"a\"", "\"logprobs\":6", "integer_above_max_value", "logprobs")]
    [InlineData("\"a\"", "\"logprobs\":true", "invalid_type", "logprobs")]
    [InlineData("\"a\"", "\"suffix\":\"b\"", "unsupported_parameter", "suffix")]
    [InlineData("\"a\"", "\"best_of\":2", "unsupported_value", "best_of")]
    [InlineData("[\"a\",\"b\"]", "\"n\":65", "invalid_value", "n")]
    public async Task Field_ThatIsWrong_Is400WithItsPath(string prompt, string fields, string code, string param)
    {
        await using TestServer server = await TestServer.StartAsync();
        (int status, JsonObject body) = await server.PostAsync(Path, TestServer.Completion(prompt, fields));
        Assert.Equal(400, status);
        ErrorAssert.Is(body, code, param);
    }

    [Fact]
    public async Task Prompt_LongerThanTheContext_Is400()
    {
        await using TestServer server = await TestServer.StartAsync();
        (int status, JsonObject body) = await server.PostAsync(Path, TestServer.Completion($"\"{new string('x', 4095)}\""));
        Assert.Equal(400, status);
        Assert.Equal(
            "This model's maximum context length is 4096 tokens. However, your prompt resulted in 4096 tokens. Please reduce the length of the prompt.",
            ErrorAssert.Is(body, "context_length_exceeded", "prompt"));
    }

    [Fact]
    public async Task Prompt_ThatFillsTheContext_IsEvaluatedWhenNothingIsToBeGenerated()
    {
        await using TestServer server = await TestServer.StartAsync();
        (int status, JsonObject body) = await server.PostAsync(Path, TestServer.Completion($"\"{new string('x', 4095)}\"", "\"echo\":true,\"max_tokens\":0"));
        Assert.Equal(200, status);
        Assert.Equal(4096, (int)body["usage"]!["prompt_tokens"]!);
    }

    [Fact]
    public async Task Prompts_MoreThanARequestMayHave_Are400()
    {
        await using TestServer server = await TestServer.StartAsync();
        (int status, JsonObject body) = await server.PostAsync(Path, TestServer.Completion($"[{string.Join(',', Enumerable.Repeat("\"a\"", 129))}]"));
        Assert.Equal(400, status);
        ErrorAssert.Is(body, "array_above_max_length", "prompt");
    }
}
