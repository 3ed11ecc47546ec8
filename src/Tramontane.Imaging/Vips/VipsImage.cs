using System.Runtime.InteropServices;

namespace Tramontane.Imaging.Vips;

/// <summary>An image that is being loaded: the header is read, pixels are decoded as they are asked for, from top to bottom.</summary>
internal sealed class VipsImage : IDisposable
{
    private readonly Lock _gate = new();
    private nint _image;
    private nint _region;

    private VipsImage(nint image) => _image = image;

    public int Width => LibVips.Width(_image);

    public int Height => LibVips.Height(_image);

    public int Bands => LibVips.Bands(_image);

    public BandFormat Format => LibVips.Format(_image);

    public Interpretation Interpretation => LibVips.Interpretation(_image);

    /// <summary>Reads the header. The memory must stay where it is until the image is disposed of.</summary>
    /// <returns>Null when the file is not readable.</returns>
    public static VipsImage? Open(nint data, int length, ImageFormat format)
    {
        nint operation = LibVips.NewOperation(format.ToString().ToLowerInvariant() + "load_buffer");
        if (operation == 0)
        {
            return null;
        }

        try
        {
            var buffer = new GValue();
            LibVips.InitValue(ref buffer, LibVips.BlobType());
            LibVips.SetBlob(ref buffer, free: 0, data, (nuint)length);
            LibVips.SetProperty(operation, "buffer", ref buffer);
            LibVips.UnsetValue(ref buffer);

            bool isSet = LibVips.SetArgument(operation, "access", "sequential") == 0 && LibVips.SetArgument(operation, "fail_on", "truncated") == 0;
            if (format == ImageFormat.Tiff)
            {
                isSet &= LibVips.SetArgument(operation, "autorotate", "true") == 0; // Pillow turns TIFF files alone
            }

            return isSet && LibVips.Build(operation) == 0 ? Take(operation) : null;
        }
        finally
        {
            LibVips.UnrefOutputs(operation);
            LibVips.Unref(operation);
        }
    }

    private static VipsImage Take(nint operation)
    {
        var output = new GValue();
        LibVips.InitValue(ref output, LibVips.ImageType());
        LibVips.GetProperty(operation, "out", ref output);
        var image = new VipsImage(LibVips.TakeObject(ref output));
        LibVips.UnsetValue(ref output);
        return image;
    }

    /// <summary>Decodes rows; each call begins where the last one ended.</summary>
    /// <returns>False when the file is damaged there, or after <see cref="Kill"/>.</returns>
    public bool TryRead(int top, int rows, byte[] samples, int count)
    {
        if (_region == 0)
        {
            _region = LibVips.NewRegion(_image);
        }

        nint fetched = LibVips.Fetch(_region, 0, top, Width, rows, out nuint length);
        if (fetched == 0)
        {
            return false;
        }

        bool isWhole = length == (nuint)count;
        if (isWhole)
        {
            Marshal.Copy(fetched, samples, 0, count);
        }

        LibVips.Free(fetched);
        return isWhole;
    }

    /// <summary>Makes a read that is under way, and all later ones, fail soon; from any thread, also after disposal.</summary>
    public void Kill()
    {
        lock (_gate)
        {
            if (_image != 0)
            {
                LibVips.SetKill(_image, 1);
            }
        }
    }

    public void Dispose()
    {
        if (_region != 0)
        {
            LibVips.Unref(_region);
        }

        lock (_gate)
        {
            LibVips.Unref(_image);
            _image = 0;
        }
    }
}
