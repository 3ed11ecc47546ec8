using Spectre.Console;

namespace Tramontane.Cli.Terminal;

/// <summary>
/// Standard error, where everything goes that is not an answer. Colours only on a terminal and without NO_COLOR; lines
/// are broken only on a terminal.
/// </summary>
internal static class Notices
{
    /// <summary>Writes markup to standard error.</summary>
    public static IAnsiConsole Console { get; } = Create();

    /// <summary>One labelled line, such as <c>Memory  13.4 GiB</c>.</summary>
    public static void Fact(string label, string value) => Console.MarkupLineInterpolated($"[grey]{label,-10}[/]{value}");

    /// <summary>One line that somebody should see.</summary>
    public static void Warn(string text) => Console.MarkupLineInterpolated($"[yellow]{text}[/]");

    /// <summary>One line in passing.</summary>
    public static void Tell(string text) => Console.MarkupLineInterpolated($"[grey]{text}[/]");

    private static IAnsiConsole Create()
    {
        bool isTerminal = !System.Console.IsErrorRedirected;
        bool hasColours = isTerminal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(System.Console.Error),
            Ansi = hasColours ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = hasColours ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        });
        if (!isTerminal)
        {
            console.Profile.Width = int.MaxValue / 2;
        }

        return console;
    }
}
