using Tramontane.Testing;

namespace Tramontane.Architecture.Tests;

/// <summary>The files that the tests of this project read.</summary>
internal static class Projects
{
    /// <summary>Project files of the product.</summary>
    public static IReadOnlyList<string> Source { get; } = Find("src", "*.csproj");

    /// <summary>All project files.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Source, .. Find("tests", "*.csproj"), .. Find("bench", "*.csproj")];

    /// <summary>Files below a folder of the repository, without build output; none when there is no such folder.</summary>
    public static IReadOnlyList<string> Find(string folder, string pattern)
    {
        string path = Path.Combine(Repository.Root, folder);
        return !Directory.Exists(path) ? [] : [.. Directory.EnumerateFiles(path, pattern, SearchOption.AllDirectories)
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or "node_modules"))
            .Order(StringComparer.Ordinal)];
    }
}
