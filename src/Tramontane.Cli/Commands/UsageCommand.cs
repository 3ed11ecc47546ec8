using System.CommandLine;
using System.Globalization;
using Tramontane.Cli.CommandLine;
using Tramontane.Cli.Metering;
using Tramontane.Metering.Ledger;
using Tramontane.Metering.Prices;

namespace Tramontane.Cli.Commands;

/// <summary><c>tramontane usage</c>: what the ledger holds.</summary>
internal static class UsageCommand
{
    /// <summary>Where so many days begin of which the last is today, in UTC whatever the zone of this machine is.</summary>
    internal static DateTimeOffset FirstDay(DateTimeOffset now, int days) => new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero).AddDays(1 - days);

    public static (Command Command, IReadOnlyList<string> Examples) Create()
    {
        Option<string> by = Arguments.Choice("--by", "How the sums are split.", "day", "day", "key", "account", "outcome", "all");
        Option<int> days = Arguments.Integer("--days", "How many days back.", 30, 1, 36500);
        var command = new Command("usage", "Sum up requests, tokens and money.") { by, days };
        command.SetMeteringBody(async (meter, result) =>
        {
            UsageGrouping grouping = result.GetValue(by) switch
            {
                "day" => UsageGrouping.Day, "key" => UsageGrouping.Key, "account" => UsageGrouping.Account, "outcome" => UsageGrouping.Outcome, _ => UsageGrouping.None,
            };
            var query = new UsageQuery { From = FirstDay(DateTimeOffset.UtcNow, result.GetValue(days)) };
            Console.Out.WriteLine($"{"",-28}{"requests",10}{"errors",8}{"prompt",14}{"cached",14}{"completion",14}  cost");
            foreach (UsageRow row in await meter.Usage.SummarizeAsync(query, grouping))
            {
                string group = row.Day is { } day ? day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
                    : row.KeyId ?? row.AccountId ?? (row.Outcome is { } outcome ? OutcomeNames.Of(outcome) : "");
                Console.Out.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{group,-28}{row.Requests,10}{row.Errors,8}{row.PromptTokens,14}{row.CachedTokens,14}{row.CompletionTokens,14}  {Money.Format(row.Cost.Total)} {row.Currency}"));
            }
        });
        return (command, ["tramontane usage --by key --days 7"]);
    }
}
