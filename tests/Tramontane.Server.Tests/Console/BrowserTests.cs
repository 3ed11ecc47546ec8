using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Tramontane.Inference.Engine;
using Tramontane.Metering.Budgets;
using Tramontane.Metering.Keys;
using Tramontane.Metering.Prices;
using Tramontane.Server.Catalog;
using Tramontane.Server.Tests.Clients;
using Tramontane.Server.Tests.Fakes;
using Tramontane.Testing;

namespace Tramontane.Server.Tests.Console;

/// <summary>Runs <c>tests/browser</c>: the logic of the pages' scripts in node, and the pages in the system's Chromium.</summary>
[Collection(Collection)]
public sealed class BrowserTests
{
    /// <summary>Classes that share the folder's packages, and so run one after the other.</summary>
    internal const string Collection = "browser";

    private static readonly string s_folder = Path.Combine(Repository.Root, "tests", "browser");

    private const string Markdown = """
        ## A heading

        Some **bold** text, `code`, a [link](https://example.com/) and [bad](javascript:alert(1)).

        - one
        - two

        | a | b |
        |---|--:|
        | 1 | 2 |

        ```python
        print("<b>")
        ```

        <img src=x onerror=alert(1)><script>alert(1)</script>
        """;

    [Fact]
    public async Task Scripts_InNode_PassTheirTests() => await RunAsync("unit", []);

    [Fact]
    public async Task Pages_InChromium_PassTheirTests()
    {
        using InferenceEngine demo = TestModel.LoadDemo();
        using InferenceEngine vision = TestModel.LoadTinyWithVision();
        await using TestServer open = await TestServer.StartAsync(demo);
        await using TestServer keyed = await TestServer.StartAsync(demo, o => o.ApiKeys.Add("tm-browser-secret"));
        await using TestLedger ledger = await TestLedger.OpenAsync();
        await ledger.Meter.Prices.AddAsync(new NewPrice { Model = ModelCatalog.DemoId, Currency = "USD", Prompt = 0.10m, Completion = 0.30m, Source = "test", EffectiveFrom = DateTimeOffset.UtcNow.AddDays(-1) });
        await ledger.SetPriceAsync(0.075m, 0.075m, 0.20m, ModelCatalog.DemoId); // a second row: there is a history to draw
        await using TestServer priced = await TestServer.StartAsync(demo, meter: ledger.Meter);
        await using TestServer images = await TestServer.StartAsync(vision);
        await using TestServer tools = await TestServer.StartAsync(new ScriptedEngine { Script = ToolScript.Play });
        await using TestServer held = await TestServer.StartAsync(new ScriptedEngine { Script = (_, cancellationToken) => PlayUntilCancelled(cancellationToken) });
        await using TestServer markdown = await TestServer.StartAsync(new ScriptedEngine(Markdown));
        await using TestServer full = await TestServer.StartAsync(new ScriptedEngine { Refusal = SubmissionRefusal.Stopped });
        await using TestLedger limits = await TestLedger.OpenAsync();
        await limits.SetPriceAsync();
        Account poor = await limits.Meter.Accounts.CreateAsync("Without credit", prepaid: true);
        IssuedKey prepaid = await limits.CreateKeyAsync(account: poor.Id), once = await limits.CreateKeyAsync(new KeyLimits { RequestsPerMinute = 1 });
        await using TestServer limited = await TestServer.StartAsync(meter: limits.Meter);
        await RunAsync("pages",
        [
            ("FULL", full), ("LIMITED", limited), ("DEMO", open), ("KEYED", keyed), ("PRICED", priced), ("VISION", images), ("TOOLS", tools), ("HELD", held), ("MARKDOWN", markdown),
        ], new("TRAMONTANE_PREPAID_KEY", prepaid.Secret), new("TRAMONTANE_LIMITED_KEY", once.Secret));
    }

    private static async IAsyncEnumerable<GenerationUpdate> PlayUntilCancelled([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new GenerationUpdate { Text = "Working", TokenIds = ByteTokenizer.Ids("Working") };
        var cancelled = new TaskCompletionSource();
        await using CancellationTokenRegistration registration = cancellationToken.Register(() => cancelled.TrySetCanceled(cancellationToken));
        await cancelled.Task;
    }

    /// <param name="folder">Below <c>tests/browser</c>.</param>
    /// <param name="servers">What the scripts reach as <c>server(name)</c>.</param>
    /// <param name="more">Further variables of their environment.</param>
    internal static async Task RunAsync(string folder, (string Name, TestServer Server)[] servers, params KeyValuePair<string, string>[] more)
    {
        if (!File.Exists(Path.Combine(s_folder, "node_modules", ".package-lock.json")))
        {
            (int installed, string log) = await StartAsync("npm", ["ci", "--no-audit", "--no-fund"], []);
            Assert.True(installed == 0, log);
        }

        string[] files = [.. Directory.EnumerateFiles(Path.Combine(s_folder, folder), "*.test.js").Order(StringComparer.Ordinal)];
        Assert.NotEmpty(files);
        (int exitCode, string output) = await StartAsync(
            "node", ["--test", "--test-reporter=tap", "--test-concurrency=1", .. files], [.. servers.Select(s => KeyValuePair.Create($"TRAMONTANE_{s.Name}_URL", s.Server.Url.ToString())), .. more]);
        Assert.True(exitCode == 0 && Count(output, "pass") > 0 && Count(output, "fail") == 0 && Count(output, "skipped") == 0, Failures(output));
    }

    private static int Count(string tap, string what) => int.Parse(Regex.Match(tap, $"^# {what} ([0-9]+)$", RegexOptions.Multiline).Groups[1].Value);

    /// <summary>The output without the tests that passed.</summary>
    private static string Failures(string tap) => Regex.Replace(tap, @"^ *(# Subtest:.*|ok .*\n *---\n( .*\n)*? *\.\.\.)\n", "", RegexOptions.Multiline);

    private static async Task<(int ExitCode, string Output)> StartAsync(string program, string[] arguments, IEnumerable<KeyValuePair<string, string>> environment)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = s_folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }
}
