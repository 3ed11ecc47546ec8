using Tramontane.Imaging.Bitmaps;
using Tramontane.Imaging.Vips;

namespace Tramontane.Imaging;

/// <summary>
/// Untrusted bytes to RGB pixels: PNG, JPEG, WebP, GIF and TIFF by libvips, BMP by code of our own (libvips would hand it
/// to ImageMagick). Colours become what mistral-common 1.11.7 with Pillow 11.1 makes of them; the EXIF orientation is not
/// applied, as there. Any bytes are safe to pass. Safe for concurrent callers.
/// </summary>
public sealed class ImageDecoder : IDisposable
{
    // Scans of a progressive JPEG, each of which costs a pass over all coefficients; encoders write about ten.
    private const int MaxJpegScans = 100;

    private readonly ImageDecoderOptions _options;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _places;

    /// <summary>A decoder with its own limit on concurrency.</summary>
    public ImageDecoder(ImageDecoderOptions options, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxPixels, Array.MaxLength / 3, nameof(options));
        _options = options;
        _time = time ?? TimeProvider.System;
        _places = new SemaphoreSlim(options.MaxConcurrency);
    }

    /// <summary>Whether libvips can be loaded. Without it only BMP is decoded.</summary>
    public static bool LibraryIsInstalled => VipsLibrary.IsAvailable;

    /// <summary>Decodes a file. The bytes must not change until the task has ended.</summary>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async Task<ImageDecoding> DecodeAsync(byte[] file, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(file);
        ImageFormat format = ImageFormats.Sniff(file);
        if (Inspect(file, format) is { } refusal)
        {
            return new ImageDecoding(null, refusal);
        }

        await _places.WaitAsync(cancellationToken);
        var deadline = new CancellationTokenSource(_options.Timeout, _time);
        var stop = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        CancellationToken stopped = stop.Token; // taken now: a quick decoding disposes of its source before this method goes on
        Task<ImageDecoding> decoding = Task.Run(() => Decode(file, format, stopped), CancellationToken.None);

        // The place is free when the work has truly ended, which may be after its caller was answered.
        _ = decoding.ContinueWith(
            _ =>
            {
                stop.Dispose();
                deadline.Dispose();
                _places.Release();
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        try
        {
            return await decoding.WaitAsync(stopped);
        }
        catch (OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return ImageDecoding.Refuse(
                ImageRefusalKind.TimedOut, $"The image took longer than {_options.Timeout.TotalSeconds:0.#} seconds to decode. Send it smaller or in another format.");
        }
    }

    /// <summary>Call when no decoding is under way.</summary>
    public void Dispose() => _places.Dispose();

    // What can be told without decoding.
    private ImageRefusal? Inspect(byte[] file, ImageFormat format)
    {
        if (file.Length > _options.MaxBytes)
        {
            return new ImageRefusal(ImageRefusalKind.TooManyBytes, $"The image has {file.Length} bytes; at most {_options.MaxBytes} are taken. Send it smaller.");
        }

        if (format == ImageFormat.Unknown)
        {
            return new ImageRefusal(ImageRefusalKind.UnknownFormat, "The data is no image of a known format. Send a PNG, JPEG, WebP, GIF, BMP or TIFF.");
        }

        if (format == ImageFormat.Jpeg && CountScans(file) > MaxJpegScans)
        {
            return new ImageRefusal(ImageRefusalKind.UnsupportedVariant, $"The JPEG has more than {MaxJpegScans} scans. Save it again with a common program.");
        }

        return format != ImageFormat.Bmp && !VipsLibrary.IsAvailable
            ? new ImageRefusal(ImageRefusalKind.LibraryMissing, "This server cannot read images: libvips is not installed. Its operator can install it (Debian: apt-get install libvips42).")
            : null;
    }

    private ImageDecoding Decode(byte[] file, ImageFormat format, CancellationToken stop)
    {
        try
        {
            return format == ImageFormat.Bmp
                ? BmpDecoder.Decode(file, _options.MaxPixels, stop)
                : VipsDecoder.Decode(file, format, _options.MaxPixels, stop);
        }
        catch (OutOfMemoryException)
        {
            return ImageDecoding.Refuse(ImageRefusalKind.TooManyPixels, "There is no memory for this image. Send it smaller.");
        }
    }

    // Start-of-scan markers. In coded data a zero follows every 0xFF, so only those inside embedded thumbnails count too many.
    private static int CountScans(ReadOnlySpan<byte> jpeg) => jpeg.Count((ReadOnlySpan<byte>)[0xFF, 0xDA]);
}
