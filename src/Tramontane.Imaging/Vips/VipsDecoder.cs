using System.Runtime.InteropServices;

namespace Tramontane.Imaging.Vips;

/// <summary>Decodes one file with the loader of its format, strip by strip from top to bottom.</summary>
internal static class VipsDecoder
{
    // Large enough to hide the cost of a call, small enough that a stop is noticed soon.
    private const int StripBytes = 1 << 20;

    public static ImageDecoding Decode(byte[] file, ImageFormat format, long maxPixels, CancellationToken stop)
    {
        var pinned = GCHandle.Alloc(file, GCHandleType.Pinned);
        try
        {
            using VipsImage? image = VipsImage.Open(pinned.AddrOfPinnedObject(), file.Length, format);
            if (image is null)
            {
                return Broken(format);
            }

            if ((long)image.Width * image.Height > maxPixels)
            {
                return ImageDecoding.Refuse(
                    ImageRefusalKind.TooManyPixels, $"The image has {image.Width} x {image.Height} pixels; at most {maxPixels} pixels are taken. Send it smaller.");
            }

            // An RGB PNG may name one colour as transparent; the reference does not look at that.
            bool ignoreAlpha = format == ImageFormat.Png && file.Length > 25 && file[25] == 2;
            if (SampleLayout.Of(image, ignoreAlpha) is not { } layout)
            {
                return ImageDecoding.Refuse(
                    ImageRefusalKind.UnsupportedVariant, "The image stores its colours in a way that is not read. Save it as 8-bit RGB.");
            }

            return Read(image, layout, format, stop);
        }
        finally
        {
            pinned.Free();
            LibVips.ClearErrors();
            LibVips.EndThread();
        }
    }

    private static ImageDecoding Read(VipsImage image, SampleLayout layout, ImageFormat format, CancellationToken stop)
    {
        using CancellationTokenRegistration kill = stop.Register(image.Kill);
        var rgb = new byte[(long)image.Width * image.Height * 3];
        long rowBytes = (long)image.Width * layout.BytesPerPixel;
        int rowsPerStrip = (int)Math.Clamp(StripBytes / rowBytes, 1, image.Height);
        var samples = new byte[checked((int)(rowBytes * rowsPerStrip))];
        for (int top = 0; top < image.Height; top += rowsPerStrip)
        {
            stop.ThrowIfCancellationRequested();
            int rows = Math.Min(rowsPerStrip, image.Height - top), count = (int)(rowBytes * rows);
            if (!image.TryRead(top, rows, samples, count))
            {
                stop.ThrowIfCancellationRequested();
                return Broken(format);
            }

            layout.ToRgb(samples.AsSpan(0, count), rgb.AsSpan(top * image.Width * 3, rows * image.Width * 3));
        }

        return new ImageDecoding(new DecodedImage(image.Width, image.Height, rgb), null);
    }

    private static ImageDecoding Broken(ImageFormat format) =>
        ImageDecoding.Refuse(ImageRefusalKind.Broken, $"The {format.ToString().ToUpperInvariant()} image is damaged or cut off. Send it again, or save it anew.");
}
