using System.Runtime.InteropServices;

namespace Tramontane.Inference.Scheduling;

/// <summary>
/// How much each tenant has had: the virtual token counters of Sheng et al. 2024 ("Fairness in Serving Large Language
/// Models", arXiv:2401.00588). Who has had least goes first. A tenant that comes back is lifted to the least of those that
/// are there: time away earns no credit, and waiting loses none.
/// </summary>
internal sealed class FairShare
{
    // A generated token reads all weights for one row, a prompt's token shares them with its neighbours.
    private const long PromptTokenCost = 1;
    private const long GeneratedTokenCost = 2;

    private readonly Dictionary<string, Account> _accounts = [];

    /// <summary>A sequence of a tenant has come.</summary>
    public void Enter(string? tenant)
    {
        ref Account account = ref CollectionsMarshal.GetValueRefOrAddDefault(_accounts, Name(tenant), out _);
        if (account.SequenceCount == 0)
        {
            account.Served = Math.Max(account.Served, Least());
        }

        account.SequenceCount++;
    }

    /// <summary>A sequence of a tenant has ended.</summary>
    public void Leave(string? tenant)
    {
        ref Account account = ref CollectionsMarshal.GetValueRefOrNullRef(_accounts, Name(tenant));
        if (--account.SequenceCount == 0)
        {
            Prune();
        }
    }

    /// <summary>What a tenant with sequences has had.</summary>
    public long Served(string? tenant) => _accounts[Name(tenant)].Served;

    /// <summary>Rows of a step were given to a tenant.</summary>
    public void Charge(string? tenant, int tokenCount, bool isGenerated) =>
        CollectionsMarshal.GetValueRefOrNullRef(_accounts, Name(tenant)).Served += tokenCount * (isGenerated ? GeneratedTokenCost : PromptTokenCost);

    private static string Name(string? tenant) => tenant is null ? "" : "=" + tenant;

    private long Least()
    {
        long least = long.MaxValue;
        foreach (Account account in _accounts.Values)
        {
            least = account.SequenceCount > 0 ? Math.Min(least, account.Served) : least;
        }

        return least == long.MaxValue ? 0 : least;
    }

    // An absent tenant's debt is remembered only while somebody present has had less: then it still matters.
    private void Prune()
    {
        long least = Least();
        bool anybody = false;
        foreach (Account account in _accounts.Values)
        {
            anybody |= account.SequenceCount > 0;
        }

        foreach ((string name, Account account) in _accounts)
        {
            if (account.SequenceCount == 0 && (!anybody || account.Served <= least))
            {
                _accounts.Remove(name); // allowed while enumerating
            }
        }
    }

    private struct Account
    {
        public int SequenceCount;
        public long Served;
    }
}
