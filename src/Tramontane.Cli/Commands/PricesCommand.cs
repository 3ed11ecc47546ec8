using System.CommandLine;
using System.Globalization;
using Tramontane.Cli.CommandLine;
using Tramontane.Cli.Metering;
using Tramontane.Cli.Terminal;
using Tramontane.Metering.Ledger;
using Tramontane.Metering.Prices;
using Tramontane.Server.Catalog;

namespace Tramontane.Cli.Commands;

/// <summary><c>tramontane prices</c>: what requests cost.</summary>
internal static class PricesCommand
{
    public static (Command Command, IReadOnlyList<string> Examples) Create()
    {
        var command = new Command("prices", "Look at the price list, or add to it.") { List(), Set() };
        return (command, ["tramontane prices set --currency USD --prompt 0.075 --cached 0.0075 --completion 0.20", $"tramontane prices set --for {ModelNames.Demo} --currency USD --prompt 0.01 --completion 0.02"]);
    }

    private static Command List()
    {
        var command = new Command("list", "All prices, per 1,000,000 tokens.");
        command.SetMeteringBody((meter, _) =>
        {
            foreach (PriceRow row in meter.Prices.Current.Rows)
            {
                Console.Out.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{row.Id,4}  {row.EffectiveFrom:u}  {row.Provider}  {row.Model}  {row.Tier}  {row.Currency}  prompt {Money.Format(row.Prompt)}  cached {Money.Format(row.Cached)}  completion {Money.Format(row.Completion)}  {row.Source}"));
            }

            return Task.CompletedTask;
        });
        return command;
    }

    private static Command Set()
    {
        var currency = new Option<string>("--currency") { Description = "ISO 4217.", HelpName = "USD", Required = true };
        Option<decimal> prompt = Arguments.Amount("--prompt", "Per 1,000,000 prompt tokens.", "PRICE");
        Option<decimal?> cached = Arguments.OptionalAmount("--cached", "Per 1,000,000 prompt tokens found in the cache; left out: as --prompt.", "PRICE");
        Option<decimal> completion = Arguments.Amount("--completion", "Per 1,000,000 generated tokens.", "PRICE");
        var model = new Option<string>("--for")
        {
            Description = $"The model, by any name that hosts give it; the demo model is {ModelNames.Demo}.", HelpName = "MODEL", DefaultValueFactory = _ => ModelNames.Mistral,
        };
        var source = new Option<string>("--source") { Description = "Where the price is from.", HelpName = "TEXT", DefaultValueFactory = _ => "operator" };
        var command = new Command("set", "Add a price that holds from now on. What began before keeps its price.") { currency, prompt, cached, completion, model, source };
        command.SetMeteringBody(async (meter, result) =>
        {
            PriceRow row = await meter.Prices.AddAsync(new NewPrice
            {
                Model = ModelNames.Canonical(result.GetValue(model)!),
                Currency = result.GetValue(currency)!,
                Prompt = result.GetValue(prompt),
                Cached = result.GetValue(cached),
                Completion = result.GetValue(completion),
                Source = result.GetValue(source)!,
            });
            Console.Out.WriteLine($"price {row.Id} holds for {row.Model}");
            if ((await meter.Usage.LatestAsync(new UsageQuery(), limit: 1)) is [{ Model: var used, PriceId: null }] && meter.Prices.Current.InForce(used, DateTimeOffset.UtcNow) is null)
            {
                Notices.Warn($"The last request was for {used}, which has no price: set one with --for {used}.");
            }
        });
        return command;
    }
}
