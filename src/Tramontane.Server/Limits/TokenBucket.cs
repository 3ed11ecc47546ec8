namespace Tramontane.Server.Limits;

/// <summary>
/// An allowance that refills evenly: it holds a minute's worth, and may be overdrawn by what is known only afterwards.
/// Not thread-safe.
/// </summary>
/// <param name="perMinute">How much a minute gives, and the most it holds.</param>
/// <param name="time">The clock.</param>
internal sealed class TokenBucket(long perMinute, TimeProvider time)
{
    private double _level = perMinute;
    private long _updated = time.GetTimestamp();

    internal long PerMinute => perMinute;

    /// <summary>What may be taken now.</summary>
    internal long Remaining => Math.Max(0, (long)Math.Floor(Refilled()));

    /// <summary>How long until it is full.</summary>
    internal TimeSpan UntilFull => TimeSpan.FromSeconds((perMinute - Refilled()) / PerSecond);

    private double PerSecond => perMinute / 60.0;

    /// <summary>How long until this much may be taken; more than it can hold counts as all of it.</summary>
    internal TimeSpan UntilHolds(long amount) => TimeSpan.FromSeconds(Math.Max(0, (Math.Min(amount, perMinute) - Refilled()) / PerSecond));

    internal void Take(long amount) => _level = Refilled() - amount;

    private double Refilled()
    {
        long now = time.GetTimestamp();
        _level = Math.Min(perMinute, _level + (time.GetElapsedTime(_updated, now).TotalSeconds * PerSecond));
        _updated = now;
        return _level;
    }
}
