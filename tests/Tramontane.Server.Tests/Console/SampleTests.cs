using System.Text.RegularExpressions;
using Tramontane.Inference.Engine;
using Tramontane.Server.Tests.Clients;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.Console;

/// <summary>Every code sample that a page prints runs against the server that printed it.</summary>
public sealed partial class SampleTests
{
    // An answer to the samples' questions, a field of their schema, the end of a stream.
    private static readonly string[] s_signs = ["Tramontane", "\\\"country\\\"", "data: [DONE]"];

    [Theory]
    [InlineData(null)]
    [InlineData("tm-a-key-of-this-test")]
    public async Task Samples_OfEveryPage_RunAgainstTheServer(string? key)
    {
        using InferenceEngine engine = TestModel.LoadDemo();
        await using TestServer server = await StartAsync(engine, key);
        using var runner = new SampleRunner(key);
        List<string> languages = [];
        foreach ((string language, string code) in await SamplesAsync(server))
        {
            if (code.EndsWith("\nclaude", StringComparison.Ordinal))
            {
                continue; // ClaudeCodeTests runs it
            }

            string output = await runner.RunAsync(language, code);
            Assert.True(s_signs.Any(sign => output.Contains(sign, StringComparison.Ordinal)), $"{code}\nwrote:\n{output}");
            Assert.Equal(key is not null, code.Contains("TRAMONTANE_API_KEY", StringComparison.Ordinal));
            languages.Add(language);
        }

        Assert.Equal(["bash", "csharp", "javascript", "php", "python"], languages.Distinct().Order(StringComparer.Ordinal));
        Assert.True(languages.Count >= 12, $"only {languages.Count} samples were found");
    }

    [Fact]
    public async Task ImageSample_OfAServerWithVision_Runs()
    {
        using InferenceEngine engine = TestModel.LoadTinyWithVision();
        await using TestServer server = await StartAsync(engine, key: null);
        (string language, string code) = Assert.Single(await SamplesAsync(server), s => s.Code.Contains("page.png", StringComparison.Ordinal));
        using var runner = new SampleRunner(key: null);
        Assert.Contains("\"finish_reason\"", await runner.RunAsync(language, code), StringComparison.Ordinal);
    }

    [Fact]
    public async Task StreamedSamples_OfAReplyThatBreaks_EndWithTheServersWords()
    {
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine { Script = (_, _) => Breaking() });
        using var runner = new SampleRunner(key: null);
        List<string> languages = [];
        foreach ((string language, string code) in (await SamplesAsync(server)).Where(s => s.Language != "bash" && s.Code.Contains("data: {", StringComparison.Ordinal)))
        {
            (int exitCode, string output, string errors) = await runner.TryRunAsync(language, code);
            Assert.True(exitCode != 0 && output.StartsWith("What came", StringComparison.Ordinal) && errors.Contains("inference engine has stopped", StringComparison.Ordinal), $"{code}\nended with {exitCode}:\n{output}\n{errors}");
            languages.Add(language);
        }

        Assert.Equal(["csharp", "javascript", "php", "python"], languages.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task PhpSample_OfAnAnswerThatPhpTakesForNothing_PrintsIt()
    {
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine("0"));
        (string language, string code) = (await SamplesAsync(server)).First(s => s.Language == "php" && s.Code.Contains("tool_calls", StringComparison.Ordinal) && !s.Code.Contains("data: {", StringComparison.Ordinal));
        using var runner = new SampleRunner(key: null);
        Assert.Equal("0\n", await runner.RunAsync(language, code));
    }

    private static async IAsyncEnumerable<GenerationUpdate> Breaking()
    {
        yield return new GenerationUpdate { Text = "What came", TokenIds = ByteTokenizer.Ids("What came") };
        await Task.Yield();
        throw new EngineStoppedException("over");
    }

    private static Task<TestServer> StartAsync(InferenceEngine engine, string? key) => TestServer.StartAsync(engine, options =>
    {
        options.DefaultTemperature = 0;
        if (key is not null)
        {
            options.ApiKeys.Add(key);
        }
    });

    /// <summary>All fenced blocks of all Markdown twins.</summary>
    private static async Task<IReadOnlyList<(string Language, string Code)>> SamplesAsync(TestServer server)
    {
        string list = await server.Client.GetStringAsync(new Uri("/llms.txt", UriKind.Relative));
        List<(string, string)> samples = [];
        foreach (string page in Twins().Matches(list).Select(m => m.Groups[1].Value).Where(p => !p.EndsWith("/docs.md", StringComparison.Ordinal))) // ReferenceTests runs those
        {
            samples.AddRange(Of(await server.Client.GetStringAsync(new Uri(page))));
        }

        return samples;
    }

    /// <summary>The fenced blocks of a Markdown text.</summary>
    internal static IEnumerable<(string Language, string Code)> Of(string markdown) => Fences().Matches(markdown).Select(m => (m.Groups[1].Value, m.Groups[2].Value));

    [GeneratedRegex(@"\((http[^)]+\.md)\)")]
    private static partial Regex Twins();

    [GeneratedRegex(@"^```(\w+)\n(.*?)\n```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fences();
}
