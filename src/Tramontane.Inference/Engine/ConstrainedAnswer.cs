using System.Buffers;
using System.Text;
using Tramontane.Grammar;
using Tramontane.Tokenization;

namespace Tramontane.Inference.Engine;

/// <summary>Step 4 at work: holds one answer to its constraint. For the engine's thread.</summary>
internal sealed class ConstrainedAnswer
{
    private const int MaxForcedBytes = 256;
    private readonly Constraint _constraint;
    private readonly Tokenizer _tokenizer;
    private GrammarMatcher? _matcher; // null until the constraint is armed

    public ConstrainedAnswer(Constraint constraint, Tokenizer tokenizer)
    {
        (_constraint, _tokenizer) = (constraint, tokenizer);
        _matcher = constraint.ArmedBy is null ? constraint.Grammar.CreateMatcher() : null;
    }

    /// <summary>Writes the tokens that may not come next.</summary>
    /// <param name="free">What is forbidden where the answer is free.</param>
    /// <param name="scratch">[(vocabulary + 63) / 64]; the result may lie in it.</param>
    /// <exception cref="GrammarException">No token may come: the constraint's states took more than their limit.</exception>
    public ReadOnlySpan<ulong> Forbidden(ReadOnlySpan<ulong> free, ulong[] scratch)
    {
        if (_matcher is null)
        {
            return free;
        }

        if (!_matcher.ComputeMask(scratch))
        {
            throw new GrammarException("The constraint leaves no token that could come next.");
        }

        for (int word = 0; word < scratch.Length; word++)
        {
            scratch[word] = ~scratch[word];
        }

        return scratch;
    }

    /// <summary>A token was taken.</summary>
    public void Append(int token)
    {
        if (_matcher is null && token == _constraint.ArmedBy)
        {
            _matcher = _constraint.Grammar.CreateMatcher();
        }

        if (_matcher is not null && !_matcher.TryConsume(token))
        {
            throw new InvalidOperationException($"Token {token} was drawn against the constraint.");
        }
    }

    /// <summary>
    /// The next tokens where there is one way on: the tokenizer's own tokens of the text that must come, up to the first that a following
    /// text could still melt into a longer one.
    /// </summary>
    public void CopyForced(List<int> tokens)
    {
        tokens.Clear();
        Span<byte> bytes = stackalloc byte[MaxForcedBytes];
        int count = _matcher?.ForcedBytes(bytes) ?? 0;
        if (count > 0 && (bytes[0] & 0xC0) == 0x80)
        {
            return; // the rest of a character that was begun byte by byte: its bytes are drawn, and text goes on behind it
        }

        while (count > 0 && Rune.DecodeLastFromUtf8(bytes[..count], out _, out _) != OperationStatus.Done)
        {
            count--; // whole characters only
        }

        if (count == 0)
        {
            return;
        }

        int start = 0;
        foreach (int token in _tokenizer.Encode(Encoding.UTF8.GetString(bytes[..count])))
        {
            ReadOnlySpan<byte> rest = bytes[start..count], own = _tokenizer.TokenBytes(token);
            if (!rest.StartsWith(own) || _constraint.Grammar.Vocabulary.HasLonger(rest))
            {
                break;
            }

            tokens.Add(token);
            start += own.Length;
        }
    }
}
