namespace Tramontane.Metering.Ledger;

/// <summary>Outcomes as words, as they stand in the database and on the wire.</summary>
public static class OutcomeNames
{
    private static readonly string[] s_names = ["completed", "length", "aborted", "failed", "crashed"];

    /// <summary>The word for an outcome.</summary>
    public static string Of(RequestOutcome outcome) => s_names[(int)outcome];

    internal static RequestOutcome Parse(string name) => (RequestOutcome)Array.IndexOf(s_names, name) is >= 0 and var outcome
        ? outcome
        : throw new FormatException($"'{name}' is no outcome of a request.");
}
