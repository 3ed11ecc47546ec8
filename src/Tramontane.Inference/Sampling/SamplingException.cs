namespace Tramontane.Inference.Sampling;

/// <summary>No token can follow: every logit is −∞ or not a number, or everything is forbidden.</summary>
public sealed class SamplingException : InvalidOperationException
{
    /// <summary>Says so.</summary>
    public SamplingException()
        : base("No token can follow: every logit is negative infinity, not a number, or forbidden.")
    {
    }
}
