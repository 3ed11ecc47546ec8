using System.Numerics.Tensors;

namespace Tramontane.Inference.Sampling;

/// <summary>
/// Log-probabilities of the model's raw distribution: natural logarithms of the softmax of the logits, before penalties,
/// bias and temperature. NaN counts as −∞. Owns its scratch. For one thread.
/// </summary>
internal sealed class Logprobs
{
    private readonly float[] _scratch; // [vocabulary]
    private float _largest;
    private double _logSum; // ln Σ exp(logit − largest)

    /// <summary>Allocates scratch for a vocabulary.</summary>
    public Logprobs(int vocabularySize) => _scratch = new float[vocabularySize];

    /// <summary>Takes a distribution.</summary>
    /// <param name="logits">[vocabulary], as the model gave them; not changed.</param>
    /// <exception cref="SamplingException">No token is possible.</exception>
    public void SetLogits(ReadOnlySpan<float> logits)
    {
        int mostLikely = LogitScan.ArgMax(logits);
        if (mostLikely < 0)
        {
            throw new SamplingException();
        }

        _largest = logits[mostLikely];
        if (float.IsPositiveInfinity(_largest))
        {
            _logSum = Math.Log(logits.Count(_largest)); // the infinite ones share everything
            return;
        }

        TensorPrimitives.Subtract(logits, _largest, _scratch);
        TensorPrimitives.Exp(_scratch, _scratch);
        _scratch[mostLikely] = 1; // exactly, so that a certain token has log-probability 0
        _logSum = Math.Log(LogitScan.SumOfNumbers(_scratch));
    }

    /// <summary>The log-probability of a token with this logit in the distribution that was set.</summary>
    public float Of(float logit)
    {
        if (float.IsPositiveInfinity(_largest))
        {
            return float.IsPositiveInfinity(logit) ? (float)-_logSum : float.NegativeInfinity;
        }

        return float.IsNaN(logit) ? float.NegativeInfinity : (float)((double)logit - _largest - _logSum);
    }

    /// <summary>Finds the most likely tokens, best first, the lowest id first on ties.</summary>
    /// <param name="logits">[vocabulary].</param>
    /// <param name="tokens">Receives as many ids as it has room for.</param>
    /// <returns>How many there are: fewer than asked for when fewer are possible.</returns>
    public static int Top(ReadOnlySpan<float> logits, Span<int> tokens)
    {
        int count = 0;
        float worst = float.NegativeInfinity; // of a full list; only something larger goes in
        for (int token = 0; token < logits.Length && tokens.Length > 0; token++)
        {
            float logit = logits[token];
            if (!(logit > worst))
            {
                continue;
            }

            // From the back to its place; equal logits stay in front, as their ids are lower.
            int place = count == tokens.Length ? count - 1 : count++;
            for (; place > 0 && logits[tokens[place - 1]] < logit; place--)
            {
                tokens[place] = tokens[place - 1];
            }

            tokens[place] = token;
            worst = count == tokens.Length ? logits[tokens[^1]] : worst;
        }

        return count;
    }
}
