using Microsoft.Data.Sqlite;
using Tramontane.Metering.Budgets;
using Tramontane.Metering.Keys;
using Tramontane.Metering.Ledger;

namespace Tramontane.Metering.Tests.Storage;

/// <summary>Copies of a SQLite database.</summary>
public sealed class SqliteBackupTests() : MeterTest(new SqliteSource())
{
    private string Backup => Path.Combine(Path.GetDirectoryName(Database.Name)!, "backups", "one.db");

    [Fact]
    public async Task BackUp_UnderLoad_IsAWholeStateThatRestores()
    {
        await AddPriceAsync();
        await AddPrepaidAsync(credit: 10);
        ApiKey key = await AddKeyAsync(account: "acme");
        using var stop = new CancellationTokenSource();
        Task[] load = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await SettleAsync(await AdmitAsync(Request(key)), 100, 0, 20);
            }
        }))];
        await SettleAsync(await AdmitAsync(Request(key, id: "before")), 100, 0, 20);
        await Meter.BackUpAsync(Backup);
        await SettleAsync(await AdmitAsync(Request(key, id: "after")), 100, 0, 20);
        await stop.CancelAsync();
        await Task.WhenAll(load);
        Assert.Equal([Backup], Directory.GetFiles(Path.GetDirectoryName(Backup)!));

        await Meter.DisposeAsync();
        Meter.Restore(Backup, Database.Name);
        Meter = await OpenAsync();

        List<LedgerRecord> records = await Meter.Usage.RecordsAsync(new UsageQuery(), limit: UsageReports.LargestPage);
        Assert.Contains(records, r => r.RequestId == "before");
        Assert.DoesNotContain(records, r => r.RequestId == "after");
        Account account = (await Meter.Accounts.GetAsync("acme"))!;
        Assert.Equal((10 - records.Sum(r => r.Cost.Total), 0m), (account.Balance, account.Reserved));
        await SettleAsync(await AdmitAsync(Request(key)), 100, 0, 20);

        // What was replaced is kept, whole.
        await using Meter replaced = await Meter.OpenAsync(new MeterOptions { Database = Database.Name + ".before-restore" });
        Assert.NotNull(await replaced.Usage.FindAsync("after"));
    }

    [Fact]
    public async Task Restore_Again_KeepsWhatTheFirstOneKeptAndStaysPrivate()
    {
        await SettleAsync(await AdmitAsync(Request(id: "one")), 100, 0, 1);
        await Meter.BackUpAsync(Backup);
        await SettleAsync(await AdmitAsync(Request(id: "two")), 100, 0, 1);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Backup, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead); // as a copy from elsewhere may be
        }

        for (int i = 0; i < 3; i++)
        {
            await Meter.DisposeAsync();
            Meter.Restore(Backup, Database.Name);
            Meter = await OpenAsync();
            Assert.Null(await Meter.Usage.FindAsync("two"));
            await SettleAsync(await AdmitAsync(Request(id: $"round-{i}")), 100, 0, 1);
        }

        (string Kept, string Id)[] expected = [("", "two"), ("-2", "round-0"), ("-3", "round-1")];
        foreach ((string kept, string id) in expected)
        {
            string path = Database.Name + ".before-restore" + kept;
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Database.Name));
            }

            await using Meter replaced = await Meter.OpenAsync(new MeterOptions { Database = path });
            Assert.NotNull(await replaced.Usage.FindAsync(id));
        }
    }

    [Fact]
    public async Task Restore_OverADamagedDatabase_KeepsItWithItsLog()
    {
        await Meter.BackUpAsync(Backup);
        await Meter.DisposeAsync();
        byte[] damaged = new byte[100_000];
        new Random(1).NextBytes(damaged);
        await File.WriteAllBytesAsync(Database.Name, damaged);
        await File.WriteAllBytesAsync(Database.Name + "-wal", damaged[..5_000]);
        Meter.Restore(Backup, Database.Name);
        Assert.Equal(damaged, await File.ReadAllBytesAsync(Database.Name + ".before-restore"));
        Assert.Equal(damaged[..5_000], await File.ReadAllBytesAsync(Database.Name + ".before-restore-wal"));
        Meter = await OpenAsync();
        await SettleAsync(await AdmitAsync(Request()), 100, 0, 1);
    }

    [Fact]
    public async Task Restore_WhileSomebodyReads_IsRefusedAndLosesNothing()
    {
        await SettleAsync(await AdmitAsync(Request(id: "one")), 100, 0, 1);
        await Meter.BackUpAsync(Backup);
        await Meter.DisposeAsync();
        await using (var reader = new SqliteConnection($"Data Source={Database.Name};Pooling=false"))
        {
            await reader.OpenAsync();
            await using Meter writer = await OpenAsync(serves: false);
            await using SqliteTransaction transaction = reader.BeginTransaction(deferred: true);
            await using SqliteCommand command = reader.CreateCommand();
            command.CommandText = "SELECT COUNT(*) FROM ledger";
            Assert.Equal(1L, await command.ExecuteScalarAsync());
            await writer.Accounts.CreateAsync("New", prepaid: false, id: "new"); // in the log, behind what the reader sees
            Assert.Equal(MeteringFault.InUse, Assert.Throws<MeteringException>(() => Meter.Restore(Backup, Database.Name)).Fault);
        }

        Meter = await OpenAsync();
        Assert.NotNull(await Meter.Accounts.GetAsync("new"));
    }

    [Fact]
    public async Task Restore_WhileAServerRuns_IsRefused()
    {
        await Meter.BackUpAsync(Backup);
        Assert.Equal(MeteringFault.InUse, Assert.Throws<MeteringException>(() => Meter.Restore(Backup, Database.Name)).Fault);
        await AdmitAsync(Request());
    }

    [Fact]
    public async Task Restore_OfWhatIsNoBackup_IsRefusedAndChangesNothing()
    {
        await SettleAsync(await AdmitAsync(Request(id: "mine")), 100, 0, 1);
        await Meter.BackUpAsync(Backup);
        string folder = Path.GetDirectoryName(Backup)!;
        string text = Path.Combine(folder, "text"), damaged = Path.Combine(folder, "damaged"), newer = Path.Combine(folder, "newer"), foreign = Path.Combine(folder, "foreign");
        await File.WriteAllTextAsync(text, "not a database");
        byte[] bytes = await File.ReadAllBytesAsync(Backup);
        bytes.AsSpan(4096, 30_000).Fill(0xA5);
        await File.WriteAllBytesAsync(damaged, bytes);
        File.Copy(Backup, newer);
        Run(newer, "INSERT INTO schema_version (version, applied_at) VALUES (1000, 0)");
        Run(foreign, "CREATE TABLE mine (id)");

        await Meter.DisposeAsync();
        Assert.Equal(MeteringFault.Invalid, Fault(text));
        Assert.Equal(MeteringFault.Invalid, Fault(damaged));
        Assert.Equal(MeteringFault.Invalid, Fault(foreign));
        Assert.Equal(MeteringFault.NewerDatabase, Fault(newer));
        Assert.Equal(MeteringFault.NotFound, Fault(Path.Combine(folder, "nothing")));
        Meter = await OpenAsync();
        Assert.NotNull(await Meter.Usage.FindAsync("mine"));

        MeteringFault Fault(string backup) => Assert.Throws<MeteringException>(() => Meter.Restore(backup, Database.Name)).Fault;
    }

    [Fact]
    public async Task BackUp_ToWhereItCannot_IsRefused()
    {
        await Meter.BackUpAsync(Backup);
        Assert.Equal(MeteringFault.Conflict, (await Assert.ThrowsAsync<MeteringException>(() => Meter.BackUpAsync(Backup))).Fault);
        Assert.Equal(MeteringFault.Conflict, (await Assert.ThrowsAsync<MeteringException>(() => Meter.BackUpAsync(Database.Name))).Fault);
        Assert.Equal(MeteringFault.Unavailable, (await Assert.ThrowsAsync<MeteringException>(() => Meter.BackUpAsync(Path.Combine(Backup, "below-a-file")))).Fault);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Backup));
        }
    }

    [Fact]
    public async Task Open_WhatIsNoDatabase_IsRefused()
    {
        string path = Path.Combine(Path.GetDirectoryName(Database.Name)!, "text");
        await File.WriteAllTextAsync(path, new string('x', 10_000));
        MeteringException refused = await Assert.ThrowsAsync<MeteringException>(() => Meter.OpenAsync(new MeterOptions { Database = path }));
        Assert.Equal(MeteringFault.Unavailable, refused.Fault);
        Assert.Equal(new string('x', 10_000), await File.ReadAllTextAsync(path));
    }

    private static void Run(string path, string text)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=false");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }
}

/// <summary>PostgreSQL is backed up with its own programs, as docs/metering.md says.</summary>
[Collection(PostgresCollection.Name)]
public sealed class PostgresBackupTests(PostgresCluster cluster) : MeterTest(new PostgresSource(cluster, isOwn: true))
{
    [Fact]
    public async Task Dump_AndRestore_GiveTheSameState()
    {
        await AddPriceAsync();
        await AddPrepaidAsync(credit: 10);
        await SettleAsync(await AdmitAsync(Request(account: "acme", id: "before")), 100, 0, 20);
        NotSupportedException refused = await Assert.ThrowsAsync<NotSupportedException>(() => Meter.BackUpAsync("unused"));
        Assert.Contains("pg_dump", refused.Message, StringComparison.Ordinal);

        string file = Path.GetTempFileName(), name = Database.Name.Split("Database=")[1];
        try
        {
            Assert.Equal(0, await cluster.RunAsync("pg_dump", "--format=custom", $"--file={file}", name));
            await SettleAsync(await AdmitAsync(Request(account: "acme", id: "after")), 100, 0, 20);
            await Meter.DisposeAsync();
            Assert.Equal(0, await cluster.RunAsync("pg_restore", "--clean", "--if-exists", $"--dbname={name}", file));
        }
        finally
        {
            File.Delete(file);
        }

        Meter = await OpenAsync();
        LedgerRecord record = Assert.Single(await Meter.Usage.RecordsAsync(new UsageQuery()));
        Assert.Equal(("before", 10 - record.Cost.Total), (record.RequestId, (await Meter.Accounts.GetAsync("acme"))!.Balance));
        await SettleAsync(await AdmitAsync(Request(account: "acme")), 100, 0, 20);
    }
}
