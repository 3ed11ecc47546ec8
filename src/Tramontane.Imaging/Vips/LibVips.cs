using System.Runtime.InteropServices;

namespace Tramontane.Imaging.Vips;

/// <summary>
/// The functions of libvips 8.13 or later that decoding needs, without those that take variable arguments: operations are
/// made by name, given their arguments as properties and built, as libvips' own language bindings do.
/// </summary>
internal static partial class LibVips
{
    private const string Vips = "libvips.so.42";
    private const string GObject = "libgobject-2.0.so.0";
    private const string GLib = "libglib-2.0.so.0";

    [LibraryImport(Vips, EntryPoint = "vips_init", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Init(string programName);

    /// <summary>Blocks every operation that its authors mark as not hardened against hostile input.</summary>
    [LibraryImport(Vips, EntryPoint = "vips_block_untrusted_set")]
    public static partial void BlockUntrusted(int block);

    /// <summary>Blocks or releases an operation and all that derive from it, by class name.</summary>
    [LibraryImport(Vips, EntryPoint = "vips_operation_block_set", StringMarshalling = StringMarshalling.Utf8)]
    public static partial void BlockOperation(string className, int block);

    [LibraryImport(Vips, EntryPoint = "vips_cache_set_max")]
    public static partial void SetCacheMax(int operations);

    [LibraryImport(Vips, EntryPoint = "vips_concurrency_set")]
    public static partial void SetConcurrency(int threads);

    [LibraryImport(Vips, EntryPoint = "vips_error_clear")]
    public static partial void ClearErrors();

    [LibraryImport(Vips, EntryPoint = "vips_operation_new", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint NewOperation(string nickname);

    [LibraryImport(Vips, EntryPoint = "vips_object_set_argument_from_string", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetArgument(nint vipsObject, string name, string value);

    /// <summary>Runs an operation past the operation cache.</summary>
    [LibraryImport(Vips, EntryPoint = "vips_object_build")]
    public static partial int Build(nint vipsObject);

    [LibraryImport(Vips, EntryPoint = "vips_object_unref_outputs")]
    public static partial void UnrefOutputs(nint vipsObject);

    [LibraryImport(Vips, EntryPoint = "vips_blob_get_type")]
    public static partial nuint BlobType();

    [LibraryImport(Vips, EntryPoint = "vips_image_get_type")]
    public static partial nuint ImageType();

    /// <summary>Points a blob at memory that stays the caller's when <paramref name="free"/> is zero.</summary>
    [LibraryImport(Vips, EntryPoint = "vips_value_set_blob")]
    public static partial void SetBlob(ref GValue value, nint free, nint data, nuint length);

    [LibraryImport(Vips, EntryPoint = "vips_image_get_width")]
    public static partial int Width(nint image);

    [LibraryImport(Vips, EntryPoint = "vips_image_get_height")]
    public static partial int Height(nint image);

    [LibraryImport(Vips, EntryPoint = "vips_image_get_bands")]
    public static partial int Bands(nint image);

    [LibraryImport(Vips, EntryPoint = "vips_image_get_format")]
    public static partial BandFormat Format(nint image);

    [LibraryImport(Vips, EntryPoint = "vips_image_get_interpretation")]
    public static partial Interpretation Interpretation(nint image);

    /// <summary>Makes whoever computes pixels of the image fail at the next look; from any thread.</summary>
    [LibraryImport(Vips, EntryPoint = "vips_image_set_kill")]
    public static partial void SetKill(nint image, int kill);

    [LibraryImport(Vips, EntryPoint = "vips_region_new")]
    public static partial nint NewRegion(nint image);

    /// <summary>Computes a rectangle; the result is the caller's and is given back with <see cref="Free"/>; zero on failure.</summary>
    [LibraryImport(Vips, EntryPoint = "vips_region_fetch")]
    public static partial nint Fetch(nint region, int left, int top, int width, int height, out nuint length);

    /// <summary>Frees what libvips keeps for the calling thread.</summary>
    [LibraryImport(Vips, EntryPoint = "vips_thread_shutdown")]
    public static partial void EndThread();

    [LibraryImport(GLib, EntryPoint = "g_setenv", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetEnvironment(string name, string value, int overwrite);

    [LibraryImport(GLib, EntryPoint = "g_free")]
    public static partial void Free(nint memory);

    [LibraryImport(GObject, EntryPoint = "g_value_init")]
    public static partial nint InitValue(ref GValue value, nuint type);

    [LibraryImport(GObject, EntryPoint = "g_value_unset")]
    public static partial void UnsetValue(ref GValue value);

    [LibraryImport(GObject, EntryPoint = "g_value_dup_object")]
    public static partial nint TakeObject(ref GValue value);

    [LibraryImport(GObject, EntryPoint = "g_object_set_property", StringMarshalling = StringMarshalling.Utf8)]
    public static partial void SetProperty(nint gObject, string name, ref GValue value);

    [LibraryImport(GObject, EntryPoint = "g_object_get_property", StringMarshalling = StringMarshalling.Utf8)]
    public static partial void GetProperty(nint gObject, string name, ref GValue value);

    [LibraryImport(GObject, EntryPoint = "g_object_unref")]
    public static partial void Unref(nint gObject);
}

/// <summary>GLib's GValue: a type and two words of content.</summary>
[StructLayout(LayoutKind.Sequential)]
internal record struct GValue(nuint Type, ulong First, ulong Second);

/// <summary>VipsBandFormat, as far as images of the formats taken here have them.</summary>
internal enum BandFormat
{
    Byte = 0,
    UShort = 2,
}

/// <summary>VipsInterpretation, as far as it matters here.</summary>
internal enum Interpretation
{
    BlackWhite = 1,
    Cmyk = 15,
    Rgb = 17,
    Srgb = 22,
    Rgb16 = 25,
    Grey16 = 26,
}
