using Tramontane.Metering;

namespace Tramontane.Server.Accounting;

/// <summary>
/// The places for reports over the ledger, pages and API together. Each reads and sorts as much as its range holds: a few at a
/// time, so that reports never take the server from its requests.
/// </summary>
internal sealed class ReportPlaces : IDisposable
{
    /// <summary>The longest range that one may ask for who is no administrator, in days.</summary>
    internal const int MostDays = 366;

    private const int MostWaiting = 64;

    private readonly SemaphoreSlim _places = new(2);
    private int _waiting;

    /// <summary>Makes a report when there is a place.</summary>
    /// <exception cref="MeteringException"><see cref="MeteringFault.Unavailable"/>: too many wait already.</exception>
    internal async Task<T> RunAsync<T>(Func<Task<T>> report, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _waiting) > MostWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            throw new MeteringException(MeteringFault.Unavailable, "Too many reports are waiting already. Try again in a moment.");
        }

        try
        {
            await _places.WaitAsync(cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }

        try
        {
            return await report();
        }
        finally
        {
            _places.Release();
        }
    }

    public void Dispose() => _places.Dispose();
}
