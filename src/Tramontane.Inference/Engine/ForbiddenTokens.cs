using Tramontane.Tokenization;

namespace Tramontane.Inference.Engine;

/// <summary>
/// The control tokens that an answer must not hold, as bit sets over the vocabulary: all but end-of-sequence, and where
/// tools are on offer all but those that make up a tool call too.
/// </summary>
internal sealed class ForbiddenTokens
{
    private readonly ulong[] _withoutToolCalls;
    private readonly ulong[] _withToolCalls;
    private readonly ulong[] _beforeToolCalls;

    public ForbiddenTokens(Tokenizer tokenizer)
    {
        _withoutToolCalls = Bits(tokenizer, [SpecialTokens.Eos]);
        _beforeToolCalls = Bits(tokenizer, [SpecialTokens.Eos, SpecialTokens.ToolCalls]);
        _withToolCalls = Bits(tokenizer, [SpecialTokens.Eos, SpecialTokens.ToolCalls, SpecialTokens.CallId, SpecialTokens.Arguments]);
    }

    /// <summary>For answers of text alone.</summary>
    public ReadOnlySpan<ulong> WithoutToolCalls => _withoutToolCalls;

    /// <summary>For answers that may call tools.</summary>
    public ReadOnlySpan<ulong> WithToolCalls => _withToolCalls;

    /// <summary>For answers that may call tools, before they do, when the calls are constrained.</summary>
    public ReadOnlySpan<ulong> BeforeToolCalls => _beforeToolCalls;

    private static ulong[] Bits(Tokenizer tokenizer, int[] allowed)
    {
        var bits = new ulong[(tokenizer.VocabularySize + 63) / 64];
        for (int token = 0; token < tokenizer.VocabularySize && tokenizer.IsControl(token); token++)
        {
            if (!allowed.Contains(token))
            {
                bits[token / 64] |= 1UL << (token % 64);
            }
        }

        return bits;
    }
}
