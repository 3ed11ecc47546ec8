using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Tramontane.Cli.Benchmarking;

/// <summary>
/// Time that this thread has spent on a processor. Unlike the wall clock it does not count what other processes take, so it can be
/// compared between runs on a shared machine. Where the system has no such clock it is the wall clock.
/// </summary>
internal static class ThreadClock
{
    private const int ThreadCpuTime = 3; // CLOCK_THREAD_CPUTIME_ID on Linux

    /// <summary>Which clock is read.</summary>
    public static string Name { get; } = OperatingSystem.IsLinux() ? "thread-cpu" : "wall";

    /// <summary>Microseconds since some moment.</summary>
    public static double Microseconds
    {
        get
        {
            if (OperatingSystem.IsLinux() && Read(ThreadCpuTime, out Timespec time) == 0)
            {
                return (time.Seconds * 1e6) + (time.Nanoseconds / 1e3);
            }

            return Stopwatch.GetElapsedTime(0).TotalMicroseconds;
        }
    }

#pragma warning disable SYSLIB1054 // the generated marshalling needs unsafe code, and there is nothing to marshal
    [DllImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Read(int clock, out Timespec time);
#pragma warning restore SYSLIB1054

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
