using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Tramontane.Compute.Kernels;

/// <summary>Root-mean-square norm: y[i] = x[i] / sqrt(mean(x²) + epsilon) · gain[i] (Zhang and Sennrich 2019, arXiv:1910.07467).</summary>
public static class RmsNorm
{
    /// <summary>Normalises one row; <paramref name="y"/> may be <paramref name="x"/>.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Apply(ReadOnlySpan<float> x, ReadOnlySpan<float> gain, float epsilon, Span<float> y)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(gain.Length, x.Length);
        ArgumentOutOfRangeException.ThrowIfLessThan(y.Length, x.Length);
        float scale = 1 / MathF.Sqrt((SumOfSquares(x) / x.Length) + epsilon);
        TensorPrimitives.Multiply(x, scale, y); // element-wise: the same on every width, so the library is welcome
        TensorPrimitives.Multiply(y[..x.Length], gain, y);
    }

    /// <summary>The definition. Tests hold the vector path to it.</summary>
    internal static float SumOfSquaresScalar(ReadOnlySpan<float> x)
    {
        double sum = 0; // double, so that the reference adds no rounding error of its own
        foreach (float v in x)
        {
            sum += (double)v * v;
        }

        return (float)sum;
    }

    // Sixteen lanes, each a column modulo 16; two sums hide the latency of the multiply-add. Narrower hardware splits the
    // vectors, but the order of additions stays.
    private static float SumOfSquares(ReadOnlySpan<float> x)
    {
        ReadOnlySpan<Vector512<float>> v = MemoryMarshal.Cast<float, Vector512<float>>(x);
        Vector512<float> even = default, odd = default;
        int i = 0;
        for (; i + 1 < v.Length; i += 2)
        {
            even = Vector512.MultiplyAddEstimate(v[i], v[i], even); // not FusedMultiplyAdd: emulated, slowly, without FMA
            odd = Vector512.MultiplyAddEstimate(v[i + 1], v[i + 1], odd);
        }

        float sum = Reduction.Sum(even + odd);
        foreach (float rest in x[(i * 16)..]) // fewer than 32 columns
        {
            sum += rest * rest;
        }

        return sum;
    }
}
