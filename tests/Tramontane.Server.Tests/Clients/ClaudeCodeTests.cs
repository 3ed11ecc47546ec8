using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Tramontane.Inference.Engine;
using Tramontane.Server.Tests.Console;
using Tramontane.Server.Tests.Fakes;
using Tramontane.Tokenization;

namespace Tramontane.Server.Tests.Clients;

/// <summary>Claude Code itself, with the settings that the model page prints.</summary>
public sealed class ClaudeCodeTests
{
    private const string Key = "tm-a-key-of-this-test";

    private static readonly string[] s_stream = ["--output-format", "stream-json", "--verbose", "--include-partial-messages", "--allowedTools", "Bash", "--max-turns", "4"];

    [Fact]
    public async Task Session_WithEveryToolAndAKey_CallsAToolAndReadsItsResult()
    {
        var engine = new ScriptedEngine();
        engine.Script = (request, cancellationToken) => PlayAsync(request, $"call{engine.Requests.Count:D5}", cancellationToken); // an id of its own for each call
        engine.Model = engine.Model with { ContextLength = 400_000 }; // a token is a byte here
        await using TestServer server = await TestServer.StartAsync(engine, options => options.ApiKeys.Add(Key));
        using var claude = new ClaudeCode();
        string block = await BlockAsync(server);
        Assert.Contains("TRAMONTANE_API_KEY", block, StringComparison.Ordinal);

        IReadOnlyList<JsonObject> lines = await claude.RunAsync(block, Key, ["-p", "Run it", .. s_stream]);
        Assert.True(lines[0]["tools"]!.AsArray().Count >= 20, lines[0].ToJsonString());
        AssertSession(lines);
        Assert.Equal(2, engine.Requests.Count);

        lines = await claude.RunAsync(block, Key, ["-p", "And again", "--continue", .. s_stream]);
        AssertSession(lines);
        Assert.Equal(4, engine.Requests.Count);
        string last = ByteTokenizer.Instance.Decode([.. engine.Requests.Last().PromptTokens], ControlTokens.Keep);
        Assert.Equal(3, last.Split(CallingEngine.Output).Length - 1); // two results and the first answer
        Assert.DoesNotContain("x-anthropic-billing-header", last, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Context_OfASession_IsCountedByTheServer()
    {
        var engine = new ScriptedEngine();
        engine.Model = engine.Model with { ContextLength = 400_000 };
        await using TestServer server = await TestServer.StartAsync(engine);
        using var claude = new ClaudeCode();
        JsonObject result = Assert.Single(await claude.RunAsync(await BlockAsync(server), key: null, "-p", "/context", "--output-format", "json"));
        Assert.False((bool)result["is_error"]!);
        Assert.Contains("| System tools |", (string)result["result"]!, StringComparison.Ordinal);
        Assert.Empty(engine.Requests); // where a server cannot count, Claude Code asks for answers of one token instead
    }

    [Fact]
    public async Task Prompts_OfLaterRequests_AreFoundInTheCache()
    {
        using InferenceEngine engine = TestModel.LoadTinyLong();
        await using TestServer server = await TestServer.StartAsync(new CallingEngine(engine));
        using var claude = new ClaudeCode();
        string block = await BlockAsync(server);
        // The model has 512 tokens only: one tool and instructions of 6000 characters, instead of everything, keep this quick.
        string instructions = string.Join(' ', Enumerable.Range(0, 600).Select(i => $"Rule {i:D4}"));
        Task<IReadOnlyList<JsonObject>> AskAsync(params string[] arguments) =>
            claude.RunAsync(block, key: null, [.. arguments, "--system-prompt", instructions, "--tools", "Bash", "--disable-slash-commands", .. s_stream]);

        IReadOnlyList<JsonObject> lines = await AskAsync("-p", "Run it");
        AssertSession(lines);
        (long Read, long All)[] prompts = Prompts(lines);
        Assert.Equal(2, prompts.Length);
        Assert.Equal(0, prompts[0].Read);
        Assert.True(prompts[0].All > 5_000, $"{prompts[0]}");
        Assert.True(prompts[1].Read >= prompts[0].All - 32, $"{prompts[0]}, {prompts[1]}"); // all of the first but its last block

        // Another conversation: the billing line, which comes first, is another one.
        lines = await AskAsync("-p", "Do something else");
        AssertSession(lines);
        Assert.All(Prompts(lines), prompt => Assert.True(prompt.Read > prompt.All * 9 / 10, $"{prompt}"));

        // A second question: the format puts the tools in front of the last question, so the instructions are found and the rest is not.
        lines = await AskAsync("-p", "And again", "--continue");
        AssertSession(lines);
        prompts = Prompts(lines);
        Assert.True(prompts[0].Read > 3_000, $"{prompts[0]}");
        Assert.True(prompts[1].Read >= prompts[0].All - 32, $"{prompts[0]}, {prompts[1]}");
    }

    /// <summary>A streamed call of a tool, its result, and an answer that has it.</summary>
    private static void AssertSession(IReadOnlyList<JsonObject> lines)
    {
        JsonNode[] events = [.. lines.Where(l => (string?)l["type"] == "stream_event").Select(l => l["event"]!)];
        Assert.Equal(CallingEngine.Arguments, string.Concat(events.Select(e => (string?)e["delta"]?["partial_json"])));
        Assert.Equal(CallingEngine.Answer + CallingEngine.Output, string.Concat(events.Select(e => (string?)e["delta"]?["text"])));
        Assert.Equal(["tool_use", "end_turn"], events.Select(e => (string?)e["delta"]?["stop_reason"]).Where(r => r is not null));
        JsonObject result = lines[^1];
        Assert.Equal(("result", "success", false), ((string?)result["type"], (string?)result["subtype"], (bool)result["is_error"]!));
        Assert.Equal(CallingEngine.Answer + CallingEngine.Output, (string?)result["result"]);
    }

    /// <summary>Tokens of each request's prompt, and how many of them were found in the cache.</summary>
    private static (long Read, long All)[] Prompts(IReadOnlyList<JsonObject> lines) =>
    [
        .. lines.Select(l => l["event"]).Where(e => (string?)e?["type"] == "message_delta").Select(e => e!["usage"]!)
            .Select(u => ((long)u["cache_read_input_tokens"]!, (long)u["cache_read_input_tokens"]! + (long)u["input_tokens"]! + (long)u["cache_creation_input_tokens"]!)),
    ];

    /// <summary>The block of the first page's Markdown twin.</summary>
    private static async Task<string> BlockAsync(TestServer server) => Assert.Single(
        SampleTests.Of(await server.Client.GetStringAsync(new Uri("/index.md", UriKind.Relative))), s => s.Code.EndsWith("\nclaude", StringComparison.Ordinal)).Code;

    private static async IAsyncEnumerable<GenerationUpdate> PlayAsync(GenerationRequest request, string callId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        CallingEngine.CheckCall(request, ByteTokenizer.Instance);
        if (CallingEngine.ResultOf(request.PromptTokens, ByteTokenizer.Instance) is { } result)
        {
            await foreach (GenerationUpdate update in ScriptedEngine.PlayText(CallingEngine.Answer + result, request, cancellationToken))
            {
                yield return update;
            }

            yield break;
        }

        yield return new GenerationUpdate { ToolCalls = [new ToolCallDelta(0, callId, "Bash", ""), new ToolCallDelta(0, null, null, CallingEngine.Arguments)], TokenIds = [SpecialTokens.ToolCalls] };
        yield return new GenerationUpdate { FinishReason = FinishReason.ToolCalls, Usage = new TokenUsage(request.PromptTokens.Count, 9, 0) };
    }
}
