namespace Tramontane.Tokenization.Images;

/// <summary>How the vision encoder cuts an image; the model's values are the defaults.</summary>
public sealed record ImageConfiguration
{
    /// <summary>The values of Mistral Small 3.2.</summary>
    public static ImageConfiguration Default { get; } = new();

    /// <summary>Side of a square patch in pixels.</summary>
    public int PatchSize { get; init; } = 14;

    /// <summary>Longest side in pixels after resizing; larger images are shrunk to it.</summary>
    public int MaxImageSize { get; init; } = 1540;

    /// <summary>Patches per side of the square that is merged into one token.</summary>
    public int SpatialMergeSize { get; init; } = 2;

    /// <summary>Side in pixels of the square that one token stands for.</summary>
    public int TokenSize => PatchSize * SpatialMergeSize;
}
