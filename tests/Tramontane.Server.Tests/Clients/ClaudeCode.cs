using System.Diagnostics;
using System.Text.Json.Nodes;
using Tramontane.Testing;

namespace Tramontane.Server.Tests.Clients;

/// <summary>
/// Anthropic's Claude Code as npm installs it, run without a terminal in a home of its own. The environment holds nothing but what
/// the set-up block of the model page exports; every address but this machine's leads nowhere.
/// </summary>
internal sealed class ClaudeCode : IDisposable
{
    private static readonly string s_package = Path.Combine(Repository.Root, "tests", "clients", "claude-code");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tramontane-claude-code");

    internal ClaudeCode()
    {
        string program = Path.Combine(s_package, "node_modules", "@anthropic-ai", "claude-code", "cli.js");
        Assert.True(File.Exists(program), $"{program} is missing: run 'npm ci --prefix tests/clients/claude-code'.");
        foreach (string name in (string[])["home", "work", "bin"])
        {
            _folder.CreateSubdirectory(name);
        }

        // What the block's last line calls: the arguments come from the environment, since the block gives none.
        string claude = Path.Combine(_folder.FullName, "bin", "claude");
        File.WriteAllText(claude, $"#!/usr/bin/env bash\nmapfile -t arguments <<<\"$TEST_ARGUMENTS\"\nunset TEST_ARGUMENTS\nexec node '{program}' \"${{arguments[@]}}\"\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(claude, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Runs the block with these arguments behind its <c>claude</c>, none with a line break. Gives the lines of JSON that it writes.</summary>
    /// <param name="block">The shell lines of the page.</param>
    /// <param name="key">What the user has in the variable that the block reads the key from; null for nothing.</param>
    /// <param name="arguments">Of the command line.</param>
    internal async Task<IReadOnlyList<JsonObject>> RunAsync(string block, string? key, params string[] arguments)
    {
        string script = Path.Combine(_folder.FullName, "block.sh");
        await File.WriteAllTextAsync(script, block);
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", script])
        {
            WorkingDirectory = Path.Combine(_folder.FullName, "work"), RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        string home = Path.Combine(_folder.FullName, "home");
        start.Environment.Clear();
        foreach ((string name, string? value) in (ReadOnlySpan<(string, string?)>)
            [
                ("PATH", Path.Combine(_folder.FullName, "bin") + ":" + Environment.GetEnvironmentVariable("PATH")), ("HOME", home), ("TMPDIR", home),
                ("CLAUDE_CONFIG_DIR", Path.Combine(home, ".claude")), ("DISABLE_AUTOUPDATER", "1"), ("NO_PROXY", "127.0.0.1"), ("HTTPS_PROXY", "http://127.0.0.1:9"), ("HTTP_PROXY", "http://127.0.0.1:9"),
                ("TRAMONTANE_API_KEY", key), ("TEST_ARGUMENTS", string.Join('\n', arguments)),
            ])
        {
            if (value is not null)
            {
                start.Environment[name] = value;
            }
        }

        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"claude ended with {process.ExitCode}:\n{await output}\n{await errors}");
        return [.. (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject())];
    }
}
