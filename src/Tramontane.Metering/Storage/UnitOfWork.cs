using Tramontane.Metering.Budgets;
using Tramontane.Metering.Ledger;

namespace Tramontane.Metering.Storage;

/// <summary>The rows that one transaction of admissions and settlements reads and writes. Reused.</summary>
internal sealed class UnitOfWork
{
    private readonly SortedSet<string> _requestIds = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _accountIds = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _keyIds = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OpenRequest> _open = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OpenRequest> _stored = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LedgerRecord> _ledger = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AccountState> _accounts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, KeyState> _keys = new(StringComparer.Ordinal);
    private readonly List<LedgerRecord> _newRecords = [];

    /// <summary>The server whose lease <see cref="QueueLoad"/> is to look for; null: none.</summary>
    internal string? InstanceId { get; set; }

    /// <summary>The lease was there.</summary>
    internal bool HasLease { get; private set; }

    /// <summary>A lease to be renewed with what is stored; null: none.</summary>
    internal InstanceLease? Lease { get; set; }

    internal void Clear()
    {
        _requestIds.Clear();
        _accountIds.Clear();
        _keyIds.Clear();
        ClearRows();
    }

    /// <summary>Names rows that <see cref="QueueLoad"/> is to read and lock.</summary>
    internal void Need(string requestId, string accountId, string? keyId)
    {
        _requestIds.Add(requestId);
        _accountIds.Add(accountId);
        if (keyId is not null)
        {
            _keyIds.Add(keyId);
        }
    }

    internal AccountState? Account(string id) => _accounts.GetValueOrDefault(id);

    internal KeyState? Key(string id) => _keys.GetValueOrDefault(id);

    internal OpenRequest? Open(string requestId) => _open.GetValueOrDefault(requestId);

    internal LedgerRecord? Ledger(string requestId) => _ledger.GetValueOrDefault(requestId);

    internal void Insert(OpenRequest open) => _open.Add(open.RequestId, open);

    /// <summary>Forgets an open request.</summary>
    internal void Remove(OpenRequest open) => _open.Remove(open.RequestId);

    /// <summary>Moves a request from the open ones to the ledger.</summary>
    internal void Close(OpenRequest open, LedgerRecord record)
    {
        _open.Remove(open.RequestId);
        _ledger.Add(record.RequestId, record);
        _newRecords.Add(record);
    }

    /// <summary>
    /// Reads the rows that were named. Every transaction locks leases, then open requests, then accounts, then counters, each in the order of
    /// their ids, so that servers wait for each other and never in a circle. The ledger is read behind the locks: what another
    /// server settled meanwhile is seen.
    /// </summary>
    internal void QueueLoad(StatementQueue queue)
    {
        ClearRows();
        if (InstanceId is not null)
        {
            queue.Add(BudgetSql.SelectLease, InstanceId);
        }

        foreach (string id in _requestIds)
        {
            queue.Add(BudgetSql.SelectOpen, id);
        }

        foreach (string id in _requestIds)
        {
            queue.Add(BudgetSql.SelectLedger, id);
        }

        foreach (string id in _accountIds)
        {
            queue.Add(BudgetSql.SelectAccount, id);
        }

        foreach (string id in _keyIds)
        {
            queue.Add(BudgetSql.SelectKey, id);
        }
    }

    /// <summary>Takes a row that a statement of <see cref="QueueLoad"/> gave.</summary>
    internal void Take(Statement statement, SqlRow row)
    {
        if (statement == BudgetSql.SelectOpen)
        {
            OpenRequest open = BudgetSql.ReadOpen(row);
            _open.Add(open.RequestId, open);
            _stored.Add(open.RequestId, open);
        }
        else if (statement == BudgetSql.SelectLedger)
        {
            LedgerRecord record = BudgetSql.ReadLedger(row);
            _ledger.Add(record.RequestId, record);
        }
        else if (statement == BudgetSql.SelectAccount)
        {
            AccountState account = BudgetSql.ReadAccount(row);
            _accounts.Add(account.Id, account);
        }
        else if (statement == BudgetSql.SelectLease)
        {
            HasLease = true;
        }
        else
        {
            KeyState key = BudgetSql.ReadKey(row);
            _keys.Add(key.Id, key);
        }
    }

    /// <summary>Writes what has changed.</summary>
    internal void QueueStore(StatementQueue queue)
    {
        if (Lease is { } lease)
        {
            queue.Add(BudgetSql.RenewLease, lease.InstanceId, lease.Name, lease.StartedAt, lease.Until);
        }

        foreach (OpenRequest open in _stored.Values)
        {
            if (!_open.ContainsKey(open.RequestId))
            {
                queue.Add(BudgetSql.DeleteOpen, open.RequestId);
            }
        }

        foreach (OpenRequest open in _open.Values)
        {
            if (!_stored.ContainsKey(open.RequestId))
            {
                BudgetSql.AddInsert(queue, open);
            }
        }

        foreach (LedgerRecord record in _newRecords)
        {
            BudgetSql.AddInsert(queue, record);
        }

        foreach (AccountState account in _accounts.Values)
        {
            if (account.Changed)
            {
                BudgetSql.AddUpdate(queue, account);
            }
        }

        foreach (KeyState key in _keys.Values)
        {
            if (key.Changed)
            {
                BudgetSql.AddUpdate(queue, key);
            }
        }
    }

    private void ClearRows()
    {
        _open.Clear();
        _stored.Clear();
        _ledger.Clear();
        _accounts.Clear();
        _keys.Clear();
        _newRecords.Clear();
        HasLease = false;
    }
}

/// <summary>A server's word that it lives.</summary>
/// <param name="InstanceId">Fresh with every start.</param>
/// <param name="Name">Its stable name; null: none.</param>
/// <param name="StartedAt">When it started.</param>
/// <param name="Until">Until when it need not be heard of.</param>
internal sealed record InstanceLease(string InstanceId, string? Name, long StartedAt, long Until);
