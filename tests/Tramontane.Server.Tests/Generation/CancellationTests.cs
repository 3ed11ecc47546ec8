using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Tramontane.Inference.Engine;
using Tramontane.Server.Tests.Contract;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.Generation;

public sealed class CancellationTests
{
    private const string Path = "/v1/chat/completions";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60); // only when something is broken

    [Theory, ContractRow("http.disconnect")]
    [InlineData("\"stream\":true")]
    [InlineData("\"stream\":true,\"n\":3")]
    [InlineData("\"stream\":false")]
    [InlineData("\"n\":3")]
    public async Task Client_ThatLeaves_CancelsItsSequences(string fields)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var engine = new ScriptedEngine { Script = (_, token) => Endless(started, token) };
        await using TestServer server = await TestServer.StartAsync(engine);
        using var leave = new CancellationTokenSource();
        using HttpRequestMessage request = new(HttpMethod.Post, Path) { Content = TestServer.Json(TestServer.Chat(fields)) };
        Task<HttpResponseMessage> response = server.Client.SendAsync(request, HttpCompletionOption.ResponseContentRead, leave.Token);
        await started.Task.WaitAsync(s_patience);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => response);
        await engine.FirstCancelled.Task.WaitAsync(s_patience);
        await UntilAsync(server, () => engine.Statistics.RunningSequences == 0);
        Assert.Equal(200, (await server.GetAsync("/health")).Status);
    }

    [Fact, ContractRow("http.stalled_reader")]
    public async Task Reader_ThatStalls_HoldsUpNobodyElseAndGetsAllInTheEnd()
    {
        const int Pieces = 4000;
        string piece = new('x', 2000); // eight megabytes: more than sockets and pipes hold
        var engine = new ScriptedEngine { Script = (request, token) => request.MaxTokens == 1 ? ScriptedEngine.PlayText("a", request, token) : Flood(piece, Pieces, token) };
        await using TestServer server = await TestServer.StartAsync(engine);
        using HttpRequestMessage request = new(HttpMethod.Post, Path) { Content = TestServer.Json(TestServer.Chat("\"stream\":true")) };
        using HttpResponseMessage stalled = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(200, (await server.PostAsync(Path, TestServer.Chat("\"max_tokens\":1"))).Status);
        }

        List<string> events = TestServer.Events(await stalled.Content.ReadAsStringAsync());
        Assert.Equal(Pieces + 3, events.Count); // role, pieces, finish, [DONE]
    }

    [Fact, ContractRow("http.keep_alive")]
    public async Task Stream_WithoutNews_GetsKeepAliveComments()
    {
        using var time = new ManualTime();
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine { Script = (request, token) => After(go, request, token) }, time: time);
        using HttpRequestMessage request = new(HttpMethod.Post, Path) { Content = TestServer.Json(TestServer.Chat("\"stream\":true")) };
        using HttpResponseMessage response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(s_patience);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Contains("\"role\":\"assistant\"", await reader.ReadLineAsync().WaitAsync(s_patience), StringComparison.Ordinal);
        Assert.Equal("", await reader.ReadLineAsync());
        for (int i = 0; i < 2; i++)
        {
            await time.WaitForTimerAsync();
            time.Advance(TimeSpan.FromSeconds(15));
            Assert.Equal(": keep-alive", await reader.ReadLineAsync().WaitAsync(s_patience));
            Assert.Equal("", await reader.ReadLineAsync());
        }

        go.SetResult();
        Assert.EndsWith("data: [DONE]\n\n", await reader.ReadToEndAsync().WaitAsync(s_patience), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reader_ThatTakesNothingForTooLong_IsCutOff()
    {
        using var time = new ManualTime();
        var engine = new ScriptedEngine { Script = (_, token) => Flood(new string('x', 100_000), int.MaxValue, token) };
        await using TestServer server = await TestServer.StartAsync(engine, time: time);
        using HttpRequestMessage request = new(HttpMethod.Post, Path) { Content = TestServer.Json(TestServer.Chat("\"stream\":true")) };
        using HttpResponseMessage response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        while (!engine.FirstCancelled.Task.IsCompleted)
        {
            Task armed = time.WaitForTimerAsync(); // of a keep-alive, or of a flush that waits for the reader
            await Task.WhenAny(armed, engine.FirstCancelled.Task).WaitAsync(s_patience);
            time.Advance(TimeSpan.FromSeconds(300));
        }

        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Sequences_OfARequestWhoseLaterOnesAreRefused_AreCancelled()
    {
        var engine = new ScriptedEngine();
        var refusing = new RefusingAfter(engine, accepted: 2);
        await using TestServer server = await TestServer.StartAsync(refusing);
        (int status, JsonObject body) = await server.PostAsync(Path, TestServer.Chat("\"n\":3"));
        Assert.Equal(429, status);
        ErrorAssert.Is(body, "rate_limit_exceeded", null, "rate_limit_error");
        Assert.All(refusing.Tokens, token => Assert.True(token.IsCancellationRequested));
    }

    internal static async IAsyncEnumerable<GenerationUpdate> Endless(TaskCompletionSource started, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new GenerationUpdate { Text = "a", TokenIds = [1097] };
        started.TrySetResult();
        await Task.Delay(Timeout.Infinite, cancellationToken);
    }

    private static async IAsyncEnumerable<GenerationUpdate> Flood(string piece, int count, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (int i = 0; i < count; i++)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            yield return new GenerationUpdate { Text = piece, TokenIds = [1097] };
        }

        yield return new GenerationUpdate { FinishReason = FinishReason.Length, Usage = new TokenUsage(1, count, 0) };
    }

    private static async IAsyncEnumerable<GenerationUpdate> After(TaskCompletionSource go, GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await go.Task.WaitAsync(cancellationToken);
        await foreach (GenerationUpdate update in ScriptedEngine.PlayText("done", request, cancellationToken))
        {
            yield return update;
        }
    }

    /// <summary>The server notices a lost connection on its own time; every round trip gives it some.</summary>
    private static async Task UntilAsync(TestServer server, Func<bool> condition)
    {
        for (int i = 0; i < 20_000 && !condition(); i++)
        {
            await server.GetAsync("/health");
        }

        Assert.True(condition());
    }

    private sealed class RefusingAfter(ScriptedEngine inner, int accepted) : IInferenceEngine
    {
        public List<CancellationToken> Tokens { get; } = [];

        public ModelInfo Model => inner.Model;

        public Tokenization.Tokenizer Tokenizer => inner.Tokenizer;

        public EngineStatistics Statistics => inner.Statistics;

        public Submission Submit(GenerationRequest request, CancellationToken cancellationToken)
        {
            if (Tokens.Count == accepted)
            {
                return new Submission(null, SubmissionRefusal.QueueFull);
            }

            Tokens.Add(cancellationToken);
            return inner.Submit(request, cancellationToken);
        }
    }
}
