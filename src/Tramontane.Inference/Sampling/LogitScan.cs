using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Tramontane.Inference.Sampling;

/// <summary>Single passes over a vocabulary's logits. A logit that is not a number counts as −∞: impossible.</summary>
internal static class LogitScan
{
    /// <summary>The id of the largest logit, the lowest id on ties; −1 when no token is possible.</summary>
    public static int ArgMax(ReadOnlySpan<float> logits)
    {
        // A lane keeps the first largest logit of its ids; comparisons with NaN are false, so NaN is never kept.
        ReadOnlySpan<Vector512<float>> vectors = MemoryMarshal.Cast<float, Vector512<float>>(logits);
        Vector512<float> best = Vector512.Create(float.NegativeInfinity);
        Vector512<int> bestIds = Vector512.Create(-1), ids = Vector512<int>.Indices;
        foreach (Vector512<float> v in vectors)
        {
            Vector512<float> larger = Vector512.GreaterThan(v, best);
            best = Vector512.ConditionalSelect(larger, v, best);
            bestIds = Vector512.ConditionalSelect(larger.AsInt32(), ids, bestIds);
            ids += Vector512.Create(Vector512<int>.Count);
        }

        float max = float.NegativeInfinity;
        int id = -1;
        for (int lane = 0; lane < Vector512<float>.Count; lane++)
        {
            if (best[lane] > max || (best[lane] == max && bestIds[lane] < id))
            {
                (max, id) = (best[lane], bestIds[lane]);
            }
        }

        for (int i = vectors.Length * Vector512<float>.Count; i < logits.Length; i++)
        {
            if (logits[i] > max)
            {
                (max, id) = (logits[i], i);
            }
        }

        return id;
    }

    /// <summary>The smallest logit that is a finite number; +∞ when there is none.</summary>
    public static float MinFinite(ReadOnlySpan<float> logits)
    {
        ReadOnlySpan<Vector512<float>> vectors = MemoryMarshal.Cast<float, Vector512<float>>(logits);
        Vector512<float> smallest = Vector512.Create(float.PositiveInfinity);
        foreach (Vector512<float> v in vectors)
        {
            Vector512<float> smaller = Vector512.LessThan(v, smallest) & Vector512.GreaterThan(v, Vector512.Create(float.NegativeInfinity));
            smallest = Vector512.ConditionalSelect(smaller, v, smallest);
        }

        float min = float.PositiveInfinity;
        for (int lane = 0; lane < Vector512<float>.Count; lane++)
        {
            min = MathF.Min(min, smallest[lane]);
        }

        foreach (float v in logits[(vectors.Length * Vector512<float>.Count)..])
        {
            min = v < min && v > float.NegativeInfinity ? v : min;
        }

        return min;
    }

    /// <summary>The sum in double of everything that is a number.</summary>
    public static double SumOfNumbers(ReadOnlySpan<float> values)
    {
        ReadOnlySpan<Vector512<float>> vectors = MemoryMarshal.Cast<float, Vector512<float>>(values);
        Vector512<double> lower = default, upper = default;
        foreach (Vector512<float> v in vectors)
        {
            (Vector512<double> a, Vector512<double> b) = Vector512.Widen(Vector512.ConditionalSelect(Vector512.Equals(v, v), v, default));
            lower += a;
            upper += b;
        }

        double sum = Vector512.Sum(lower + upper);
        foreach (float v in values[(vectors.Length * Vector512<float>.Count)..])
        {
            sum += float.IsNaN(v) ? 0 : v;
        }

        return sum;
    }
}
