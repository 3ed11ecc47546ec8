using System.Diagnostics;
using System.Text;
using Tramontane.Testing;

namespace Tramontane.Cli.Tests;

/// <summary>Runs the built program as a process of its own, as a person would.</summary>
internal static class Cli
{
    private static readonly DirectoryInfo s_data = Directory.CreateTempSubdirectory("tramontane-cli-tests");

    static Cli() => AppDomain.CurrentDomain.ProcessExit += (_, _) => s_data.Delete(recursive: true);

    /// <summary>A random-weight model that every command can load.</summary>
    public static string TinyModel { get; } = Repository.Golden("model/tiny-s/tiny-s.f32.gguf");

    /// <summary>Runs the program to its end.</summary>
    public static Task<Outcome> RunAsync(params string[] arguments) => RunWithInputAsync("", arguments);

    /// <summary>Runs the program to its end with a standard input.</summary>
    public static async Task<Outcome> RunWithInputAsync(string input, params string[] arguments)
    {
        using Process process = Start(arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program ended without reading: its exit code tells.
        }

        await process.WaitForExitAsync();
        return new Outcome(process.ExitCode, await output, await errors);
    }

    /// <summary>Starts the program with all three streams redirected.</summary>
    public static Process Start(params string[] arguments)
    {
        var encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "tramontane.dll"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = encoding,
            StandardOutputEncoding = encoding,
            StandardErrorEncoding = encoding,
        };
        start.Environment["XDG_DATA_HOME"] = Path.Combine(s_data.FullName, $"{Guid.NewGuid():N}"); // a ledger of its own for each
        return Process.Start(start)!;
    }

    /// <summary>Sends a signal, such as <c>INT</c>.</summary>
    public static void Signal(Process process, string name)
    {
        using Process kill = Process.Start("kill", [$"-{name}", $"{process.Id}"]);
        kill.WaitForExit();
    }
}

/// <summary>How a run of the program ended.</summary>
internal sealed record Outcome(int ExitCode, string Output, string Errors)
{
    /// <summary>Asserts a failure: this exit code, nothing on standard output, and one line on standard error.</summary>
    public void AssertFailure(int exitCode, string expectedText)
    {
        Assert.True(exitCode == ExitCode, $"exit code {ExitCode}, output '{Output}', errors '{Errors}'");
        Assert.Equal("", Output);
        Assert.Single(Errors.TrimEnd('\n').Split('\n'));
        Assert.StartsWith("tramontane: ", Errors, StringComparison.Ordinal);
        Assert.Contains(expectedText, Errors, StringComparison.Ordinal);
    }

    /// <summary>Asserts success and gives the standard output.</summary>
    public string Succeeded()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}, errors '{Errors}'");
        return Output;
    }
}
