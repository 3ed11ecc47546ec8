using Tramontane.Inference.Sampling;

namespace Tramontane.Inference.Tests.Sampling;

/// <summary>The sampler's definition in double, by a full sort: what is kept, in order, with probabilities.</summary>
internal sealed class SamplingOracle
{
    private SamplingOracle(int[] tokens, double[] probabilities, bool isDecided)
    {
        Tokens = tokens;
        Probabilities = probabilities;
        IsDecided = isDecided;
    }

    /// <summary>Kept tokens, most likely first.</summary>
    public int[] Tokens { get; }

    public double[] Probabilities { get; }

    /// <summary>False when a cut lies so near a token's mass that rounding to float32 may decide otherwise.</summary>
    public bool IsDecided { get; }

    public static SamplingOracle Of(float[] logits, SamplingParameters parameters, int[] prompt, int[] generated, Func<int, bool>? forbidden = null)
    {
        float[] adjusted = [.. logits.Select((logit, token) => Adjust(logit, token, parameters, prompt, generated, forbidden))];
        int[] order = [.. Enumerable.Range(0, logits.Length).Where(token => adjusted[token] > float.NegativeInfinity).OrderByDescending(token => adjusted[token]).ThenBy(token => token)];
        if (parameters.Temperature == 0)
        {
            return new SamplingOracle(order[..1], [1], true);
        }

        double[] masses = [.. order.Select(token => Math.Exp(((double)adjusted[token] - adjusted[order[0]]) / parameters.Temperature))];
        int kept = parameters.TopK > 0 ? Math.Min(parameters.TopK, order.Length) : order.Length;
        bool decided = true;
        if (parameters.TopP < 1)
        {
            double target = Math.Max(parameters.TopP, 1e-9) * masses[..kept].Sum(), sum = 0;
            for (int i = 0; i < kept; i++)
            {
                sum += masses[i];
                decided &= Math.Abs(sum - target) > 1e-5 * target;
                kept = sum >= target ? i + 1 : kept;
            }
        }

        if (parameters.MinP > 0)
        {
            decided &= !masses.Any(mass => Math.Abs(mass - parameters.MinP) < 1e-5 * mass);
            kept = Math.Min(kept, masses.Count(mass => mass >= parameters.MinP));
        }

        double total = masses[..kept].Sum();
        return new SamplingOracle(order[..kept], [.. masses[..kept].Select(mass => mass / total)], decided);
    }

    /// <summary>The token at a place of the distribution function, or null where rounding to float32 may decide otherwise.</summary>
    public int? TokenAt(double uniform)
    {
        double sum = 0;
        for (int i = 0; i < Tokens.Length; i++)
        {
            sum += Probabilities[i];
            if (Math.Abs(sum - uniform) < 2e-5 && i < Tokens.Length - 1)
            {
                return null;
            }

            if (sum > uniform)
            {
                return Tokens[i];
            }
        }

        return Tokens[^1];
    }

    private static float Adjust(float logit, int token, SamplingParameters parameters, int[] prompt, int[] generated, Func<int, bool>? forbidden)
    {
        int count = generated.Count(t => t == token);
        if (count > 0 || prompt.Contains(token))
        {
            logit = logit > 0 ? logit / parameters.RepetitionPenalty : logit * parameters.RepetitionPenalty;
        }

        logit -= (count * parameters.FrequencyPenalty) + (count > 0 ? parameters.PresencePenalty : 0);
        logit += parameters.LogitBias.GetValueOrDefault(token);
        return forbidden?.Invoke(token) == true ? float.NegativeInfinity : logit;
    }
}
