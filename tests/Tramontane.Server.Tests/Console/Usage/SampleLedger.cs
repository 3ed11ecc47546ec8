using Tramontane.Metering.Budgets;
using Tramontane.Metering.Keys;
using Tramontane.Metering.Ledger;
using Tramontane.Metering.Prices;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.Console.Usage;

/// <summary>A ledger of several keys over many days, as an operator would see it after a month.</summary>
internal static class SampleLedger
{
    internal static readonly DateTimeOffset Today = new(2026, 5, 30, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Fills the ledger up to the clock's end, from a seed. Returns the keys with their secrets, an administrator's first.</summary>
    internal static async Task<IssuedKey[]> FillAsync(TestLedger ledger, SettableTime clock, DateTimeOffset end, int days = 30, int perDay = 12)
    {
        clock.Now = end.AddDays(-days - 1);
        await ledger.SetPriceAsync();
        await ledger.Meter.Accounts.CreateAsync("Acme Research", prepaid: true, id: "acme");
        await ledger.Meter.Accounts.AddCreditAsync("acme", new NewCredit { Amount = 25m, Currency = "USD", FreeTokens = 0, Note = "prepaid" });
        IssuedKey[] keys =
        [
            await CreateAsync(ledger, "operator", KeyScopes.Admin | KeyScopes.UsageRead | KeyScopes.Inference, "local"),
            await CreateAsync(ledger, "web app", KeyScopes.Inference | KeyScopes.UsageRead, "acme", new KeyLimits { RequestsPerMinute = 600, MoneyPerMonth = 20m }),
            await CreateAsync(ledger, "nightly batch", KeyScopes.Inference, "acme", new KeyLimits { TokensPerDay = 50_000_000, ConcurrentRequests = 64 }),
            await CreateAsync(ledger, "ci", KeyScopes.Inference | KeyScopes.UsageRead, "local"),
            await CreateAsync(ledger, "editor plug-in of the documentation team", KeyScopes.Inference | KeyScopes.UsageRead, "local"),
            await CreateAsync(ledger, "old prototype", KeyScopes.Inference, "local"),
        ];
        var random = new Random(7);
        string[] dialects = ["openai", "anthropic", "responses"];
        for (int day = days - 1; day >= 0; day--)
        {
            DateTimeOffset start = new DateTimeOffset(end.UtcDateTime.Date, TimeSpan.Zero).AddDays(-day);
            int count = start.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? perDay / 3 : perDay + random.Next(perDay / 2);
            double spacing = (day == 0 ? (end - start).TotalSeconds : 86_400) / (count + 1);
            for (int i = 0; i < count; i++)
            {
                clock.Now = start.AddSeconds((i + random.NextDouble()) * spacing);
                IssuedKey key = keys[1 + (int)(5 * random.NextDouble() * random.NextDouble())];
                int prompt = 200 + random.Next(6_000);
                Admission admission = await ledger.Meter.AdmitAsync(new AdmissionRequest
                {
                    RequestId = $"req_{random.NextInt64():x16}", AccountId = key.Key.AccountId, KeyId = key.Key.Id, Model = TestLedger.Model, Dialect = dialects[random.Next(3)],
                    PromptTokens = prompt, MaxCompletionTokens = 2_000,
                });
                if (admission.Reservation is not { } reservation)
                {
                    continue;
                }

                DateTimeOffset first = clock.Now.AddMilliseconds(180 + random.Next(900));
                int completion = 20 + random.Next(900);
                clock.Now = first.AddMilliseconds(completion * 18);
                RequestOutcome outcome = random.Next(40) switch { 0 => RequestOutcome.Failed, 1 or 2 => RequestOutcome.Aborted, 3 or 4 => RequestOutcome.Length, _ => RequestOutcome.Completed };
                await ledger.Meter.SettleAsync(reservation, new Settlement(outcome, new TokenCounts(prompt, prompt * random.Next(9) / 10, completion), first));
            }
        }

        clock.Now = end;
        await ledger.Meter.Keys.RevokeAsync(keys[5].Key.Id);
        return keys;
    }

    private static Task<IssuedKey> CreateAsync(TestLedger ledger, string name, KeyScopes scopes, string account, KeyLimits? limits = null) =>
        ledger.Meter.Keys.CreateAsync(account, new KeySettings { Name = name, Scopes = scopes, Limits = limits ?? KeyLimits.None });
}

/// <summary>A clock that says what it is told; its timers are the system's.</summary>
internal sealed class SettableTime : TimeProvider
{
    internal DateTimeOffset Now { get; set; } = SampleLedger.Today;

    public override DateTimeOffset GetUtcNow() => Now;
}
