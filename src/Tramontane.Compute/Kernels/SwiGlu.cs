using System.Numerics.Tensors;

namespace Tramontane.Compute.Kernels;

/// <summary>The gate of the feed-forward layer: y[i] = silu(gate[i]) · up[i], silu(x) = x / (1 + e^−x) (Shazeer 2020, arXiv:2002.05202).</summary>
public static class SwiGlu
{
    // A piece of a row that stays in the first-level cache while the four passes go over it.
    private const int Piece = 1024;

    /// <summary>Gates one row. The result replaces <paramref name="gate"/>.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Apply(Span<float> gate, ReadOnlySpan<float> up)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(up.Length, gate.Length);
        Span<float> sigmoid = stackalloc float[Piece];
        for (int start = 0; start < gate.Length; start += Piece)
        {
            int count = Math.Min(Piece, gate.Length - start);
            Span<float> g = gate.Slice(start, count);
            TensorPrimitives.Sigmoid(g, sigmoid);
            TensorPrimitives.Multiply(g, sigmoid[..count], g);
            TensorPrimitives.Multiply(g, up.Slice(start, count), g);
        }
    }

    /// <summary>The definition. Tests hold the vector path to it.</summary>
    internal static float Scalar(float gate, float up) => (float)(gate / (1 + Math.Exp(-gate)) * up);
}
