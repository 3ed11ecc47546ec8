using Tramontane.Metering.Budgets;
using Tramontane.Metering.Keys;
using Tramontane.Metering.Ledger;
using Tramontane.Metering.Tests.Storage;

namespace Tramontane.Metering.Tests.Keys;

/// <summary>The life of a key.</summary>
public abstract class KeyRingTests(ITestDatabaseSource source) : MeterTest(source)
{
    [Fact]
    public async Task Create_AKey_IsFoundByItsSecretAlone()
    {
        var settings = new KeySettings
        {
            Name = "ci",
            Scopes = KeyScopes.Inference | KeyScopes.Admin,
            Limits = new KeyLimits
            {
                RequestsPerMinute = 1, RequestsPerDay = 2, TokensPerMinute = 3, TokensPerDay = 4, ConcurrentRequests = 5,
                MoneyPerDay = 0.000000000001m, MoneyPerMonth = 7.5m, MoneyTotal = 123456789.25m,
            },
            ExpiresAt = Clock.Now.AddDays(1),
        };
        IssuedKey issued = await Meter.Keys.CreateAsync(Account.Local, settings);

        Assert.Matches("^tm-[A-Za-z0-9_-]{43}$", issued.Secret);
        Assert.Equal(KeyStatus.Valid, Meter.Keys.Find(issued.Secret, out ApiKey? found));
        Assert.Equal(issued.Key, found);
        Assert.Equal(settings, found!.Settings);
        Assert.Equal($"{issued.Secret[..7]}…{issued.Secret[^4..]}", found.Display);
        Assert.DoesNotContain(issued.Secret, issued.ToString(), StringComparison.Ordinal);
        Assert.Equal(issued.Key, await Meter.Keys.GetAsync(found.Id));
        Assert.Equal([issued.Key], await Meter.Keys.ListAsync(Account.Local));
        Assert.Empty(await Meter.Keys.ListAsync("nobody"));

        string[] strangers = ["", "tm-", issued.Secret[..^1], issued.Secret + "A", issued.Secret.ToUpperInvariant(), new('x', 100_000), "\ud800", "tm-\0"];
        Assert.All(strangers, s => Assert.Equal((KeyStatus.Unknown, (ApiKey?)null), (Meter.Keys.Find(s, out ApiKey? key), key)));
    }

    [Fact]
    public async Task Find_ByTime_SaysExpired()
    {
        IssuedKey issued = await Meter.Keys.CreateAsync(Account.Local, new KeySettings { Name = "short", ExpiresAt = Clock.Now.AddMinutes(1) });
        AdmissionRequest request = Request(issued.Key);
        Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(KeyStatus.Expired, Meter.Keys.Find(issued.Secret, out _));
        Assert.Equal(RefusalCategory.Access, (await RefuseAsync(request, RefusalKind.KeyExpired)).Category);
    }

    [Fact]
    public async Task Rotate_WithGrace_AcceptsBothForThatLong()
    {
        IssuedKey first = await Meter.Keys.CreateAsync(Account.Local, new KeySettings { Name = "r" });
        IssuedKey second = await Meter.Keys.RotateAsync(first.Key.Id, TimeSpan.FromHours(1));
        Assert.Equal(KeyStatus.Valid, Meter.Keys.Find(first.Secret, out _));
        Assert.Equal(KeyStatus.Valid, Meter.Keys.Find(second.Secret, out ApiKey? key));
        Assert.Equal(first.Key.Id, key!.Id);
        Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(KeyStatus.Unknown, Meter.Keys.Find(first.Secret, out _));
        Assert.Equal(KeyStatus.Valid, Meter.Keys.Find(second.Secret, out _));

        IssuedKey third = await Meter.Keys.RotateAsync(first.Key.Id, TimeSpan.Zero);
        Assert.Equal(KeyStatus.Unknown, Meter.Keys.Find(second.Secret, out _));
        Assert.Equal(KeyStatus.Valid, Meter.Keys.Find(third.Secret, out _));
    }

    [Fact]
    public async Task Revoke_AKey_IsForGood()
    {
        IssuedKey issued = await Meter.Keys.CreateAsync(Account.Local, new KeySettings { Name = "r" });
        ApiKey revoked = await Meter.Keys.RevokeAsync(issued.Key.Id);
        Assert.Equal(Clock.Now, revoked.RevokedAt);
        Assert.Equal(KeyStatus.Revoked, Meter.Keys.Find(issued.Secret, out _));
        await RefuseAsync(Request(issued.Key), RefusalKind.KeyRevoked);
        Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(revoked, await Meter.Keys.RevokeAsync(issued.Key.Id));
        await Assert.ThrowsAsync<MeteringException>(() => Meter.Keys.RotateAsync(issued.Key.Id, TimeSpan.Zero));
    }

    [Fact]
    public async Task Revoke_ByAnotherProcess_CountsAtAdmissionAtOnceAndInMemoryWithItsNextLook()
    {
        IssuedKey issued = await Meter.Keys.CreateAsync(Account.Local, new KeySettings { Name = "r" });
        await using (Meter other = await OpenAsync(serves: false))
        {
            Assert.Equal(KeyStatus.Valid, other.Keys.Find(issued.Secret, out _));
            await other.Keys.RevokeAsync(issued.Key.Id);
        }

        await RefuseAsync(Request(issued.Key), RefusalKind.KeyRevoked);
        await Meter.RefreshAsync();
        Assert.Equal(KeyStatus.Revoked, Meter.Keys.Find(issued.Secret, out _));
    }

    [Fact]
    public async Task Changes_ByAnotherProcess_AreFoundWithoutBeingAskedFor()
    {
        var options = new MeterOptions { Database = Database.Name, TimeProvider = Clock, Serves = false, RefreshInterval = TimeSpan.FromMilliseconds(10) };
        await using Meter other = await Meter.OpenAsync(options);
        IssuedKey issued = await Meter.Keys.CreateAsync(Account.Local, new KeySettings { Name = "r" });
        await EventuallyAsync(() => other.Keys.Find(issued.Secret, out _) == KeyStatus.Valid);
        await Meter.Keys.RevokeAsync(issued.Key.Id);
        await EventuallyAsync(() => other.Keys.Find(issued.Secret, out _) == KeyStatus.Revoked);
    }

    [Fact]
    public async Task Update_Settings_CountAtOnce()
    {
        ApiKey key = await AddKeyAsync();
        await AdmitAsync(Request(key));
        ApiKey updated = await Meter.Keys.UpdateAsync(key.Id, s => s with { Name = "new", Limits = new KeyLimits { RequestsPerMinute = 1 } });
        Assert.Equal(updated, await Meter.Keys.GetAsync(key.Id));
        Assert.Equal("new", updated.Settings.Name);
        await RefuseAsync(Request(key), RefusalKind.RequestsPerMinute); // what ran before the limit was set counts
    }

    [Fact]
    public async Task Update_ByManyAtOnce_LosesNobodysChange()
    {
        ApiKey key = await AddKeyAsync();
        await using Meter other = await OpenAsync(serves: false);
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() =>
            (i % 2 == 0 ? Meter : other).Keys.UpdateAsync(key.Id, s => s with { Limits = s.Limits with { RequestsPerDay = (s.Limits.RequestsPerDay ?? 0) + 1 } }))));
        Assert.Equal(40, (await Meter.Keys.GetAsync(key.Id))!.Settings.Limits.RequestsPerDay);
        await Task.WhenAll(Meter.Accounts.UpdateAsync(Account.Local, name: "Renamed"), other.Accounts.UpdateAsync(Account.Local, closed: true), Meter.Accounts.UpdateAsync(Account.Local, prepaid: true));
        Account account = (await Meter.Accounts.GetAsync(Account.Local))!;
        Assert.Equal(("Renamed", true, true), (account.Name, account.Prepaid, account.ClosedAt is not null));
    }

    [Fact]
    public async Task Texts_ThatNoDatabaseHolds_AreRefused()
    {
        IEnumerable<Task> calls = ((string[])["a\0b", "a\ud800", "\udc00\ud800"]).SelectMany(text => (Task[])
        [
            Meter.Keys.ListAsync(text), Meter.Keys.GetAsync(text), Meter.Keys.CreateAsync(text, new KeySettings { Name = "a" }), Meter.Keys.RevokeAsync(text),
            Meter.Accounts.GetAsync(text), Meter.Accounts.CreateAsync(text, false), Meter.Usage.FindAsync(text), Meter.Usage.SummarizeAsync(new UsageQuery { Model = text }),
            Meter.Keys.CreateAsync(Account.Local, new KeySettings { Name = text }),
        ]);
        foreach (Task call in calls)
        {
            Assert.Equal(MeteringFault.Invalid, (await Assert.ThrowsAsync<MeteringException>(() => call)).Fault);
        }
    }

    [Theory]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("")]
    public async Task Accounts_ThatNoAddressReaches_AreRefused(string id) =>
        Assert.Equal(MeteringFault.Invalid, (await Assert.ThrowsAsync<MeteringException>(() => Meter.Accounts.CreateAsync("A", false, id))).Fault);

    [Fact]
    public async Task Change_WithWrongValues_IsRefused()
    {
        ApiKey key = await AddKeyAsync();
        KeySettings good = key.Settings;
        KeySettings[] wrong =
        [
            good with { Name = "" }, good with { Name = new string('x', 201) }, good with { Name = "a\nb" }, good with { Scopes = KeyScopes.None }, good with { Scopes = (KeyScopes)64 },
            good with { Limits = new KeyLimits { RequestsPerDay = -1 } }, good with { Limits = new KeyLimits { MoneyTotal = -1 } },
            good with { Limits = new KeyLimits { MoneyTotal = 0.0000000000001m } },
        ];
        foreach (KeySettings settings in wrong)
        {
            Assert.Equal(MeteringFault.Invalid, (await Assert.ThrowsAsync<MeteringException>(() => Meter.Keys.CreateAsync(Account.Local, settings))).Fault);
            Assert.Equal(MeteringFault.Invalid, (await Assert.ThrowsAsync<MeteringException>(() => Meter.Keys.UpdateAsync(key.Id, _ => settings))).Fault);
        }

        Assert.Equal(MeteringFault.NotFound, (await Assert.ThrowsAsync<MeteringException>(() => Meter.Keys.CreateAsync("nobody", good))).Fault);
        Assert.Equal(MeteringFault.NotFound, (await Assert.ThrowsAsync<MeteringException>(() => Meter.Keys.UpdateAsync("key_none", _ => good))).Fault);
        Assert.Equal(MeteringFault.NotFound, (await Assert.ThrowsAsync<MeteringException>(() => Meter.Keys.RevokeAsync("key_none"))).Fault);
        Assert.Equal(MeteringFault.Invalid, (await Assert.ThrowsAsync<MeteringException>(() => Meter.Keys.RotateAsync(key.Id, TimeSpan.FromDays(91)))).Fault);
        Assert.Single(await Meter.Keys.ListAsync());
    }

    [Fact]
    public async Task Keys_InTheDatabase_AreHashes()
    {
        IssuedKey issued = await Meter.Keys.CreateAsync(Account.Local, new KeySettings { Name = "r" });
        await ReopenAsync();
        Assert.Equal(KeyStatus.Valid, Meter.Keys.Find(issued.Secret, out _));
        await AssertDatabaseLacksAsync(issued.Secret[7..^4]);
    }

    /// <summary>No column of any key has the text.</summary>
    private async Task AssertDatabaseLacksAsync(string text)
    {
        ApiKey key = Assert.Single(await Meter.Keys.ListAsync());
        Assert.DoesNotContain(text, key.ToString(), StringComparison.Ordinal);
        if (File.Exists(Database.Name))
        {
            await Meter.DisposeAsync();
            Assert.All(
                Directory.GetFiles(Path.GetDirectoryName(Database.Name)!),
                file => Assert.DoesNotContain(text, System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(file)), StringComparison.Ordinal));
        }
    }
}

public sealed class SqliteKeyRingTests() : KeyRingTests(new SqliteSource());

[Collection(PostgresCollection.Name)]
public sealed class PostgresKeyRingTests(PostgresCluster cluster) : KeyRingTests(new PostgresSource(cluster));
