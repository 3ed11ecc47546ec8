using Tramontane.Metering.Budgets;
using Tramontane.Metering.Ledger;
using Tramontane.Metering.Prices;

namespace Tramontane.Metering.Storage;

/// <summary>Something that the writer is to do. It may be applied more than once; only the time that is committed counts.</summary>
internal abstract class WriteOperation
{
    /// <summary>When the caller stops waiting, in <see cref="Environment.TickCount64"/>.</summary>
    internal long Deadline { get; init; }

    /// <summary>What must happen in its place when its caller has stopped waiting; null: nothing.</summary>
    internal virtual BudgetOperation? Remainder => null;

    /// <summary>Its caller has stopped waiting and was told that it was not done: then it is not to be done.</summary>
    internal abstract bool IsOver { get; }

    /// <summary>Its transaction was committed. False when its caller has stopped waiting.</summary>
    internal abstract bool Succeed();

    internal abstract void Fail(Exception exception);
}

/// <summary>An operation on rows of budgets, which shares its transaction with others that wait.</summary>
internal abstract class BudgetOperation : WriteOperation
{
    internal abstract void Declare(UnitOfWork work);

    /// <summary>Changes rows or throws; not both.</summary>
    internal abstract void Apply(UnitOfWork work, long now);

    /// <summary>What must happen when it was committed although its caller has stopped waiting; null: nothing.</summary>
    internal virtual BudgetOperation? Undo => null;
}

/// <summary>An operation with a transaction of its own.</summary>
internal abstract class ExclusiveOperation : WriteOperation
{
    internal abstract Task RunAsync(WriteSession session, CancellationToken cancellationToken);
}

/// <summary>An operation with a transaction of its own that gives a value.</summary>
internal sealed class ExclusiveOperation<T>(Func<WriteSession, CancellationToken, Task<T>> run) : ExclusiveOperation
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    internal Task<T> Task => _completion.Task;

    internal override async Task RunAsync(WriteSession session, CancellationToken cancellationToken) => _result = await run(session, cancellationToken);

    internal override bool IsOver => _completion.Task.IsCompleted;

    internal override bool Succeed() => _completion.TrySetResult(_result!);

    internal override void Fail(Exception exception) => _completion.TrySetException(exception);
}

/// <summary>Renews the lease, which every transaction does when it is time; nothing else.</summary>
internal sealed class HeartbeatOperation : BudgetOperation
{
    internal override void Declare(UnitOfWork work)
    {
    }

    internal override void Apply(UnitOfWork work, long now)
    {
    }

    internal override bool IsOver => false;

    internal override bool Succeed() => true;

    internal override void Fail(Exception exception)
    {
    }
}

/// <summary>Admits a request or refuses it.</summary>
internal sealed class AdmitOperation(AdmissionRequest request, PriceRow? price, string instanceId, long now) : BudgetOperation
{
    private readonly TaskCompletionSource<Admission> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _nonce = Random.Shared.NextInt64();
    private Admission _result;

    internal Task<Admission> Task => _completion.Task;

    /// <summary>It may have been admitted although nobody heard of it: then that is taken back.</summary>
    internal override BudgetOperation Remainder => new ReleaseOperation(request.RequestId, request.AccountId, request.KeyId, _nonce);

    internal override BudgetOperation? Undo => _result.Reservation is null ? null : Remainder;

    internal override void Declare(UnitOfWork work) => work.Need(request.RequestId, request.AccountId, request.KeyId);

    internal override void Apply(UnitOfWork work, long _)
    {
        if (work.Open(request.RequestId) is { } known && known.Nonce == _nonce)
        {
            _result = new Admission(new Reservation(known, price), AllowanceOf(request.KeyId is null ? null : work.Key(request.KeyId))); // an earlier try was committed and its answer was lost
            return;
        }

        if (work.Open(request.RequestId) is not null || work.Ledger(request.RequestId) is not null)
        {
            throw new MeteringException(MeteringFault.Conflict, $"The request id {request.RequestId} was used before. Give every request an id of its own.");
        }

        AccountState account = work.Account(request.AccountId)
            ?? throw new MeteringException(MeteringFault.NotFound, $"There is no account {request.AccountId}.");
        KeyState? key = null;
        if (request.KeyId is not null)
        {
            key = work.Key(request.KeyId);
            if (key is null || key.AccountId != account.Id)
            {
                throw new MeteringException(MeteringFault.NotFound, $"The account {account.Id} has no key {request.KeyId}.");
            }
        }

        Refusal? refusal = BudgetRules.Take(request, account, key, price, instanceId, _nonce, now, out OpenRequest? open);
        if (refusal is not null)
        {
            _result = new Admission(refusal, AllowanceOf(key));
            return;
        }

        work.Insert(open!);
        _result = new Admission(new Reservation(open!, price), AllowanceOf(key));
    }

    internal override bool IsOver => _completion.Task.IsCompleted;

    internal override bool Succeed() => _completion.TrySetResult(_result);

    internal override void Fail(Exception exception) => _completion.TrySetException(exception);

    private static KeyAllowance? AllowanceOf(KeyState? key) => key is null ? null : KeyLimitRules.AllowanceOf(key);
}

/// <summary>Ends a request. Repeating it gives the record that was written.</summary>
internal sealed class SettleOperation(string requestId, string accountId, string? keyId, PriceRow? price, Settlement settlement) : BudgetOperation
{
    private readonly TaskCompletionSource<LedgerRecord> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LedgerRecord? _result;

    internal Task<LedgerRecord> Task => _completion.Task;

    /// <summary>Nobody waits for it any more.</summary>
    internal bool IsDetached { get; init; }

    /// <summary>What was consumed must be written, however long the database is away.</summary>
    internal override BudgetOperation Remainder => new SettleOperation(requestId, accountId, keyId, price, settlement) { IsDetached = true };

    internal override void Declare(UnitOfWork work) => work.Need(requestId, accountId, keyId);

    internal override void Apply(UnitOfWork work, long now)
    {
        if (work.Open(requestId) is { } open)
        {
            KeyState? key = keyId is null ? null : work.Key(keyId);
            key?.Advance(now);
            _result = BudgetRules.Close(open, work.Account(accountId)!, key, price, settlement, now);
            work.Close(open, _result);
            return;
        }

        _result = work.Ledger(requestId);
        if (_result is null && !IsDetached)
        {
            throw new MeteringException(MeteringFault.NotFound, $"No request {requestId} was admitted.");
        }
    }

    /// <summary>It is kept when its caller has stopped waiting.</summary>
    internal override bool IsOver => false;

    internal override bool Succeed() => _completion.TrySetResult(_result!);

    internal override void Fail(Exception exception) => _completion.TrySetException(exception);
}

/// <summary>Takes an admission back, as if it had been refused: what it held is given back and no record is written. Repeating it changes nothing.</summary>
internal sealed class ReleaseOperation(string requestId, string accountId, string? keyId, long nonce) : BudgetOperation
{
    private readonly TaskCompletionSource<bool> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal Task<bool> Task => _completion.Task;

    internal override BudgetOperation Remainder => new ReleaseOperation(requestId, accountId, keyId, nonce);

    internal override bool IsOver => false;

    internal override void Declare(UnitOfWork work) => work.Need(requestId, accountId, keyId);

    internal override void Apply(UnitOfWork work, long now)
    {
        if (work.Open(requestId) is { } open && open.Nonce == nonce)
        {
            KeyState? key = keyId is null ? null : work.Key(keyId);
            key?.Advance(now);
            BudgetRules.Release(open, work.Account(accountId)!, key);
            work.Remove(open);
        }
    }

    internal override bool Succeed() => _completion.TrySetResult(true);

    internal override void Fail(Exception exception) => _completion.TrySetException(exception);
}
