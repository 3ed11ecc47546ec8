namespace Tramontane.Cli.CommandLine;

/// <summary>Numbers for people.</summary>
internal static class Sizes
{
    /// <summary>Bytes in powers of 1024: <c>13.4 GiB</c>.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        < 1024 => $"{bytes} B",
        < 1L << 20 => $"{bytes / 1024.0:0.0} KiB",
        < 1L << 30 => $"{bytes / (double)(1 << 20):0.0} MiB",
        _ => $"{bytes / (double)(1 << 30):0.0} GiB",
    };

    /// <summary>A count in powers of 1000: <c>24.0 B</c>, <c>6.0 M</c>.</summary>
    public static string Count(long count) => count switch
    {
        < 10_000 => $"{count}",
        < 1_000_000 => $"{count / 1e3:0.0} K",
        < 1_000_000_000 => $"{count / 1e6:0.0} M",
        _ => $"{count / 1e9:0.0} B",
    };
}
