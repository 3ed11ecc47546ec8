using System.Security.Cryptography;
using System.Text;
using Tramontane.Metering.Keys;
using Tramontane.Server.Auth;

namespace Tramontane.Server.Console.Sessions;

/// <summary>
/// The sessions of this server, in memory. A session lives as long as the secret that opened it: it is looked up again with each
/// request, by the rules of the API, so that revoking, expiry and rotation end it at once.
/// </summary>
internal sealed class SessionStore(ApiKeys keys, TimeProvider time)
{
    /// <summary>A session that is not used for so long is over.</summary>
    internal static readonly TimeSpan IdleLimit = TimeSpan.FromHours(8);

    /// <summary>Sessions at one time; the longest unused go first.</summary>
    internal const int Most = 2_000;

    /// <summary>Sessions of one key, so that nobody can push out others.</summary>
    internal const int MostOfOneKey = 20;

    // By the hash of the id: how long a lookup takes says nothing about ids.
    private readonly Dictionary<string, ConsoleSession> _sessions = new(StringComparer.Ordinal);

    internal int Count
    {
        get
        {
            lock (_sessions)
            {
                return _sessions.Count;
            }
        }
    }

    /// <summary>Opens a session under a fresh id, which only the browser keeps.</summary>
    internal string Open(byte[] keyHash)
    {
        string id = ConsoleSession.RandomText();
        DateTimeOffset now = time.GetUtcNow();
        lock (_sessions)
        {
            Remove(s => now - s.LastUsed >= IdleLimit);
            KeepBelow(MostOfOneKey, s => s.KeyHash.AsSpan().SequenceEqual(keyHash));
            KeepBelow(Most, _ => true);
            _sessions[NameOf(id)] = new ConsoleSession(keyHash, now);
        }

        return id;
    }

    /// <summary>Who has this session; null when it is none, or over.</summary>
    internal Visitor? Find(string id)
    {
        DateTimeOffset now = time.GetUtcNow();
        string name = NameOf(id);
        lock (_sessions)
        {
            if (!_sessions.TryGetValue(name, out ConsoleSession? session))
            {
                return null;
            }

            if (now - session.LastUsed < IdleLimit && keys.FindByHash(session.KeyHash) is { } caller && MaySignIn(caller))
            {
                session.LastUsed = now;
                return new Visitor(caller, session);
            }

            _sessions.Remove(name);
            return null;
        }
    }

    internal void Close(string id)
    {
        lock (_sessions)
        {
            _sessions.Remove(NameOf(id));
        }
    }

    /// <summary>The pages show usage and keys: a key that may do neither has nothing to see there.</summary>
    internal static bool MaySignIn(Caller caller) => (caller.Scopes & (KeyScopes.UsageRead | KeyScopes.Admin)) != 0;

    private void KeepBelow(int most, Func<ConsoleSession, bool> which)
    {
        string[] counted = [.. _sessions.Where(s => which(s.Value)).OrderBy(s => s.Value.LastUsed).Select(s => s.Key)];
        foreach (string name in counted.Take(counted.Length - most + 1))
        {
            _sessions.Remove(name);
        }
    }

    private void Remove(Func<ConsoleSession, bool> which)
    {
        foreach (string name in _sessions.Where(s => which(s.Value)).Select(s => s.Key).ToArray())
        {
            _sessions.Remove(name);
        }
    }

    private static string NameOf(string id) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(id)));
}
