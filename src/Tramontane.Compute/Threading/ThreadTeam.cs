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
/// no processor time. Owned by one thread; not for concurrent callers.
/// </summary>
public sealed class ThreadTeam : IDisposable
{
    // About 50 µs on current hardware: longer than the gap between two operations, shorter than a scheduler tick.
    private const int SpinsBeforeSleep = 2_000;

    private readonly Thread[] _threads;
    private readonly object _gate = new(); // a monitor: sleepers wait on it
    private ITeamJob? _job;
    private int _itemCount;
    private int _nextItem;
    private int _busyWorkers;
    private int _generation;
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
        Volatile.Write(ref _busyWorkers, _threads.Length);
        StartGeneration();

        TakeItems(worker: 0);
        var spinner = new SpinWait();
        while (Volatile.Read(ref _busyWorkers) != 0)
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
        StartGeneration();
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

            TakeItems(worker);
            Interlocked.Decrement(ref _busyWorkers);
        }
    }

    private int AwaitGenerationAfter(int seen)
    {
        for (int spin = 0; spin < SpinsBeforeSleep; spin++)
        {
            if (Volatile.Read(ref _generation) != seen)
            {
                return Volatile.Read(ref _generation);
            }

            Thread.SpinWait(4);
        }

        lock (_gate)
        {
            while (_generation == seen)
            {
                _sleepers++;
                Monitor.Wait(_gate);
                _sleepers--;
            }

            return _generation;
        }
    }

    // Publishes the job and wakes who sleeps. Under the lock, so that a worker cannot fall asleep in between.
    private void StartGeneration()
    {
        lock (_gate)
        {
            _generation++;
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
