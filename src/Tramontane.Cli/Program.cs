using System.CommandLine;

namespace Tramontane.Cli;

/// <summary>The one executable: each verb is a class in <c>Commands/</c>.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        var root = new RootCommand("Tramontane runs Mistral-Small-3.2-24B-Instruct-2506 on your own machine.");
        return root.Parse(args).Invoke();
    }
}
