using Tramontane.Metering.Budgets;
using Tramontane.Metering.Keys;
using Tramontane.Metering.Ledger;
using Tramontane.Metering.Prices;
using Tramontane.Metering.Storage;
using Tramontane.Metering.Storage.Postgres;
using Tramontane.Metering.Storage.Sqlite;

namespace Tramontane.Metering;

/// <summary>
/// Keys, prices, budgets and the ledger of one database. Admission reserves the most that a request can consume, settlement
/// replaces that by what it did consume and writes the ledger's row; both are committed when they return. Safe for use by many
/// threads.
/// </summary>
/// <example><code>
/// await using Meter meter = await Meter.OpenAsync(new MeterOptions { Database = "data/metering.db" });
/// if (meter.Keys.Find(secret, out ApiKey? key) != KeyStatus.Valid) { … } // 401
/// Admission admission = await meter.AdmitAsync(new AdmissionRequest
/// {
///     RequestId = id, AccountId = key.AccountId, KeyId = key.Id, Model = "mistral-small-3.2", Dialect = "openai", PromptTokens = 1200, MaxCompletionTokens = 400,
/// });
/// if (admission.Refusal is { } refusal) { … } // 429 or 402, by refusal.Category
/// … // generate
/// LedgerRecord record = await meter.SettleAsync(admission.Reservation!, new Settlement(RequestOutcome.Completed, new TokenCounts(1200, 1000, 80)));
/// string cost = Money.Format(record.Cost.Total); // usage.cost: sent only now
/// </code></example>
public sealed class Meter : IAsyncDisposable
{
    private readonly MeteringStore _store;
    private readonly LeaseKeeper? _lease;
    private readonly CancellationTokenSource _stop = new();
    private readonly MeterOptions _options;
    private Task _upkeep = Task.CompletedTask;

    private Meter(MeteringStore store, MeterOptions options, LeaseKeeper? lease)
    {
        (_store, _options, _lease) = (store, options, lease);
        Keys = new KeyRing(store);
        Prices = new PriceList(store);
        Accounts = new AccountBook(store);
        Usage = new UsageReports(store);
    }

    /// <summary>The API keys.</summary>
    public KeyRing Keys { get; }

    /// <summary>The prices.</summary>
    public PriceList Prices { get; }

    /// <summary>The accounts and their credit.</summary>
    public AccountBook Accounts { get; }

    /// <summary>What the ledger says.</summary>
    public UsageReports Usage { get; }

    /// <summary>The one currency of own prices and credit, ISO 4217; null until the first of them sets it.</summary>
    public async Task<string?> CurrencyAsync(CancellationToken cancellationToken = default) => await Settings.CurrencyAsync(_store.Database, cancellationToken);

    /// <summary>Requests of lost servers that this one has ended as crashed since its start.</summary>
    public long CrashedRequests => Interlocked.Read(ref _crashedRequests);

    private long _crashedRequests;

    /// <summary>Opens or makes the database, brings it to this version, and, for a server, ends what lost servers left open.</summary>
    /// <exception cref="MeteringException">It cannot be opened, is newer than this program, or another server has the file.</exception>
    public static async Task<Meter> OpenAsync(MeterOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Lease < TimeSpan.FromSeconds(1) || options.RefreshInterval < TimeSpan.FromMilliseconds(10) || options.OperationTimeout < TimeSpan.Zero)
        {
            throw new MeteringException(MeteringFault.Invalid, "Lease must be a second or more, RefreshInterval 10 ms or more, OperationTimeout not negative.");
        }

        MeteringDatabase database = PostgresConnectionString.Is(options.Database) ? new PostgresDatabase(options.Database) : new SqliteDatabase(options.Database);
        Meter? meter = null;
        try
        {
            if (options.Serves)
            {
                (database as SqliteDatabase)?.TakeForServer();
            }

            await using (WriteSession session = await database.OpenSessionAsync(cancellationToken))
            {
                await Migrations.ApplyAsync(database, session, options.TimeProvider.Now(), cancellationToken);
            }

            if (options.Serves)
            {
                (database as SqliteDatabase)?.StartCheckpoints();
            }

            LeaseKeeper? lease = options.Serves ? new LeaseKeeper(Guid.NewGuid().ToString("N"), options.InstanceName, options.TimeProvider.Now(), options.Lease) : null;
            meter = new Meter(new MeteringStore(database, new GroupCommitWriter(database, options.TimeProvider, lease), options), options, lease);
            await meter.StartAsync(database is SqliteDatabase, cancellationToken);
            return meter;
        }
        catch (Exception e)
        {
            await (meter?.DisposeAsync() ?? database.DisposeAsync());
            if (database.IsUnavailable(e))
            {
                throw MeteringDatabase.Unavailable(e);
            }

            throw;
        }
    }

    /// <summary>Puts a backup of a SQLite database in its place; what was there is kept beside it as <c>.before-restore</c>.</summary>
    /// <param name="backup">A file that <see cref="BackUpAsync"/> wrote; it is checked first.</param>
    /// <param name="database">The database's file. No server may use it.</param>
    /// <exception cref="MeteringException">The backup is damaged or newer than this program, or a server uses the database.</exception>
    public static void Restore(string backup, string database) => SqliteBackup.Restore(backup, database);

    /// <summary>Reserves the most that a request can consume, or says why it may not start. Repeat nothing: an id serves once.</summary>
    /// <exception cref="ArgumentException">The request's own values are impossible: the caller's mistake.</exception>
    /// <exception cref="MeteringException">
    /// <see cref="MeteringFault.Conflict"/>: the id was used before; <see cref="MeteringFault.NotFound"/>: no such account or key;
    /// <see cref="MeteringFault.Unavailable"/>: the database does not answer, nothing was reserved.
    /// </exception>
    public async ValueTask<Admission> AdmitAsync(AdmissionRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Check();
        LeaseKeeper lease = _lease ?? throw new InvalidOperationException("This meter was opened without Serves: it admits nothing.");
        long now = _store.Clock.Now();
        PriceRow? price = _store.Prices.InForce(request.Model, UnixTime.ToTime(now));
        var operation = new AdmitOperation(request, price, lease.InstanceId, now) { Deadline = _store.Deadline() };
        return await _store.RunAsync(operation, operation.Task, cancellationToken); // not cancelled once it waits: whoever was admitted must know it
    }

    /// <summary>
    /// Takes an admission back that led to nothing, such as one for a queue that was full then: what it held is given back, it
    /// counts in no window, and no record is written. Not for what has begun: <see cref="SettleAsync"/> ends that. Repeating it, or
    /// calling it for what was settled, changes nothing.
    /// </summary>
    /// <exception cref="MeteringException">
    /// <see cref="MeteringFault.Unavailable"/>: the database has not answered for <see cref="MeterOptions.OperationTimeout"/>; it is
    /// kept and done when it does.
    /// </exception>
    public async ValueTask ReleaseAsync(Reservation reservation)
    {
        ArgumentNullException.ThrowIfNull(reservation);
        var operation = new ReleaseOperation(reservation.RequestId, reservation.AccountId, reservation.KeyId, reservation.Open.Nonce) { Deadline = _store.Deadline() };
        await _store.RunAsync(operation, operation.Task, CancellationToken.None);
    }

    /// <summary>
    /// Ends a request: writes its row of the ledger and gives back what it did not use. Settling again changes nothing and returns
    /// the row that was written; when the server was taken for lost meanwhile, that is one with <see cref="RequestOutcome.Crashed"/>.
    /// Tell the client its cost only behind this.
    /// </summary>
    /// <exception cref="ArgumentException">Impossible counts, or the outcome <see cref="RequestOutcome.Crashed"/>.</exception>
    /// <exception cref="InvalidOperationException">More was consumed than was admitted: the caller's mistake.</exception>
    /// <exception cref="MeteringException">
    /// <see cref="MeteringFault.Unavailable"/>: the database has not answered for <see cref="MeterOptions.OperationTimeout"/>; the
    /// settlement is kept and written when it does.
    /// </exception>
    public async ValueTask<LedgerRecord> SettleAsync(Reservation reservation, Settlement settlement)
    {
        ArgumentNullException.ThrowIfNull(reservation);
        settlement.Counts.Check();
        if (settlement.Outcome is not (>= RequestOutcome.Completed and < RequestOutcome.Crashed))
        {
            throw new ArgumentException($"A request cannot be settled as {settlement.Outcome}.", nameof(settlement));
        }

        var operation = new SettleOperation(reservation.RequestId, reservation.AccountId, reservation.KeyId, reservation.Price, settlement) { Deadline = _store.Deadline() };
        return await _store.RunAsync(operation, operation.Task, CancellationToken.None);
    }

    /// <summary>Writes a whole copy of a SQLite database to a new file while it is used.</summary>
    /// <exception cref="NotSupportedException">On PostgreSQL: the message names its own tool.</exception>
    /// <exception cref="MeteringException">The file exists or cannot be written.</exception>
    public Task BackUpAsync(string path, CancellationToken cancellationToken = default) => _store.Database.BackUpAsync(path, cancellationToken);

    /// <summary>Writes what waits and stops. Requests that are still open are ended as crashed by the next server.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        await _stop.CancelAsync();
        await _upkeep;
        if (_lease is not null)
        {
            await LeaveAsync(_lease);
        }

        await _store.DisposeAsync();
        _stop.Dispose();
    }

    /// <summary>Looks for changes by other processes now.</summary>
    internal Task RefreshAsync(CancellationToken cancellationToken = default) => _store.RefreshAsync(cancellationToken);

    /// <summary>Ends what lost servers left open. Returns how many requests that were.</summary>
    /// <param name="all">Every other server is lost.</param>
    /// <param name="byName">One of this server's name whose connection has ended is lost, although its lease has not run out.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal async Task<long> RecoverAsync(bool all, bool byName, CancellationToken cancellationToken)
    {
        var recovery = new CrashRecovery(_store.Database, _lease!, _store.Clock);
        long ended = 0;
        for (bool more = true; more;)
        {
            var operation = new ExclusiveOperation<(int Ended, bool More)>((session, ct) => recovery.RunAsync(session, all, byName, ct)) { Deadline = _store.Deadline() };
            (int count, more) = await _store.RunAsync(operation, operation.Task, cancellationToken);
            ended += count;
        }

        Interlocked.Add(ref _crashedRequests, ended);
        return ended;
    }

    private async Task StartAsync(bool isAlone, CancellationToken cancellationToken)
    {
        if (_lease is not null)
        {
            await RecoverAsync(all: isAlone, byName: true, cancellationToken);
            await _store.AddAsync(new HeartbeatOperation(), cancellationToken);
        }

        await _store.RefreshAsync(cancellationToken);
        // Two loops, so that a revoked key is seen although the writer waits, and a lease renewed although readers do.
        var refresh = new UpkeepLoop("reading keys and prices", _options.RefreshInterval, _store.RefreshAsync, _options.OnUpkeepFault);
        var beat = new UpkeepLoop("renewing the lease", LongerOf(_options.Lease / 3, _options.RefreshInterval), BeatAsync, _options.OnUpkeepFault);
        _upkeep = Task.WhenAll(refresh.RunAsync(_stop.Token), _lease is null ? Task.CompletedTask : beat.RunAsync(_stop.Token));
    }

    /// <summary>Renews the lease and looks for lost servers: three times per lease.</summary>
    private async Task BeatAsync(CancellationToken cancellationToken)
    {
        await _store.AddAsync(new HeartbeatOperation(), cancellationToken);
        await RecoverAsync(all: false, byName: false, cancellationToken);
    }

    private static TimeSpan LongerOf(TimeSpan one, TimeSpan other) => one > other ? one : other;

    /// <summary>Ends the lease, so that a next server need not wait for it.</summary>
    private async Task LeaveAsync(LeaseKeeper lease)
    {
        try
        {
            await _store.WriteAsync(
                async (connection, ct) =>
                {
                    // Not a row for ever with every start: without open requests there is nothing to find.
                    await _store.Database.ExecuteAsync(
                        connection, "DELETE FROM instances WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM open_requests WHERE instance_id = $1)", [lease.InstanceId], ct);
                    return await _store.Database.ExecuteAsync(connection, "UPDATE instances SET lease_until = 0 WHERE id = $1", [lease.InstanceId], ct);
                },
                CancellationToken.None);
        }
        catch (Exception e) when (e is MeteringException or ObjectDisposedException)
        {
            // The database is away: the lease ends by itself.
        }
    }
}
