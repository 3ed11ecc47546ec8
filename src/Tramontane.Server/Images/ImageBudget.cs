namespace Tramontane.Server.Images;

/// <summary>Counts the bytes of prepared images that requests in flight hold. Any thread.</summary>
/// <param name="capacityBytes">Most bytes.</param>
internal sealed class ImageBudget(long capacityBytes)
{
    private long _held;

    /// <summary>Takes bytes for a request; null when there are too many already. Disposing gives them back.</summary>
    internal IDisposable? TryTake(long bytes)
    {
        if (Interlocked.Add(ref _held, bytes) > capacityBytes)
        {
            Interlocked.Add(ref _held, -bytes);
            return null;
        }

        return new Lease(this, bytes);
    }

    private sealed class Lease(ImageBudget budget, long bytes) : IDisposable
    {
        private long _bytes = bytes;

        public void Dispose() => Interlocked.Add(ref budget._held, -Interlocked.Exchange(ref _bytes, 0));
    }
}
