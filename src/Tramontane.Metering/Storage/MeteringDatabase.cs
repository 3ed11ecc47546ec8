using System.Data.Common;

namespace Tramontane.Metering.Storage;

/// <summary>What differs between the databases: connections, words of SQL, faults, the run of a batch of statements.</summary>
internal abstract class MeteringDatabase : IAsyncDisposable
{
    /// <summary>Behind a SELECT: locks its rows where the database has several writers.</summary>
    internal abstract string ForUpdate { get; }

    /// <summary>A connection for reading, from a pool.</summary>
    internal abstract Task<DbConnection> OpenReaderAsync(CancellationToken cancellationToken);

    /// <summary>The connection of the one writer of this process.</summary>
    internal abstract Task<WriteSession> OpenSessionAsync(CancellationToken cancellationToken);

    /// <summary>Replaces the words in braces of a migration script.</summary>
    internal abstract string Translate(string script);

    /// <summary>Waits until no other process migrates; holds until the transaction's end.</summary>
    internal abstract Task LockMigrationsAsync(WriteSession session, CancellationToken cancellationToken);

    /// <summary>Marks a writer's connection as that of a living server, for as long as the connection lasts.</summary>
    internal abstract Task HoldInstanceAsync(WriteSession session, string instanceId, CancellationToken cancellationToken);

    /// <summary>Whether no connection is marked so any more; when it is true, none can be before the transaction's end.</summary>
    internal abstract Task<bool> IsInstanceGoneAsync(WriteSession session, string instanceId, CancellationToken cancellationToken);

    /// <summary>
    /// The last id of the ledger behind which nothing can come any more: every record up to it is there to be read, or will never be.
    /// </summary>
    internal abstract Task<long> LastSettledIdAsync(CancellationToken cancellationToken);

    /// <summary>The database does not answer, is busy, full, or does not take writes: the same operation may succeed later.</summary>
    internal abstract bool IsUnavailable(Exception exception);

    /// <summary>Lets go of pooled connections: they may be as useless as the one that has failed.</summary>
    internal abstract void ForgetConnections();

    /// <summary>A row with the same key exists.</summary>
    internal abstract bool IsDuplicate(Exception exception);

    /// <summary>Writes a copy of the database while it is used.</summary>
    /// <exception cref="NotSupportedException">The database has tools of its own for that.</exception>
    internal abstract Task BackUpAsync(string path, CancellationToken cancellationToken);

    /// <summary>A command with the parameters <c>$1</c>, <c>$2</c>, …: text, long, decimal, bytes or null.</summary>
    internal DbCommand Command(DbConnection connection, string text, params ReadOnlySpan<object?> values)
    {
        DbCommand command = connection.CreateCommand();
        command.CommandText = text;
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] is string word && !TextRules.IsStorable(word))
            {
                throw new MeteringException(MeteringFault.Invalid, "A text holds NUL or half of a surrogate pair, which no text of the database does.");
            }

            DbParameter parameter = command.CreateParameter();
            parameter.ParameterName = ParameterName(i);
            parameter.Value = values[i] ?? DBNull.Value;
            command.Parameters.Add(parameter);
        }

        return command;
    }

    /// <param name="connection">Where.</param>
    /// <param name="text">A statement, or several without values.</param>
    /// <param name="values">Its parameters.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <param name="isPatient">It may take as long as it takes: migrations do.</param>
    internal async Task<int> ExecuteAsync(DbConnection connection, string text, object?[] values, CancellationToken cancellationToken, bool isPatient = false)
    {
        await using DbCommand command = Command(connection, text, values);
        if (isPatient)
        {
            command.CommandTimeout = 0;
        }

        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    internal async Task<List<T>> QueryAsync<T>(DbConnection connection, string text, object?[] values, Func<ReaderRow, T> read, CancellationToken cancellationToken)
    {
        await using DbCommand command = Command(connection, text, values);
        await using DbDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        var row = new ReaderRow(reader);
        List<T> rows = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(row));
        }

        return rows;
    }

    /// <summary>A query on a reader's connection of its own. Pooled connections may have died unnoticed: a few tries find a living one.</summary>
    internal async Task<List<T>> QueryAsync<T>(string text, object?[] values, Func<ReaderRow, T> read, CancellationToken cancellationToken)
    {
        const int Tries = 4;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await using DbConnection connection = await OpenReaderAsync(cancellationToken);
                return await QueryAsync(connection, text, values, read, cancellationToken);
            }
            catch (Exception e) when (IsUnavailable(e))
            {
                if (attempt == Tries)
                {
                    throw Unavailable(e);
                }
            }
        }
    }

    internal static MeteringException Unavailable(Exception cause) =>
        new(MeteringFault.Unavailable, $"The metering database does not answer: {cause.Message}", cause);

    public abstract ValueTask DisposeAsync();

    private protected abstract string ParameterName(int index);
}

/// <summary>The writer's connection: one transaction at a time.</summary>
internal abstract class WriteSession : IAsyncDisposable
{
    private readonly StatementQueue _queue = new();

    internal abstract DbConnection Connection { get; }

    internal abstract ValueTask BeginAsync(CancellationToken cancellationToken);

    internal abstract ValueTask CommitAsync(CancellationToken cancellationToken);

    internal abstract ValueTask RollbackAsync();

    internal async ValueTask LoadAsync(UnitOfWork work, CancellationToken cancellationToken)
    {
        _queue.Clear();
        work.QueueLoad(_queue);
        await RunAsync(_queue, work, cancellationToken);
    }

    internal async ValueTask StoreAsync(UnitOfWork work, CancellationToken cancellationToken)
    {
        _queue.Clear();
        work.QueueStore(_queue);
        if (_queue.Count > 0)
        {
            await RunAsync(_queue, null, cancellationToken);
        }
    }

    public abstract ValueTask DisposeAsync();

    /// <summary>Runs the statements in order and hands each one's row, when it gives one, to <paramref name="rows"/>.</summary>
    private protected abstract ValueTask RunAsync(StatementQueue queue, UnitOfWork? rows, CancellationToken cancellationToken);
}
