using Microsoft.Data.Sqlite;

namespace Tramontane.Metering.Storage.Sqlite;

/// <summary>Copies of a SQLite database: made while it is used, checked, and put back.</summary>
internal static class SqliteBackup
{
    /// <summary>Copies with SQLite's online backup into a file beside the target and moves it there when it is whole.</summary>
    internal static async Task WriteAsync(SqliteConnection source, string path, CancellationToken cancellationToken)
    {
        path = Path.GetFullPath(path);
        if (File.Exists(path))
        {
            throw new MeteringException(MeteringFault.Conflict, $"{path} exists. Name a new file for the backup.");
        }

        string partial = path + ".partial";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Delete(partial);
            PrivateFile.Create(partial);
            await using (var target = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = partial, Pooling = false }.ToString()))
            {
                await target.OpenAsync(cancellationToken);
                source.BackupDatabase(target);
                // The copy is one file, whole in itself.
                Run(target, "PRAGMA journal_mode = DELETE");
            }

            Check(partial);
            File.Move(partial, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SqliteException)
        {
            throw new MeteringException(MeteringFault.Unavailable, $"The backup {path} could not be written: {e.Message}", e);
        }
        finally
        {
            if (File.Exists(partial))
            {
                File.Delete(partial);
            }
        }
    }

    /// <summary>Puts a backup in a database's place. No server may use the database; what it held is kept beside it as <c>.before-restore</c>.</summary>
    internal static void Restore(string backup, string database)
    {
        backup = Path.GetFullPath(backup);
        database = Path.GetFullPath(database);
        if (!File.Exists(backup))
        {
            throw new MeteringException(MeteringFault.NotFound, $"There is no backup {backup}.");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(database)!);
        using FileStream held = SqliteDatabase.TakeLock(database);
        Check(backup);
        string copy = database + ".restoring";
        File.Copy(backup, copy, overwrite: true);
        if (File.Exists(database))
        {
            Settle(database);
            File.Move(database, database + ".before-restore", overwrite: true);
        }

        // A log that belongs to the old file must not be applied to the new one.
        File.Delete(database + "-wal");
        File.Delete(database + "-shm");
        File.Move(copy, database);
    }

    /// <exception cref="MeteringException">The file is damaged, no database of this program, or from a newer one.</exception>
    private static void Check(string path)
    {
        try
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
            connection.Open();
            string answer = (string)Run(connection, "PRAGMA integrity_check(1)")!;
            if (answer != "ok")
            {
                throw new MeteringException(MeteringFault.Invalid, $"{path} is damaged: {answer}.");
            }

            Migrations.CheckVersion((long)Run(connection, "SELECT MAX(version) FROM schema_version")!, path);
        }
        catch (SqliteException e)
        {
            throw new MeteringException(MeteringFault.Invalid, $"{path} is no backup of a metering database: {e.Message}", e);
        }
    }

    /// <summary>Moves what the log holds into the file, so that the file alone is whole.</summary>
    private static void Settle(string path)
    {
        try
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString());
            connection.Open();
            Run(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
        }
        catch (SqliteException)
        {
            // A damaged database is a reason to restore; it is kept as it is.
        }
    }

    private static object? Run(SqliteConnection connection, string text)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = text;
        return command.ExecuteScalar();
    }
}
