namespace Tramontane.Inference.Speculation;

/// <summary>
/// Guesses the next tokens of a sequence from its own text: where the last few tokens stood before, what followed then may follow
/// again (prompt lookup decoding, Saxena 2023). Needs no second model. Guesses are only ever checked, never believed.
/// </summary>
/// <param name="maxDraft">Most tokens of a guess.</param>
internal sealed class PromptLookup(int maxDraft)
{
    // Longer matches are tried first. One token alone says too little.
    private const int LongestMatch = 4;
    private const int ShortestMatch = 2;
    private const int FirstDraft = 4;

    private readonly List<int> _tokens = [];
    private readonly Dictionary<Gram, int>[] _last = [.. Enumerable.Range(0, LongestMatch + 1).Select(_ => new Dictionary<Gram, int>())];
    private int _limit = Math.Min(FirstDraft, maxDraft);

    /// <summary>Adds tokens of the prompt or the answer.</summary>
    public void Append(int token)
    {
        // A place is remembered when its successor is known, so that the end of the text never finds itself.
        for (int length = ShortestMatch; length <= LongestMatch && length <= _tokens.Count; length++)
        {
            _last[length][GramBefore(_tokens.Count, length)] = _tokens.Count;
        }

        _tokens.Add(token);
    }

    /// <summary>Guesses; may be empty. Valid until the next token.</summary>
    public ReadOnlySpan<int> Draft()
    {
        for (int length = Math.Min(LongestMatch, _tokens.Count); length >= ShortestMatch; length--)
        {
            if (_last[length].TryGetValue(GramBefore(_tokens.Count, length), out int start))
            {
                return System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_tokens)[start..Math.Min(start + _limit, _tokens.Count)];
            }
        }

        return [];
    }

    /// <summary>Tells how good a guess was: good ones make the next longer, bad ones shorter.</summary>
    /// <param name="drafted">Tokens that were checked, at least one.</param>
    /// <param name="accepted">How many of them were right.</param>
    public void Learn(int drafted, int accepted) =>
        _limit = accepted == drafted ? Math.Min(maxDraft, _limit * 2) : Math.Max(1, Math.Min(_limit, accepted + 1));

    // Exact, not hashed: four ids of up to 32 bits.
    private Gram GramBefore(int end, int length)
    {
        int At(int back) => back <= length ? _tokens[end - back] : -1;
        return new Gram(At(1), At(2), At(3), At(4));
    }

    private readonly record struct Gram(int A, int B, int C, int D);
}
