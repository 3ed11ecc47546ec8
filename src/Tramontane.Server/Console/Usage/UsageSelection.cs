using System.Globalization;
using Microsoft.AspNetCore.Http;
using Tramontane.Metering.Ledger;
using Tramontane.Server.Accounting;
using Tramontane.Server.Console.Sessions;

namespace Tramontane.Server.Console.Usage;

/// <summary>What of the ledger is shown, as the address says: <c>?days=30&amp;group=key</c>, or <c>?from=…&amp;to=…</c> with both days included.</summary>
/// <param name="First">The first day, UTC.</param>
/// <param name="Last">The last day, UTC.</param>
/// <param name="Days">The chosen number of days; null for a range of one's own.</param>
/// <param name="Group">By what it is split: one of <see cref="Groups"/>.</param>
/// <param name="KeyId">Of this key only; null for all that the visitor may see.</param>
/// <param name="Problem">Why the address could not be followed; null when it could.</param>
internal sealed record UsageSelection(DateOnly First, DateOnly Last, int? Days, string Group, string? KeyId, string? Problem)
{
    /// <summary>Ranges to choose from.</summary>
    internal static readonly int[] Ranges = [7, 30, 90];

    /// <summary>The longest range: charts of more days show nothing, and quantiles sort every request.</summary>
    internal const int MostDays = ReportPlaces.MostDays;

    private static readonly (string Word, string Label, UsageGrouping Grouping)[] s_groups =
    [
        ("key", "Key", UsageGrouping.Key), ("account", "Account", UsageGrouping.Account), ("model", "Model", UsageGrouping.Model),
        ("dialect", "Dialect", UsageGrouping.Dialect), ("outcome", "Outcome", UsageGrouping.Outcome),
    ];

    /// <summary>Words and labels of the groups that a visitor can choose.</summary>
    internal static IEnumerable<(string Word, string Label)> Groups(Visitor visitor) =>
        s_groups.Where(g => visitor.IsAdmin || g.Grouping is not (UsageGrouping.Key or UsageGrouping.Account)).Select(g => (g.Word, g.Label));

    internal UsageGrouping Grouping => s_groups.First(g => g.Word == Group).Grouping;

    internal string GroupLabel => s_groups.First(g => g.Word == Group).Label;

    internal int DayCount => Last.DayNumber - First.DayNumber + 1;

    /// <summary>The ledger's rows that the visitor may see and has chosen.</summary>
    internal UsageQuery QueryFor(Visitor visitor) => new()
    {
        From = new DateTimeOffset(First, TimeOnly.MinValue, TimeSpan.Zero),
        To = new DateTimeOffset(Last.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero),
        AccountId = visitor.IsAdmin ? null : visitor.Caller.AccountId,
        KeyId = visitor.IsAdmin ? KeyId : visitor.Caller.KeyId,
    };

    /// <summary>The query string of this selection with another group or key, from the question mark on.</summary>
    internal string Address(string? keyId, string? group = null) =>
        (Days is { } days ? $"?days={days}" : $"?from={Text(First)}&to={Text(Last)}") + $"&group={group ?? Group}" + (keyId is null ? "" : $"&key={Uri.EscapeDataString(keyId)}");

    internal static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    internal static UsageSelection Read(IQueryCollection query, Visitor visitor, DateTimeOffset now)
    {
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        string group = visitor.IsAdmin ? "key" : "model";
        string? problem = null;
        if (query["group"] is [{ Length: > 0 } word])
        {
            if (Groups(visitor).Any(g => g.Word == word))
            {
                group = word;
            }
            else
            {
                problem = "Usage is grouped by " + string.Join(", ", Groups(visitor).Select(g => g.Word)) + ".";
            }
        }

        string? key = visitor.IsAdmin && query["key"] is [{ Length: > 0 and <= 128 } id] ? id : null;
        string from = query["from"].ToString(), to = query["to"].ToString();
        if (from.Length > 0 || to.Length > 0)
        {
            if (TryRead(from, out DateOnly first) && TryRead(to.Length > 0 ? to : Text(today), out DateOnly last) && first <= last && last.DayNumber - first.DayNumber < MostDays && last < DateOnly.MaxValue)
            {
                return new UsageSelection(first, last, null, group, key, problem);
            }

            problem = $"From and to must be days such as 2026-05-08, in this order, {MostDays} of them at most. The last 30 days are shown.";
        }

        int days = 30;
        if (query["days"] is [{ Length: > 0 } number] && (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out days) || days is < 1 or > MostDays))
        {
            (days, problem) = (30, $"Days go from 1 to {MostDays}. The last 30 days are shown.");
        }

        return new UsageSelection(today.AddDays(1 - days), today, days, group, key, problem);
    }

    private static bool TryRead(string text, out DateOnly day) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day);
}
