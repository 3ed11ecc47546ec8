namespace Tramontane.Tokenization;

/// <summary>The Tekken tokenizer: control tokens first, then byte-pair tokens by rank. Immutable; any thread may use it.</summary>
public sealed class Tokenizer
{
    private readonly byte[][] _ranks;
    private readonly string[] _controlNames;

    /// <summary>Makes a tokenizer from its vocabulary.</summary>
    /// <param name="ranks">Bytes of each ordinary token by rank; the first 256 are the single bytes 0–255.</param>
    /// <param name="controlNames">Names of the control tokens by id; ordinary ids begin after them.</param>
    public Tokenizer(IReadOnlyList<byte[]> ranks, IReadOnlyList<string> controlNames)
    {
        _ranks = [.. ranks];
        _controlNames = [.. controlNames];
    }

    /// <summary>Number of ids, control tokens included.</summary>
    public int VocabularySize => _controlNames.Length + _ranks.Length;

    /// <summary>Whether an id is a control token, which no text can produce.</summary>
    public bool IsControl(int tokenId) => tokenId < _controlNames.Length;

    /// <summary>The bytes of an ordinary token; empty for a control token.</summary>
    public ReadOnlySpan<byte> TokenBytes(int tokenId) => IsControl(tokenId) ? [] : _ranks[tokenId - _controlNames.Length];
}
