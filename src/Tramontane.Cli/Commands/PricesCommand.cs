using System.CommandLine;
using System.Globalization;
using Tramontane.Cli.Metering;
using Tramontane.Metering.Prices;

namespace Tramontane.Cli.Commands;

/// <summary><c>tramontane prices</c>: what requests cost.</summary>
internal static class PricesCommand
{
    // As the server names the model in its ledger: src/Tramontane.Server/Catalog/ModelCatalog.cs.
    private const string Model = "mistralai/Mistral-Small-3.2-24B-Instruct-2506";

    public static (Command Command, IReadOnlyList<string> Examples) Create()
    {
        var command = new Command("prices", "Look at the price list, or add to it.") { List(), Set() };
        return (command, ["tramontane prices set --currency USD --prompt 0.075 --cached 0.0075 --completion 0.20"]);
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
        var prompt = new Option<decimal>("--prompt") { Description = "Per 1,000,000 prompt tokens.", HelpName = "PRICE", Required = true };
        var cached = new Option<decimal?>("--cached") { Description = "Per 1,000,000 prompt tokens found in the cache; left out: as --prompt.", HelpName = "PRICE" };
        var completion = new Option<decimal>("--completion") { Description = "Per 1,000,000 generated tokens.", HelpName = "PRICE", Required = true };
        var model = new Option<string>("--for") { Description = "The model's canonical id.", HelpName = "MODEL", DefaultValueFactory = _ => Model };
        var source = new Option<string>("--source") { Description = "Where the price is from.", HelpName = "TEXT", DefaultValueFactory = _ => "operator" };
        var command = new Command("set", "Add a price that holds from now on. What began before keeps its price.") { currency, prompt, cached, completion, model, source };
        command.SetMeteringBody(async (meter, result) =>
        {
            PriceRow row = await meter.Prices.AddAsync(new NewPrice
            {
                Model = result.GetValue(model)!,
                Currency = result.GetValue(currency)!,
                Prompt = result.GetValue(prompt),
                Cached = result.GetValue(cached),
                Completion = result.GetValue(completion),
                Source = result.GetValue(source)!,
            });
            Console.Out.WriteLine($"price {row.Id} holds for {row.Model}");
        });
        return command;
    }
}
