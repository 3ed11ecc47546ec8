namespace Tramontane.Inference.Sampling;

/// <summary>Which tokens a sequence holds and how often each was generated: what penalties go by. Owned by the sequence.</summary>
internal sealed class TokenCounts
{
    private readonly Dictionary<int, int> _generated = []; // tokens of the prompt that were not generated count 0

    /// <summary>Starts with a prompt.</summary>
    public TokenCounts(IEnumerable<int> prompt)
    {
        foreach (int token in prompt)
        {
            _generated.TryAdd(token, 0);
        }
    }

    /// <summary>Counts a generated token.</summary>
    public void Add(int token) => _generated[token] = _generated.GetValueOrDefault(token) + 1;

    /// <summary>Every token of prompt and answer once, with how often it was generated; enumerated without allocation.</summary>
    public Dictionary<int, int>.Enumerator GetEnumerator() => _generated.GetEnumerator();

    /// <summary>Whether these parameters need counts at all.</summary>
    public static bool AreNeededFor(SamplingParameters parameters) =>
        parameters.RepetitionPenalty != 1 || parameters.FrequencyPenalty != 0 || parameters.PresencePenalty != 0;
}
