using Tramontane.Testing;

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
    [InlineData("serve --port 70000", "--port: expected a whole number from 0 to 65535")]
    [InlineData("serve --compute quick", "expected fast, exact, found 'quick'")]
    [InlineData("serve --image-origin nonsense", "--image-origin takes an origin")]
    [InlineData("serve --host 0.0.0.0", "--insecure-no-auth")]
    [InlineData("serve --host * --port 0", "--insecure-no-auth")]
    [InlineData("serve --host example", "no address to listen on")]
    [InlineData("run hello --temperature -1", "--temperature")]
    [InlineData("run hello --temperatur 1", "--temperatur")]
    [InlineData("inspect --kv-type q3", "expected auto, f16, q8_0, f32")]
    public async Task Arguments_ThatCannotBeObeyed_AreAUsageError(string arguments, string expected) =>
        (await Cli.RunAsync(arguments.Split(' '))).AssertFailure(2, expected);

    [Theory]
    [InlineData("serve")]
    [InlineData("run hello")]
    [InlineData("chat")]
    public async Task Model_MissingOrNotGguf_IsRefusedInOneLine(string command)
    {
        string[] arguments = command.Split(' ');
        (await Cli.RunAsync([.. arguments, "--model", "no/such.gguf"])).AssertFailure(1, "no/such.gguf");
        string notGguf = Repository.Golden("tokenizer/decode.json");
        (await Cli.RunAsync([.. arguments, "--model", notGguf])).AssertFailure(1, notGguf);
        (await Cli.RunAsync([.. arguments, "--model", Cli.TinyModel, "--ctx", "16777216"])).AssertFailure(1, "Change --ctx");
    }

    private static readonly string[] s_commands = ["serve", "chat", "run", "inspect", "tokenize", "bench", "keys", "prices", "usage", "backup", "restore"];
}
