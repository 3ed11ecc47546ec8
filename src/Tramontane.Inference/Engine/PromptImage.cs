using Tramontane.Inference.Vision;

namespace Tramontane.Inference.Engine;

/// <summary>An image in a prompt.</summary>
/// <param name="Start">Index of its first placeholder token in the prompt.</param>
/// <param name="Image">The image; the placeholders are laid out as its grid says.</param>
public sealed record PromptImage(int Start, PreparedImage Image)
{
    /// <summary>Index of the first token behind the placeholders.</summary>
    public int End => Start + Image.Grid.TokenCount;

    /// <summary>Which embedding stands at a position between <see cref="Start"/> and <see cref="End"/>; null at the end of a row.</summary>
    public int? EmbeddingAt(int position)
    {
        (int row, int column) = Math.DivRem(position - Start, Image.Grid.Columns + 1);
        return column < Image.Grid.Columns ? (row * Image.Grid.Columns) + column : null;
    }

    /// <summary>Whether the images stand in order and each on its own placeholders.</summary>
    internal static bool FitInto(IReadOnlyList<PromptImage> images, IReadOnlyList<int> tokens)
    {
        var placeholders = new List<int>();
        int end = 0;
        foreach (PromptImage image in images)
        {
            if (image.Start < end || image.End > tokens.Count)
            {
                return false;
            }

            placeholders.Clear();
            image.Image.Grid.AppendTokens(placeholders);
            for (int i = 0; i < placeholders.Count; i++)
            {
                if (tokens[image.Start + i] != placeholders[i])
                {
                    return false;
                }
            }

            end = image.End;
        }

        return true;
    }
}
