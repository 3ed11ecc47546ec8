using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Tramontane.Cli.CommandLine;

/// <summary>Help that ends with commands to copy.</summary>
/// <param name="standard">Writes everything above them.</param>
/// <param name="examples">Lines to show under a command; none for those that are not listed.</param>
internal sealed class ExamplesHelp(HelpAction standard, IReadOnlyDictionary<Command, IReadOnlyList<string>> examples) : SynchronousCommandLineAction
{
    /// <summary>Puts examples under the help of a root command and its subcommands.</summary>
    public static void Attach(RootCommand root, IReadOnlyDictionary<Command, IReadOnlyList<string>> examples)
    {
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new ExamplesHelp((HelpAction)help.Action!, examples);
    }

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        int exitCode = standard.Invoke(parseResult);
        if (examples.TryGetValue(parseResult.CommandResult.Command, out IReadOnlyList<string>? lines))
        {
            TextWriter output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (string line in lines)
            {
                output.WriteLine($"  {line}");
            }
        }

        return exitCode;
    }
}
