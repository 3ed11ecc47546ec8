using Tramontane.Metering.Prices;

namespace Tramontane.Metering.Budgets;

/// <summary>How a request ended, and what it consumed.</summary>
/// <param name="Outcome">Its end; not <see cref="Ledger.RequestOutcome.Crashed"/>, which is found, not told.</param>
/// <param name="Counts">Its tokens; at most those that were admitted.</param>
/// <param name="FirstTokenAt">When its first token was made; null: none was.</param>
public readonly record struct Settlement(Ledger.RequestOutcome Outcome, TokenCounts Counts, DateTimeOffset? FirstTokenAt = null);
