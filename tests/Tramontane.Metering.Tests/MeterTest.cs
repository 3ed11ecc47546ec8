using Tramontane.Metering.Budgets;
using Tramontane.Metering.Keys;
using Tramontane.Metering.Ledger;
using Tramontane.Metering.Prices;
using Tramontane.Metering.Tests.Storage;

namespace Tramontane.Metering.Tests;

/// <summary>A test with an open meter on an empty database of the kind that the subclass names.</summary>
public abstract class MeterTest(ITestDatabaseSource source) : IAsyncLifetime
{
    internal const string Model = "model-a";

    private int _requests;

    internal ManualClock Clock { get; } = new();

    internal ITestDatabase Database { get; private set; } = null!;

    internal Meter Meter { get; private protected set; } = null!;

    public async Task InitializeAsync()
    {
        Database = await source.CreateAsync();
        Meter = await OpenAsync();
    }

    public async Task DisposeAsync()
    {
        await Meter.DisposeAsync();
        await Database.DisposeAsync();
    }

    /// <summary>A meter that does nothing by itself: a lease renewed in the background would race with a test that moves the clock.</summary>
    internal Task<Meter> OpenAsync(bool serves = true, string? name = null) => Meter.OpenAsync(new MeterOptions
    {
        Database = Database.Name, TimeProvider = Clock, Serves = serves, InstanceName = name, RefreshInterval = TimeSpan.FromDays(1),
    });

    /// <summary>The database through a new meter; the old one is closed.</summary>
    internal async Task ReopenAsync()
    {
        await Meter.DisposeAsync();
        Meter = await OpenAsync();
    }

    /// <summary>Waits for what a meter does by itself in the background; a test that waits in vain fails.</summary>
    internal static async Task EventuallyAsync(Func<bool> isSo)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!isSo())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Delay(1, CancellationToken.None); // leaves the processor to who is waited for
        }
    }

    internal Task<PriceRow> AddPriceAsync(decimal prompt = 2m, decimal cached = 0.5m, decimal completion = 6m, DateTimeOffset? from = null) =>
        Meter.Prices.AddAsync(new NewPrice { Model = Model, Currency = "USD", Prompt = prompt, Cached = cached, Completion = completion, EffectiveFrom = from });

    internal async Task<ApiKey> AddKeyAsync(KeyLimits? limits = null, string account = Account.Local) =>
        (await Meter.Keys.CreateAsync(account, new KeySettings { Name = "test", Limits = limits ?? KeyLimits.None })).Key;

    internal async Task<Account> AddPrepaidAsync(decimal credit = 0, long freeTokens = 0, string id = "acme")
    {
        await Meter.Accounts.CreateAsync("Acme", prepaid: true, id);
        if (credit != 0 || freeTokens != 0)
        {
            await Meter.Accounts.AddCreditAsync(id, new NewCredit { Amount = credit, Currency = "USD", FreeTokens = freeTokens });
        }

        return (await Meter.Accounts.GetAsync(id))!;
    }

    internal AdmissionRequest Request(ApiKey? key = null, int prompt = 100, int max = 50, string? account = null, string? id = null) => new()
    {
        RequestId = id ?? $"req-{Interlocked.Increment(ref _requests)}",
        AccountId = account ?? key?.AccountId ?? Account.Local,
        KeyId = key?.Id,
        Model = Model,
        Dialect = "openai",
        PromptTokens = prompt,
        MaxCompletionTokens = max,
    };

    internal async Task<Reservation> AdmitAsync(AdmissionRequest request)
    {
        Admission admission = await Meter.AdmitAsync(request);
        Assert.Null(admission.Refusal);
        return admission.Reservation!;
    }

    internal async Task<Refusal> RefuseAsync(AdmissionRequest request, RefusalKind kind)
    {
        Admission admission = await Meter.AdmitAsync(request);
        Assert.Null(admission.Reservation);
        Assert.Equal(kind, admission.Refusal!.Kind);
        return admission.Refusal;
    }

    internal async Task<LedgerRecord> SettleAsync(Reservation reservation, int prompt, int cached, int completion, RequestOutcome outcome = RequestOutcome.Completed) =>
        await Meter.SettleAsync(reservation, new Settlement(outcome, new TokenCounts(prompt, cached, completion)));
}
