using System.CommandLine;
using Tramontane.Cli.CommandLine;
using Tramontane.Cli.Metering;
using Tramontane.Cli.Terminal;
using Tramontane.Metering.Budgets;
using Tramontane.Metering.Keys;

namespace Tramontane.Cli.Commands;

/// <summary><c>tramontane keys</c>: who may use the server, on the machine of its database and also while it runs.</summary>
internal static class KeysCommand
{
    public static (Command Command, IReadOnlyList<string> Examples) Create()
    {
        var command = new Command("keys", "Make, list, rotate and revoke API keys.") { List(), Make(), Rotate(), Revoke() };
        return (command,
        [
            "tramontane keys create --admin                       the first key, which may make others over HTTP",
            "tramontane keys create --name ci --requests-per-minute 60 --tokens-per-day 1000000",
            "tramontane keys rotate key_… --grace 3600            a new secret; the old one for an hour more",
        ]);
    }

    private static Command List()
    {
        var command = new Command("list", "All keys, without their secrets.");
        command.SetMeteringBody(async (meter, _) =>
        {
            foreach (ApiKey key in await meter.Keys.ListAsync())
            {
                string state = key.RevokedAt is { } at ? $"revoked {at:u}" : key.Settings.ExpiresAt is { } until ? $"until {until:u}" : "valid";
                Console.Out.WriteLine($"{key.Id}  {key.Display}  {key.AccountId,-12}  {string.Join('+', KeyScopeNames.Of(key.Settings.Scopes)),-22}  {state,-28}  {key.Settings.Name}");
            }
        });
        return command;
    }

    private static Command Make()
    {
        var name = new Option<string?>("--name") { Description = "For people.", HelpName = "NAME" };
        var account = new Option<string>("--account") { Description = "The account that pays.", HelpName = "ID", DefaultValueFactory = _ => Account.Local };
        var admin = new Option<bool>("--admin") { Description = "The key may administrate too." };
        Option<int?> days = Arguments.OptionalInteger("--days", "How long it is valid; left out: for ever.", 1, 36500);
        Option<int?> requests = Arguments.OptionalInteger("--requests-per-minute", "Requests that it may make in a minute.", 0, int.MaxValue);
        Option<int?> tokens = Arguments.OptionalInteger("--tokens-per-day", "Tokens, of prompts and answers, that it may use in a day.", 0, int.MaxValue);
        Option<int?> concurrent = Arguments.OptionalInteger("--concurrent", "Requests that it may have at one time.", 0, int.MaxValue);
        Option<decimal?> money = Arguments.OptionalAmount("--money-per-month", "Money that it may spend in a month.", "AMOUNT");
        var command = new Command("create", "Make a key and print its secret, which is stored nowhere.") { name, account, admin, days, requests, tokens, concurrent, money };
        command.SetMeteringBody(async (meter, result) =>
        {
            bool isAdmin = result.GetValue(admin);
            var settings = new KeySettings
            {
                Name = result.GetValue(name) ?? (isAdmin ? "administrator" : "key"),
                Scopes = KeyScopes.Inference | KeyScopes.UsageRead | (isAdmin ? KeyScopes.Admin : KeyScopes.None),
                ExpiresAt = result.GetValue(days) is { } count ? DateTimeOffset.UtcNow.AddDays(count) : null,
                Limits = new KeyLimits
                {
                    RequestsPerMinute = result.GetValue(requests), TokensPerDay = result.GetValue(tokens), ConcurrentRequests = result.GetValue(concurrent), MoneyPerMonth = result.GetValue(money),
                },
            };
            IssuedKey issued = await meter.Keys.CreateAsync(result.GetValue(account)!, settings);
            Notices.Tell($"{issued.Key.Id}: keep the secret, it is not shown again.");
            Console.Out.WriteLine(issued.Secret);
        });
        return command;
    }

    private static Command Rotate()
    {
        Argument<string> id = Id();
        Option<int> grace = Arguments.Integer("--grace", "Seconds for which the old secret is still accepted.", 0, 0, (int)KeyRing.LongestGrace.TotalSeconds);
        var command = new Command("rotate", "Give a key a new secret and print it.") { id, grace };
        command.SetMeteringBody(async (meter, result) =>
            Console.Out.WriteLine((await meter.Keys.RotateAsync(result.GetValue(id)!, TimeSpan.FromSeconds(result.GetValue(grace)))).Secret));
        return command;
    }

    private static Command Revoke()
    {
        Argument<string> id = Id();
        var command = new Command("revoke", "Refuse a key from now on; running servers do within a second.") { id };
        command.SetMeteringBody(async (meter, result) =>
        {
            ApiKey key = await meter.Keys.RevokeAsync(result.GetValue(id)!);
            Console.Out.WriteLine($"revoked at {key.RevokedAt:u}");
        });
        return command;
    }

    private static Argument<string> Id()
    {
        var id = new Argument<string>("id") { Description = "The key's id, such as key_…" };
        id.RefuseOptions();
        return id;
    }
}
