using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Tramontane.Metering.Storage.Sqlite;

/// <summary>The one writer of a SQLite file: statements stay prepared for its life.</summary>
internal sealed class SqliteSession(SqliteConnection connection) : WriteSession
{
    private readonly Dictionary<Statement, SqliteCommand> _prepared = [];
    private readonly SqliteCommand _begin = Prepare(connection, "BEGIN IMMEDIATE");
    private readonly SqliteCommand _commit = Prepare(connection, "COMMIT");
    private readonly SqliteCommand _rollback = Prepare(connection, "ROLLBACK");

    internal override DbConnection Connection => connection;

    internal override ValueTask BeginAsync(CancellationToken cancellationToken)
    {
        _begin.ExecuteNonQuery();
        return ValueTask.CompletedTask;
    }

    internal override ValueTask CommitAsync(CancellationToken cancellationToken)
    {
        _commit.ExecuteNonQuery();
        return ValueTask.CompletedTask;
    }

    internal override ValueTask RollbackAsync()
    {
        _rollback.ExecuteNonQuery();
        return ValueTask.CompletedTask;
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (SqliteCommand command in _prepared.Values.Concat([_begin, _commit, _rollback]))
        {
            await command.DisposeAsync();
        }

        await connection.DisposeAsync();
    }

    private protected override ValueTask RunAsync(StatementQueue queue, UnitOfWork? rows, CancellationToken cancellationToken)
    {
        for (int i = 0; i < queue.Count; i++)
        {
            Statement statement = queue[i];
            SqliteCommand command = Bind(statement, queue.ValuesOf(i));
            if (rows is null)
            {
                command.ExecuteNonQuery();
                continue;
            }

            using SqliteDataReader row = command.ExecuteReader();
            if (row.Read())
            {
                rows.Take(statement, row);
            }
        }

        return ValueTask.CompletedTask;
    }

    private SqliteCommand Bind(Statement statement, ReadOnlySpan<SqlValue> values)
    {
        if (!_prepared.TryGetValue(statement, out SqliteCommand? command))
        {
            command = connection.CreateCommand();
            command.CommandText = statement.Text;
            for (int i = 1; i <= values.Length; i++)
            {
                command.Parameters.Add(new SqliteParameter { ParameterName = $"${i}" });
            }

            _prepared.Add(statement, command);
        }

        for (int i = 0; i < values.Length; i++)
        {
            ref readonly SqlValue value = ref values[i];
            SqliteParameter parameter = command.Parameters[i];
            parameter.Value = value.IsNull ? DBNull.Value : value.Kind switch
            {
                SqlKind.Number => value.Number,
                SqlKind.Amount => value.Amount,
                _ => value.Text,
            };
        }

        return command;
    }

    private static SqliteCommand Prepare(SqliteConnection connection, string text)
    {
        SqliteCommand command = connection.CreateCommand();
        command.CommandText = text;
        return command;
    }
}
