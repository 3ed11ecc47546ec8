namespace Tramontane.Server.Requests;

/// <summary>
/// Lets few large bodies be parsed or tokenised at a time: that work never waits and would otherwise take every thread
/// that short requests and health checks need.
/// </summary>
internal sealed class LargeWork : IDisposable
{
    /// <summary>Bytes, or characters, from which work counts as large: some ten milliseconds.</summary>
    internal const int Threshold = 256 * 1024;

    private readonly SemaphoreSlim _places = new(Math.Max(1, Environment.ProcessorCount / 2));

    /// <summary>Does the work, after waiting for a place when it is large.</summary>
    internal async ValueTask<T> RunAsync<T>(long size, Func<T> work, CancellationToken cancellationToken)
    {
        if (size < Threshold)
        {
            return work();
        }

        await _places.WaitAsync(cancellationToken);
        try
        {
            return work();
        }
        finally
        {
            _places.Release();
        }
    }

    public void Dispose() => _places.Dispose();
}
