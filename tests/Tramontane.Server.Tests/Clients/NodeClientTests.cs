using System.Diagnostics;
using System.Text.RegularExpressions;
using Tramontane.Inference.Engine;
using Tramontane.Server.Tests.Contract;
using Tramontane.Server.Tests.Fakes;
using Tramontane.Testing;

namespace Tramontane.Server.Tests.Clients;

/// <summary>Runs <c>tests/clients</c>, the official JavaScript packages, against a server. Needs node and npm.</summary>
public sealed class NodeClientTests
{
    private const int TestCount = 47; // in all files: one that was not found would pass otherwise

    private static readonly string s_folder = Path.Combine(Repository.Root, "tests", "clients");

    [Fact, ContractRow("clients.node", "mistral.sdk", "clients.vercel", "clients.langchain")]
    public async Task Packages_AgainstTheServer_PassTheirTests()
    {
        if (File.GetLastWriteTimeUtc(Path.Combine(s_folder, "node_modules", ".package-lock.json")) < File.GetLastWriteTimeUtc(Path.Combine(s_folder, "package-lock.json")))
        {
            (int installed, string log) = await RunAsync("npm", ["ci"], environment: []);
            Assert.True(installed == 0, log);
        }

        using InferenceEngine engine = TestModel.LoadDemo();
        await using TestServer server = await TestServer.StartAsync(engine);
        await using TestServer toolServer = await TestServer.StartAsync(new ScriptedEngine { Script = ToolScript.Play });
        (int exitCode, string output) = await RunAsync(
            "node",
            ["--test", "--test-reporter=tap"],
        [
            new("TRAMONTANE_BASE_URL", new Uri(server.Url, "v1").ToString()),
            new("TRAMONTANE_TOOL_URL", toolServer.Url.ToString()),
        ]);
        Assert.True(exitCode == 0, output);
        Assert.True(TestCount == Count(output, "pass") && Count(output, "fail") == 0, output);
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
