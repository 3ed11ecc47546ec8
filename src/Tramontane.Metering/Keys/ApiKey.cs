namespace Tramontane.Metering.Keys;

/// <summary>What a key may do.</summary>
[Flags]
public enum KeyScopes
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Generate, tokenize, list models.</summary>
    Inference = 1,

    /// <summary>Read its own account's usage (<c>usage:read</c>).</summary>
    UsageRead = 2,

    /// <summary>Everything about keys, accounts, prices and all usage.</summary>
    Admin = 4,
}

/// <summary>What an administrator sets about a key.</summary>
public sealed record KeySettings
{
    /// <summary>For people, 1 to 200 characters.</summary>
    public required string Name { get; init; }

    /// <summary>What it may do.</summary>
    public KeyScopes Scopes { get; init; } = KeyScopes.Inference | KeyScopes.UsageRead;

    /// <summary>Its limits.</summary>
    public KeyLimits Limits { get; init; } = KeyLimits.None;

    /// <summary>From then on it is refused; null: never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>A key as it is stored: without its secret.</summary>
public sealed record ApiKey
{
    /// <summary>Its public id, <c>key_…</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The account that pays.</summary>
    public required string AccountId { get; init; }

    /// <summary>First 7 and last 4 characters of the secret, to recognise it by.</summary>
    public required string Display { get; init; }

    /// <summary>Name, scopes, limits and expiry.</summary>
    public required KeySettings Settings { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it got its present secret; null: it still has its first.</summary>
    public DateTimeOffset? RotatedAt { get; init; }

    /// <summary>Until when the secret before the present one is accepted; null: there is none.</summary>
    public DateTimeOffset? PreviousSecretUntil { get; init; }

    /// <summary>When it was revoked; null: it is not.</summary>
    public DateTimeOffset? RevokedAt { get; init; }
}

/// <summary>A key with its secret, which is shown this once and stored nowhere.</summary>
/// <param name="Key">The key.</param>
/// <param name="Secret"><c>tm-</c> and 43 characters.</param>
public sealed record IssuedKey(ApiKey Key, string Secret)
{
    /// <summary>Without the secret, so that no log gets it by accident.</summary>
    public override string ToString() => $"{nameof(IssuedKey)} {Key.Id} {Key.Display}";
}

/// <summary>What a presented secret is.</summary>
public enum KeyStatus
{
    /// <summary>No key has it.</summary>
    Unknown,

    /// <summary>A key that may be used.</summary>
    Valid,

    /// <summary>A key whose time is over.</summary>
    Expired,

    /// <summary>A key that was revoked.</summary>
    Revoked,
}

/// <summary>Scopes as words, as they stand in the database and on the wire.</summary>
public static class KeyScopeNames
{
    private static readonly (KeyScopes Scope, string Name)[] s_names =
        [(KeyScopes.Inference, "inference"), (KeyScopes.UsageRead, "usage:read"), (KeyScopes.Admin, "admin")];

    /// <summary>The words, in a fixed order.</summary>
    public static IReadOnlyList<string> All { get; } = [.. s_names.Select(n => n.Name)];

    /// <summary>The words of these scopes.</summary>
    public static IReadOnlyList<string> Of(KeyScopes scopes) => [.. s_names.Where(n => scopes.HasFlag(n.Scope)).Select(n => n.Name)];

    /// <summary>The scopes that words name; false when one is unknown.</summary>
    public static bool TryParse(IEnumerable<string> names, out KeyScopes scopes)
    {
        ArgumentNullException.ThrowIfNull(names);
        scopes = KeyScopes.None;
        foreach (string name in names)
        {
            int i = Array.FindIndex(s_names, n => n.Name == name);
            if (i < 0)
            {
                return false;
            }

            scopes |= s_names[i].Scope;
        }

        return true;
    }
}
