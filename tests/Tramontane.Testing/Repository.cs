namespace Tramontane.Testing;

/// <summary>Finds files of the working copy from wherever the tests run.</summary>
public static class Repository
{
    /// <summary>The folder that holds <c>Tramontane.slnx</c>.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Absolute path of a file below <c>tests/Golden</c>, for example <c>tokenizer/encode.json</c>.</summary>
    public static string Golden(string relativePath) => Path.Combine(Root, "tests", "Golden", relativePath);

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Tramontane.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No Tramontane.slnx above {AppContext.BaseDirectory}: run the tests inside a clone of the repository.");
    }
}
