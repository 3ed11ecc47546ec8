using System.Data.Common;
using Npgsql;

namespace Tramontane.Metering.Storage.Postgres;

/// <summary>A PostgreSQL database that several servers share.</summary>
internal sealed class PostgresDatabase : MeteringDatabase
{
    // Any number that no other user of the database takes for its advisory lock.
    private const long MigrationLock = 0x7472616d6f6e74;

    private readonly NpgsqlDataSource _source;

    internal PostgresDatabase(string connectionString) => _source = NpgsqlDataSource.Create(PostgresConnectionString.Complete(connectionString));

    internal override string ForUpdate => " FOR UPDATE";

    internal override async Task<DbConnection> OpenReaderAsync(CancellationToken cancellationToken) => await _source.OpenConnectionAsync(cancellationToken);

    internal override async Task<WriteSession> OpenSessionAsync(CancellationToken cancellationToken) =>
        new PostgresSession(await _source.OpenConnectionAsync(cancellationToken));

    internal override string Translate(string script) => script
        .Replace("{amount}", "NUMERIC(38, 12)", StringComparison.Ordinal)
        .Replace("{identity}", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", StringComparison.Ordinal)
        .Replace("{bytes}", "BYTEA", StringComparison.Ordinal);

    internal override Task LockMigrationsAsync(WriteSession session, CancellationToken cancellationToken) =>
        ExecuteAsync(session.Connection, "SELECT pg_advisory_xact_lock($1)", [MigrationLock], cancellationToken);

    /// <summary>Connection faults, and the classes of errors that pass: https://www.postgresql.org/docs/current/errcodes-appendix.html</summary>
    internal override bool IsUnavailable(Exception exception) => exception switch
    {
        // 08 connection, 40 rollback (deadlock, serialization), 53 resources, 55P03 lock, 57 operator (shutdown), 58 system.
        PostgresException e => e.IsTransient || e.SqlState[..2] is "08" or "40" or "53" or "57" or "58" || e.SqlState == PostgresErrorCodes.LockNotAvailable,
        NpgsqlException => true,
        ObjectDisposedException or IOException or TimeoutException or System.Net.Sockets.SocketException => true,
        _ => false,
    };

    internal override bool IsDuplicate(Exception exception) => exception is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };

    internal override Task BackUpAsync(string path, CancellationToken cancellationToken) => throw new NotSupportedException(
        "PostgreSQL has its own tool: pg_dump --format=custom --file=FILE DATABASE, and pg_restore --clean --if-exists --dbname=DATABASE FILE to restore.");

    public override ValueTask DisposeAsync() => _source.DisposeAsync();

    /// <summary>Npgsql counts parameters without names.</summary>
    private protected override string ParameterName(int index) => "";
}
