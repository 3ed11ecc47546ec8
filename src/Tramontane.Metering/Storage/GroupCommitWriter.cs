using System.Threading.Channels;

namespace Tramontane.Metering.Storage;

/// <summary>
/// The one writer of this process. Whoever adds an operation while nobody writes takes all that wait, up to a bound, into one
/// transaction: alone it costs no change of threads, under load the cost of a commit is shared. A transaction that fails because
/// the database is away is tried again; one that fails otherwise is done again operation by operation, so that one cannot take
/// others with it.
/// </summary>
internal sealed class GroupCommitWriter : IAsyncDisposable
{
    private const int MostPerTransaction = 128;
    private const int MostWaiting = 16_384;

    // What the database refuses for good may be right again after a repair: it is not tried with every transaction.
    private const int RefusedPauseMilliseconds = 10_000;

    private readonly MeteringDatabase _database;
    private readonly TimeProvider _clock;
    private readonly Channel<WriteOperation> _waiting = Channel.CreateBounded<WriteOperation>(MostWaiting);
    private readonly List<BudgetOperation> _batch = [];
    private readonly List<(BudgetOperation Operation, long NotBefore)> _remainders = [];
    private readonly UnitOfWork _work = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly LeaseKeeper? _lease;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private WriteSession? _session;

    internal GroupCommitWriter(MeteringDatabase database, TimeProvider clock, LeaseKeeper? lease)
    {
        (_database, _clock, _lease) = (database, clock, lease);
    }

    /// <summary>Puts an operation in the queue; waits when that is full. It may be done when this returns.</summary>
    internal async ValueTask AddAsync(WriteOperation operation, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!_waiting.Writer.TryWrite(operation))
        {
            await _waiting.Writer.WriteAsync(operation, cancellationToken);
        }

        _ = WriteInTurnAsync(); // on this thread up to the first wait for the database; not awaited: only the operation's own end counts
    }

    /// <summary>Writes what waits, then stops.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        // What waits may have as long as its callers would have waited; what is left over then is found by the next start.
        await _stop.CancelAsync();
        await _turn.WaitAsync();
        while (_waiting.Reader.TryPeek(out _))
        {
            await WriteRoundAsync();
        }

        await RetryRemaindersAsync(all: true);
        if (_session is not null)
        {
            await _session.DisposeAsync();
        }

        _stop.Dispose();
    }

    /// <summary>Writes one transaction unless another caller is writing: then that one, or who follows it, takes what waits.</summary>
    private async Task WriteInTurnAsync()
    {
        // Looked at behind every release: what came while another had the turn is not forgotten.
        for (bool first = true; _waiting.Reader.TryPeek(out _) && _turn.Wait(0); first = false)
        {
            try
            {
                if (!first)
                {
                    await Task.Yield(); // the caller has its own answer by now; others' operations are not to hold it up
                }

                await WriteRoundAsync();
            }
            finally
            {
                _turn.Release();
            }
        }
    }

    /// <summary>One transaction of what waits, and one more for an operation that wants its own.</summary>
    private async ValueTask WriteRoundAsync()
    {
        WriteOperation? exclusive = null;
        _batch.Clear();
        while (_batch.Count < MostPerTransaction && _waiting.Reader.TryRead(out WriteOperation? operation))
        {
            if (operation.IsOver)
            {
                continue; // its caller has stopped waiting and was told that nothing was done
            }

            if (operation is BudgetOperation budget)
            {
                _batch.Add(budget);
            }
            else
            {
                exclusive = operation;
                break;
            }
        }

        await RetryRemaindersAsync();
        if (_batch.Count > 0)
        {
            await PersistAsync(_batch);
        }

        if (exclusive is not null)
        {
            await PersistAsync((ExclusiveOperation)exclusive);
        }
    }

    /// <summary>What callers gave up waiting for, once in every round until it is written.</summary>
    private async Task RetryRemaindersAsync(bool all = false)
    {
        if (_remainders.Count == 0)
        {
            return;
        }

        long now = Environment.TickCount64;
        BudgetOperation[] remainders = [.. _remainders.Where(r => all || r.NotBefore <= now).Select(r => r.Operation)];
        _remainders.RemoveAll(r => all || r.NotBefore <= now);
        foreach (BudgetOperation[] part in remainders.Chunk(MostPerTransaction))
        {
            await PersistAsync([.. part]);
        }
    }

    private async Task PersistAsync(List<BudgetOperation> batch)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                List<(BudgetOperation Operation, Exception Exception)>? failed = await CommitAsync(batch);
                foreach (BudgetOperation operation in batch)
                {
                    if (failed?.Find(f => f.Operation == operation).Exception is { } exception)
                    {
                        operation.Fail(exception);
                    }
                    else if (!operation.Succeed() && operation.Undo is { } undo)
                    {
                        _remainders.Add((undo, 0)); // nobody waits for it any more
                    }
                }

                return;
            }
            catch (Exception e) when (_database.IsUnavailable(e))
            {
                await ResetAsync();
                _database.ForgetConnections();
                batch.RemoveAll(operation => GaveUp(operation, e));
                if (batch.Count == 0)
                {
                    return;
                }

                await DelayAsync(attempt);
            }
            catch (Exception e) when (attempt == 0 && _database.IsDuplicate(e))
            {
                await ResetAsync(); // another server was first with an id: its row is seen now
            }
            catch (Exception e)
            {
                await ResetAsync();
                if (batch.Count == 1)
                {
                    Refuse(batch[0], e);
                    return;
                }

                foreach (BudgetOperation operation in batch.ToArray())
                {
                    await PersistAsync([operation]);
                }

                return;
            }
        }
    }

    private async Task PersistAsync(ExclusiveOperation operation)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                WriteSession session = await SessionAsync();
                await session.BeginAsync(CancellationToken.None);
                await operation.RunAsync(session, CancellationToken.None);
                if (operation.IsOver)
                {
                    await RollBackAsync(); // its caller was told that it was not done
                    return;
                }

                await session.CommitAsync(CancellationToken.None);
                operation.Succeed();
                return;
            }
            catch (Exception e) when (_database.IsUnavailable(e))
            {
                await ResetAsync();
                _database.ForgetConnections();
                if (GaveUp(operation, e))
                {
                    return;
                }

                await DelayAsync(attempt);
            }
            catch (Exception e)
            {
                await RollBackAsync();
                operation.Fail(e);
                return;
            }
        }
    }

    /// <summary>One transaction. Operations that throw are left out of it and given back with what they threw.</summary>
    private async Task<List<(BudgetOperation Operation, Exception Exception)>?> CommitAsync(List<BudgetOperation> batch)
    {
        WriteSession session = await SessionAsync();
        await session.BeginAsync(CancellationToken.None);
        long now = _clock.Now();
        _work.Clear();
        _work.InstanceId = _lease?.InstanceId;
        foreach (BudgetOperation operation in batch)
        {
            operation.Declare(_work);
        }

        await session.LoadAsync(_work, CancellationToken.None);
        List<(BudgetOperation, Exception)>? failed = null;
        foreach (BudgetOperation operation in batch)
        {
            try
            {
                operation.Apply(_work, now);
            }
            catch (Exception e)
            {
                (failed ??= []).Add((operation, e));
            }
        }

        _work.Lease = _lease?.IfDue(now, _work.HasLease);
        await session.StoreAsync(_work, CancellationToken.None);
        await session.CommitAsync(CancellationToken.None);
        _lease?.Renewed(_work.Lease);
        return failed;
    }

    /// <summary>True when an operation's time is over: its caller is told, and what must not be lost is kept.</summary>
    private bool GaveUp(WriteOperation operation, Exception cause)
    {
        if (Environment.TickCount64 < operation.Deadline && !_stop.IsCancellationRequested)
        {
            return false;
        }

        if (operation.Remainder is { } remainder && !_stop.IsCancellationRequested)
        {
            _remainders.Add((remainder, 0));
        }

        operation.Fail(MeteringDatabase.Unavailable(cause));
        return true;
    }

    /// <summary>The database refuses an operation by itself, for whatever reason. Nothing of it was done; a settlement is kept all the same.</summary>
    private void Refuse(BudgetOperation operation, Exception cause)
    {
        if (operation is SettleOperation { Remainder: { } remainder } && !_stop.IsCancellationRequested)
        {
            _remainders.Add((remainder, Environment.TickCount64 + RefusedPauseMilliseconds));
            operation.Fail(MeteringDatabase.Unavailable(cause));
            return;
        }

        operation.Fail(cause);
    }

    private async Task DelayAsync(int attempt)
    {
        try
        {
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Min(1_000, 10 << Math.Min(attempt, 7))), _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // The process stops: what is left is tried once more, without waiting.
        }
    }

    private ValueTask<WriteSession> SessionAsync() => _session is { } session ? new(session) : new(OpenAsync());

    private async Task<WriteSession> OpenAsync()
    {
        WriteSession session = await _database.OpenSessionAsync(CancellationToken.None);
        try
        {
            if (_lease is not null)
            {
                await _database.HoldInstanceAsync(session, _lease.InstanceId, CancellationToken.None);
            }
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }

        return _session = session;
    }

    private async Task RollBackAsync()
    {
        try
        {
            if (_session is not null)
            {
                await _session.RollbackAsync();
            }
        }
        catch (Exception)
        {
            await ResetAsync(); // a connection that cannot roll back is of no more use
        }
    }

    private async Task ResetAsync()
    {
        if (_session is { } session)
        {
            _session = null;
            try
            {
                await session.DisposeAsync();
            }
            catch (Exception)
            {
                // It is broken; the next one is a new one.
            }
        }
    }
}
