using System.Numerics;

namespace Tramontane.Inference.Sampling;

/// <summary>
/// Step 8: draws the next token. In this order: repetition penalty, frequency and presence penalty, logit bias, forbidden
/// tokens, temperature, top-k, top-p, min-p, and one draw by the inverse of the distribution function over the tokens
/// that are left, in descending order of their logits, lowest id first on ties. One seed, position and distribution
/// always give one token. Owns its scratch: nothing is allocated per token. For one thread.
/// </summary>
internal sealed class Sampler
{
    private const double SmallestTopP = 1e-9;

    private readonly float[] _logits; // [vocabulary], after penalties, bias and mask
    private readonly DescendingTokens _tokens;

    /// <summary>Allocates scratch for a vocabulary.</summary>
    public Sampler(int vocabularySize)
    {
        _logits = new float[vocabularySize];
        _tokens = new DescendingTokens(_logits);
    }

    /// <summary>Draws a token.</summary>
    /// <param name="logits">[vocabulary], as the model gave them; not changed. NaN counts as −∞.</param>
    /// <param name="parameters">How to draw. Temperature must not be negative or NaN.</param>
    /// <param name="counts">The sequence's tokens; may be null when <see cref="TokenCounts.AreNeededFor"/> says so.</param>
    /// <param name="forbidden">Bit t % 64 of word t / 64 forbids token t, whatever its bias; empty forbids nothing.</param>
    /// <param name="position">Position of the drawn token in its sequence.</param>
    /// <exception cref="SamplingException">No token is possible.</exception>
    public int Sample(ReadOnlySpan<float> logits, SamplingParameters parameters, TokenCounts? counts, ReadOnlySpan<ulong> forbidden, long position)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(logits.Length, _logits.Length);
        float temperature = parameters.Temperature;
        if (!(temperature >= 0))
        {
            throw new ArgumentOutOfRangeException(nameof(parameters), temperature, "A temperature must be 0 or more.");
        }

        bool penalize = counts is not null && TokenCounts.AreNeededFor(parameters);
        if (temperature == 0 && !penalize && parameters.LogitBias.Count == 0 && forbidden.IsEmpty)
        {
            return MostLikely(logits);
        }

        logits.CopyTo(_logits);
        if (penalize)
        {
            Penalize(parameters, counts!);
        }

        AddBias(parameters.LogitBias);
        Forbid(forbidden);
        int mostLikely = MostLikely(_logits);
        // Beside an infinite logit no finite one has any probability; the first infinite one stands for all.
        return temperature == 0 || float.IsPositiveInfinity(_logits[mostLikely]) ? mostLikely : Draw(parameters, _logits[mostLikely], position);
    }

    private static int MostLikely(ReadOnlySpan<float> logits)
    {
        int token = LogitScan.ArgMax(logits);
        return token >= 0 ? token : throw new SamplingException();
    }

    private int Draw(SamplingParameters parameters, float largest, long position)
    {
        _tokens.Fill(largest, Math.Min(parameters.Temperature, float.MaxValue));
        if (parameters.TopK > 0 && parameters.TopK < _logits.Length)
        {
            _tokens.KeepCount(parameters.TopK);
        }

        if (parameters.TopP < 1)
        {
            _tokens.KeepMass(Math.Max(parameters.TopP, SmallestTopP));
        }

        if (parameters.MinP > 0)
        {
            _tokens.KeepRatio(Math.Min(parameters.MinP, 1));
        }

        return _tokens.Pick(CounterRandom.Uniform(parameters.Seed, position));
    }

    // Repetition as in CTRL (Keskar et al. 2019) and HF transformers; frequency and presence as OpenAI documents them.
    private void Penalize(SamplingParameters parameters, TokenCounts counts)
    {
        foreach ((int token, int generated) in counts)
        {
            ref float logit = ref _logits[token];
            logit = logit > 0 ? logit / parameters.RepetitionPenalty : logit * parameters.RepetitionPenalty;
            if (generated > 0)
            {
                logit -= (generated * parameters.FrequencyPenalty) + parameters.PresencePenalty;
            }
        }
    }

    private void AddBias(IReadOnlyDictionary<int, float> bias)
    {
        if (bias is Dictionary<int, float> dictionary)
        {
            foreach ((int token, float value) in dictionary) // by its struct enumerator: no allocation
            {
                AddBias(token, value);
            }
        }
        else
        {
            foreach ((int token, float value) in bias)
            {
                AddBias(token, value);
            }
        }
    }

    private void AddBias(int token, float value)
    {
        if ((uint)token < (uint)_logits.Length) // there is nothing to favour beyond the vocabulary
        {
            _logits[token] += value;
        }
    }

    private void Forbid(ReadOnlySpan<ulong> forbidden)
    {
        if (forbidden.IsEmpty)
        {
            return;
        }

        ArgumentOutOfRangeException.ThrowIfNotEqual(forbidden.Length, (_logits.Length + 63) / 64);
        for (int word = 0; word < forbidden.Length; word++)
        {
            Span<float> logits = _logits.AsSpan(word * 64, Math.Min(64, _logits.Length - (word * 64)));
            if (forbidden[word] == ulong.MaxValue)
            {
                logits.Fill(float.NegativeInfinity); // the usual word of a grammar's mask
                continue;
            }

            for (ulong bits = forbidden[word]; bits != 0; bits &= bits - 1)
            {
                int bit = BitOperations.TrailingZeroCount(bits);
                if (bit < logits.Length)
                {
                    logits[bit] = float.NegativeInfinity;
                }
            }
        }
    }
}
