namespace Tramontane.Metering.Storage.Sqlite;

/// <summary>Files that their owner alone may read: hashes of keys and everybody's usage are in them.</summary>
internal static class PrivateFile
{
    /// <summary>Makes an empty file unless there is one.</summary>
    internal static void Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new FileStream(path, options);
    }
}
