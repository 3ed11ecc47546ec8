using System.Security.Cryptography;
using System.Text;

namespace Tramontane.Server.Auth;

/// <summary>Who sends a request. What a server keeps for a client is kept under this.</summary>
/// <param name="Id">Stands for the key without telling it; the same for everybody while the server is open.</param>
internal sealed record Caller(string Id)
{
    /// <summary>Everybody, while no key is configured.</summary>
    internal static Caller Anyone { get; } = new("");

    /// <summary>The engine's name for it; null while the server is open.</summary>
    internal string? Tenant => Id.Length == 0 ? null : Id;
}

/// <summary>The configured keys, as hashes.</summary>
internal sealed class ApiKeys
{
    private readonly (byte[] Hash, Caller Caller)[] _keys;

    public ApiKeys(ServerOptions options) =>
        _keys = [.. options.ApiKeys.Where(k => k.Length > 0).Select(Hash).Select(hash => (hash, new Caller(Convert.ToHexStringLower(hash))))];

    /// <summary>No key is configured: everybody may enter.</summary>
    internal bool IsOpen => _keys.Length == 0;

    /// <summary>Whose key this is; null for nobody's. Compares hashes of equal length against every key, so that time tells nothing of a key or its length.</summary>
    internal Caller? Find(string key)
    {
        byte[] hash = Hash(key);
        Caller? found = null;
        foreach ((byte[] known, Caller caller) in _keys)
        {
            found = CryptographicOperations.FixedTimeEquals(hash, known) ? caller : found;
        }

        return found;
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
