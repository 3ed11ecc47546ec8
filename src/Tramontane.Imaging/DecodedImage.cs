namespace Tramontane.Imaging;

/// <summary>Pixels of an image, as the vision encoder's preprocessing takes them.</summary>
/// <param name="Width">Pixels per row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Rgb">Red, green, blue bytes, rows from top to bottom without padding: Width · Height · 3 bytes.</param>
public sealed record DecodedImage(int Width, int Height, ReadOnlyMemory<byte> Rgb);

/// <summary>Why an image was not decoded.</summary>
public enum ImageRefusalKind
{
    /// <summary>The file has more bytes than the limit.</summary>
    TooManyBytes,

    /// <summary>The image has more pixels than the limit, by its header.</summary>
    TooManyPixels,

    /// <summary>The bytes begin like no format that is decoded.</summary>
    UnknownFormat,

    /// <summary>The format is known but this variant of it is not decoded.</summary>
    UnsupportedVariant,

    /// <summary>The file is damaged or cut off.</summary>
    Broken,

    /// <summary>Decoding took longer than the limit.</summary>
    TimedOut,

    /// <summary>The decoding library is not installed on this machine.</summary>
    LibraryMissing,
}

/// <summary>A refusal, in words for whoever sent the image.</summary>
/// <param name="Kind">The rule.</param>
/// <param name="Message">A whole sentence that says what to do.</param>
public sealed record ImageRefusal(ImageRefusalKind Kind, string Message);

/// <summary>The outcome of decoding: an image or a refusal, never both.</summary>
/// <param name="Image">Null when refused.</param>
/// <param name="Refusal">Null when decoded.</param>
public readonly record struct ImageDecoding(DecodedImage? Image, ImageRefusal? Refusal)
{
    internal static ImageDecoding Refuse(ImageRefusalKind kind, string message) => new(null, new ImageRefusal(kind, message));
}
