using System.Data.Common;
using Tramontane.Metering.Budgets;
using Tramontane.Metering.Keys;
using Tramontane.Metering.Ledger;
using Tramontane.Metering.Prices;
using Tramontane.Metering.Storage;
using Tramontane.Metering.Storage.Postgres;
using Tramontane.Metering.Storage.Sqlite;

namespace Tramontane.Metering.Tests.Storage;

/// <summary>Databases of older versions, of newer ones, and scripts that fail.</summary>
public abstract class MigrationTests(ITestDatabaseSource source) : IAsyncLifetime
{
    private const string VersionOneRows =
        """
        INSERT INTO settings (name, value) VALUES ('currency', 'USD');
        INSERT INTO accounts (id, name, prepaid, balance, reserved, free_tokens, free_tokens_reserved, created_at) VALUES ('acme', 'Acme', 1, '12.345678901234', '0.5', 10, 0, 1700000000000);
        INSERT INTO credits (id, account_id, amount, currency, free_tokens, note, at) VALUES ('c1', 'acme', '12.345792401235', 'USD', 10, 'welcome', 1700000000001);
        INSERT INTO keys (id, account_id, name, display, hash, scopes, money_per_day, created_at)
            VALUES ('key_1', 'acme', 'first', 'tm-secr…sion', {hash}, 'inference usage:read', '0.25', 1700000000002);
        INSERT INTO key_counters (key_id, open_requests) VALUES ('key_1', 1);
        INSERT INTO prices (provider, model, tier, currency, effective_from, source, as_of, prompt_price, cached_price, completion_price)
            VALUES ('self', 'model-a', 'standard', 'USD', 1700000000000, 'operator', 1700000000000, '0.075', '0.0075', '0.2');
        INSERT INTO instances (id, name, started_at, lease_until) VALUES ('lost', NULL, 1700000000000, 1700000030000);
        INSERT INTO open_requests (request_id, nonce, instance_id, account_id, key_id, model, dialect, price_id, currency, prompt_tokens, image_tokens, max_completion_tokens, reserved_pico, from_credit, is_free, started_at, window_at)
            VALUES ('open', 1, 'lost', 'acme', 'key_1', 'model-a', 'openai', 1, 'USD', 1000, 0, 1000, 500000000000, 1, 0, 1700000010000, 1700000010000);
        INSERT INTO ledger (request_id, account_id, key_id, model, dialect, outcome, prompt_tokens, cached_tokens, completion_tokens, image_tokens, price_id, currency, prompt_pico, cached_pico, completion_pico, is_free, started_at, first_token_at, ended_at)
            VALUES ('settled', 'acme', 'key_1', 'model-a', 'openai', 'length', 1000, 0, 100, 0, 1, 'USD', 75000001, 18500000, 20000000, 0, 1700000005000, NULL, 1700000006000);
        """;

    private ITestDatabase _database = null!;
    private MeteringDatabase _raw = null!;

    public static TheoryData<int> OlderVersions => [.. Enumerable.Range(1, Migrations.Latest)];

    public async Task InitializeAsync()
    {
        _database = await source.CreateAsync();
        _raw = PostgresConnectionString.Is(_database.Name) ? new PostgresDatabase(_database.Name) : new SqliteDatabase(_database.Name);
    }

    public async Task DisposeAsync()
    {
        await _raw.DisposeAsync();
        await _database.DisposeAsync();
    }

    /// <summary>
    /// The rows are those of version 1; a later version adds its own with a script beside it. What an older program left open is
    /// ended, what it settled is untouched.
    /// </summary>
    [Theory]
    [MemberData(nameof(OlderVersions))]
    public async Task Open_AnOlderDatabase_KeepsEverything(int version)
    {
        await ApplyAsync([.. Migrations.Scripts.Take(version)]);
        await ExecuteAsync(VersionOneRows);

        await using Meter meter = await Meter.OpenAsync(new MeterOptions { Database = _database.Name });

        ApiKey key = Assert.Single(await meter.Keys.ListAsync());
        Assert.Equal(("key_1", "acme", KeyScopes.Inference | KeyScopes.UsageRead, 0.25m), (key.Id, key.AccountId, key.Settings.Scopes, key.Settings.Limits.MoneyPerDay));
        Assert.Equal(KeyStatus.Valid, meter.Keys.Find("tm-secret-of-an-older-version", out _));
        PriceRow price = Assert.Single(meter.Prices.Current.Rows);
        Assert.Equal((1, 0.075m, 0.0075m, 0.2m, "USD"), (price.Id, price.Prompt, price.Cached, price.Completion, price.Currency));
        PriceRow next = await meter.Prices.AddAsync(new NewPrice { Model = "model-a", Currency = "USD", Prompt = 1, Completion = 2 });
        Assert.Equal([price, next], meter.Prices.Current.Rows);
        Assert.Equal("USD", await meter.CurrencyAsync());
        Account account = (await meter.Accounts.GetAsync("acme"))!;
        Assert.Equal((12.345678901234m, 0m, 10, 0), (account.Balance, account.Reserved, account.FreeTokens, account.FreeTokensReserved));
        Assert.Equal("welcome", Assert.Single(await meter.Accounts.CreditsAsync("acme")).Note);
        List<LedgerRecord> records = await meter.Usage.RecordsAsync(new UsageQuery());
        Assert.Equal([("settled", RequestOutcome.Length, 0.000113500001m), ("open", RequestOutcome.Crashed, 0m)], records.Select(r => (r.RequestId, r.Outcome, r.Cost.Total)));
    }

    [Fact]
    public async Task Open_ANewDatabase_HasTheLatestVersionAndOpensAgain()
    {
        for (int i = 0; i < 2; i++)
        {
            await using Meter meter = await Meter.OpenAsync(new MeterOptions { Database = _database.Name });
            Assert.Equal([Account.Local], (await meter.Accounts.ListAsync()).Select(a => a.Id));
        }

        Assert.Equal(Enumerable.Range(1, Migrations.Latest).Select(v => (long)v), await QueryAsync("SELECT version FROM schema_version ORDER BY version"));
    }

    [Fact]
    public async Task Open_ANewerDatabase_IsRefusedAndLeftAlone()
    {
        await ApplyAsync([.. Migrations.Scripts, "ALTER TABLE accounts ADD COLUMN remark TEXT"]);
        MeteringException refused = await Assert.ThrowsAsync<MeteringException>(() => Meter.OpenAsync(new MeterOptions { Database = _database.Name }));
        Assert.Equal(MeteringFault.NewerDatabase, refused.Fault);
        Assert.Contains($"version {Migrations.Latest + 1}", refused.Message, StringComparison.Ordinal);
        Assert.Empty(await QueryAsync("SELECT 1 FROM instances"));
    }

    [Fact]
    public async Task Apply_AScriptThatFails_LeavesNothingOfIt()
    {
        await ApplyAsync(Migrations.Scripts);
        await ExecuteAsync(VersionOneRows);
        string[] next = [.. Migrations.Scripts, "ALTER TABLE accounts ADD COLUMN remark TEXT; UPDATE accounts SET remark = name;", "CREATE TABLE half (id BIGINT); INSERT INTO nowhere VALUES (1);"];
        await Assert.ThrowsAnyAsync<DbException>(() => ApplyAsync(next));
        Assert.Equal(Migrations.Latest + 1, (await QueryAsync("SELECT MAX(version) FROM schema_version"))[0]);
        Exception missing = await Assert.ThrowsAnyAsync<Exception>(() => QueryAsync("SELECT id FROM half"));
        Assert.IsType<DbException>(missing.InnerException ?? missing, exactMatch: false);
        Assert.Equal(2, (await QueryAsync("SELECT COUNT(*) FROM accounts WHERE remark = name"))[0]); // the one before is whole

        next[^1] = "CREATE TABLE half (id BIGINT);";
        await ApplyAsync(next);
        Assert.Empty(await QueryAsync("SELECT id FROM half"));
    }

    [Fact]
    public async Task Apply_ByManyAtOnce_IsDoneOnce()
    {
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(async () => await (await Meter.OpenAsync(new MeterOptions { Database = _database.Name, Serves = false })).DisposeAsync())));
        Assert.Equal(Migrations.Latest, (await QueryAsync("SELECT COUNT(*) FROM schema_version"))[0]);
    }

    private async Task ApplyAsync(IReadOnlyList<string> scripts)
    {
        await using WriteSession session = await _raw.OpenSessionAsync(default);
        await Migrations.ApplyAsync(_raw, session, 0, default, scripts);
    }

    private async Task ExecuteAsync(string text)
    {
        string hash = Convert.ToHexString(KeySecret.Hash("tm-secret-of-an-older-version"));
        await using WriteSession session = await _raw.OpenSessionAsync(default);
        await _raw.ExecuteAsync(session.Connection, text.Replace("{hash}", _raw is SqliteDatabase ? $"x'{hash}'" : $"'\\x{hash}'", StringComparison.Ordinal), [], default);
    }

    private Task<List<long>> QueryAsync(string text) => _raw.QueryAsync(text, [], row => row.Number(0), default);
}

public sealed class SqliteMigrationTests() : MigrationTests(new SqliteSource());

[Collection(PostgresCollection.Name)]
public sealed class PostgresMigrationTests(PostgresCluster cluster) : MigrationTests(new PostgresSource(cluster));
