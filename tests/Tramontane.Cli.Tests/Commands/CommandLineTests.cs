namespace Tramontane.Cli.Tests.Commands;

/// <summary>The command line itself: help that teaches, and errors of one line.</summary>
public sealed class CommandLineTests
{
    [Fact]
    public async Task Help_OfTheProgram_NamesEveryCommand()
    {
        string bare = (await Cli.RunAsync()).Succeeded();
        Assert.Equal(bare, (await Cli.RunAsync("--help")).Succeeded());
        Assert.All(s_commands, command => Assert.Contains($"\n  {command}", bare, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Help_OfEveryCommand_HasADescriptionAndExamples()
    {
        foreach (string command in s_commands)
        {
            string help = (await Cli.RunAsync(command, "--help")).Succeeded();
            Assert.StartsWith("Description:", help, StringComparison.Ordinal);
            string examples = help[help.IndexOf("Examples:", StringComparison.Ordinal)..];
            Assert.Contains($"tramontane {command}", examples, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("nonsense", "nonsense")]
    [InlineData("inspect --nonsense", "--nonsense")]
    [InlineData("inspect --ctx 0", "--ctx: expected a whole number from 1")]
    [InlineData("inspect --ctx many", "found 'many'")]
    [InlineData("inspect --kv-type q3", "expected f16, q8_0, f32")]
    public async Task Arguments_ThatCannotBeObeyed_AreAUsageError(string arguments, string expected) =>
        (await Cli.RunAsync(arguments.Split(' '))).AssertFailure(2, expected);

    private static readonly string[] s_commands = ["tokenize", "inspect"];
}
