using System.CommandLine;
using Tramontane.Inference.Engine;

namespace Tramontane.Cli.CommandLine;

/// <summary>Runs the body of a command and turns the failures that people can cause into one line on standard error.</summary>
internal static class CommandActions
{
    /// <summary>Sets what a command does. A body that returns has succeeded: exit code 0.</summary>
    public static void SetBody(this Command command, Func<ParseResult, Task> body) => command.SetAction(async result =>
    {
        try
        {
            await body(result);
            return 0;
        }
        catch (CommandFailure failure)
        {
            Report(failure.Message);
            return failure.ExitCode;
        }
        catch (Exception exception) when (IsExpected(exception))
        {
            Report(exception.Message);
            return 1;
        }
    });

    /// <summary>Sets what a command without waiting does.</summary>
    public static void SetBody(this Command command, Action<ParseResult> body) => command.SetBody(result =>
    {
        body(result);
        return Task.CompletedTask;
    });

    /// <summary>Writes the line for a failure.</summary>
    public static void Report(string message) => Console.Error.WriteLine($"tramontane: {message.ReplaceLineEndings(" ")}");

    // Broken or missing files (GgufException and TokenizerFileException are IOExceptions), and configurations that cannot be run.
    private static bool IsExpected(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or EngineConfigurationException or EngineStoppedException;
}
