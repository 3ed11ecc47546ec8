namespace Tramontane.Metering.Storage;

/// <summary>Does something again and again, whatever becomes of it, and tells when it begins to fail.</summary>
/// <param name="what">What is done, in words.</param>
/// <param name="interval">How often.</param>
/// <param name="act">It.</param>
/// <param name="onFault">Told of the first failure in a row.</param>
internal sealed class UpkeepLoop(string what, TimeSpan interval, Func<CancellationToken, Task> act, Action<string, Exception>? onFault)
{
    internal Task RunAsync(CancellationToken stop) => Task.Run(() => LoopAsync(stop), CancellationToken.None);

    private async Task LoopAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(interval);
        bool failed = false;
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                try
                {
                    await act(stop);
                    failed = false;
                }
                catch (Exception e) when (!stop.IsCancellationRequested)
                {
                    // The database is away, or worse. Admissions say so; this tries again.
                    if (!failed)
                    {
                        onFault?.Invoke(what, e);
                    }

                    failed = true;
                }
            }
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            // The meter closes.
        }
    }
}
