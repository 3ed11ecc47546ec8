namespace Tramontane.Tokenization;

/// <summary>A token id that lies outside the vocabulary.</summary>
public sealed class UnknownTokenException : ArgumentException
{
    /// <summary>Describes the id.</summary>
    /// <param name="tokenId">The id that was asked for.</param>
    /// <param name="vocabularySize">Number of ids there are.</param>
    public UnknownTokenException(int tokenId, int vocabularySize)
        : base($"Token id {tokenId} is not in the vocabulary: use 0 to {vocabularySize - 1}.")
    {
        TokenId = tokenId;
        VocabularySize = vocabularySize;
    }

    /// <summary>The id that was asked for.</summary>
    public int TokenId { get; }

    /// <summary>Number of ids there are.</summary>
    public int VocabularySize { get; }
}
