using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Tramontane.Metering.Keys;
using Tramontane.Server.Auth;

namespace Tramontane.Server.Console.Sessions;

/// <summary>A browser that has signed in. It keeps the key's hash, never the key.</summary>
/// <param name="keyHash">SHA-256 of the secret that was given.</param>
/// <param name="now">When that was.</param>
internal sealed class ConsoleSession(byte[] keyHash, DateTimeOffset now)
{
    private const int MostForms = 256;

    private readonly byte[] _formToken = Encoding.ASCII.GetBytes(RandomText());
    private readonly List<string> _taken = [];

    /// <summary>SHA-256 of the secret that it stands for.</summary>
    internal byte[] KeyHash { get; set; } = keyHash;

    /// <summary>When it was last used.</summary>
    internal DateTimeOffset LastUsed { get; set; } = now;

    /// <summary>What every form of this session carries, and nobody else knows.</summary>
    internal string FormToken => Encoding.ASCII.GetString(_formToken);

    /// <summary>256 random bits as text.</summary>
    internal static string RandomText() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    internal bool IsFormToken(string offered) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(offered), _formToken);

    /// <summary>Gives back a form that was taken and then failed: it may be sent again.</summary>
    internal void Release(string formId)
    {
        lock (_taken)
        {
            _taken.Remove(formId);
        }
    }

    /// <summary>Takes a form once: false for one that was sent before, by a reload or a second click.</summary>
    internal bool TryTake(string formId)
    {
        lock (_taken)
        {
            if (_taken.Contains(formId))
            {
                return false;
            }

            _taken.Add(formId);
            if (_taken.Count > MostForms)
            {
                _taken.RemoveAt(0);
            }

            return true;
        }
    }
}

/// <summary>Who looks at a page.</summary>
/// <param name="Caller">Whose usage it is and what it may do.</param>
/// <param name="Session">Its session; null for everybody on an open server.</param>
internal sealed record Visitor(Caller Caller, ConsoleSession? Session)
{
    /// <summary>Whether it sees everybody's and may manage.</summary>
    internal bool IsAdmin => Session is not null && Caller.Scopes.HasFlag(KeyScopes.Admin);
}
