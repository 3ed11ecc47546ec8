using System.Runtime.InteropServices;

namespace Tramontane.Compute.Memory;

/// <summary>
/// Asks Linux for pages of 2 MiB instead of 4 KiB: a pass over weights or cache then misses the table of page addresses
/// hundreds of times less often. A hint: where it cannot be followed, nothing changes. For files it takes a file system
/// with large folios (ext4 from Linux 6.16 on) and a file that is not yet in the page cache in small pieces.
/// </summary>
internal static unsafe partial class LargePages
{
    private const int AdviseHugePage = 14; // MADV_HUGEPAGE
    private const long PageBytes = 4096, LargePageBytes = 2 << 20;

    /// <summary>Asks for large pages in a range of memory that takes at least a few of them.</summary>
    public static void Ask(void* address, long byteCount)
    {
        if (!OperatingSystem.IsLinux() || byteCount < 4 * LargePageBytes)
        {
            return;
        }

        nint first = ((nint)address + (nint)PageBytes - 1) & ~(nint)(PageBytes - 1);
        nint length = ((nint)address + (nint)byteCount - first) & ~(nint)(PageBytes - 1);
        _ = Advise(first, (nuint)length, AdviseHugePage);
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);
}
