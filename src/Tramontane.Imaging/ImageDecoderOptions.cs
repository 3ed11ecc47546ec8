namespace Tramontane.Imaging;

/// <summary>What one image may cost.</summary>
public sealed record ImageDecoderOptions
{
    /// <summary>Most bytes of a file.</summary>
    public int MaxBytes { get; init; } = 20 << 20;

    /// <summary>Most pixels, read from the header before any is decoded. 64 million take 192 MB as RGB, and up to three times that while decoding; no more than fit an array.</summary>
    public long MaxPixels { get; init; } = 64_000_000;

    /// <summary>Longest time for one image, counted from when its decoding begins.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Images decoded at the same time; others wait. Bounds memory and the processor time taken from the model.</summary>
    public int MaxConcurrency { get; init; } = 2;
}
