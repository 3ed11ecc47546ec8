using Tramontane.Grammar.Masks;

namespace Tramontane.Grammar;

/// <summary>
/// The tokens of a model as byte strings, in the form that masks are made from. One instance serves all grammars of a model; it is
/// immutable and safe for concurrent use. For 131,072 tokens it takes about 6 MiB and a few tens of milliseconds to make.
/// </summary>
public sealed class TokenVocabulary
{
    /// <summary>Leads the bytes that stand for a special token inside a grammar; it occurs in no UTF-8 text.</summary>
    internal const byte SpecialMarker = 0xFF;

    private readonly Lazy<StringMasks> _strings;

    /// <param name="tokenCount">Size of the vocabulary: ids are 0 to one below.</param>
    /// <param name="bytesOf">The bytes of a token. Empty: the token never occurs inside a constraint.</param>
    /// <param name="isSpecial">Whether a token is a control token, which no text contains; its bytes do not matter.</param>
    /// <param name="endTokens">The tokens that end a sequence: allowed exactly where the text may end.</param>
    public TokenVocabulary(int tokenCount, TokenBytes bytesOf, Func<int, bool> isSpecial, params ReadOnlySpan<int> endTokens)
    {
        ArgumentNullException.ThrowIfNull(bytesOf);
        ArgumentNullException.ThrowIfNull(isSpecial);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(tokenCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tokenCount, 1 << 24);
        TokenCount = tokenCount;
        EndTokens = endTokens.ToArray();
        byte[]?[] tokens = new byte[]?[tokenCount];
        for (int id = 0; id < tokenCount; id++)
        {
            if (isSpecial(id))
            {
                tokens[id] = SpecialBytes(id);
            }
            else
            {
                // A byte that no UTF-8 holds marks special tokens, and no grammar accepts it otherwise.
                ReadOnlySpan<byte> bytes = bytesOf(id);
                tokens[id] = bytes.IsEmpty || bytes.Contains(SpecialMarker) ? null : bytes.ToArray();
            }
        }

        Trie = new TokenTrie(tokens);
        Tokens = tokens;
        _strings = new Lazy<StringMasks>(() => new StringMasks(this));
    }

    /// <summary>Answers the bytes of a token.</summary>
    public delegate ReadOnlySpan<byte> TokenBytes(int tokenId);

    /// <summary>Number of tokens.</summary>
    public int TokenCount { get; }

    /// <summary>64-bit words that a mask of all tokens takes.</summary>
    public int MaskWords => (TokenCount + 63) / 64;

    internal int[] EndTokens { get; }

    internal TokenTrie Trie { get; }

    /// <summary>Per token the bytes that a grammar sees; null for tokens that never fit.</summary>
    internal byte[]?[] Tokens { get; }

    /// <summary>Masks inside JSON strings without constraint, which all grammars share.</summary>
    internal StringMasks Strings => _strings.Value;

    /// <summary>Whether some token begins with all of these bytes and goes on after them.</summary>
    public bool HasLonger(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<TokenTrie.Node> nodes = Trie.Nodes;
        int node = 0;
        foreach (byte value in bytes)
        {
            int child = node + 1;
            while (child < nodes[node].End && nodes[child].Label != value)
            {
                child = nodes[child].End;
            }

            if (child >= nodes[node].End)
            {
                return false;
            }

            node = child;
        }

        return nodes[node].End > node + 1;
    }

    /// <summary>The bytes that stand for a special token.</summary>
    internal static byte[] SpecialBytes(int id) => [SpecialMarker, (byte)(id >> 16), (byte)(id >> 8), (byte)id];
}
