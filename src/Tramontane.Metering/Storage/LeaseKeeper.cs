namespace Tramontane.Metering.Storage;

/// <summary>
/// When this server has to renew its lease. It is renewed inside the transactions of admission when it nears its end, so nothing
/// is ever admitted without a lease that holds: others take a server for lost only when it can have nothing new open.
/// </summary>
internal sealed class LeaseKeeper(string instanceId, string? name, long startedAt, TimeSpan length)
{
    private readonly long _length = (long)length.TotalMilliseconds;
    private long _until;

    internal string InstanceId => instanceId;

    internal string? Name => name;

    /// <summary>The lease to write now; null while more than two thirds of the last one are left.</summary>
    /// <param name="now">The time.</param>
    /// <param name="exists">It is in the database still; otherwise somebody took this server for lost.</param>
    internal InstanceLease? IfDue(long now, bool exists) => exists && _until - now > _length * 2 / 3 ? null : new InstanceLease(instanceId, name, startedAt, now + _length);

    /// <summary>A lease was committed.</summary>
    internal void Renewed(InstanceLease? lease) => _until = lease?.Until ?? _until;
}
