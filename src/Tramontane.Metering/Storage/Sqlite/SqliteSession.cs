using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Tramontane.Metering.Storage.Sqlite;

/// <summary>The one writer of a SQLite file: statements stay prepared for its life.</summary>
internal sealed class SqliteSession(SqliteConnection connection) : WriteSession
{
    private readonly Dictionary<Statement, SqliteStatement> _prepared = [];
    private readonly SqliteStatement _begin = new(connection.Handle!, "BEGIN IMMEDIATE");
    private readonly SqliteStatement _commit = new(connection.Handle!, "COMMIT");
    private readonly SqliteStatement _rollback = new(connection.Handle!, "ROLLBACK");

    internal override DbConnection Connection => connection;

    internal override ValueTask BeginAsync(CancellationToken cancellationToken)
    {
        _begin.Run();
        return ValueTask.CompletedTask;
    }

    internal override ValueTask CommitAsync(CancellationToken cancellationToken)
    {
        _commit.Run();
        return ValueTask.CompletedTask;
    }

    internal override ValueTask RollbackAsync()
    {
        _rollback.Run();
        return ValueTask.CompletedTask;
    }

    public override ValueTask DisposeAsync()
    {
        foreach (SqliteStatement statement in _prepared.Values.Concat([_begin, _commit, _rollback]))
        {
            statement.Dispose();
        }

        return connection.DisposeAsync();
    }

    private protected override ValueTask RunAsync(StatementQueue queue, UnitOfWork? rows, CancellationToken cancellationToken)
    {
        for (int i = 0; i < queue.Count; i++)
        {
            Statement statement = queue[i];
            if (!_prepared.TryGetValue(statement, out SqliteStatement? prepared))
            {
                prepared = new SqliteStatement(connection.Handle!, statement.Text);
                _prepared.Add(statement, prepared);
            }

            try
            {
                if (prepared.Step(queue.ValuesOf(i)) && rows is not null)
                {
                    rows.Take(statement, prepared);
                }
            }
            finally
            {
                prepared.Reset();
            }
        }

        return ValueTask.CompletedTask;
    }
}
