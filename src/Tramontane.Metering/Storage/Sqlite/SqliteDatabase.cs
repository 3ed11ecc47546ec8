using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Tramontane.Metering.Storage.Sqlite;

/// <summary>A SQLite file in write-ahead mode: one writer per process, readers beside it.</summary>
internal sealed class SqliteDatabase : MeteringDatabase
{
    // SQLite's result codes: https://sqlite.org/rescode.html
    private const int Permission = 3, Busy = 5, Locked = 6, NoMemory = 7, ReadOnly = 8, IoError = 10, Corrupt = 11, Full = 13, CannotOpen = 14, Protocol = 15, Constraint = 19,
        NotADatabase = 26;

    private readonly string _path;
    private readonly string _readerString;
    private readonly string _writerString;
    private FileStream? _serverLock;
    private SqliteCheckpointer? _checkpointer;

    /// <param name="path">The file; made with access for its owner alone when there is none.</param>
    internal SqliteDatabase(string path)
    {
        _path = Path.GetFullPath(path);
        _readerString = new SqliteConnectionStringBuilder { DataSource = _path, Mode = SqliteOpenMode.ReadWrite, DefaultTimeout = 5 }.ToString();
        // Short: the writer tries again as long as its callers wait.
        _writerString = new SqliteConnectionStringBuilder { DataSource = _path, Mode = SqliteOpenMode.ReadWriteCreate, Pooling = false, DefaultTimeout = 1 }.ToString();
        CreateFile();
    }

    internal override string ForUpdate => "";

    /// <summary>Takes the file for this server alone. The system gives it back when the process ends, however that is.</summary>
    /// <exception cref="MeteringException"><see cref="MeteringFault.InUse"/>: another server has it.</exception>
    internal void TakeForServer() => _serverLock ??= TakeLock(_path);

    /// <summary>Begins to copy the log beside the writers that are opened from now on.</summary>
    internal void StartCheckpoints() => _checkpointer ??= new SqliteCheckpointer(_writerString);

    internal override async Task<DbConnection> OpenReaderAsync(CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection(_readerString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            Run(connection, "PRAGMA busy_timeout = 5000; PRAGMA query_only = 1;");
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    internal override async Task<WriteSession> OpenSessionAsync(CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection(_writerString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            Run(connection, "SELECT COUNT(*) FROM sqlite_master"); // reads the file: tells whether it is a database at all
            // NORMAL: a commit survives the death of the process; only the loss of power may take back the last ones, never in part.
            Run(connection, "PRAGMA busy_timeout = 500; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = 1;");
            if (_checkpointer is not null)
            {
                Run(connection, $"PRAGMA wal_autocheckpoint = {SqliteCheckpointer.WriterHelpsAtPages}");
            }

            return new SqliteSession(connection);
        }
        catch (SqliteException e) when (e.SqliteErrorCode == NotADatabase)
        {
            await connection.DisposeAsync();
            throw new MeteringException(MeteringFault.Unavailable, $"{_path} is no SQLite database. Name another file, or restore a backup.", e);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    internal override string Translate(string script) => script
        .Replace("{amount}", "TEXT", StringComparison.Ordinal) // read and written as decimal; REAL would round
        .Replace("{identity}", "INTEGER PRIMARY KEY AUTOINCREMENT", StringComparison.Ordinal)
        .Replace("{bytes}", "BLOB", StringComparison.Ordinal);

    /// <summary>BEGIN IMMEDIATE has locked the file already.</summary>
    internal override Task LockMigrationsAsync(WriteSession session, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The file's lock says that there is no other server: nothing is to be marked.</summary>
    internal override Task HoldInstanceAsync(WriteSession session, string instanceId, CancellationToken cancellationToken) => Task.CompletedTask;

    internal override Task<bool> IsInstanceGoneAsync(WriteSession session, string instanceId, CancellationToken cancellationToken) => Task.FromResult(true);

    /// <summary>There is one writer at a time: what is not there yet comes behind what is.</summary>
    internal override Task<long> LastSettledIdAsync(CancellationToken cancellationToken) => Task.FromResult(long.MaxValue);

    internal override bool IsUnavailable(Exception exception) => exception
        is SqliteException { SqliteErrorCode: Permission or Busy or Locked or NoMemory or ReadOnly or IoError or Corrupt or Full or CannotOpen or Protocol or NotADatabase }
        or MeteringException { Fault: MeteringFault.Unavailable };

    internal override void ForgetConnections()
    {
        // A connection is a handle on the file; the next one sees the file as it is.
    }

    internal override bool IsDuplicate(Exception exception) => exception is SqliteException { SqliteErrorCode: Constraint };

    internal override async Task BackUpAsync(string path, CancellationToken cancellationToken)
    {
        await using var source = (SqliteConnection)await OpenReaderAsync(cancellationToken);
        await SqliteBackup.WriteAsync(source, path, cancellationToken);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_checkpointer is not null)
        {
            await _checkpointer.DisposeAsync();
        }

        using (var connection = new SqliteConnection(_readerString))
        {
            SqliteConnection.ClearPool(connection);
        }

        _serverLock?.Dispose();
    }

    internal static FileStream TakeLock(string path)
    {
        try
        {
            return new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException))
        {
            throw new MeteringException(MeteringFault.InUse, $"Another server uses {path}. Stop it, or use PostgreSQL for several servers.", e);
        }
    }

    private protected override string ParameterName(int index) => $"${index + 1}";

    private void CreateFile()
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            if (!File.Exists(_path))
            {
                PrivateFile.Create(_path); // SQLite gives the files that it puts beside it the same rights
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MeteringException(MeteringFault.Unavailable, $"{_path} cannot be made: {e.Message}", e);
        }
    }

    private static void Run(SqliteConnection connection, string text)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }
}
