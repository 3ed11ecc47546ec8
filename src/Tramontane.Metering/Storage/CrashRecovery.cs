using Tramontane.Metering.Budgets;
using Tramontane.Metering.Ledger;
using Tramontane.Metering.Prices;

namespace Tramontane.Metering.Storage;

/// <summary>Ends the requests that lost servers left open: outcome crashed, cost nothing, and what they held is given back.</summary>
internal sealed class CrashRecovery(MeteringDatabase database, LeaseKeeper lease, TimeProvider clock)
{
    private const int MostPerTransaction = 500;

    /// <summary>One transaction's worth. Returns how many requests were ended, and whether there may be more.</summary>
    /// <param name="session">The writer's, inside a transaction.</param>
    /// <param name="all">Every other server is lost, whatever its lease says: SQLite has one.</param>
    /// <param name="byName">One of this server's name is lost too, when the database knows that its connection has ended.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal async Task<(int Ended, bool More)> RunAsync(WriteSession session, bool all, bool byName, CancellationToken cancellationToken)
    {
        long now = clock.Now();
        List<string> lost = await database.QueryAsync(
            session.Connection,
            "SELECT id FROM instances WHERE id <> $1 AND lease_until < $2 ORDER BY id LIMIT 1" + database.ForUpdate,
            [lease.InstanceId, all ? long.MaxValue : now],
            row => row.Text(0),
            cancellationToken);
        if (lost.Count == 0 && byName && lease.Name is not null)
        {
            lost = await NamesakesAsync(session, cancellationToken);
        }

        if (lost.Count == 0)
        {
            return (0, false);
        }

        List<OpenRequest> left = await database.QueryAsync(
            session.Connection,
            $"SELECT {BudgetSql.OpenColumns} FROM open_requests WHERE instance_id = $1 ORDER BY request_id LIMIT {MostPerTransaction}" + database.ForUpdate,
            [lost[0]],
            BudgetSql.ReadOpen,
            cancellationToken);
        if (left.Count > 0)
        {
            await EndAsync(session, left, now, cancellationToken);
        }

        if (left.Count < MostPerTransaction)
        {
            await database.ExecuteAsync(session.Connection, "DELETE FROM instances WHERE id = $1", [lost[0]], cancellationToken);
        }

        return (left.Count, true);
    }

    /// <summary>
    /// A server of the same name whose connection has ended. A living one, such as the one that drains before this takes its
    /// place, or another machine's of the same name, is left alone, and nobody waits for its row.
    /// </summary>
    private async Task<List<string>> NamesakesAsync(WriteSession session, CancellationToken cancellationToken)
    {
        List<string> namesakes = await database.QueryAsync(
            session.Connection, "SELECT id FROM instances WHERE id <> $1 AND name = $2 ORDER BY id", [lease.InstanceId, lease.Name], row => row.Text(0), cancellationToken);
        foreach (string id in namesakes)
        {
            if (await database.IsInstanceGoneAsync(session, id, cancellationToken))
            {
                return await database.QueryAsync(
                    session.Connection, "SELECT id FROM instances WHERE id = $1" + database.ForUpdate, [id], row => row.Text(0), cancellationToken);
            }
        }

        return [];
    }

    private static async Task EndAsync(WriteSession session, List<OpenRequest> left, long now, CancellationToken cancellationToken)
    {
        var work = new UnitOfWork();
        foreach (OpenRequest open in left)
        {
            work.Need(open.RequestId, open.AccountId, open.KeyId);
        }

        await session.LoadAsync(work, cancellationToken);
        foreach (string requestId in left.Select(open => open.RequestId))
        {
            if (work.Open(requestId) is { } open)
            {
                KeyState? key = open.KeyId is null ? null : work.Key(open.KeyId);
                key?.Advance(now);
                var settlement = new Settlement(RequestOutcome.Crashed, new TokenCounts(open.PromptTokens, 0, 0, open.ImageTokens));
                work.Close(open, BudgetRules.Close(open, work.Account(open.AccountId)!, key, null, settlement, now));
            }
        }

        await session.StoreAsync(work, cancellationToken);
    }
}
