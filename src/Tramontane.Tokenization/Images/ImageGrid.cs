namespace Tramontane.Tokenization.Images;

/// <summary>How many tokens wide and high an image is in the prompt. It depends on the pixel size alone.</summary>
/// <param name="Columns">Image tokens per row.</param>
/// <param name="Rows">Rows; each ends with a break token, the last with the end token.</param>
/// <param name="TokenSize">Side in pixels of the square that one image token stands for.</param>
public readonly record struct ImageGrid(int Columns, int Rows, int TokenSize)
{
    /// <summary>The size that the image is resampled to before the vision encoder sees it, aspect ratio not kept exactly.</summary>
    public ImageSize ResizedSize => new(Columns * TokenSize, Rows * TokenSize);

    /// <summary>Tokens in the prompt, row ends included.</summary>
    public int TokenCount => (Columns + 1) * Rows;

    /// <summary>
    /// The grid of an image: a longest side above the limit is shrunk to it (round half to even, in double), then each
    /// side is covered with whole squares.
    /// </summary>
    /// <returns>False when a side is not positive, or so thin that shrinking rounds it to nothing.</returns>
    public static bool TryCreate(ImageSize size, ImageConfiguration configuration, out ImageGrid grid)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        grid = default;
        (double width, double height) = (size.Width, size.Height);
        double ratio = Math.Max(width / configuration.MaxImageSize, height / configuration.MaxImageSize);
        if (ratio > 1)
        {
            width = Math.Round(width / ratio);
            height = Math.Round(height / ratio);
        }

        if (width < 1 || height < 1)
        {
            return false;
        }

        int side = configuration.TokenSize;
        grid = new ImageGrid((((int)width - 1) / side) + 1, (((int)height - 1) / side) + 1, side);
        return true;
    }

    /// <summary>Appends the block of placeholder tokens.</summary>
    public void AppendTokens(List<int> destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        for (int row = 0; row < Rows; row++)
        {
            for (int column = 0; column < Columns; column++)
            {
                destination.Add(SpecialTokens.Image);
            }

            destination.Add(row < Rows - 1 ? SpecialTokens.ImageBreak : SpecialTokens.ImageEnd);
        }
    }
}
