using Npgsql;
using Tramontane.Metering.Budgets;
using Tramontane.Metering.Keys;
using Tramontane.Metering.Ledger;
using Tramontane.Metering.Prices;

namespace Tramontane.Metering.Tests.Storage;

/// <summary>What the network between a server and its database, and the database's own administrator, can do to it.</summary>
[Collection(PostgresCollection.Name)]
public sealed class PostgresNetworkTests(PostgresCluster cluster) : IAsyncLifetime
{
    private readonly ManualClock _clock = new();
    private ITestDatabase _database = null!;
    private PostgresProxy _proxy = null!;
    private Meter _meter = null!;

    public async Task InitializeAsync()
    {
        _database = await cluster.CreateDatabaseAsync(isOwn: true);
        _proxy = PostgresProxy.Before(cluster.Folder);
        _meter = await OpenAsync(_database.Name.Replace(cluster.Folder, _proxy.Folder, StringComparison.Ordinal));
    }

    public async Task DisposeAsync()
    {
        await _meter.DisposeAsync();
        await _proxy.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Changes_WhoseCommitsAnswerIsLost_AreMadeOnceAndAnswered()
    {
        Account account = await LosingAsync(() => _meter.Accounts.CreateAsync("Acme", prepaid: true, id: "acme"));
        Assert.Equal("acme", account.Id);
        await LosingAsync(() => _meter.Accounts.UpdateAsync("acme", name: "Acme & Co."));
        await LosingAsync(() => _meter.Accounts.AddCreditAsync("acme", new NewCredit { Amount = 5, Currency = "USD" }));
        Assert.Equal(5, (await _meter.Accounts.GetAsync("acme"))!.Balance);

        PriceRow price = await LosingAsync(() => _meter.Prices.AddAsync(new NewPrice { Model = "model-a", Currency = "USD", Prompt = 1, Completion = 2 }));
        Assert.Equal([price], _meter.Prices.Current.Rows);
        await _meter.Prices.AddAsync(new NewPrice { Model = "model-a", Currency = "USD", Prompt = 1, Completion = 2 }); // the same again is another row
        Assert.Equal(2, _meter.Prices.Current.Rows.Count);

        IssuedKey key = await LosingAsync(() => _meter.Keys.CreateAsync("acme", new KeySettings { Name = "a" }));
        Assert.Equal(KeyStatus.Valid, _meter.Keys.Find(key.Secret, out _));
        Assert.Single(await _meter.Keys.ListAsync());

        IssuedKey rotated = await LosingAsync(() => _meter.Keys.RotateAsync(key.Key.Id, TimeSpan.FromHours(1)));
        Assert.Equal(KeyStatus.Valid, _meter.Keys.Find(rotated.Secret, out _));
        Assert.Equal(KeyStatus.Valid, _meter.Keys.Find(key.Secret, out _)); // the one before it, not its own, is the previous one

        await LosingAsync(() => _meter.Keys.UpdateAsync(key.Key.Id, s => s with { Name = "b" }));
        Assert.Equal("b", (await LosingAsync(() => _meter.Keys.RevokeAsync(key.Key.Id))).Settings.Name);
        Assert.Equal(KeyStatus.Revoked, _meter.Keys.Find(rotated.Secret, out _));
    }

    [Fact]
    public async Task Create_OfAnIdThatAnotherHas_IsAConflictAlsoWhenItIsRepeated()
    {
        await using Meter other = await OpenAsync(_database.Name);
        await other.Accounts.CreateAsync("Other", prepaid: true, id: "acme");
        Assert.Equal(MeteringFault.Conflict, (await Assert.ThrowsAsync<MeteringException>(() => _meter.Accounts.CreateAsync("Acme", prepaid: true, id: "acme"))).Fault);
    }

    [Fact]
    public async Task Calls_WhileTheDatabaseHangs_EndInTimeAndWhatWasConsumedIsWritten()
    {
        await _meter.DisposeAsync();
        _meter = await OpenAsync(_database.Name.Replace(cluster.Folder, _proxy.Folder, StringComparison.Ordinal), TimeSpan.FromSeconds(1));
        Reservation open = (await _meter.AdmitAsync(Request("open"))).Reservation!;
        _proxy.Hang();
        Task<LedgerRecord> settlement = _meter.SettleAsync(open, new Settlement(RequestOutcome.Completed, new TokenCounts(100, 0, 20))).AsTask();
        Task<Admission>[] waiting = [.. Enumerable.Range(0, 5).Select(i => _meter.AdmitAsync(Request($"late-{i}")).AsTask())];
        Task<Account> change = _meter.Accounts.CreateAsync("Late", prepaid: false, id: "late");

        // Npgsql notices after 7 seconds that nothing comes, but nobody waits for that: the queue's callers hear of it in time.
        foreach (Task call in (Task[])[settlement, .. waiting, change])
        {
            Assert.Equal(MeteringFault.Unavailable, (await Assert.ThrowsAsync<MeteringException>(() => call.WaitAsync(TimeSpan.FromSeconds(5)))).Fault);
        }

        _proxy.GoOn();
        await MeterTest.EventuallyAsync(() => _meter.Usage.FindAsync("open").GetAwaiter().GetResult() is not null);
        Assert.Equal(["open"], (await _meter.Usage.RecordsAsync(new UsageQuery())).Select(r => r.RequestId)); // those admissions came to nothing
        Assert.Null(await _meter.Accounts.GetAsync("late"));
        Assert.NotNull((await _meter.AdmitAsync(Request("late-0"))).Reservation); // so its id serves still
    }

    [Fact]
    public async Task Settle_WhileTheDatabaseOnlyReads_IsKeptAndWrittenWhenItWritesAgain()
    {
        await _meter.DisposeAsync();
        _meter = await OpenAsync(_database.Name, TimeSpan.FromMilliseconds(300));
        Reservation open = (await _meter.AdmitAsync(Request("open"))).Reservation!;
        string name = _database.Name.Split("Database=")[1];
        await cluster.ExecuteAsync("postgres", $"ALTER DATABASE {name} SET default_transaction_read_only = on");
        await cluster.ExecuteAsync("postgres", $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"); // as behind a failover

        async Task<LedgerRecord> Settle() => await _meter.SettleAsync(open, new Settlement(RequestOutcome.Completed, new TokenCounts(100, 0, 20)));
        async Task<Admission> Admit() => await _meter.AdmitAsync(Request("next"));
        Assert.Equal(MeteringFault.Unavailable, (await Assert.ThrowsAsync<MeteringException>(Settle)).Fault);
        Assert.Equal(MeteringFault.Unavailable, (await Assert.ThrowsAsync<MeteringException>(Admit)).Fault);

        await cluster.ExecuteAsync("postgres", $"ALTER DATABASE {name} SET default_transaction_read_only = off");
        await MeterTest.EventuallyAsync(() => TryAsync(async () => await Admit()).GetAwaiter().GetResult());
        Assert.Equal(20, (await _meter.Usage.FindAsync("open"))!.Counts.Completion);
    }

    [Fact]
    public async Task Settle_ThatTheDatabaseRefuses_IsKeptAndTheOthersAreWritten()
    {
        Reservation open = (await _meter.AdmitAsync(Request("refused"))).Reservation!, other = (await _meter.AdmitAsync(Request("other"))).Reservation!;
        await ExecuteAsync("ALTER TABLE ledger ADD CONSTRAINT odd CHECK (request_id <> 'refused')");
        var settlement = new Settlement(RequestOutcome.Completed, new TokenCounts(100, 0, 20));
        Task<LedgerRecord> refused = _meter.SettleAsync(open, settlement).AsTask(), written = _meter.SettleAsync(other, settlement).AsTask();
        Assert.Equal("other", (await written).RequestId);
        Assert.Equal(MeteringFault.Unavailable, (await Assert.ThrowsAsync<MeteringException>(() => refused)).Fault);

        await ExecuteAsync("ALTER TABLE ledger DROP CONSTRAINT odd");
        await _meter.DisposeAsync(); // what is kept is tried once more
        _meter = await OpenAsync(_database.Name);
        Assert.Equal((RequestOutcome.Completed, 20), ((await _meter.Usage.FindAsync("refused"))!.Outcome, (await _meter.Usage.FindAsync("refused"))!.Counts.Completion));
    }

    [Fact]
    public async Task Upkeep_WhenItFails_IsToldOnceInARow()
    {
        await _meter.DisposeAsync();
        var told = new System.Collections.Concurrent.ConcurrentQueue<string>();
        _meter = await Meter.OpenAsync(new MeterOptions
        {
            Database = _database.Name, TimeProvider = _clock, RefreshInterval = TimeSpan.FromMilliseconds(10), Lease = TimeSpan.FromSeconds(1), OnUpkeepFault = (what, _) => told.Enqueue(what),
        });
        await ExecuteAsync("ALTER TABLE changes RENAME TO gone");
        await MeterTest.EventuallyAsync(() => !told.IsEmpty);
        await ExecuteAsync("ALTER TABLE gone RENAME TO changes");
        await _meter.Accounts.CreateAsync("After", prepaid: false, id: "after");
        Assert.Equal(["reading keys and prices"], told);
    }

    private Task<Meter> OpenAsync(string database, TimeSpan? timeout = null) => Meter.OpenAsync(new MeterOptions
    {
        Database = database, TimeProvider = _clock, RefreshInterval = TimeSpan.FromDays(1), OperationTimeout = timeout ?? TimeSpan.FromSeconds(10),
    });

    private async Task<T> LosingAsync<T>(Func<Task<T>> call)
    {
        int before = _proxy.LostCommits;
        _proxy.LoseNextCommit();
        T result = await call();
        Assert.Equal(before + 1, _proxy.LostCommits);
        return result;
    }

    private static async Task<bool> TryAsync(Func<Task> call)
    {
        try
        {
            await call();
            return true;
        }
        catch (MeteringException)
        {
            return false;
        }
    }

    private async Task ExecuteAsync(string text)
    {
        await using var connection = new NpgsqlConnection(_database.Name + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(text, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static AdmissionRequest Request(string id) => new()
    {
        RequestId = id, Model = "model-a", Dialect = "openai", PromptTokens = 100, MaxCompletionTokens = 50,
    };
}
