namespace Tramontane.Metering.Prices;

/// <summary>The exact cost of a request by its parts.</summary>
/// <param name="Prompt">Prompt tokens that were computed.</param>
/// <param name="Cached">Prompt tokens that were found in the cache.</param>
/// <param name="Completion">Generated tokens.</param>
public readonly record struct Cost(decimal Prompt, decimal Cached, decimal Completion)
{
    /// <summary>The sum of the parts.</summary>
    public decimal Total => Prompt + Cached + Completion;
}
