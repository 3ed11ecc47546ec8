using System.Diagnostics;
using System.Text.RegularExpressions;
using Tramontane.Metering.Keys;
using Tramontane.Server.Tests.Fakes;
using Tramontane.Testing;

namespace Tramontane.Server.Tests.Console.Usage;

/// <summary>Usage and keys in the system's Chromium: <c>tests/browser/dashboard</c>.</summary>
public sealed class DashboardBrowserTests
{
    private static readonly string s_folder = Path.Combine(Repository.Root, "tests", "browser");

    [Fact]
    public async Task Dashboard_InChromium_PassesItsTests()
    {
        var clock = new SettableTime();
        await using TestLedger ledger = await TestLedger.OpenAsync(clock);
        IssuedKey[] keys = await SampleLedger.FillAsync(ledger, clock, SampleLedger.Today);
        await using TestServer metered = await TestServer.StartAsync(time: clock, meter: ledger.Meter);
        await using TestLedger none = await TestLedger.OpenAsync();
        await using TestServer open = await TestServer.StartAsync(meter: none.Meter);
        if (!File.Exists(Path.Combine(s_folder, "node_modules", ".package-lock.json")))
        {
            (int installed, string log) = await RunAsync("npm", ["ci", "--no-audit", "--no-fund"], []);
            Assert.True(installed == 0, log);
        }

        string[] files = [.. Directory.EnumerateFiles(Path.Combine(s_folder, "dashboard"), "*.test.js").Order(StringComparer.Ordinal)];
        Assert.NotEmpty(files);
        (int exitCode, string output) = await RunAsync("node", ["--test", "--test-reporter=tap", "--test-concurrency=1", .. files],
        [
            new("TRAMONTANE_METERED_URL", metered.Url.ToString()), new("TRAMONTANE_OPEN_URL", open.Url.ToString()), new("TRAMONTANE_ADMIN_KEY", keys[0].Secret),
            new("TRAMONTANE_READER_KEY", keys[1].Secret),
        ]);
        Assert.True(exitCode == 0 && Count(output, "pass") > 0 && Count(output, "fail") == 0 && Count(output, "skipped") == 0, output);
    }

    private static int Count(string tap, string what) => int.Parse(Regex.Match(tap, $"^# {what} ([0-9]+)$", RegexOptions.Multiline).Groups[1].Value);

    private static async Task<(int ExitCode, string Output)> RunAsync(string program, string[] arguments, KeyValuePair<string, string>[] environment)
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
