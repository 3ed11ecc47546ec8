using System.Security.Cryptography;
using System.Text;
using Tramontane.Metering;
using Tramontane.Metering.Keys;

namespace Tramontane.Server.Auth;

/// <summary>The keys that open the server: those of its options, as hashes, and those of the database.</summary>
internal sealed class ApiKeys
{
    private readonly (byte[] Hash, Caller Caller)[] _keys;
    private readonly KeyRing? _ring;
    private readonly bool _mustHaveKey;

    public ApiKeys(ServerOptions options, Meter? meter)
    {
        _keys = [.. Fixed(options.ApiKeys, KeyScopes.Inference), .. Fixed(options.AdminKeys, KeyScopes.Inference | KeyScopes.UsageRead | KeyScopes.Admin)];
        (_ring, _mustHaveKey) = (meter?.Keys, options.RequireKey);
    }

    /// <summary>Everybody may enter: there has never been a key, and none is asked for.</summary>
    internal bool IsOpen => _keys.Length == 0 && !_mustHaveKey && _ring is null or { IsEmpty: true };

    /// <summary>Whose key this is; null for nobody's and for one that is used up.</summary>
    internal Caller? Find(string key) => Find(key, out _);

    /// <summary>
    /// Whose key this is. Compares hashes of equal length against every key of the options, so that time tells nothing of a key
    /// or its length; the database's are found by their hash.
    /// </summary>
    /// <param name="key">What a client sent.</param>
    /// <param name="status">Why it is nobody's.</param>
    internal Caller? Find(string key, out KeyStatus status)
    {
        Caller? found = FindFixed(Hash(key));
        status = KeyStatus.Valid;
        if (found is not null)
        {
            return found;
        }

        status = KeyStatus.Unknown;
        if (_ring is not null && (status = _ring.Find(key, out ApiKey? stored)) == KeyStatus.Valid)
        {
            return Of(stored!);
        }

        return null;
    }

    /// <summary>Whose key has this hash, by the same rules: null once it is revoked, expired or has another secret.</summary>
    internal Caller? FindByHash(byte[] hash) =>
        FindFixed(hash) ?? (_ring is not null && _ring.FindByHash(hash, out ApiKey? stored) == KeyStatus.Valid ? Of(stored!) : null);

    private static IEnumerable<(byte[] Hash, Caller Caller)> Fixed(IEnumerable<string> keys, KeyScopes scopes) =>
        keys.Where(k => k.Length > 0).Select(Hash).Select(hash => (hash, new Caller(Convert.ToHexStringLower(hash)) { Scopes = scopes }));

    // Of a key that is given as both kinds the later, an administrator's, counts.
    private Caller? FindFixed(byte[] hash)
    {
        Caller? found = null;
        foreach ((byte[] known, Caller caller) in _keys)
        {
            found = CryptographicOperations.FixedTimeEquals(hash, known) ? caller : found;
        }

        return found;
    }

    private static Caller Of(ApiKey stored) => new(stored.Id) { AccountId = stored.AccountId, KeyId = stored.Id, Scopes = stored.Settings.Scopes };

    /// <summary>The SHA-256 by which a key is known.</summary>
    internal static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
