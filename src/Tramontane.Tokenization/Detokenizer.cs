using System.Text;

namespace Tramontane.Tokenization;

/// <summary>
/// Decodes ids one at a time. An incomplete UTF-8 tail is held back until its missing bytes come, so that pieces are
/// always whole characters; all pieces joined equal <see cref="Tokenizer.Decode"/>. One per answer; not thread-safe.
/// </summary>
/// <param name="tokenizer">The vocabulary.</param>
/// <param name="controlTokens">What becomes of control tokens.</param>
public sealed class Detokenizer(Tokenizer tokenizer, ControlTokens controlTokens = ControlTokens.Ignore)
{
    private byte[] _pending = new byte[128];
    private int _pendingCount; // at most 3 between calls: a cut character

    /// <summary>Whether bytes of an unfinished character are held back.</summary>
    public bool HasPending => _pendingCount > 0;

    /// <summary>Adds a token; returns the text that is certain now, which may be empty.</summary>
    /// <exception cref="UnknownTokenException">The id lies outside the vocabulary; nothing is changed.</exception>
    public string Append(int tokenId)
    {
        if (tokenizer.IsControl(tokenId))
        {
            string cut = Flush(); // a control token ends the run of bytes
            return controlTokens == ControlTokens.Keep ? cut + tokenizer.TokenText(tokenId) : cut;
        }

        ReadOnlySpan<byte> bytes = tokenizer.TokenBytes(tokenId);
        if (_pendingCount + bytes.Length > _pending.Length)
        {
            Array.Resize(ref _pending, _pendingCount + bytes.Length);
        }

        bytes.CopyTo(_pending.AsSpan(_pendingCount));
        Span<byte> all = _pending.AsSpan(0, _pendingCount + bytes.Length);
        int tail = IncompleteTailLength(all);
        string text = Encoding.UTF8.GetString(all[..^tail]);
        all[^tail..].CopyTo(_pending);
        _pendingCount = tail;
        return text;
    }

    /// <summary>Ends the run: returns U+FFFD for a character that never got its last bytes, else nothing.</summary>
    public string Flush()
    {
        string text = Encoding.UTF8.GetString(_pending.AsSpan(0, _pendingCount));
        _pendingCount = 0;
        return text;
    }

    /// <summary>How many bytes at the end are the valid beginning of a character that needs more bytes: 0 to 3.</summary>
    private static int IncompleteTailLength(ReadOnlySpan<byte> bytes)
    {
        // A beginning starts with a lead byte, so whatever stands before it is decoded the same without it.
        for (int length = 1; length <= Math.Min(3, bytes.Length); length++)
        {
            if ((bytes[^length] & 0xC0) != 0x80)
            {
                return Rune.DecodeFromUtf8(bytes[^length..], out _, out _) == System.Buffers.OperationStatus.NeedMoreData ? length : 0;
            }
        }

        return 0;
    }
}
