using Tramontane.Metering.Budgets;
using Tramontane.Metering.Keys;
using Tramontane.Metering.Ledger;
using Tramontane.Metering.Prices;
using Tramontane.Metering.Tests.Storage;

namespace Tramontane.Metering.Tests.Budgets;

/// <summary>Prepaid credit and free tokens.</summary>
public abstract class CreditTests(ITestDatabaseSource source) : MeterTest(source)
{
    [Fact]
    public async Task Credit_OfAPrepaidAccount_BoundsWhatIsOpenAndSpent()
    {
        await AddPriceAsync(prompt: 2m, cached: 0.5m, completion: 6m);
        await AddPrepaidAsync(credit: 0.001m);
        Reservation first = await AdmitAsync(Request(account: "acme")); // at most 0.0005
        await AdmitAsync(Request(account: "acme"));
        Refusal refusal = await RefuseAsync(Request(account: "acme", prompt: 1, max: 0), RefusalKind.Credit);
        Assert.Equal((RefusalCategory.Payment, 0.001m, 0m, 0.000002m), (refusal.Category, refusal.Limit, refusal.Left, refusal.Needed));

        await SettleAsync(first, 100, 100, 25); // 0.00005 + 0.00015
        Account account = (await Meter.Accounts.GetAsync("acme"))!;
        Assert.Equal((0.0008m, 0.0005m, 0.0003m), (account.Balance, account.Reserved, account.Available));
        await AdmitAsync(Request(account: "acme", prompt: 0, max: 50));
        await RefuseAsync(Request(account: "acme", prompt: 1, max: 0), RefusalKind.Credit);
        await Meter.Accounts.AddCreditAsync("acme", new NewCredit { Amount = 0.000002m, Currency = "USD" });
        await AdmitAsync(Request(account: "acme", prompt: 1, max: 0));
    }

    [Fact]
    public async Task Credit_WithoutAPrice_IsNeededAllTheSame()
    {
        await AddPrepaidAsync();
        await RefuseAsync(Request(account: "acme"), RefusalKind.Credit);
        await Meter.Accounts.AddCreditAsync("acme", new NewCredit { Amount = 1, Currency = "USD" });
        await AdmitAsync(Request(account: "acme"));
    }

    [Fact]
    public async Task FreeTokens_OfThousand_StopAtTheirEnd()
    {
        await AddPriceAsync();
        await AddPrepaidAsync(freeTokens: 1_000);
        ApiKey key = await AddKeyAsync(account: "acme");
        long used = 0;
        for (int i = 0; i < 6; i++)
        {
            Reservation reservation = await AdmitAsync(Request(key, prompt: 100, max: 100));
            Assert.True(reservation.IsFree);
            LedgerRecord record = await SettleAsync(reservation, 100, 0, 50);
            Assert.Equal((0m, true), (record.Cost.Total, record.IsFree));
            used += record.Counts.Total;
        }

        // 900 are used: 100 are left, for smaller requests only
        Refusal refusal = await RefuseAsync(Request(key, prompt: 100, max: 1), RefusalKind.Credit);
        Assert.Contains("100 free tokens are left", refusal.Message, StringComparison.Ordinal);
        await SettleAsync(await AdmitAsync(Request(key, prompt: 50, max: 50)), 50, 0, 50);
        await RefuseAsync(Request(key, prompt: 1, max: 0), RefusalKind.Credit);
        Account account = (await Meter.Accounts.GetAsync("acme"))!;
        Assert.Equal((900, 0, 0), (used, account.FreeTokens, account.FreeTokensReserved));
    }

    [Fact]
    public async Task FreeTokens_BeforeCredit_PayWholeRequests()
    {
        await AddPriceAsync(prompt: 2m, completion: 6m);
        await AddPrepaidAsync(credit: 1, freeTokens: 200);
        Reservation free = await AdmitAsync(Request(account: "acme", prompt: 100, max: 50));
        Reservation paid = await AdmitAsync(Request(account: "acme", prompt: 100, max: 50)); // 50 free ones are left: too few
        Assert.Equal((true, false), (free.IsFree, paid.IsFree));
        await SettleAsync(free, 100, 0, 50, RequestOutcome.Failed); // takes none
        await SettleAsync(paid, 100, 0, 50);
        Account account = (await Meter.Accounts.GetAsync("acme"))!;
        Assert.Equal((1 - 0.0005m, 0m, 200, 0), (account.Balance, account.Reserved, account.FreeTokens, account.FreeTokensReserved));
    }

    [Fact]
    public async Task FreeTokens_OfAnAccountThatPaysLater_ComeFirst()
    {
        await AddPriceAsync();
        await Meter.Accounts.AddCreditAsync(Account.Local, new NewCredit { FreeTokens = 150 });
        Assert.Equal(0, (await SettleAsync(await AdmitAsync(Request()), 100, 0, 50)).Cost.Total);
        Assert.NotEqual(0, (await SettleAsync(await AdmitAsync(Request()), 100, 0, 50)).Cost.Total);
        Assert.Equal(0, (await Meter.Accounts.GetAsync(Account.Local))!.Balance);
    }

    [Fact]
    public async Task Update_FromPrepaid_LetsOpenRequestsEndAsTheyBegan()
    {
        await AddPriceAsync(prompt: 2m, completion: 6m);
        await AddPrepaidAsync(credit: 1);
        Reservation open = await AdmitAsync(Request(account: "acme"));
        await Meter.Accounts.UpdateAsync("acme", "Acme", prepaid: false, closed: false);
        Reservation later = await AdmitAsync(Request(account: "acme"));
        await SettleAsync(open, 100, 0, 50);
        await SettleAsync(later, 100, 0, 50);
        Account account = (await Meter.Accounts.GetAsync("acme"))!;
        Assert.Equal((0.9995m, 0m), (account.Balance, account.Reserved));
    }

    [Fact]
    public async Task Close_AnAccount_EndsItsAdmissions()
    {
        await AddPrepaidAsync(credit: 1);
        Reservation open = await AdmitAsync(Request(account: "acme"));
        await Meter.Accounts.UpdateAsync("acme", "Acme", prepaid: true, closed: true);
        await RefuseAsync(Request(account: "acme"), RefusalKind.AccountClosed);
        await SettleAsync(open, 100, 0, 50);
        await Meter.Accounts.UpdateAsync("acme", "Acme", prepaid: true, closed: false);
        await AdmitAsync(Request(account: "acme"));
    }

    [Fact]
    public async Task AddCredit_WithOneIdTwice_CountsOnce()
    {
        await AddPrepaidAsync();
        var credit = new NewCredit { Id = "invoice 7", Amount = 0.123456789012m, Currency = "USD", FreeTokens = 5, Note = "seven" };
        Credit first = await Meter.Accounts.AddCreditAsync("acme", credit);
        Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(first, await Meter.Accounts.AddCreditAsync("acme", credit));
        Assert.Equal([first], await Meter.Accounts.CreditsAsync("acme"));
        MeteringException other = await Assert.ThrowsAsync<MeteringException>(() => Meter.Accounts.AddCreditAsync("acme", credit with { Amount = 1 }));
        Assert.Equal(MeteringFault.Conflict, other.Fault);
        Account account = (await Meter.Accounts.GetAsync("acme"))!;
        Assert.Equal((0.123456789012m, 5), (account.Balance, account.FreeTokens));
        await Meter.Accounts.AddCreditAsync("acme", new NewCredit { Amount = -1m, Currency = "USD", Note = "correction" });
        Assert.Equal(-0.876543210988m, (await Meter.Accounts.GetAsync("acme"))!.Balance);
        await RefuseAsync(Request(account: "acme"), RefusalKind.Credit);
    }

    [Fact]
    public async Task Balance_BeyondSixtyFourBitsOfPico_StaysExact()
    {
        await AddPriceAsync(prompt: 0.000001m, completion: 40_000m);
        await AddPrepaidAsync(credit: 999_999_999_999.999999999999m);
        await SettleAsync(await AdmitAsync(Request(account: "acme", prompt: 1, max: 100_000_000)), 1, 0, 100_000_000);
        Assert.Equal(999_999_999_999.999999999999m - 4_000_000.000000000001m, (await Meter.Accounts.GetAsync("acme"))!.Balance);
    }

    [Fact]
    public async Task Currency_OfADatabase_IsOne()
    {
        await AddPriceAsync();
        await AddPrepaidAsync();
        Assert.Equal(MeteringFault.Conflict, (await Assert.ThrowsAsync<MeteringException>(() => Meter.Accounts.AddCreditAsync("acme", new NewCredit { Amount = 1, Currency = "EUR" }))).Fault);
        var euro = new NewPrice { Model = Model, Currency = "EUR", Prompt = 1, Completion = 1 };
        Assert.Equal(MeteringFault.Conflict, (await Assert.ThrowsAsync<MeteringException>(() => Meter.Prices.AddAsync(euro))).Fault);
        Assert.Equal("EUR", (await Meter.Prices.AddAsync(euro with { Provider = "elsewhere" })).Currency); // others' prices are for comparison
        Assert.Single(Meter.Prices.Current.History(Model));
    }

    [Fact]
    public async Task Change_WithWrongValues_IsRefused()
    {
        await AddPrepaidAsync();
        NewCredit[] wrong =
        [
            new(), new() { Amount = 1 }, new() { Amount = 1, Currency = "usd" }, new() { Amount = 0.0000000000001m, Currency = "USD" },
            new() { Amount = 1_000_000_000_001m, Currency = "USD" }, new() { FreeTokens = -1 }, new() { FreeTokens = long.MinValue + 1 }, new() { FreeTokens = 1, Note = "a\0" }, new() { FreeTokens = 1, Id = "" },
        ];
        foreach (NewCredit credit in wrong)
        {
            Assert.Equal(MeteringFault.Invalid, (await Assert.ThrowsAsync<MeteringException>(() => Meter.Accounts.AddCreditAsync("acme", credit))).Fault);
        }

        await AssertFaultAsync(MeteringFault.NotFound, () => Meter.Accounts.AddCreditAsync("nobody", new NewCredit { FreeTokens = 1 }));
        await AssertFaultAsync(MeteringFault.NotFound, () => Meter.Accounts.UpdateAsync("nobody", "x", false, false));
        await AssertFaultAsync(MeteringFault.Conflict, () => Meter.Accounts.CreateAsync("Acme", true, "acme"));
        await AssertFaultAsync(MeteringFault.Invalid, () => Meter.Accounts.CreateAsync("", true));
        await AssertFaultAsync(MeteringFault.Invalid, () => Meter.Accounts.CreateAsync("Acme", true, "a b"));
        Assert.Equal([Account.Local, "acme"], (await Meter.Accounts.ListAsync()).Select(a => a.Id));

        static async Task AssertFaultAsync(MeteringFault fault, Func<Task> act) => Assert.Equal(fault, (await Assert.ThrowsAsync<MeteringException>(act)).Fault);
    }
}

public sealed class SqliteCreditTests() : CreditTests(new SqliteSource());

[Collection(PostgresCollection.Name)]
public sealed class PostgresCreditTests(PostgresCluster cluster) : CreditTests(new PostgresSource(cluster));
