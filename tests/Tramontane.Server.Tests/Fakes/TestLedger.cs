using Tramontane.Metering;
using Tramontane.Metering.Budgets;
using Tramontane.Metering.Keys;
using Tramontane.Metering.Ledger;
using Tramontane.Metering.Prices;
using Tramontane.Metering.Tests.Storage;

namespace Tramontane.Server.Tests.Fakes;

/// <summary>A meter on a fresh database, which goes with it.</summary>
internal sealed class TestLedger : IAsyncDisposable
{
    /// <summary>As the server names the loaded model in the ledger.</summary>
    internal const string Model = "mistralai/Mistral-Small-3.2-24B-Instruct-2506";

    private readonly ITestDatabase _database;

    private TestLedger(ITestDatabase database, Meter meter) => (_database, Meter) = (database, meter);

    /// <summary>The SQLite file or connection string.</summary>
    internal string Database => _database.Name;

    internal Meter Meter { get; }

    /// <param name="time">The clock; the system's by default.</param>
    /// <param name="source">Where the database is from; a SQLite file by default.</param>
    internal static async Task<TestLedger> OpenAsync(TimeProvider? time = null, ITestDatabaseSource? source = null)
    {
        ITestDatabase database = await (source ?? new SqliteSource()).CreateAsync();
        Meter meter = await Meter.OpenAsync(new MeterOptions { Database = database.Name, TimeProvider = time ?? TimeProvider.System });
        return new TestLedger(database, meter);
    }

    /// <summary>The prices of the seeds, with a third of the prompt's for cached tokens: no power of ten.</summary>
    internal Task<PriceRow> SetPriceAsync(decimal prompt = 0.075m, decimal cached = 0.025001m, decimal completion = 0.20m, string model = Model) =>
        Meter.Prices.AddAsync(new NewPrice { Model = model, Currency = "USD", Prompt = prompt, Cached = cached, Completion = completion, Source = "test" });

    internal async Task<IssuedKey> CreateKeyAsync(KeyLimits? limits = null, KeyScopes? scopes = null, DateTimeOffset? expires = null, string account = Account.Local)
    {
        var settings = new KeySettings { Name = "test", Limits = limits ?? KeyLimits.None, ExpiresAt = expires };
        return await Meter.Keys.CreateAsync(account, scopes is { } some ? settings with { Scopes = some } : settings);
    }

    internal async Task<LedgerRecord> FindAsync(string requestId) => (await Meter.Usage.FindAsync(requestId)) ?? throw new Xunit.Sdk.XunitException($"the ledger has no {requestId}");

    internal async Task<List<LedgerRecord>> AllAsync()
    {
        var all = new List<LedgerRecord>();
        for (List<LedgerRecord> page = await Meter.Usage.RecordsAsync(new UsageQuery()); page.Count > 0; page = await Meter.Usage.RecordsAsync(new UsageQuery(), page[^1].Id))
        {
            all.AddRange(page);
        }

        return all;
    }

    /// <summary>Closes the meter and counts the requests that it left open: the next start finds them.</summary>
    internal async Task<long> CountOpenAsync()
    {
        await Meter.DisposeAsync();
        await using Meter next = await Meter.OpenAsync(new MeterOptions { Database = _database.Name });
        return next.CrashedRequests;
    }

    public async ValueTask DisposeAsync()
    {
        await Meter.DisposeAsync();
        await _database.DisposeAsync();
    }
}
