using System.Diagnostics;
using System.Text.Json;

namespace Tramontane.Cli.Tests.Commands;

public sealed class ChatCommandTests
{
    [Fact]
    public async Task Chat_PipedLines_AreAnsweredAndSaved()
    {
        using var folder = new TemporaryFolder();
        string saved = Path.Combine(folder.Path, "chat.json");
        Outcome outcome = await Cli.RunWithInputAsync(
            $"/system def\nabc\n\n/temperature 0\nabc\n/save {saved}\n/exit\nnever\n", "chat", "--model", Cli.TinyModel, "--ctx", "256", "--max-tokens", "4");
        outcome.Succeeded();
        using JsonDocument chat = JsonDocument.Parse(await File.ReadAllTextAsync(saved));
        IEnumerable<string?> roles = chat.RootElement.GetProperty("messages").EnumerateArray().Select(m => m.GetProperty("role").GetString());
        Assert.Equal(["system", "user", "assistant", "user", "assistant"], roles);
    }

    [Fact]
    public async Task Chat_LineThatCannotBeObeyed_HarmsNoOther()
    {
        Outcome outcome = await Cli.RunWithInputAsync("/nonsense\n/temperature hot\nabc\n", "chat", "--model", Cli.TinyModel, "--ctx", "256", "--max-tokens", "4");
        Assert.Equal(1, outcome.ExitCode);
        Assert.NotEqual("", outcome.Output.Trim());
        Assert.Contains("'/nonsense'", outcome.Errors, StringComparison.Ordinal);
        Assert.Contains("'hot'", outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interrupt_DuringAnAnswer_StopsItAndNotTheProgram()
    {
        // The likeliest tokens of this random-weight model run in a circle: the answer would fill the whole context.
        using Process process = Cli.Start("chat", "--model", Cli.TinyModel, "--ctx", "100000", "--temperature", "0", "--seed", "1");
        await process.StandardInput.WriteLineAsync("abc");
        await process.StandardInput.FlushAsync();
        Assert.NotEqual(-1, process.StandardOutput.Read());
        Cli.Signal(process, "INT");
        string? line;
        while ((line = await process.StandardError.ReadLineAsync()) is not (null or "Stopped."))
        {
        }

        Assert.Equal("Stopped.", line);
        await process.StandardInput.WriteLineAsync("/exit");
        process.StandardInput.Close();
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }
}
