using System.Data.Common;
using Tramontane.Metering.Keys;
using Tramontane.Metering.Prices;

namespace Tramontane.Metering.Storage;

/// <summary>
/// A database with its writer, and what of it lies in memory: keys and prices. Those are read again after every change of this
/// process, and when the counter of changes shows one by another.
/// </summary>
internal sealed class MeteringStore(MeteringDatabase database, GroupCommitWriter writer, MeterOptions options) : IAsyncDisposable
{
    private readonly SemaphoreSlim _reload = new(1, 1);
    private long _counter = -1;
    private volatile KeySnapshot _keys = new([]);
    private volatile PriceBook _prices = new([]);

    internal MeteringDatabase Database => database;

    internal TimeProvider Clock => options.TimeProvider;

    internal KeySnapshot Keys => _keys;

    internal PriceBook Prices => _prices;

    /// <summary>Puts an operation in the writer's queue.</summary>
    internal async ValueTask AddAsync(WriteOperation operation, CancellationToken cancellationToken)
    {
        try
        {
            await writer.AddAsync(operation, cancellationToken);
        }
        catch (System.Threading.Channels.ChannelClosedException e)
        {
            throw new ObjectDisposedException(nameof(Meter), e);
        }
    }

    /// <summary>
    /// Puts an operation in the writer's queue and gives its result. When its time is over, its caller hears that, whatever the
    /// writer may be waiting for.
    /// </summary>
    internal async ValueTask<T> RunAsync<T>(WriteOperation operation, Task<T> result, CancellationToken cancellationToken)
    {
        ValueTask adding = AddAsync(operation, cancellationToken);
        if (adding.IsCompletedSuccessfully && result.IsCompleted)
        {
            return await result; // the usual case on SQLite: done on this thread, without a timer
        }

        try
        {
            await adding.AsTask().WaitAsync(TimeLeft(operation), CancellationToken.None); // the queue itself may be full
            return await result.WaitAsync(TimeLeft(operation), CancellationToken.None);
        }
        catch (TimeoutException e) when (!result.IsCompleted)
        {
            operation.Fail(MeteringDatabase.Unavailable(e)); // unless it has just been done
            return await result;
        }
    }

    private static TimeSpan TimeLeft(WriteOperation operation) => TimeSpan.FromMilliseconds(Math.Max(1, operation.Deadline - Environment.TickCount64));

    internal long Deadline() => Environment.TickCount64 + (long)options.OperationTimeout.TotalMilliseconds;

    /// <summary>A transaction of its own, through the writer.</summary>
    internal async Task<T> WriteAsync<T>(Func<DbConnection, CancellationToken, Task<T>> run, CancellationToken cancellationToken)
    {
        var operation = new ExclusiveOperation<T>((session, ct) => run(session.Connection, ct)) { Deadline = Deadline() };
        return await RunAsync(operation, operation.Task, cancellationToken);
    }

    /// <summary>
    /// A change of keys or prices: counted, so that other processes see it, and read again here before it returns. It may be run
    /// twice, when the answer to its commit was lost.
    /// </summary>
    internal async Task<T> ChangeAsync<T>(Func<DbConnection, CancellationToken, Task<T>> run, CancellationToken cancellationToken)
    {
        T result = await WriteAsync(
            async (connection, ct) =>
            {
                await database.ExecuteAsync(connection, "UPDATE changes SET counter = counter + 1 WHERE id = 1", [], ct);
                return await run(connection, ct);
            },
            cancellationToken);
        try
        {
            await RefreshAsync(CancellationToken.None);
        }
        catch (MeteringException e) when (e.Fault == MeteringFault.Unavailable)
        {
            // The change is made, and its answer may be a secret that nobody gets again. The next look reads it.
        }

        return result;
    }

    /// <summary>Reads keys and prices when they have changed.</summary>
    internal async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await _reload.WaitAsync(cancellationToken);
        try
        {
            // The counter first: a change between the two reads is then read once more, never missed.
            long counter = (await database.QueryAsync("SELECT counter FROM changes WHERE id = 1", [], row => row.Number(0), cancellationToken))[0];
            if (counter == _counter)
            {
                return;
            }

            List<StoredKey> keys = await database.QueryAsync($"SELECT {KeyTable.Columns}, hash, previous_hash FROM keys", [], KeyTable.ReadStored, cancellationToken);
            List<PriceRow> prices = await database.QueryAsync($"SELECT {PriceTable.Columns} FROM prices", [], PriceTable.Read, cancellationToken);
            _keys = new KeySnapshot(keys);
            _prices = new PriceBook(prices);
            _counter = counter;
        }
        finally
        {
            _reload.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await writer.DisposeAsync();
        await database.DisposeAsync();
        _reload.Dispose();
    }
}
