using System.Text.Json.Nodes;
using Tramontane.Inference.Engine;
using Tramontane.Server.Tests.Clients;
using Tramontane.Server.Tests.Contract;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.EndToEnd;

/// <summary>Server and engine together, over a socket.</summary>
public sealed class RealEngineTests : IAsyncLifetime
{
    private const string Chat = "/v1/chat/completions";

    private readonly InferenceEngine _engine = TestModel.LoadTiny();
    private TestServer _server = null!;

    public async Task InitializeAsync() => _server = await TestServer.StartAsync(_engine);

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _engine.Dispose();
    }

    [Theory, ContractRow("chat.determinism", "chat.stream.equal")]
    [InlineData("\"temperature\":0,\"max_tokens\":40")]
    [InlineData("\"seed\":3,\"max_tokens\":40,\"logprobs\":true,\"top_logprobs\":2")]
    [InlineData("\"seed\":4,\"max_tokens\":40,\"n\":3,\"top_p\":0.9,\"min_p\":0.01")]
    public async Task Answer_StreamedOrNot_IsTheSame(string fields)
    {
        JsonArray whole = (await _server.PostAsync(Chat, TestServer.Chat(fields))).Body["choices"]!.AsArray();
        List<JsonNode> pieces = [.. (await _server.StreamAsync(Chat, TestServer.Chat(fields + ",\"stream\":true")))[..^1].SelectMany(e => TestServer.Parse(e)["choices"]!.AsArray()).Select(c => c!)];
        Assert.All(whole, choice =>
        {
            string text = string.Concat(pieces.Where(p => (int)p["index"]! == (int)choice!["index"]!).Select(p => (string?)p["delta"]!["content"]));
            Assert.Equal((string)choice!["message"]!["content"]!, text);
        });
    }

    [Fact, ContractRow("chat.determinism")]
    public async Task Answers_OfSixteenClientsAtOnce_EqualThoseOfOneByOne()
    {
        string Request(int i) => TestServer.Chat($"\"seed\":{i},\"max_tokens\":24", $$"""[{"role":"user","content":"Question {{i}}"}]""");
        async Task<string> AskAsync(int i) => (string)(await _server.PostAsync(Chat, Request(i))).Body["choices"]![0]!["message"]!["content"]!;
        var alone = new List<string>();
        for (int i = 0; i < 16; i++)
        {
            alone.Add(await AskAsync(i));
        }

        Assert.Equal(alone, await Task.WhenAll(Enumerable.Range(0, 16).Select(AskAsync)));
    }

    [Fact, ContractRow("chat.stop_text")]
    public async Task Stop_OnATextOfTheAnswer_CutsBeforeIt()
    {
        const string Greedy = "\"temperature\":0,\"max_tokens\":60";
        string answer = (string)(await _server.PostAsync(Chat, TestServer.Chat(Greedy))).Body["choices"]![0]!["message"]!["content"]!;
        string stop = new([.. answer.Where(char.IsAsciiLetterOrDigit).TakeLast(1)]); // occurs somewhere
        JsonNode choice = (await _server.PostAsync(Chat, TestServer.Chat($"{Greedy},\"stop\":\"{stop}\""))).Body["choices"]![0]!;
        Assert.Equal("stop", (string)choice["finish_reason"]!);
        Assert.Equal(answer[..answer.IndexOf(stop, StringComparison.Ordinal)], (string)choice["message"]!["content"]!);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Score_OfAText_IsTheSameWhetherPromptedOrGenerated(int maxTokens)
    {
        // The log-probabilities of a generated answer and those of the same tokens as a prompt are of the same bits.
        const string Path = "/v1/completions";
        const string Greedy = "\"temperature\":0,\"logprobs\":1,\"echo\":true";
        JsonArray expected = (await _server.PostAsync(Path, TestServer.Completion("[1,70,80,90]", Greedy + ",\"max_tokens\":12"))).Body["choices"]![0]!["logprobs"]!["token_logprobs"]!.AsArray();

        List<int> ids = [1, 70, 80, 90];
        GenerationRequest request = new() { PromptTokens = [.. ids], Sampling = new() { Temperature = 0 }, MaxTokens = 12 };
        await foreach (GenerationUpdate update in _engine.Submit(request, default).Updates!)
        {
            ids.AddRange(update.TokenIds);
        }

        JsonNode scored = (await _server.PostAsync(Path, TestServer.Completion($"[{string.Join(',', ids)}]", $"{Greedy},\"max_tokens\":{maxTokens}"))).Body["choices"]![0]!["logprobs"]!;
        JsonArray actual = scored["token_logprobs"]!.AsArray();
        Assert.Equal(16, ids.Count);
        Assert.Equal(16 + maxTokens, actual.Count);
        Assert.Null(actual[0]);
        Assert.Null(scored["top_logprobs"]![0]);
        Assert.Equal(expected.Skip(1).Select(n => (float)n!), actual.Skip(1).Take(15).Select(n => (float)n!));
    }

    [Fact, ContractRow("http.disconnect")]
    public async Task Client_ThatLeaves_FreesItsBlocks()
    {
        using (HttpRequestMessage request = new(HttpMethod.Post, Chat) { Content = TestServer.Json(TestServer.Chat("\"stream\":true,\"logit_bias\":{\"2\":-100}")) })
        using (await _server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead))
        {
        }

        for (int i = 0; i < 20_000 && _engine.Statistics is not { RunningSequences: 0, WaitingSequences: 0, UsedKvBlocks: 0 }; i++)
        {
            await _server.GetAsync("/health"); // gives the server time to notice, without waiting for a clock
        }

        Assert.Equal((0, 0), (_engine.Statistics.RunningSequences, _engine.Statistics.UsedKvBlocks));
    }

    [Fact]
    public async Task Ready_FollowsTheEngine()
    {
        Assert.Equal(200, (await _server.GetAsync("/ready")).Status);
        _engine.Dispose();
        Assert.Equal(503, (await _server.GetAsync("/ready")).Status);
        Assert.Equal(503, (await _server.PostAsync(Chat, TestServer.Chat())).Status);
    }
}
