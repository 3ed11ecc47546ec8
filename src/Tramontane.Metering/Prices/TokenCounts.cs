namespace Tramontane.Metering.Prices;

/// <summary>What a request consumed, in tokens.</summary>
/// <param name="Prompt">All prompt tokens, with those of images and those found in the cache.</param>
/// <param name="Cached">Those of the prompt that were found in the cache.</param>
/// <param name="Completion">Tokens that were generated.</param>
/// <param name="Image">Those of the prompt that stand for images; priced as prompt tokens.</param>
public readonly record struct TokenCounts(int Prompt, int Cached, int Completion, int Image = 0)
{
    /// <summary>The most tokens that a prompt or a completion may have here; it keeps every cost within 64 bits.</summary>
    public const int Most = 100_000_000;

    /// <summary>Prompt and completion together.</summary>
    public long Total => (long)Prompt + Completion;

    /// <exception cref="ArgumentException">A count is negative, above <see cref="Most"/>, or a part larger than the prompt.</exception>
    internal void Check()
    {
        if (Prompt is < 0 or > Most || Completion is < 0 or > Most || Cached < 0 || Cached > Prompt || Image < 0 || Image > Prompt)
        {
            throw new ArgumentException($"{this} is not possible: counts go from 0 to {Most}, cached and image tokens are parts of the prompt.");
        }
    }
}
