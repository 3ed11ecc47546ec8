namespace Tramontane.Cli.Terminal;

/// <summary>Keeps a history between runs, readable by its owner alone. Only used when the person asks for it.</summary>
internal static class HistoryFile
{
    /// <summary><c>$XDG_STATE_HOME/tramontane/chat-history</c>, usually below <c>~/.local/state</c>.</summary>
    public static string DefaultPath { get; } = Path.Combine(
        Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } state
            ? state
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state"),
        "tramontane",
        "chat-history");

    /// <summary>Adds the lines of a file to a history; none when there is no file.</summary>
    public static void Load(string path, LineHistory history)
    {
        if (File.Exists(path))
        {
            foreach (string line in File.ReadLines(path))
            {
                history.Add(line);
            }
        }
    }

    /// <summary>Writes a history to a file, in place of what it held.</summary>
    public static void Save(string path, LineHistory history)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var writer = new StreamWriter(path, options);
        foreach (string line in history.Lines)
        {
            writer.WriteLine(line);
        }
    }
}
