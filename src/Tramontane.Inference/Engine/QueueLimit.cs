namespace Tramontane.Inference.Engine;

/// <summary>
/// Counts the sequences that were taken in and have not ended. No more than <paramref name="capacity"/> are taken, and of
/// one named tenant no more than half of that, so that one client cannot lock out all others. Any thread.
/// </summary>
/// <param name="capacity">Sequences in all.</param>
internal sealed class QueueLimit(int capacity)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _byTenant = [];
    private int _count;

    /// <summary>Sequences that were taken in and have not ended.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Takes a sequence in; false when there are too many.</summary>
    public bool TryEnter(string? tenant)
    {
        lock (_gate)
        {
            int ofTenant = tenant is null ? 0 : _byTenant.GetValueOrDefault(tenant);
            if (_count >= capacity || ofTenant >= (capacity + 1) / 2)
            {
                return false;
            }

            _count++;
            if (tenant is not null)
            {
                _byTenant[tenant] = ofTenant + 1;
            }

            return true;
        }
    }

    /// <summary>A sequence has ended.</summary>
    public void Leave(string? tenant)
    {
        lock (_gate)
        {
            _count--;
            if (tenant is not null && --System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrNullRef(_byTenant, tenant) == 0)
            {
                _byTenant.Remove(tenant);
            }
        }
    }
}
