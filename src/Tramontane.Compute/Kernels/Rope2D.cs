namespace Tramontane.Compute.Kernels;

/// <summary>
/// Rotary position embedding of image patches (Pixtral 12B, Agrawal et al. 2024, arXiv:2410.07073): of the frequencies
/// theta^(−2i / headDim) those with even i turn the first half of a head's pairs by the patch's row, those with odd i the
/// second half by its column. Pairs are interleaved, as in <see cref="Rope"/>.
/// </summary>
public sealed class Rope2D
{
    private readonly int _quarter;
    private readonly float[] _rows; // [place][cosines, sines] of the even frequencies
    private readonly float[] _columns; // the same of the odd ones

    /// <summary>Prepares the angles of all places.</summary>
    /// <param name="headDim">Elements per head, a multiple of 4.</param>
    /// <param name="theta">The base; 1e4 for Pixtral.</param>
    /// <param name="maxPatches">Most patches per side.</param>
    public Rope2D(int headDim, double theta, int maxPatches)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(headDim % 4, 0, nameof(headDim));
        _quarter = headDim / 4;
        _rows = new float[maxPatches * 2 * _quarter];
        _columns = new float[maxPatches * 2 * _quarter];
        for (int place = 0; place < maxPatches; place++)
        {
            for (int i = 0; i < _quarter; i++)
            {
                Set(_rows, place, i, place * Math.Pow(theta, -2.0 * (2 * i) / headDim));
                Set(_columns, place, i, place * Math.Pow(theta, -2.0 * ((2 * i) + 1) / headDim));
            }
        }
    }

    /// <summary>Cosines of a patch's angles, one per pair, then sines: [headDim].</summary>
    public void Fill(int row, int column, Span<float> table)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(table.Length, 4 * _quarter);
        ReadOnlySpan<float> y = _rows.AsSpan(row * 2 * _quarter, 2 * _quarter), x = _columns.AsSpan(column * 2 * _quarter, 2 * _quarter);
        y[.._quarter].CopyTo(table);
        x[.._quarter].CopyTo(table[_quarter..]);
        y[_quarter..].CopyTo(table[(2 * _quarter)..]);
        x[_quarter..].CopyTo(table[(3 * _quarter)..]);
    }

    /// <summary>Turns all heads of one patch in place: [heads · headDim].</summary>
    public void Apply(Span<float> heads, ReadOnlySpan<float> table)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(table.Length, 4 * _quarter);
        Rope.Turn(heads, table);
    }

    private void Set(float[] table, int place, int i, double angle)
    {
        (double sin, double cos) = Math.SinCos(angle);
        table[(place * 2 * _quarter) + i] = (float)cos;
        table[(place * 2 * _quarter) + _quarter + i] = (float)sin;
    }
}
