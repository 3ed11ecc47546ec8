using System.Buffers;
using System.Text;

namespace Tramontane.Tokenization;

/// <summary>What <see cref="Tokenizer.Decode"/> and <see cref="Detokenizer"/> do with control tokens.</summary>
public enum ControlTokens
{
    /// <summary>Leave them out.</summary>
    Ignore,

    /// <summary>Write their names, such as <c>[INST]</c>.</summary>
    Keep,
}

/// <summary>The Tekken tokenizer: control tokens first, then byte-pair tokens by rank. Immutable; any thread may use it.</summary>
public sealed partial class Tokenizer
{
    private readonly RankTable _ranks;
    private readonly Tekken _tekken;
    private readonly string[] _controlNames;

    /// <summary>Makes a tokenizer from its vocabulary.</summary>
    /// <param name="ranks">Bytes of each ordinary token by rank; the first 256 are the single bytes 0–255.</param>
    /// <param name="controlNames">Names of the control tokens by id; ordinary ids begin after them.</param>
    /// <exception cref="TokenizerFileException">The single bytes are not in front, a token is empty, or one occurs twice.</exception>
    public Tokenizer(IReadOnlyList<byte[]> ranks, IReadOnlyList<string> controlNames)
        : this(ranks, controlNames, "vocabulary")
    {
    }

    private Tokenizer(IReadOnlyList<byte[]> ranks, IReadOnlyList<string> controlNames, string source)
    {
        ArgumentNullException.ThrowIfNull(ranks);
        ArgumentNullException.ThrowIfNull(controlNames);
        for (int rank = 0; rank < Math.Max(ranks.Count, 256); rank++)
        {
            if (rank >= ranks.Count)
            {
                throw new TokenizerFileException(source, "at least the 256 single bytes as ordinary tokens", $"{ranks.Count} ordinary tokens");
            }

            if (ranks[rank].Length == 0 || (rank < 256 && (ranks[rank].Length != 1 || ranks[rank][0] != rank)))
            {
                string expected = rank < 256 ? $"the single byte {rank} at rank {rank}" : $"at least one byte at rank {rank}";
                throw new TokenizerFileException(source, expected, $"the bytes [{Convert.ToHexString(ranks[rank])}]");
            }
        }

        _ranks = RankTable.TryCreate(ranks, out (int First, int Second) duplicate)
            ?? throw new TokenizerFileException(source, "every token once", $"the same bytes at ranks {duplicate.First} and {duplicate.Second}");
        _tekken = new Tekken(_ranks);
        _controlNames = [.. controlNames];
    }

    /// <summary>Number of ids, control tokens included.</summary>
    public int VocabularySize => _controlNames.Length + _ranks.Count;

    /// <summary>Number of control tokens: the first ordinary id.</summary>
    public int ControlTokenCount => _controlNames.Length;

    /// <summary>Whether an id is a control token, which no text can produce.</summary>
    /// <exception cref="UnknownTokenException">The id lies outside the vocabulary.</exception>
    public bool IsControl(int tokenId) => Checked(tokenId) < _controlNames.Length;

    /// <summary>The bytes of an ordinary token; empty for a control token.</summary>
    /// <exception cref="UnknownTokenException">The id lies outside the vocabulary.</exception>
    public ReadOnlySpan<byte> TokenBytes(int tokenId) => IsControl(tokenId) ? [] : _ranks.Bytes(tokenId - _controlNames.Length);

    /// <summary>A token for people: a control token's name, or its bytes as UTF-8 with U+FFFD for incomplete parts.</summary>
    /// <exception cref="UnknownTokenException">The id lies outside the vocabulary.</exception>
    public string TokenText(int tokenId) =>
        IsControl(tokenId) ? _controlNames[tokenId] : Encoding.UTF8.GetString(TokenBytes(tokenId));

    /// <summary>The ids of a text. Never a control token, whatever the text looks like; no BOS or EOS is added.</summary>
    /// <param name="text">Any UTF-16 text; a lone surrogate counts as U+FFFD.</param>
    public int[] Encode(ReadOnlySpan<char> text)
    {
        var ids = new List<int>(text.Length / 3);
        Encode(text, ids);
        return [.. ids];
    }

    /// <summary>Appends the ids of a text to <paramref name="destination"/>.</summary>
    /// <param name="text">Any UTF-16 text; a lone surrogate counts as U+FFFD.</param>
    /// <param name="destination">Receives the ids; what it holds already is kept.</param>
    public void Encode(ReadOnlySpan<char> text, List<int> destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetByteCount(text));
        int length = Encoding.UTF8.GetBytes(text, buffer);
        _tekken.Encode(buffer.AsSpan(0, length), _controlNames.Length, destination);
        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>
    /// The text of ids. Bytes of neighbouring ordinary tokens are joined and read as UTF-8, with U+FFFD for each
    /// maximal invalid part; a control token ends such a run even when it is left out.
    /// </summary>
    /// <exception cref="UnknownTokenException">An id lies outside the vocabulary.</exception>
    public string Decode(ReadOnlySpan<int> ids, ControlTokens controlTokens = ControlTokens.Ignore)
    {
        var text = new StringBuilder();
        var run = new ArrayBufferWriter<byte>(Math.Max(4 * ids.Length, 16));
        foreach (int id in ids)
        {
            if (!IsControl(id))
            {
                run.Write(_ranks.Bytes(id - _controlNames.Length));
                continue;
            }

            text.Append(Encoding.UTF8.GetString(run.WrittenSpan));
            run.ResetWrittenCount();
            if (controlTokens == ControlTokens.Keep)
            {
                text.Append(_controlNames[id]);
            }
        }

        return text.Append(Encoding.UTF8.GetString(run.WrittenSpan)).ToString();
    }

    private int Checked(int tokenId) =>
        (uint)tokenId < (uint)VocabularySize ? tokenId : throw new UnknownTokenException(tokenId, VocabularySize);
}
