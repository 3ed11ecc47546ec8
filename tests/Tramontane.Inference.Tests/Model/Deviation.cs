namespace Tramontane.Inference.Tests.Model;

/// <summary>How far logits lie from the reference, in the measures of <c>tolerances.json</c>.</summary>
/// <param name="Relative">‖actual − expected‖ / ‖expected‖ over all rows of a case (Frobenius).</param>
/// <param name="MaxAbsolute">Largest difference of a logit.</param>
/// <param name="MeanKl">Mean over the rows of KL(expected ‖ actual).</param>
internal readonly record struct Deviation(double Relative, double MaxAbsolute, double MeanKl)
{
    public static Deviation Of(float[] expected, IReadOnlyList<float[]> actual)
    {
        int width = actual[0].Length;
        double error = 0, norm = 0, max = 0, kl = 0;
        for (int row = 0; row < actual.Count; row++)
        {
            ReadOnlySpan<float> e = expected.AsSpan(row * width, width);
            for (int i = 0; i < width; i++)
            {
                double difference = (double)actual[row][i] - e[i];
                error += difference * difference;
                norm += (double)e[i] * e[i];
                max = Math.Max(max, Math.Abs(difference));
            }

            double[] p = LogSoftmax(e), q = LogSoftmax(actual[row]);
            kl += p.Select((logP, i) => Math.Exp(logP) * (logP - q[i])).Sum();
        }

        return new Deviation(Math.Sqrt(error / norm), max, kl / actual.Count);
    }

    public Deviation Worst(Deviation other) => new(
        Math.Max(Relative, other.Relative), Math.Max(MaxAbsolute, other.MaxAbsolute), Math.Max(MeanKl, other.MeanKl));

    public override string ToString() => $"rel {Relative:E1}, max {MaxAbsolute:E1}, KL {MeanKl:E1}";

    private static double[] LogSoftmax(ReadOnlySpan<float> logits)
    {
        double max = double.NegativeInfinity, sum = 0;
        foreach (float v in logits)
        {
            max = Math.Max(max, v);
        }

        foreach (float v in logits)
        {
            sum += Math.Exp(v - max);
        }

        var result = new double[logits.Length];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = logits[i] - max - Math.Log(sum);
        }

        return result;
    }
}
