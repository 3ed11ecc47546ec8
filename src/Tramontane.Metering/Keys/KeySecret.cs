using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Tramontane.Metering.Keys;

/// <summary>Secrets of keys: <c>tm-</c> and 256 random bits as 43 characters of base64url.</summary>
internal static class KeySecret
{
    internal const string Prefix = "tm-";

    // Longer texts are nobody's key; hashing them would be work for nothing.
    internal const int LongestAccepted = 512;

    internal static string Create() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    internal static string Display(string secret) => $"{secret[..7]}…{secret[^4..]}";

    internal static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    /// <summary>The hash without allocation; false when the text is too long for a key.</summary>
    internal static bool TryHash(ReadOnlySpan<char> secret, out KeyHash hash)
    {
        hash = default;
        if (secret.Length is 0 or > LongestAccepted)
        {
            return false;
        }

        Span<byte> utf8 = stackalloc byte[LongestAccepted * 3];
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        int length = Encoding.UTF8.GetBytes(secret, utf8);
        SHA256.HashData(utf8[..length], digest);
        hash = new KeyHash(digest);
        CryptographicOperations.ZeroMemory(utf8[..length]);
        return true;
    }
}

/// <summary>
/// A SHA-256 as a dictionary key. How long a lookup takes depends on the hash alone; from a hash nobody gets to a secret of 256
/// random bits, so no time has to be hidden.
/// </summary>
internal readonly record struct KeyHash
{
    private readonly long _a, _b, _c, _d;

    internal KeyHash(ReadOnlySpan<byte> digest)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(digest.Length, SHA256.HashSizeInBytes);
        ReadOnlySpan<long> parts = MemoryMarshal.Cast<byte, long>(digest);
        (_a, _b, _c, _d) = (parts[0], parts[1], parts[2], parts[3]);
    }

    /// <summary>Some bits of a hash are a hash.</summary>
    public override int GetHashCode() => _a.GetHashCode();
}
