using System.Globalization;
using Tramontane.Metering.Ledger;
using Tramontane.Server.Catalog;
using Tramontane.Server.Console.Sessions;

namespace Tramontane.Server.Console.Usage;

/// <summary>One of the groups.</summary>
/// <param name="Id">The key's or account's id, or the word itself; null for requests without a key.</param>
/// <param name="Name">For people.</param>
/// <param name="Sum">What it used.</param>
internal sealed record UsageGroup(string? Id, string Name, UsageSum Sum);

/// <summary>One ended request.</summary>
/// <param name="Record">The ledger's row.</param>
/// <param name="Key">The key's name.</param>
internal sealed record UsageRequest(LedgerRecord Record, string Key);

/// <summary>A key that the usage can be narrowed to.</summary>
internal sealed record KeyChoice(string Id, string Name);

/// <summary>What <c>/usage</c> shows.</summary>
internal sealed record UsageModel
{
    internal required Visitor Visitor { get; init; }

    /// <summary>The key's name, for who is signed in.</summary>
    internal required string VisitorName { get; init; }

    internal required UsageSelection Selection { get; init; }

    internal required UsageSum Total { get; init; }

    /// <summary>ISO 4217; null when nothing had a price. A database has one currency.</summary>
    internal required string? Currency { get; init; }

    /// <summary>The most requests first; at most <see cref="UsageLoader.MostGroups"/>.</summary>
    internal required IReadOnlyList<UsageGroup> Groups { get; init; }

    internal required int HiddenGroups { get; init; }

    internal required IReadOnlyList<Chart> Charts { get; init; }

    internal required IReadOnlyList<(RequestOutcome Outcome, long Requests)> Outcomes { get; init; }

    internal required LatencyReport Latency { get; init; }

    internal required IReadOnlyList<UsageRequest> Latest { get; init; }

    /// <summary>For an administrator: keys to narrow the usage to.</summary>
    internal required IReadOnlyList<KeyChoice> Keys { get; init; }

    /// <summary>Keys that are too many to choose from.</summary>
    internal required int HiddenKeys { get; init; }

    /// <summary>The key that it is narrowed to.</summary>
    internal string? KeyName => Selection.KeyId is { } id ? Keys.FirstOrDefault(k => k.Id == id)?.Name ?? id : null;

    internal string Money(decimal amount) => Currency is null ? (amount == 0 ? "–" : amount.ToString(CultureInfo.InvariantCulture)) : MoneyText.Format(amount, Currency);

    internal static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    internal static string Share(long part, long whole) => whole == 0 ? "–" : ((decimal)part * 100 / whole).ToString("0.#", CultureInfo.InvariantCulture) + " %";

    /// <summary>Milliseconds below ten seconds, then seconds.</summary>
    internal static string Time(double? milliseconds) => milliseconds switch
    {
        null => "–",
        < 10_000 => milliseconds.Value.ToString("#,##0", CultureInfo.InvariantCulture) + " ms",
        _ => (milliseconds.Value / 1000).ToString("#,##0.0", CultureInfo.InvariantCulture) + " s",
    };
}
