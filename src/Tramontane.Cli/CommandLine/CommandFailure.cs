namespace Tramontane.Cli.CommandLine;

/// <summary>Ends a command with one line on standard error: what is wrong and what to do about it.</summary>
/// <param name="message">The line, without a prefix.</param>
/// <param name="exitCode">1 for work that failed, <see cref="Usage"/> for a command line that cannot be obeyed.</param>
internal sealed class CommandFailure(string message, int exitCode = 1) : Exception(message)
{
    /// <summary>Exit code for a wrong command line.</summary>
    public const int Usage = 2;

    /// <summary>The process's exit code.</summary>
    public int ExitCode { get; } = exitCode;
}
