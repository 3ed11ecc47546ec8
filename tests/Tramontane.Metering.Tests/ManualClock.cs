namespace Tramontane.Metering.Tests;

/// <summary>A clock that a test moves. Safe for use by many threads.</summary>
internal sealed class ManualClock : TimeProvider
{
    private long _milliseconds = new DateTimeOffset(2026, 3, 15, 12, 30, 20, TimeSpan.Zero).ToUnixTimeMilliseconds();

    internal DateTimeOffset Now
    {
        get => GetUtcNow();
        set => Interlocked.Exchange(ref _milliseconds, value.ToUnixTimeMilliseconds());
    }

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(Interlocked.Read(ref _milliseconds));

    internal void Advance(TimeSpan by) => Interlocked.Add(ref _milliseconds, (long)by.TotalMilliseconds);
}
