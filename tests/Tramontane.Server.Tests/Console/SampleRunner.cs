using System.Diagnostics;
using System.Text;
using Tramontane.Testing;

namespace Tramontane.Server.Tests.Console;

/// <summary>
/// Runs a sample as a page prints it, in a folder of its own: bash, Python, Node and PHP as processes, C# compiled with the
/// SDK's compiler.
/// </summary>
internal sealed class SampleRunner : IDisposable
{
    /// <summary>What a project of the SDK's template has besides.</summary>
    private const string ImplicitUsings =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;";

    private static readonly Lazy<string> s_compiler = new(FindCompiler);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tramontane-samples");

    /// <param name="key">The value of the variable that samples read their key from; null leaves it unset.</param>
    internal SampleRunner(string? key)
    {
        Key = key;
        Directory.CreateSymbolicLink(Path.Combine(_folder.FullName, "node_modules"), Path.Combine(Repository.Root, "tests", "clients", "node_modules"));
        File.Copy(Repository.Golden("tokenizer/images/p_check_640x480.png"), Path.Combine(_folder.FullName, "page.png"));
    }

    private string? Key { get; }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>What it writes. Fails the test when it fails.</summary>
    internal async Task<string> RunAsync(string language, string code)
    {
        (int exitCode, string output, string errors) = await TryRunAsync(language, code);
        Assert.True(exitCode == 0, $"{language} ended with {exitCode}:\n{output}\n{errors}\n{code}");
        return output;
    }

    /// <summary>How it ends and what it writes, to either of its streams.</summary>
    internal async Task<(int ExitCode, string Output, string Errors)> TryRunAsync(string language, string code)
    {
        string Write(string name)
        {
            string path = Path.Combine(_folder.FullName, name);
            File.WriteAllText(path, code);
            return path;
        }

        return language switch
        {
            "bash" => await RunAsync("bash", ["-euo", "pipefail", Write("sample.sh")]),
            "python" => await RunAsync("python3", [Write("sample.py")]),
            "javascript" => await RunAsync("node", [Write("sample.mjs")]),
            "php" => await RunAsync("php", [Write("sample.php")]),
            "csharp" => await RunCSharpAsync(Write("Sample.cs")),
            _ => throw new NotSupportedException($"No test can run '{language}':\n{code}"),
        };
    }

    private async Task<(int ExitCode, string Output, string Errors)> RunAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = _folder.FullName, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string proxy in (string[])["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])
        {
            start.Environment.Remove(proxy);
        }

        start.Environment["TRAMONTANE_API_KEY"] = Key;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }

    private async Task<(int ExitCode, string Output, string Errors)> RunCSharpAsync(string source)
    {
        // Beside the tests, whose packages are the sample's too; as a process of its own, since others write to the console as well.
        string tests = Path.Combine(AppContext.BaseDirectory, typeof(SampleRunner).Assembly.GetName().Name!);
        string assembly = Path.Combine(AppContext.BaseDirectory, $"Sample{Guid.NewGuid():N}.dll");
        string usings = Path.Combine(_folder.FullName, "Usings.cs"), response = Path.Combine(_folder.FullName, "csc.rsp");
        File.WriteAllText(usings, ImplicitUsings);
        var options = new StringBuilder($"/nologo /nostdlib /nullable:enable /langversion:latest /target:exe /out:\"{assembly}\" \"{source}\" \"{usings}\"\n");
        foreach (string reference in ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Where(File.Exists))
        {
            options.Append("/r:\"").Append(reference).Append("\"\n");
        }

        File.WriteAllText(response, options.ToString());
        try
        {
            (int ExitCode, string, string) compiled = await RunAsync("dotnet", ["exec", s_compiler.Value, "@" + response]);
            return compiled.ExitCode != 0 ? compiled : await RunAsync("dotnet", ["exec", "--runtimeconfig", tests + ".runtimeconfig.json", "--depsfile", tests + ".deps.json", assembly]);
        }
        finally
        {
            File.Delete(assembly);
        }
    }

    /// <summary>The compiler of the newest SDK beside the runtime that runs this.</summary>
    private static string FindCompiler()
    {
        string root = Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        return Directory.EnumerateFiles(Path.Combine(root, "sdk"), "csc.dll", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Last();
    }
}
