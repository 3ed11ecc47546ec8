using System.Buffers.Binary;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Tramontane.Metering.Storage.Postgres;

/// <summary>A PostgreSQL database that several servers share.</summary>
internal sealed class PostgresDatabase : MeteringDatabase
{
    // Any number that no other user of the database takes for its advisory lock.
    private const long MigrationLock = 0x7472616d6f6e74;

    // How long a reader of the ledger waits for writers, and how long between two looks at them.
    private const int MostWaits = 400;
    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromMilliseconds(5);

    private readonly NpgsqlDataSource _readers;
    private readonly NpgsqlDataSource _writers;

    internal PostgresDatabase(string connectionString) => (_readers, _writers) =
        (NpgsqlDataSource.Create(PostgresConnectionString.Complete(connectionString)), NpgsqlDataSource.Create(PostgresConnectionString.Complete(connectionString, isWriter: true)));

    internal override string ForUpdate => " FOR UPDATE";

    internal override async Task<DbConnection> OpenReaderAsync(CancellationToken cancellationToken) => await _readers.OpenConnectionAsync(cancellationToken);

    internal override async Task<WriteSession> OpenSessionAsync(CancellationToken cancellationToken) =>
        new PostgresSession(await _writers.OpenConnectionAsync(cancellationToken));

    internal override string Translate(string script) => script
        .Replace("{amount}", "NUMERIC(38, 12)", StringComparison.Ordinal)
        .Replace("{identity}", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", StringComparison.Ordinal)
        .Replace("{bytes}", "BYTEA", StringComparison.Ordinal);

    internal override Task LockMigrationsAsync(WriteSession session, CancellationToken cancellationToken) =>
        ExecuteAsync(session.Connection, "SELECT pg_advisory_xact_lock($1)", [MigrationLock], cancellationToken, isPatient: true);

    /// <summary>
    /// A shared advisory lock, which PostgreSQL takes back when the connection ends, however that is. Shared, because a connection
    /// that was given back to the pool still holds it when the next one is opened.
    /// </summary>
    internal override Task HoldInstanceAsync(WriteSession session, string instanceId, CancellationToken cancellationToken) =>
        ExecuteAsync(session.Connection, "SELECT pg_advisory_lock_shared($1)", [LockOf(instanceId)], cancellationToken);

    internal override async Task<bool> IsInstanceGoneAsync(WriteSession session, string instanceId, CancellationToken cancellationToken) =>
        (await QueryAsync(session.Connection, "SELECT CAST(pg_try_advisory_xact_lock($1) AS INT)::BIGINT", [LockOf(instanceId)], row => row.Number(0), cancellationToken))[0] != 0;

    /// <summary>
    /// Ids are given before the commit, so a lower one may be committed after a higher one. Whoever has such an id holds the
    /// table's lock of writers since before the highest was given: when all have ended that hold it now, nothing comes below any more.
    /// Nobody has to wait for the reader.
    /// </summary>
    internal override async Task<long> LastSettledIdAsync(CancellationToken cancellationToken)
    {
        long last = (await QueryAsync("SELECT COALESCE(MAX(id), 0) FROM ledger", [], row => row.Number(0), cancellationToken))[0];
        List<string> writers = await WritersAsync(cancellationToken);
        for (int wait = 0; writers.Count > 0; wait++)
        {
            if (wait == MostWaits)
            {
                throw new MeteringException(MeteringFault.Unavailable, "A server's transaction on the ledger does not end; records that come behind it cannot be told yet. Try again later.");
            }

            await Task.Delay(s_betweenLooks, cancellationToken);
            List<string> now = await WritersAsync(cancellationToken);
            writers.RemoveAll(writer => !now.Contains(writer));
        }

        return last;
    }

    /// <summary>
    /// Everything but refused values (22) and broken constraints (23), which no other time makes right: connections, shutdowns, a
    /// server that has become read-only, roles and passwords that were changed, a schema that is being restored, …
    /// https://www.postgresql.org/docs/current/errcodes-appendix.html
    /// </summary>
    internal override bool IsUnavailable(Exception exception) => exception switch
    {
        PostgresException e => e.SqlState[..2] is not ("22" or "23"),
        NpgsqlException => true,
        ObjectDisposedException or IOException or TimeoutException or System.Net.Sockets.SocketException => true,
        MeteringException { Fault: MeteringFault.Unavailable } => true,
        _ => false,
    };

    internal override bool IsDuplicate(Exception exception) => exception is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };

    /// <summary>Behind a failover they lead to a server that only reads.</summary>
    internal override void ForgetConnections()
    {
        _readers.Clear();
        _writers.Clear();
    }

    internal override Task BackUpAsync(string path, CancellationToken cancellationToken) => throw new NotSupportedException(
        "PostgreSQL has its own tool: pg_dump --format=custom --file=FILE DATABASE, and pg_restore --clean --if-exists --dbname=DATABASE FILE to restore.");

    public override async ValueTask DisposeAsync()
    {
        await _readers.DisposeAsync();
        await _writers.DisposeAsync();
    }

    /// <summary>Npgsql counts parameters without names.</summary>
    private protected override string ParameterName(int index) => "";

    /// <summary>The transactions that have written to the ledger, or may have, and have not ended.</summary>
    private Task<List<string>> WritersAsync(CancellationToken cancellationToken) => QueryAsync(
        "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND relation = 'ledger'::regclass AND mode = 'RowExclusiveLock' AND granted "
        + "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        [],
        row => row.Text(0),
        cancellationToken);

    private static long LockOf(string instanceId) => BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(instanceId)));
}
