using Microsoft.Data.Sqlite;

namespace Tramontane.Metering.Storage.Sqlite;

/// <summary>Copies of a SQLite database: made while it is used, checked, and put back.</summary>
internal static class SqliteBackup
{
    private const string Log = "-wal";

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

    /// <summary>
    /// Puts a backup in a database's place. No server may use the database; what it held is kept beside it as
    /// <c>.before-restore</c>, and what was kept there before stays. At any moment there is a whole file at the database's place.
    /// </summary>
    internal static void Restore(string backup, string database)
    {
        backup = Path.GetFullPath(backup);
        database = Path.GetFullPath(database);
        if (!File.Exists(backup))
        {
            throw new MeteringException(MeteringFault.NotFound, $"There is no backup {backup}.");
        }

        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(database)!);
            using FileStream held = SqliteDatabase.TakeLock(database);
            Check(backup);
            string copy = database + ".restoring";
            File.Delete(copy);
            CopyPrivately(backup, copy);
            if (File.Exists(database))
            {
                // Kept first: SQLite may throw the log of a damaged file away as soon as it opens that.
                string kept = Keep(database);
                if (IsRead(database))
                {
                    File.Delete(kept);
                    File.Delete(kept + Log);
                    File.Delete(copy);
                    throw new MeteringException(MeteringFault.InUse, $"Another program reads {database}. End it and restore again.");
                }
            }

            // A log that belongs to the old file must not be applied to the new one.
            File.Delete(database + Log);
            File.Delete(database + "-shm");
            File.Move(copy, database, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MeteringException(MeteringFault.Unavailable, $"The backup could not be put in the place of {database}: {e.Message}", e);
        }
    }

    /// <summary>Copies a database, and its log if it has one, to the first free name, which it gives.</summary>
    private static string Keep(string database)
    {
        string kept = database + ".before-restore";
        for (int i = 2; File.Exists(kept) || File.Exists(kept + Log); i++)
        {
            kept = $"{database}.before-restore-{i}";
        }

        CopyPrivately(database, kept);
        if (File.Exists(database + Log) && new FileInfo(database + Log).Length > 0)
        {
            CopyPrivately(database + Log, kept + Log);
        }

        return kept;
    }

    /// <summary>Makes a copy that is its owner's alone and on the disk when this returns.</summary>
    private static void CopyPrivately(string from, string to)
    {
        PrivateFile.Create(to);
        using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var target = new FileStream(to, FileMode.Open, FileAccess.Write, FileShare.None);
        source.CopyTo(target);
        target.Flush(flushToDisk: true);
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

    /// <summary>Whether somebody else has the database in use: then its log cannot be emptied.</summary>
    private static bool IsRead(string path)
    {
        try
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false, DefaultTimeout = 1 }.ToString());
            connection.Open();
            Run(connection, "PRAGMA busy_timeout = 1000");
            return Run(connection, "PRAGMA wal_checkpoint(TRUNCATE)") is long and not 0; // its first column: busy
        }
        catch (SqliteException e)
        {
            return e.SqliteErrorCode is 5 or 6; // busy, locked; a damaged database is a reason to restore
        }
    }

    private static object? Run(SqliteConnection connection, string text)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = text;
        return command.ExecuteScalar();
    }
}
