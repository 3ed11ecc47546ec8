namespace Tramontane.Compute.Kernels;

/// <summary>
/// Rotary position embedding (Su et al. 2021, arXiv:2104.09864) on interleaved pairs, as GGUF and Mistral's own
/// checkpoints store them: pair i of a head is elements 2i and 2i + 1, turned by position · theta^(−2i / headDim).
/// </summary>
public sealed class Rope
{
    private readonly double[] _frequencies;

    /// <summary>Prepares the frequencies of a head.</summary>
    /// <param name="headDim">Elements per head, even.</param>
    /// <param name="theta">The base; 1e9 for this model.</param>
    public Rope(int headDim, double theta)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(headDim % 2, 0, nameof(headDim));
        _frequencies = new double[headDim / 2];
        for (int i = 0; i < _frequencies.Length; i++)
        {
            _frequencies[i] = Math.Pow(theta, -2.0 * i / headDim);
        }
    }

    /// <summary>
    /// Cosines and sines of a position, one per pair: cos in the first half of <paramref name="table"/>, sin in the second.
    /// Angles are double: float32 angles drift by 1e-3 in the logits at 100,000 tokens.
    /// </summary>
    public void Fill(int position, Span<float> table)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(table.Length, 2 * _frequencies.Length);
        for (int i = 0; i < _frequencies.Length; i++)
        {
            (double sin, double cos) = Math.SinCos(position * _frequencies[i]);
            table[i] = (float)cos;
            table[_frequencies.Length + i] = (float)sin;
        }
    }

    /// <summary>Turns all heads of one token in place: [heads · headDim].</summary>
    public void Apply(Span<float> heads, ReadOnlySpan<float> table)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(table.Length, 2 * _frequencies.Length, nameof(table));
        Turn(heads, table);
    }

    /// <summary>Turns pair i of every head by the angle whose cosine and sine are entry i of the two halves of <paramref name="table"/>.</summary>
    internal static void Turn(Span<float> heads, ReadOnlySpan<float> table)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(heads.Length % table.Length, 0, nameof(heads));
        int pairs = table.Length / 2;
        ReadOnlySpan<float> cos = table[..pairs], sin = table[pairs..];
        for (int head = 0; head < heads.Length; head += 2 * pairs)
        {
            Span<float> x = heads.Slice(head, 2 * pairs);
            for (int i = 0; i < cos.Length; i++)
            {
                (float a, float b) = (x[2 * i], x[(2 * i) + 1]);
                x[2 * i] = (a * cos[i]) - (b * sin[i]);
                x[(2 * i) + 1] = (a * sin[i]) + (b * cos[i]);
            }
        }
    }
}
