using System.Globalization;
using Tramontane.Metering;
using Tramontane.Metering.Keys;
using Tramontane.Metering.Ledger;
using Tramontane.Server.Accounting;
using Tramontane.Server.Catalog;
using Tramontane.Server.Console.Sessions;

namespace Tramontane.Server.Console.Usage;

/// <summary>Reads from the ledger what a visitor may see.</summary>
/// <param name="places">Where reports are made.</param>
/// <param name="meter">Null: nothing is metered.</param>
internal sealed class UsageLoader(ReportPlaces places, Meter? meter = null)
{
    /// <summary>Groups in the table.</summary>
    internal const int MostGroups = 100;

    /// <summary>Keys to choose from: the chosen one, then those that can be used, the newest first.</summary>
    internal const int MostKeys = 200;

    /// <summary>Requests in the list.</summary>
    internal const int MostRequests = 25;

    /// <summary>Groups with a colour of their own in charts; the rest are one.</summary>
    internal const int MostColours = 4;

    internal bool IsMetered => meter is not null;

    internal Task<UsageModel> LoadAsync(Visitor visitor, UsageSelection selection, CancellationToken cancellationToken) =>
        places.RunAsync(() => ReadAsync(meter!, visitor, selection, cancellationToken), cancellationToken);

    private static async Task<UsageModel> ReadAsync(Meter meter, Visitor visitor, UsageSelection selection, CancellationToken cancellationToken)
    {
        UsageQuery query = selection.QueryFor(visitor);
        List<UsageRow> rows = await meter.Usage.SummarizeAsync(query, UsageGrouping.Day | selection.Grouping, cancellationToken: cancellationToken);
        List<UsageRow> outcomes = await meter.Usage.SummarizeAsync(query, UsageGrouping.Outcome, cancellationToken: cancellationToken);
        List<LedgerRecord> latest = await meter.Usage.LatestAsync(query, MostRequests, cancellationToken);
        List<ApiKey> keys = visitor.IsAdmin ? await meter.Keys.ListAsync(cancellationToken: cancellationToken)
            : visitor.Caller.KeyId is { } own && await meter.Keys.GetAsync(own, cancellationToken) is { } key ? [key] : [];
        Dictionary<string, string> names = keys.ToDictionary(k => k.Id, k => $"{k.Settings.Name} ({k.Display})", StringComparer.Ordinal);
        Dictionary<string, string> accounts = selection.Grouping == UsageGrouping.Account
            ? (await meter.Accounts.ListAsync(cancellationToken)).ToDictionary(a => a.Id, a => a.Name, StringComparer.Ordinal)
            : [];
        string NameOfKey(string? id) => id is null ? "without a key" : names.GetValueOrDefault(id, id);
        Dictionary<string, string> shortNames = keys.ToDictionary(k => k.Id, k => k.Settings.Name, StringComparer.Ordinal);

        UsageGroup[] groups = [.. rows.GroupBy(r => IdOf(r, selection.Grouping))
            .Select(g => new UsageGroup(g.Key, selection.Grouping == UsageGrouping.Key ? NameOfKey(g.Key) : accounts.GetValueOrDefault(g.Key ?? "", g.Key ?? "none"), UsageSum.Of(g)))
            .OrderByDescending(g => g.Sum.Requests).ThenBy(g => g.Name, StringComparer.Ordinal)];
        string? currency = rows.Select(r => r.Currency).FirstOrDefault(c => c is not null);
        var model = new UsageModel
        {
            Visitor = visitor,
            VisitorName = visitor.Caller.KeyId is { } id ? NameOfKey(id) : "a key of the command line",
            Selection = selection,
            Total = UsageSum.Of(rows),
            Currency = currency,
            Groups = [.. groups.Take(MostGroups)],
            HiddenGroups = Math.Max(0, groups.Length - MostGroups),
            Charts = [],
            Outcomes = [.. outcomes.GroupBy(r => r.Outcome!.Value).Select(g => (g.Key, g.Sum(r => r.Requests))).OrderBy(o => o.Key)],
            Latency = await meter.Usage.LatencyAsync(query, cancellationToken),
            Latest = [.. latest.Select(r => new UsageRequest(r, shortNames.GetValueOrDefault(r.KeyId ?? "", r.KeyId ?? "without a key")))],
            Keys = visitor.IsAdmin
                ? [.. keys.OrderBy(k => k.Id != selection.KeyId).ThenBy(k => k.RevokedAt is not null).ThenByDescending(k => k.CreatedAt).Take(MostKeys)
                    .OrderBy(k => k.Settings.Name, StringComparer.OrdinalIgnoreCase).Select(k => new KeyChoice(k.Id, names[k.Id]))]
                : [],
            HiddenKeys = visitor.IsAdmin ? Math.Max(0, keys.Count - MostKeys) : 0,
        };
        return model with { Charts = Charts(model, rows, groups) };
    }

    private static string? IdOf(UsageRow row, UsageGrouping grouping) => grouping switch
    {
        UsageGrouping.Key => row.KeyId,
        UsageGrouping.Account => row.AccountId,
        UsageGrouping.Model => row.Model,
        UsageGrouping.Dialect => row.Dialect,
        _ => OutcomeNames.Of(row.Outcome!.Value),
    };

    private static Chart[] Charts(UsageModel model, List<UsageRow> rows, UsageGroup[] groups)
    {
        DateOnly[] days = [.. Enumerable.Range(0, model.Selection.DayCount).Select(model.Selection.First.AddDays)];
        Dictionary<DateOnly, UsageSum> byDay = rows.GroupBy(r => r.Day!.Value).ToDictionary(g => g.Key, UsageSum.Of);
        var byGroup = rows.GroupBy(r => (Id: IdOf(r, model.Selection.Grouping) ?? "", Day: r.Day!.Value)).ToDictionary(g => g.Key, UsageSum.Of);
        decimal[] Daily(Func<UsageSum, decimal> value) => [.. days.Select(day => byDay.TryGetValue(day, out UsageSum? sum) ? value(sum) : 0)];
        ChartSeries[] Split(Func<UsageSum, decimal> value)
        {
            UsageGroup[] coloured = [.. groups.OrderByDescending(g => value(g.Sum)).Take(groups.Length == MostColours + 1 ? MostColours + 1 : MostColours)];
            List<ChartSeries> series = [.. coloured.Select((g, i) => new ChartSeries(
                g.Name, i + 1, [.. days.Select(day => byGroup.TryGetValue((g.Id ?? "", day), out UsageSum? sum) ? value(sum) : 0)]))];
            if (coloured.Length < groups.Length)
            {
                series.Add(new ChartSeries("others", MostColours + 1, [.. Daily(value).Select((all, day) => all - series.Sum(s => s.Values[day]))]));
            }

            return [.. series];
        }

        string Whole(decimal value) => value.ToString("N0", CultureInfo.InvariantCulture);
        string Milliseconds(decimal value) => UsageModel.Time((double)value);
        return
        [
            new Chart("requests", "Requests", Whole(model.Total.Requests), days, Split(s => s.Requests), Whole),
            new Chart("tokens", "Tokens", Whole(model.Total.PromptTokens + model.Total.CompletionTokens), days,
                [new("input, computed", 1, Daily(s => s.PromptTokens - s.CachedTokens)), new("input, cached", 3, Daily(s => s.CachedTokens)), new("output", 2, Daily(s => s.CompletionTokens))], Whole),
            new Chart("cost", "Cost", model.Money(model.Total.Cost), days, Split(s => s.Cost), v => model.Currency is null ? Whole(v) : MoneyText.Format(v, model.Currency)) { IsWhole = model.Currency is null },
            new Chart("latency", "Mean latency", UsageModel.Time(model.Total.MeanMilliseconds), days,
                [new("whole request", 1, Daily(s => (decimal)(s.MeanMilliseconds ?? 0))), new("first token", 2, Daily(s => (decimal)(s.MeanFirstTokenMilliseconds ?? 0)))], Milliseconds) { IsStacked = false },
        ];
    }
}
