namespace Tramontane.Inference.Vision;

/// <summary>
/// Bicubic resampling as OpenCV does it (resize with INTER_CUBIC on float32): four taps with a = −0.75 around the sample's
/// place, edges repeated, no smoothing when shrinking, no clamping. Along rows first, then along columns.
/// </summary>
internal sealed class CubicResampler
{
    private const int Taps = 4;
    private const int Channels = 3;

    private readonly Axis _horizontal;
    private readonly Axis _vertical;
    private readonly int _sourceWidth;
    private readonly float[][] _rows = new float[Taps][]; // source rows that have been resampled already
    private readonly int[] _rowIndex = [-1, -1, -1, -1];

    public CubicResampler(int sourceWidth, int sourceHeight, int width, int height)
    {
        _sourceWidth = sourceWidth;
        _horizontal = new Axis(sourceWidth, width);
        _vertical = new Axis(sourceHeight, height);
        for (int i = 0; i < Taps; i++)
        {
            _rows[i] = new float[width * Channels];
        }
    }

    /// <summary>One row of the result, red, green and blue interleaved, on the scale of the source: 0 to 255 and somewhat beyond.</summary>
    /// <param name="rgb">All source pixels.</param>
    /// <param name="y">Which row; rows are best asked for in order.</param>
    /// <param name="destination">[width · 3].</param>
    public void Row(ReadOnlySpan<byte> rgb, int y, Span<float> destination)
    {
        destination.Clear();
        for (int tap = 0; tap < Taps; tap++)
        {
            float weight = _vertical.Weights[(y * Taps) + tap];
            float[] row = HorizontalRow(rgb, _vertical.Sources[(y * Taps) + tap]);
            for (int i = 0; i < destination.Length; i++)
            {
                destination[i] += weight * row[i];
            }
        }
    }

    // Neighbouring results share source rows; four places, addressed by the row's number, hold all that one result needs.
    private float[] HorizontalRow(ReadOnlySpan<byte> rgb, int source)
    {
        int place = source % Taps;
        float[] row = _rows[place];
        if (_rowIndex[place] == source)
        {
            return row;
        }

        _rowIndex[place] = source;
        ReadOnlySpan<byte> pixels = rgb.Slice(source * _sourceWidth * Channels, _sourceWidth * Channels);
        for (int x = 0; x < row.Length / Channels; x++)
        {
            ReadOnlySpan<int> sources = _horizontal.Sources.AsSpan(x * Taps, Taps);
            ReadOnlySpan<float> weights = _horizontal.Weights.AsSpan(x * Taps, Taps);
            for (int c = 0; c < Channels; c++)
            {
                row[(x * Channels) + c] =
                    (weights[0] * pixels[(sources[0] * Channels) + c]) + (weights[1] * pixels[(sources[1] * Channels) + c])
                    + (weights[2] * pixels[(sources[2] * Channels) + c]) + (weights[3] * pixels[(sources[3] * Channels) + c]);
            }
        }

        return row;
    }

    /// <summary>Places and weights of the taps along one side.</summary>
    private sealed class Axis
    {
        public Axis(int source, int count)
        {
            Sources = new int[count * Taps];
            Weights = new float[count * Taps];
            double scale = (double)source / count;
            for (int i = 0; i < count; i++)
            {
                // In single precision, as OpenCV has it: on large images the rounding shows.
                float place = source == count ? i : (float)(((i + 0.5) * scale) - 0.5);
                int first = (int)MathF.Floor(place);
                SetWeights(place - first, Weights.AsSpan(i * Taps, Taps));
                for (int tap = 0; tap < Taps; tap++)
                {
                    Sources[(i * Taps) + tap] = Math.Clamp(first - 1 + tap, 0, source - 1);
                }
            }
        }

        public int[] Sources { get; }

        public float[] Weights { get; }

        // Keys 1981, "Cubic convolution interpolation for digital image processing", with a = −0.75.
        private static void SetWeights(float x, Span<float> weights)
        {
            const float A = -0.75f;
            weights[0] = (((((A * (x + 1)) - (5 * A)) * (x + 1)) + (8 * A)) * (x + 1)) - (4 * A);
            weights[1] = ((((A + 2) * x) - (A + 3)) * x * x) + 1;
            weights[2] = ((((A + 2) * (1 - x)) - (A + 3)) * (1 - x) * (1 - x)) + 1;
            weights[3] = 1 - weights[0] - weights[1] - weights[2];
        }
    }
}
