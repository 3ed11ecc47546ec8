using System.Text.Json.Nodes;
using Tramontane.Inference.Engine;
using Tramontane.Server.Tests.Contract;
using Tramontane.Server.Tests.Fakes;
using Tramontane.Tokenization;

namespace Tramontane.Server.Tests.OpenAI.Chat;

/// <summary>What vLLM's, OpenRouter's and Mistral's clients send beyond OpenAI's fields.</summary>
public sealed class ChatExtensionTests
{
    private const string Path = "/v1/chat/completions";
    private const string Tools = "\"tools\":" + """[{"type":"function","function":{"name":"weather"}}]""";

    [Fact, ContractRow("chat.prompt_logprobs_form", "chat.token_ids_form")]
    public async Task PromptLogprobsAndTokenIds_HaveVllmsForm()
    {
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine("Hé"));
        JsonObject body = (await server.PostAsync(Path, TestServer.Chat("\"prompt_logprobs\":1,\"return_token_ids\":true,\"n\":2"))).Body;
        int[] prompt = [SpecialTokens.Bos, SpecialTokens.BeginInstruction, .. ByteTokenizer.Ids("Hi"), SpecialTokens.EndInstruction];
        Assert.Equal(prompt, body["prompt_token_ids"]!.AsArray().Select(n => (int)n!));
        Assert.All(body["choices"]!.AsArray(), c => Assert.Equal(ByteTokenizer.Ids("Hé"), c!["token_ids"]!.AsArray().Select(n => (int)n!)));
        JsonArray logprobs = body["prompt_logprobs"]!.AsArray();
        Assert.Equal(prompt.Length, logprobs.Count);
        Assert.Null(logprobs[0]);
        Assert.Equal("""{"1097":{"logprob":-0.5,"rank":1,"decoded_token":"a"},"1072":{"logprob":-1.072,"rank":null,"decoded_token":"H"}}""", logprobs[2]!.ToJsonString());
    }

    [Fact, ContractRow("chat.token_ids_form")]
    public async Task TokenIds_OfAStream_AreThoseOfTheReply()
    {
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine("Hé"));
        List<string> events = await server.StreamAsync(Path, TestServer.Chat("\"return_token_ids\":true,\"stream\":true"));
        JsonObject[] chunks = [.. events[..^1].Select(TestServer.Parse)];
        Assert.Equal(5, chunks[0]["prompt_token_ids"]!.AsArray().Count);
        Assert.Equal(ByteTokenizer.Ids("Hé"), chunks.SelectMany(c => c["choices"]![0]!["token_ids"]?.AsArray() ?? []).Select(n => (int)n!));
    }

    [Theory, ContractRow("completions.token_ids_form")]
    [InlineData("")]
    [InlineData(",\"stream\":true")]
    public async Task TokenIds_OfACompletion_StandInEachChoice(string stream)
    {
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine("ab"));
        string request = TestServer.Completion("[\"x\",\"yz\"]", "\"return_token_ids\":true" + stream);
        JsonNode[] choices = stream.Length == 0
            ? [.. (await server.PostAsync("/v1/completions", request)).Body["choices"]!.AsArray().Select(c => c!)]
            : [.. (await server.StreamAsync("/v1/completions", request))[..^1].SelectMany(e => TestServer.Parse(e)["choices"]!.AsArray()).Select(c => c!)];
        foreach ((int index, string prompt) in new[] { (0, "x"), (1, "yz") })
        {
            JsonNode[] own = [.. choices.Where(c => (int)c["index"]! == index)];
            Assert.Equal([SpecialTokens.Bos, .. ByteTokenizer.Ids(prompt)], own.SelectMany(c => c["prompt_token_ids"]?.AsArray() ?? []).Select(n => (int)n!));
            Assert.Equal(ByteTokenizer.Ids("ab"), own.SelectMany(c => c["token_ids"]?.AsArray() ?? []).Select(n => (int)n!));
        }
    }

    [Fact, ContractRow("chat.prompt_logprobs_form")]
    public async Task PromptLogprobs_InAStream_AreRefused()
    {
        await using TestServer server = await TestServer.StartAsync();
        (int status, JsonObject body) = await server.PostAsync(Path, TestServer.Chat("\"prompt_logprobs\":1,\"stream\":true"));
        Assert.Equal(400, status);
        ErrorAssert.Is(body, "invalid_value", "prompt_logprobs");
    }

    [Theory, ContractRow("chat.default_temperature", "conflicts.default_temperature")]
    [InlineData("", 0.15f)]
    [InlineData("\"temperature\":0.7", 0.7f)]
    public async Task Temperature_WhenNotGiven_IsTheConfiguredOne(string fields, float expected)
    {
        var engine = new ScriptedEngine();
        await using TestServer server = await TestServer.StartAsync(engine, o => o.DefaultTemperature = 0.15);
        await server.PostAsync(Path, TestServer.Chat(fields));
        Assert.Equal(expected, Assert.Single(engine.Requests).Sampling.Temperature);
        Assert.Equal(0.15, (double)(await server.GetAsync("/v1/models")).Body["data"]![0]!["default_model_temperature"]!);
    }

    [Fact, ContractRow("mistral.random_seed", "conflicts.seed")]
    public async Task RandomSeed_IsMistralsNameForTheSeed()
    {
        var engine = new ScriptedEngine();
        await using TestServer server = await TestServer.StartAsync(engine);
        await server.PostAsync(Path, TestServer.Chat("\"random_seed\":11"));
        Assert.Equal(11ul, Assert.Single(engine.Requests).Sampling.Seed);
    }

    [Theory, ContractRow("mistral.whole_tool_calls", "conflicts.tool_fragments")]
    [InlineData("mistral-client-typescript/2.7.0", 1)]
    [InlineData("OpenAI/JS 6.49.0", 4)]
    public async Task ToolCalls_ForMistralsClients_ComeWhole(string userAgent, int pieces)
    {
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine { Script = ToolScript.Play });
        using HttpRequestMessage request = new(HttpMethod.Post, Path) { Content = TestServer.Json(TestServer.Chat(Tools + ",\"stream\":true")) };
        request.Headers.TryAddWithoutValidation("User-Agent", userAgent);
        using HttpResponseMessage response = await server.Client.SendAsync(request);
        JsonNode[] calls = [.. TestServer.Events(await response.Content.ReadAsStringAsync())[..^1]
            .SelectMany(e => TestServer.Parse(e)["choices"]![0]!["delta"]!["tool_calls"]?.AsArray() ?? []).Select(c => c!)];
        Assert.Equal(pieces, calls.Length);
        Assert.Equal("""{"city":"Marseille"}""", string.Concat(calls.Select(c => (string?)c["function"]!["arguments"])));
        Assert.Equal(["weather"], calls.Select(c => (string?)c["function"]!["name"]).OfType<string>());
    }

    [Fact, ContractRow("mistral.arguments_object")]
    public async Task Arguments_AsAnObject_AreWrittenLikeTheirText()
    {
        var engine = new ScriptedEngine();
        await using TestServer server = await TestServer.StartAsync(engine);
        foreach (string arguments in (string[])["{ \"x\" : 1 }", "\"{\\\"x\\\":1}\""])
        {
            string call = """{"id":"abcdefghi","function":{"name":"f","arguments":ARGUMENTS}}""".Replace("ARGUMENTS", arguments);
            await server.PostAsync(Path, TestServer.Chat(messages: $$"""[{"role":"user","content":"a"},{"role":"assistant","content":"","tool_calls":[{{call}}]},{"role":"tool","tool_call_id":"abcdefghi","name":"f","content":"r"}]"""));
        }

        IReadOnlyList<int>[] prompts = [.. engine.Requests.Select(r => r.PromptTokens)];
        Assert.Equal(2, prompts.Length);
        Assert.Equal(prompts[0], prompts[1]);
    }

    [Fact, ContractRow("chat.images")]
    public async Task Image_WithoutAVisionEncoder_IsRefusedByName()
    {
        await using TestServer server = await TestServer.StartAsync();
        (int status, JsonObject body) = await server.PostAsync(Path, TestServer.Chat(messages: """[{"role":"user","content":[{"type":"image_url","image_url":"data:image/png;base64,AA=="}]}]"""));
        Assert.Equal(400, status);
        ErrorAssert.Is(body, "unsupported_value", "messages[0].content[0].image_url");
    }

    [Fact, ContractRow("stream.openrouter_error")]
    public async Task Stream_ThatBreaksUnderOpenRoutersPath_EndsWithAChunkThatSaysSo()
    {
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine { Script = (_, _) => Breaking() });
        List<string> events = await server.StreamAsync("/api" + Path, TestServer.Chat("\"stream\":true"));
        JsonObject last = TestServer.Parse(events[^1]);
        Assert.Equal(("error", 500), ((string?)last["choices"]![0]!["finish_reason"], (int)last["error"]!["code"]!));
    }

    [Fact, ContractRow("http.utf8")]
    public async Task Stream_OfLettersBeyondTheFirstPlane_NeverSplitsThem()
    {
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine("a💥é漢"));
        foreach (string data in (await server.StreamAsync(Path, TestServer.Chat("\"stream\":true")))[..^1])
        {
            string text = (string?)TestServer.Parse(data)["choices"]![0]!["delta"]!["content"] ?? "";
            Assert.DoesNotContain('\uFFFD', text);
            Assert.Equal(text.Count(char.IsHighSurrogate), text.Count(char.IsLowSurrogate));
        }
    }

    private static async IAsyncEnumerable<GenerationUpdate> Breaking()
    {
        yield return new GenerationUpdate { Text = "a", TokenIds = [1097] };
        await Task.Yield();
        throw new InvalidOperationException("secret");
    }
}
