using System.Text.Json;

namespace Tramontane.Cli.Tests.Commands;

public sealed class RunCommandTests
{
    private static readonly string[] s_model = ["--model", Cli.TinyModel, "--ctx", "256", "--max-tokens", "6"];

    [Fact]
    public async Task Run_SamePromptAndSeed_GivesTheSameAnswer()
    {
        string[] arguments = ["run", "abc", "--seed", "7", "--temperature", "1.5", .. s_model];
        string first = (await Cli.RunAsync(arguments)).Succeeded();
        Assert.Equal(first, (await Cli.RunAsync(arguments)).Succeeded());
        Assert.EndsWith("\n", first, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_PipedPrompt_IsThePromptOrItsEnd()
    {
        string alone = (await Cli.RunWithInputAsync("abc\n", ["run", "--temperature", "0", .. s_model])).Succeeded();
        Assert.Equal((await Cli.RunAsync(["run", "abc", "--temperature", "0", .. s_model])).Succeeded(), alone);

        using JsonDocument both = await ReportAsync("abc", "run", "abc");
        using JsonDocument one = await ReportAsync("", "run", "abc\n\nabc");
        Assert.Equal(one.RootElement.GetRawText(), both.RootElement.GetRawText());
    }

    [Fact]
    public async Task Run_Json_TellsTheEndAndTheCounts()
    {
        using JsonDocument report = await ReportAsync("", "run", "abc", "--system", "def");
        Assert.Equal("length", report.RootElement.GetProperty("finish_reason").GetString());
        Assert.Equal(6, report.RootElement.GetProperty("completion_tokens").GetInt32());
        using JsonDocument bare = await ReportAsync("", "run", "abc");
        Assert.True(report.RootElement.GetProperty("prompt_tokens").GetInt32() > bare.RootElement.GetProperty("prompt_tokens").GetInt32());
    }

    [Fact]
    public async Task Run_WithoutAModel_TakesTheDemoModelAndSaysSo()
    {
        Outcome outcome = await Cli.RunAsync("run", "What is Tramontane?", "--temperature", "0");
        Assert.Contains("Mistral Small 3.2", outcome.Succeeded(), StringComparison.Ordinal);
        Assert.Contains("demo model", outcome.Errors, StringComparison.Ordinal);
        Assert.Contains("--model", outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WithoutAPrompt_IsAUsageError() => (await Cli.RunAsync("run")).AssertFailure(2, "needs a prompt");

    [Fact]
    public async Task Run_PromptLongerThanTheContext_SaysSo() =>
        (await Cli.RunAsync("run", new string('x', 5000), "--model", Cli.TinyModel, "--ctx", "64")).AssertFailure(1, "raise --ctx");

    private static async Task<JsonDocument> ReportAsync(string input, params string[] arguments) =>
        JsonDocument.Parse((await Cli.RunWithInputAsync(input, [.. arguments, "--json", "--seed", "3", .. s_model])).Succeeded());
}
