namespace Tramontane.Imaging.Vips;

/// <summary>
/// libvips, set up once for the process: no operation cache (it would keep strangers' images), one thread per image, and
/// no loaders but those named here, no modules. It is never shut down: other threads may be inside it when the process ends.
/// </summary>
internal static class VipsLibrary
{
    private static readonly Lazy<bool> s_available = new(Start);

    public static bool IsAvailable => s_available.Value;

    private static bool Start()
    {
        try
        {
            _ = LibVips.SetEnvironment("VIPS_WARNING", "0", overwrite: 1); // set at all: warnings about clients' files are not printed

            // No modules: none of the loaders below is in one, and they pull further libraries into the whole process. OpenSlide's
            // brings the system's SQLite, whose functions then take the place of those of the SQLite that .NET packages carry,
            // half of them, and the process dies. Modules lie below this prefix, and nothing lies below a device.
            _ = LibVips.SetEnvironment("VIPSHOME", "/dev/null", overwrite: 1);
            if (LibVips.Init("tramontane") != 0)
            {
                return false;
            }

            LibVips.SetCacheMax(0);
            LibVips.SetConcurrency(1);
            LibVips.BlockUntrusted(1);
            LibVips.BlockOperation("VipsForeign", 1);
            foreach (string loader in (string[])["Png", "Jpeg", "Webp", "Nsgif", "Tiff"])
            {
                LibVips.BlockOperation("VipsForeignLoad" + loader, 0);
            }

            return true;
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            return false; // not installed, or older than 8.13
        }
    }
}
