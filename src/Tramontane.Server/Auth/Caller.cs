using Tramontane.Metering.Budgets;
using Tramontane.Metering.Keys;

namespace Tramontane.Server.Auth;

/// <summary>Who sends a request. What a server keeps for a client is kept under this.</summary>
/// <param name="Id">Stands for the key without telling it; the same for everybody while the server is open.</param>
internal sealed record Caller(string Id)
{
    /// <summary>Everybody, while no key is configured.</summary>
    internal static Caller Anyone { get; } = new("") { Scopes = KeyScopes.Inference | KeyScopes.UsageRead };

    /// <summary>The account that pays.</summary>
    internal string AccountId { get; init; } = Account.Local;

    /// <summary>The key as the ledger knows it; null for keys of the command line and for everybody.</summary>
    internal string? KeyId { get; init; }

    /// <summary>What it may do.</summary>
    internal required KeyScopes Scopes { get; init; }

    /// <summary>By <see cref="Id"/>: a key stays the same caller whatever is changed about it.</summary>
    public bool Equals(Caller? other) => other?.Id == Id;

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Id);

    /// <summary>The engine's name for it; null while the server is open.</summary>
    internal string? Tenant => Id.Length == 0 ? null : Id;
}
