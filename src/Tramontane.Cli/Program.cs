using System.CommandLine;
using System.CommandLine.Invocation;
using Tramontane.Cli.CommandLine;
using Tramontane.Cli.Commands;

namespace Tramontane.Cli;

/// <summary>The one executable: each verb is a class in <c>Commands/</c>.</summary>
internal static class Program
{
    private static Task<int> Main(string[] args)
    {
        var root = new RootCommand(
            "Tramontane runs Mistral-Small-3.2-24B-Instruct-2506 on your own machine, behind OpenAI's HTTP interface, in C# alone.\n"
            + "Without --model every command takes the small demo model that comes with it.");
        (Command Command, IReadOnlyList<string> Examples)[] verbs =
        [
            ServeCommand.Create(), ChatCommand.Create(), RunCommand.Create(), InspectCommand.Create(), TokenizeCommand.Create(), BenchCommand.Create(),
            KeysCommand.Create(), PricesCommand.Create(), UsageCommand.Create(), BackupCommands.CreateBackup(), BackupCommands.CreateRestore(),
        ];
        foreach ((Command command, _) in verbs)
        {
            root.Subcommands.Add(command);
        }

        ExamplesHelp.Attach(root, verbs.ToDictionary(verb => verb.Command, verb => verb.Examples));

        ParseResult parsed = root.Parse(args.Length == 0 ? ["--help"] : args);
        if (parsed.Action is ParseErrorAction)
        {
            Command command = parsed.CommandResult.Command;
            string fault = parsed.UnmatchedTokens.Count > 0 ? $"There is no command or option '{parsed.UnmatchedTokens[0]}'" : parsed.Errors[0].Message.TrimEnd('.');
            CommandActions.Report($"{fault}. See '{(command == root ? "tramontane" : $"tramontane {command.Name}")} --help'.");
            return Task.FromResult(CommandFailure.Usage);
        }

        // Signals: serve and chat handle them themselves, and any other command may simply be killed.
        return parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }
}
