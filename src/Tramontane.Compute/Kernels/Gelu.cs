namespace Tramontane.Compute.Kernels;

/// <summary>
/// The Gaussian error linear unit (Hendrycks and Gimpel 2016, arXiv:1606.08415) in its exact form,
/// gelu(x) = x / 2 · (1 + erf(x / √2)), which vision projectors are trained with; the tanh form differs by 2e-4.
/// </summary>
public static class Gelu
{
    // Places of the table: every 1/128 from 0 to 6, where 1 − erf is 2e-17. Between them a cubic through values and slopes
    // of both ends is off by h⁴ / 384 · max |erf''''| < 1e-10.
    private const int StepsPerUnit = 128;
    private const int End = 6;
    private const double TwoOverRootPi = 1.1283791670955126;

    private static readonly double[] s_values = new double[(End * StepsPerUnit) + 1];
    private static readonly double[] s_slopes = new double[(End * StepsPerUnit) + 1]; // per step

    static Gelu()
    {
        for (int i = 0; i < s_values.Length; i++)
        {
            double x = (double)i / StepsPerUnit;
            s_values[i] = ErfSeries(x);
            s_slopes[i] = TwoOverRootPi * Math.Exp(-x * x) / StepsPerUnit;
        }
    }

    /// <summary>Applies it to every element.</summary>
    public static void Apply(Span<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            double x = values[i];
            values[i] = (float)(0.5 * x * (1 + Erf(x * 0.70710678118654752)));
        }
    }

    /// <summary>The error function, to 1e-10.</summary>
    internal static double Erf(double x)
    {
        double place = Math.Abs(x) * StepsPerUnit;
        if (!(place < End * StepsPerUnit))
        {
            return double.IsNaN(x) ? x : Math.Sign(x);
        }

        int i = (int)place;
        double t = place - i, u = 1 - t;
        double value = (((1 + (2 * t)) * s_values[i]) + (t * s_slopes[i])) * u * u;
        value += (((1 + (2 * u)) * s_values[i + 1]) - (u * s_slopes[i + 1])) * t * t;
        return Math.CopySign(value, x);
    }

    // erf(x) = 2/√π · e^(−x²) · Σ 2ⁿ x^(2n+1) / (1 · 3 · … · (2n+1)): no cancellation, all terms are positive.
    private static double ErfSeries(double x)
    {
        double term = x, sum = 0;
        for (int n = 0; term > sum * 1e-17; n++)
        {
            sum += term;
            term *= 2 * x * x / ((2 * n) + 3);
        }

        return TwoOverRootPi * Math.Exp(-x * x) * sum;
    }
}
