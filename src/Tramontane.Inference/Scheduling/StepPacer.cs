namespace Tramontane.Inference.Scheduling;

/// <summary>
/// How many rows of prompts a step may carry beside sequences that decode, so that their tokens keep coming: a step with
/// prompt rows should take at most <paramref name="slowdown"/> times as long as one without. Goes by measured times. Time
/// decides only how prompts are cut, and how they are cut changes no answer.
/// </summary>
/// <param name="slowdown">How many times a step without prompt rows; more than 1.</param>
internal sealed class StepPacer(double slowdown)
{
    /// <summary>A prompt goes on by so many rows at least.</summary>
    public const int LeastRows = 16;

    private const int RowsBeforeMeasured = 64;
    private const double Weight = 0.2; // of a new measurement in the running averages

    private double _decodeSeconds; // of a step without prompt rows; 0 until measured
    private double _rowSeconds; // of one prompt row; 0 until measured

    /// <summary>Most prompt rows of the next step.</summary>
    /// <param name="decodeRowCount">Rows of sequences that decode.</param>
    /// <param name="maxRows">Rows that are left in the step.</param>
    public int PromptRows(int decodeRowCount, int maxRows)
    {
        if (decodeRowCount == 0)
        {
            return maxRows;
        }

        double rows = _decodeSeconds == 0 || _rowSeconds == 0 ? RowsBeforeMeasured : (slowdown - 1) * _decodeSeconds / _rowSeconds;
        return Math.Min(maxRows, (int)Math.Clamp(rows, LeastRows, int.MaxValue));
    }

    /// <summary>A step has taken its time.</summary>
    /// <param name="decodeRowCount">Rows of sequences that decode.</param>
    /// <param name="promptRowCount">Rows of prompts.</param>
    /// <param name="elapsed">Its time.</param>
    public void Record(int decodeRowCount, int promptRowCount, TimeSpan elapsed)
    {
        double seconds = elapsed.TotalSeconds;
        if (promptRowCount == 0)
        {
            _decodeSeconds = Average(_decodeSeconds, seconds);
        }
        else if (promptRowCount >= LeastRows && (decodeRowCount == 0 || _decodeSeconds > 0))
        {
            // Beside decode rows only what the prompt adds counts: the weights are read for both.
            double added = decodeRowCount == 0 ? seconds : Math.Max(seconds - _decodeSeconds, seconds * 0.1);
            _rowSeconds = Average(_rowSeconds, added / promptRowCount);
        }
    }

    private static double Average(double average, double value) => average == 0 ? value : average + (Weight * (value - average));
}
