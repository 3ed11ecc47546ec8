using System.Globalization;

namespace Tramontane.Cli.Benchmarking;

/// <summary>Resident memory of this process, from Linux' <c>/proc</c>; nothing on other systems.</summary>
internal static class ProcessMemory
{
    /// <summary>Begins a new peak and gives the resident bytes as of now; 0 where that is not known.</summary>
    public static long ResetPeak()
    {
        try
        {
            File.WriteAllText("/proc/self/clear_refs", "5"); // proc(5): resets VmHWM
            return Read("VmRSS:") ?? 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    /// <summary>Most resident bytes since <see cref="ResetPeak"/>; null where that is not known.</summary>
    public static long? Peak() => Read("VmHWM:");

    private static long? Read(string name) =>
        File.Exists("/proc/self/status")
        && File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) is { } found
        && long.TryParse(found.AsSpan(name.Length).TrimEnd("kB "), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out long kibibytes)
            ? kibibytes * 1024
            : null;
}
