using Tramontane.Tokenization.Images;

namespace Tramontane.Tokenization.Instruct;

/// <summary>Where an image lies in a prompt.</summary>
/// <param name="Image">The image as it came in the conversation.</param>
/// <param name="Start">Index of its first placeholder token.</param>
/// <param name="Grid">Its shape in tokens; <see cref="ImageGrid.TokenCount"/> placeholders follow <paramref name="Start"/>.</param>
public sealed record ImageSlot(ImagePart Image, int Start, ImageGrid Grid);

/// <summary>A conversation as the model reads it.</summary>
public sealed class EncodedChat
{
    /// <summary>The prompt, from the begin-of-sequence token on.</summary>
    public required int[] Tokens { get; init; }

    /// <summary>The images in the order of their placeholders.</summary>
    public IReadOnlyList<ImageSlot> Images { get; init; } = [];

    /// <summary>The last tokens of the prompt when the answer goes on from an assistant message; null otherwise.</summary>
    public IReadOnlyList<int>? PrefixTokens { get; init; }
}
