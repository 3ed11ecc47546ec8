using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Tramontane.Inference.Weights;
using Tramontane.Tokenization.Images;

namespace Tramontane.Inference.Vision;

/// <summary>
/// An image as the vision encoder takes it: resampled to whole squares and normalised as mistral-common does it, cut into
/// patches. Immutable; any thread may read it.
/// </summary>
public sealed class PreparedImage
{
    private PreparedImage(ImageSize size, ImageGrid grid, int patchSize, int patchColumns, float[] patches)
    {
        (Size, Grid, PatchSize, PatchColumns, Patches) = (size, grid, patchSize, patchColumns, patches);
        PatchRows = grid.ResizedSize.Height / patchSize;
        Digest = ImageDigest.Of(PatchColumns, patches);
    }

    /// <summary>Its size before it was resampled.</summary>
    public ImageSize Size { get; }

    /// <summary>Its shape in tokens.</summary>
    public ImageGrid Grid { get; }

    /// <summary>Side of a patch in pixels.</summary>
    public int PatchSize { get; }

    /// <summary>Patches per row.</summary>
    public int PatchColumns { get; }

    /// <summary>Rows of patches.</summary>
    public int PatchRows { get; }

    /// <summary>Number of patches.</summary>
    public int PatchCount => PatchColumns * PatchRows;

    /// <summary>[patch, 3 · patch · patch]: patches row by row, samples ordered colour, row, column.</summary>
    public ReadOnlyMemory<float> Patches { get; }

    /// <summary>What the encoder's result depends on, and nothing else: equal digests mean equal embeddings.</summary>
    public ImageDigest Digest { get; }

    /// <summary>Resamples, normalises and cuts an image.</summary>
    /// <param name="rgb">Red, green, blue bytes, rows from top to bottom without padding.</param>
    /// <param name="size">Its size.</param>
    /// <param name="configuration">How images are cut.</param>
    /// <param name="image">Null when refused.</param>
    /// <returns>False when the image is so thin that a side vanishes when the longer one is shrunk.</returns>
    /// <exception cref="ArgumentException">The bytes are not as many as the size says.</exception>
    public static bool TryCreate(
        ReadOnlySpan<byte> rgb, ImageSize size, ImageConfiguration configuration, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out PreparedImage? image)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentOutOfRangeException.ThrowIfNotEqual(rgb.Length, (long)size.Width * size.Height * 3, nameof(rgb));
        image = null;
        if (!ImageGrid.TryCreate(size, configuration, out ImageGrid grid))
        {
            return false;
        }

        (int width, int height) = (grid.ResizedSize.Width, grid.ResizedSize.Height);
        int side = configuration.PatchSize, patchColumns = width / side;
        var patches = new float[width * height * 3];
        var resampler = new CubicResampler(size.Width, size.Height, width, height);
        var row = new float[width * 3];
        for (int y = 0; y < height; y++)
        {
            resampler.Row(rgb, y, row);
            for (int x = 0; x < width; x++)
            {
                int patch = (y / side * patchColumns) + (x / side);
                int sample = (patch * side * side * 3) + (y % side * side) + (x % side);
                for (int c = 0; c < 3; c++)
                {
                    patches[sample + (c * side * side)] = (float)(((row[(3 * x) + c] / 255.0) - VisionConfig.s_mean[c]) / VisionConfig.s_standardDeviation[c]);
                }
            }
        }

        image = new PreparedImage(size, grid, side, patchColumns, patches);
        return true;
    }

    /// <summary>One normalised sample of the resampled image.</summary>
    internal float Sample(int channel, int y, int x)
    {
        int patch = (y / PatchSize * PatchColumns) + (x / PatchSize);
        return Patches.Span[(((patch * 3) + channel) * PatchSize * PatchSize) + (y % PatchSize * PatchSize) + (x % PatchSize)];
    }
}

/// <summary>SHA-256 of what an image's embeddings depend on.</summary>
public readonly record struct ImageDigest(ulong First, ulong Second, ulong Third, ulong Fourth)
{
    internal static ImageDigest Of(int patchColumns, ReadOnlySpan<float> patches)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes([patchColumns]));
        hash.AppendData(MemoryMarshal.AsBytes(patches));
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(hash.GetHashAndReset());
        return new ImageDigest(words[0], words[1], words[2], words[3]);
    }
}
