using System.Data.Common;
using Npgsql;
using NpgsqlTypes;

namespace Tramontane.Metering.Storage.Postgres;

/// <summary>A connection whose statements travel together: one round trip to read and lock, one to write, one to commit.</summary>
internal sealed class PostgresSession(NpgsqlConnection connection) : WriteSession
{
    private NpgsqlTransaction? _transaction;

    internal override DbConnection Connection => connection;

    internal override async ValueTask BeginAsync(CancellationToken cancellationToken) =>
        _transaction = await connection.BeginTransactionAsync(cancellationToken); // sent with the first statement

    internal override async ValueTask CommitAsync(CancellationToken cancellationToken)
    {
        await _transaction!.CommitAsync(cancellationToken);
        await EndAsync();
    }

    internal override async ValueTask RollbackAsync()
    {
        if (_transaction is not null)
        {
            await _transaction.RollbackAsync(CancellationToken.None);
            await EndAsync();
        }
    }

    public override ValueTask DisposeAsync() => connection.DisposeAsync();

    private protected override async ValueTask RunAsync(StatementQueue queue, UnitOfWork? rows, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection, _transaction);
        for (int i = 0; i < queue.Count; i++)
        {
            batch.BatchCommands.Add(Bind(queue[i], queue.ValuesOf(i)));
        }

        if (rows is null)
        {
            await batch.ExecuteNonQueryAsync(cancellationToken);
            return;
        }

        await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync(cancellationToken);
        var row = new ReaderRow(reader);
        for (int i = 0; i < queue.Count; i++)
        {
            if (await reader.ReadAsync(cancellationToken))
            {
                rows.Take(queue[i], row);
            }

            await reader.NextResultAsync(cancellationToken);
        }
    }

    private static NpgsqlBatchCommand Bind(Statement statement, ReadOnlySpan<SqlValue> values)
    {
        var command = new NpgsqlBatchCommand(statement.LockingText);
        foreach (ref readonly SqlValue value in values)
        {
            command.Parameters.Add((value.Kind, value.IsNull) switch
            {
                (SqlKind.Number, false) => new NpgsqlParameter<long> { TypedValue = value.Number },
                (SqlKind.Amount, false) => new NpgsqlParameter<decimal> { TypedValue = value.Amount },
                (SqlKind.Text, false) => new NpgsqlParameter<string> { TypedValue = value.Text },
                (SqlKind.Number, _) => new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Bigint, Value = DBNull.Value },
                (SqlKind.Amount, _) => new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Numeric, Value = DBNull.Value },
                _ => new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text, Value = DBNull.Value },
            });
        }

        return command;
    }

    private async ValueTask EndAsync()
    {
        await _transaction!.DisposeAsync();
        _transaction = null;
    }
}
