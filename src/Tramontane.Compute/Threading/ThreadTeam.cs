using System.Runtime.ExceptionServices;

namespace Tramontane.Compute.Threading;

/// <summary>Work that a <see cref="ThreadTeam"/> shares out: independent items, each done once by some worker.</summary>
public interface ITeamJob
{
    /// <summary>Does one item. Which worker does it must not change the result.</summary>
    /// <param name="item">From 0 to the item count.</param>
    /// <param name="worker">From 0 to <see cref="ThreadTeam.WorkerCount"/>: an index for scratch that is not shared.</param>
    void Execute(int item, int worker);
}

/// <summary>
/// A fixed set of threads that work on one job at a time. The calling thread is worker 0. Between jobs the others spin
/// for a moment, because the next job of a forward pass follows within microseconds, and then sleep: an idle team uses
/// no processor time. A job ends when its items are done: it waits for no worker that has not begun, because it sleeps
/// still or the system runs something else in its place. Owned by one thread; not for concurrent callers.
/// </summary>
public sealed class ThreadTeam : IDisposable
{
    // About 50 µs on current hardware: longer than the gap between two operations, shorter than a scheduler tick.
    private const int SpinsBeforeSleep = 2_000;

    private const long Closed = 1L << 31, WorkerMask = Closed - 1;

    private readonly Thread[] _threads;
    private readonly object _gate = new(); // a monitor: sleepers wait on it
    private ITeamJob? _job;
    private int _itemCount;
    private int _nextItem;

    // Which job it is (upper half), whether its items are all taken (Closed), and the workers at work on it (the rest).
    private long _state = Closed;
    private int _sleepers;
    private bool _disposed;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Starts the team.</summary>
    /// <param name="workerCount">Threads that work, the caller included; at least 1.</param>
    public ThreadTeam(int workerCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workerCount, 1);
        WorkerCount = workerCount;
        _threads = new Thread[workerCount - 1];
        for (int i = 0; i < _threads.Length; i++)
        {
            int worker = i + 1;
            _threads[i] = new Thread(() => Work(worker)) { IsBackground = true, Name = $"tramontane-compute-{worker}" };
            _threads[i].Start();
        }
    }

    /// <summary>Threads that work, the caller included.</summary>
    public int WorkerCount { get; }

    /// <summary>Does items 0 to <paramref name="itemCount"/> of a job and returns when all are done.</summary>
    public void Run(ITeamJob job, int itemCount)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_threads.Length == 0 || itemCount <= 1)
        {
            for (int item = 0; item < itemCount; item++)
            {
                job.Execute(item, worker: 0);
            }

            return;
        }

        _job = job;
        _itemCount = itemCount;
        _nextItem = 0;
        _failure = null;
        StartGeneration(0);

        TakeItems(worker: 0);
        Interlocked.Or(ref _state, Closed);
        var spinner = new SpinWait();
        while ((Volatile.Read(ref _state) & WorkerMask) != 0)
        {
            spinner.SpinOnce(sleep1Threshold: -1); // yields to a preempted worker, but never sleeps a millisecond
        }

        _job = null;
        _failure?.Throw();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        StartGeneration(Closed);
        foreach (Thread thread in _threads)
        {
            thread.Join();
        }
    }

    private void Work(int worker)
    {
        int seen = 0;
        while (true)
        {
            seen = AwaitGenerationAfter(seen);
            if (_disposed)
            {
                return;
            }

            if (Join(seen))
            {
                TakeItems(worker);
                Interlocked.Decrement(ref _state);
            }
        }
    }

    // Whether the job is still open; then this worker is waited for.
    private bool Join(int generation)
    {
        long state = Volatile.Read(ref _state);
        while (Generation(state) == generation && (state & Closed) == 0)
        {
            long before = Interlocked.CompareExchange(ref _state, state + 1, state);
            if (before == state)
            {
                return true;
            }

            state = before;
        }

        return false;
    }

    private static int Generation(long state) => (int)(state >> 32);

    private int AwaitGenerationAfter(int seen)
    {
        for (int spin = 0; spin < SpinsBeforeSleep; spin++)
        {
            int current = Generation(Volatile.Read(ref _state));
            if (current != seen)
            {
                return current;
            }

            Thread.SpinWait(4);
        }

        lock (_gate)
        {
            while (Generation(_state) == seen)
            {
                _sleepers++;
                Monitor.Wait(_gate);
                _sleepers--;
            }

            return Generation(_state);
        }
    }

    // Publishes the job and wakes who sleeps. Under the lock, so that a worker cannot fall asleep in between.
    private void StartGeneration(long flags)
    {
        lock (_gate)
        {
            Volatile.Write(ref _state, ((long)(Generation(_state) + 1) << 32) | flags);
            if (_sleepers > 0)
            {
                Monitor.PulseAll(_gate);
            }
        }
    }

    private void TakeItems(int worker)
    {
        try
        {
            ITeamJob job = _job!;
            for (int item = Interlocked.Increment(ref _nextItem) - 1; item < _itemCount; item = Interlocked.Increment(ref _nextItem) - 1)
            {
                job.Execute(item, worker);
            }
        }
        catch (Exception exception)
        {
            _failure ??= ExceptionDispatchInfo.Capture(exception);
            Volatile.Write(ref _nextItem, _itemCount); // the job has failed: leave its other items
        }
    }
}
