using System.Buffers.Text;
using System.Data.Common;
using System.Security.Cryptography;
using Tramontane.Metering.Storage;

namespace Tramontane.Metering.Keys;

/// <summary>The API keys: looked up in memory, changed in the database.</summary>
/// <example><code>
/// IssuedKey issued = await meter.Keys.CreateAsync("acme", new KeySettings { Name = "ci", Limits = new() { RequestsPerMinute = 60 } });
/// Console.WriteLine(issued.Secret); // now or never
/// KeyStatus status = meter.Keys.Find(secretOfARequest, out ApiKey? key);
/// </code></example>
public sealed class KeyRing
{
    /// <summary>The longest grace of a rotated key's old secret.</summary>
    public static readonly TimeSpan LongestGrace = TimeSpan.FromDays(90);

    private readonly MeteringStore _store;

    internal KeyRing(MeteringStore store) => _store = store;

    /// <summary>No key was ever made: revoked ones count.</summary>
    public bool IsEmpty => _store.Keys.IsEmpty;

    /// <summary>
    /// What a presented secret is. Reads memory alone: changes of this process count at once, those of others within
    /// <see cref="MeterOptions.RefreshInterval"/>.
    /// </summary>
    /// <param name="secret">Untrusted text of any length.</param>
    /// <param name="key">The key; null when the secret is unknown.</param>
    public KeyStatus Find(ReadOnlySpan<char> secret, out ApiKey? key) => _store.Keys.Find(secret, _store.Clock.GetUtcNow(), out key);

    /// <summary>The same by the SHA-256 of a secret in UTF-8, for who remembers that a secret was shown without keeping it.</summary>
    /// <param name="hash">32 bytes.</param>
    /// <param name="key">The key; null when the secret is unknown, or is no longer the key's.</param>
    public KeyStatus FindByHash(ReadOnlySpan<byte> hash, out ApiKey? key) => _store.Keys.Find(new KeyHash(hash), _store.Clock.GetUtcNow(), out key);

    /// <summary>All keys, or those of an account, also revoked ones, oldest first.</summary>
    public Task<List<ApiKey>> ListAsync(string? accountId = null, CancellationToken cancellationToken = default) => _store.Database.QueryAsync(
        $"SELECT {KeyTable.Columns} FROM keys{(accountId is null ? "" : " WHERE account_id = $1")} ORDER BY created_at, id",
        accountId is null ? [] : [accountId],
        KeyTable.Read,
        cancellationToken);

    /// <summary>One key; null when there is none.</summary>
    public async Task<ApiKey?> GetAsync(string id, CancellationToken cancellationToken = default) =>
        (await _store.Database.QueryAsync($"SELECT {KeyTable.Columns} FROM keys WHERE id = $1", [id], KeyTable.Read, cancellationToken)).FirstOrDefault();

    /// <summary>Makes a key. Its secret is in the answer and nowhere else.</summary>
    /// <exception cref="MeteringException">A setting is out of range, or there is no such account.</exception>
    public async Task<IssuedKey> CreateAsync(string accountId, KeySettings settings, CancellationToken cancellationToken = default)
    {
        Check(settings);
        string id = "key_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(12));
        string secret = KeySecret.Create();
        long now = _store.Clock.Now();
        ApiKey key = await _store.ChangeAsync(
            async (connection, ct) =>
            {
                if ((await _store.Database.QueryAsync(connection, "SELECT id FROM accounts WHERE id = $1", [accountId], row => row.Text(0), ct)).Count == 0)
                {
                    throw new MeteringException(MeteringFault.NotFound, $"There is no account {accountId}.");
                }

                string columns = string.Join(", ", KeyTable.SettingColumns);
                string places = string.Join(", ", KeyTable.SettingColumns.Select((_, i) => $"${i + 6}"));
                await _store.Database.ExecuteAsync(
                    connection,
                    $"INSERT INTO keys (id, account_id, display, hash, created_at, {columns}) VALUES ($1, $2, $3, $4, $5, {places}) ON CONFLICT (id) DO NOTHING",
                    [id, accountId, KeySecret.Display(secret), KeySecret.Hash(secret), now, .. KeyTable.ValuesOf(settings)],
                    ct);
                await _store.Database.ExecuteAsync(connection, "INSERT INTO key_counters (key_id) VALUES ($1) ON CONFLICT (key_id) DO NOTHING", [id], ct);
                return (await ReadAsync(connection, id, ct))!;
            },
            cancellationToken);
        return new IssuedKey(key, secret);
    }

    /// <summary>Changes name, scopes, limits or expiry.</summary>
    /// <param name="id">The key.</param>
    /// <param name="change">
    /// What is to become of its present settings, inside the transaction, so that nobody's change is lost. It may be called more
    /// than once, and again with what it has made.
    /// </param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="MeteringException">A setting is out of range, or there is no such key.</exception>
    public async Task<ApiKey> UpdateAsync(string id, Func<KeySettings, KeySettings> change, CancellationToken cancellationToken = default)
    {
        string assignments = string.Join(", ", KeyTable.SettingColumns.Select((name, i) => $"{name} = ${i + 2}"));
        return await _store.ChangeAsync(
            async (connection, ct) =>
            {
                ApiKey key = await ReadAsync(connection, id, ct, _store.Database.ForUpdate) ?? throw NoKey(id);
                KeySettings settings = change(key.Settings);
                Check(settings);
                await _store.Database.ExecuteAsync(connection, $"UPDATE keys SET {assignments} WHERE id = $1", [id, .. KeyTable.ValuesOf(settings)], ct);
                return (await ReadAsync(connection, id, ct))!;
            },
            cancellationToken);
    }

    /// <summary>Gives a key a new secret; the old one is accepted for a while longer, one before it no more.</summary>
    /// <param name="id">The key.</param>
    /// <param name="grace">How long the old secret is accepted: zero to <see cref="LongestGrace"/>.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="MeteringException">There is no such key, or it is revoked.</exception>
    public async Task<IssuedKey> RotateAsync(string id, TimeSpan grace, CancellationToken cancellationToken = default)
    {
        if (grace < TimeSpan.Zero || grace > LongestGrace)
        {
            throw new MeteringException(MeteringFault.Invalid, $"The grace period must be 0 to {LongestGrace.TotalDays} days.");
        }

        string secret = KeySecret.Create();
        long now = _store.Clock.Now();
        byte[] hash = KeySecret.Hash(secret);
        ApiKey key = await _store.ChangeAsync(
            async (connection, ct) =>
            {
                // Repeated, it finds its own secret there and leaves the one before it where it is.
                await _store.Database.ExecuteAsync(
                    connection,
                    "UPDATE keys SET previous_hash = hash, previous_until = $4, hash = $2, display = $3, rotated_at = $5 WHERE id = $1 AND revoked_at IS NULL AND hash <> $2",
                    [id, hash, KeySecret.Display(secret), now + (long)grace.TotalMilliseconds, now],
                    ct);
                ApiKey? rotated = await ReadAsync(connection, id, ct);
                return rotated is { RevokedAt: null } ? rotated : throw new MeteringException(MeteringFault.NotFound, $"There is no key {id} that is not revoked.");
            },
            cancellationToken);
        return new IssuedKey(key, secret);
    }

    /// <summary>Ends a key for good. Requests that have started end as they would.</summary>
    /// <exception cref="MeteringException">There is no such key.</exception>
    public Task<ApiKey> RevokeAsync(string id, CancellationToken cancellationToken = default)
    {
        long now = _store.Clock.Now();
        return _store.ChangeAsync(
            async (connection, ct) =>
            {
                await _store.Database.ExecuteAsync(connection, "UPDATE keys SET revoked_at = COALESCE(revoked_at, $2) WHERE id = $1", [id, now], ct);
                return await ReadAsync(connection, id, ct) ?? throw NoKey(id);
            },
            cancellationToken);
    }

    private async Task<ApiKey?> ReadAsync(DbConnection connection, string id, CancellationToken cancellationToken, string rowLock = "") =>
        (await _store.Database.QueryAsync(connection, $"SELECT {KeyTable.Columns} FROM keys WHERE id = $1" + rowLock, [id], KeyTable.Read, cancellationToken)).FirstOrDefault();

    private static MeteringException NoKey(string id) => new(MeteringFault.NotFound, $"There is no key {id}.");

    private static void Check(KeySettings settings)
    {
        TextRules.Check(settings.Name, nameof(settings.Name), 200);
        settings.Limits.Check();
        const KeyScopes Known = KeyScopes.Inference | KeyScopes.UsageRead | KeyScopes.Admin;
        if (settings.Scopes == KeyScopes.None || (settings.Scopes & ~Known) != 0)
        {
            throw new MeteringException(MeteringFault.Invalid, $"A key needs one scope or more of {string.Join(", ", KeyScopeNames.All)}.");
        }
    }
}
