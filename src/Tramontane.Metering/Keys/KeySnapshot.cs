using System.Collections.Frozen;

namespace Tramontane.Metering.Keys;

/// <summary>A key as it is stored, with the hashes of its secrets.</summary>
internal sealed record StoredKey(ApiKey Key, byte[] Hash, byte[]? PreviousHash);

/// <summary>All keys by the hashes of their secrets. Immutable.</summary>
internal sealed class KeySnapshot
{
    private readonly FrozenDictionary<KeyHash, (ApiKey Key, DateTimeOffset Until)> _byHash;

    internal KeySnapshot(IEnumerable<StoredKey> keys)
    {
        var byHash = new Dictionary<KeyHash, (ApiKey, DateTimeOffset)>();
        foreach (StoredKey stored in keys)
        {
            byHash[new KeyHash(stored.Hash)] = (stored.Key, DateTimeOffset.MaxValue);
            if (stored is { PreviousHash: { } previous, Key.PreviousSecretUntil: { } until })
            {
                byHash[new KeyHash(previous)] = (stored.Key, until);
            }
        }

        _byHash = byHash.ToFrozenDictionary();
    }

    /// <summary>There is no key, not even a revoked one.</summary>
    internal bool IsEmpty => _byHash.Count == 0;

    internal KeyStatus Find(ReadOnlySpan<char> secret, DateTimeOffset now, out ApiKey? key)
    {
        key = null;
        return KeySecret.TryHash(secret, out KeyHash hash) ? Find(hash, now, out key) : KeyStatus.Unknown;
    }

    internal KeyStatus Find(KeyHash hash, DateTimeOffset now, out ApiKey? key)
    {
        key = null;
        if (!_byHash.TryGetValue(hash, out (ApiKey Key, DateTimeOffset Until) found) || now >= found.Until)
        {
            return KeyStatus.Unknown;
        }

        key = found.Key;
        return key.RevokedAt is not null ? KeyStatus.Revoked
            : key.Settings.ExpiresAt <= now ? KeyStatus.Expired
            : KeyStatus.Valid;
    }
}
