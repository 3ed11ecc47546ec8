namespace Tramontane.Metering.Budgets;

/// <summary>Who pays: keys belong to accounts.</summary>
public sealed record Account
{
    /// <summary>The account of requests without a key on an open server. It always exists and is not prepaid.</summary>
    public const string Local = "local";

    /// <summary>Its id: the operator's word, or <c>acct_…</c>.</summary>
    public required string Id { get; init; }

    /// <summary>For people.</summary>
    public required string Name { get; init; }

    /// <summary>True: requests are admitted only within free tokens and credit. False: they are recorded and nothing stops them but the key's limits.</summary>
    public bool Prepaid { get; init; }

    /// <summary>Credit given less what settled requests cost while the account was prepaid.</summary>
    public decimal Balance { get; init; }

    /// <summary>What open requests may still take from the balance.</summary>
    public decimal Reserved { get; init; }

    /// <summary>What a next request may cost at most.</summary>
    public decimal Available => Balance - Reserved;

    /// <summary>Free tokens that are left.</summary>
    public long FreeTokens { get; init; }

    /// <summary>Those of the free tokens that open requests may still take.</summary>
    public long FreeTokensReserved { get; init; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was closed: from then on nothing is admitted. Null: it is open.</summary>
    public DateTimeOffset? ClosedAt { get; init; }
}

/// <summary>Credit or free tokens to be given to an account, or, with a minus, taken back.</summary>
public sealed record NewCredit
{
    /// <summary>An id of the caller's, at most 200 characters, that makes repeating harmless: a second credit with it changes nothing. Null: a fresh one.</summary>
    public string? Id { get; init; }

    /// <summary>Money with at most 12 decimals.</summary>
    public decimal Amount { get; init; }

    /// <summary>ISO 4217; needed with an amount. All own prices and all credit of a database have one currency.</summary>
    public string? Currency { get; init; }

    /// <summary>Free tokens.</summary>
    public long FreeTokens { get; init; }

    /// <summary>Why, for people.</summary>
    public string Note { get; init; } = "";
}

/// <summary>An entry in an account's journal of credits; append-only.</summary>
/// <param name="Id">Its id.</param>
/// <param name="AccountId">The account.</param>
/// <param name="Amount">Money.</param>
/// <param name="Currency">ISO 4217; null without money.</param>
/// <param name="FreeTokens">Free tokens.</param>
/// <param name="Note">Why.</param>
/// <param name="At">When.</param>
public sealed record Credit(string Id, string AccountId, decimal Amount, string? Currency, long FreeTokens, string Note, DateTimeOffset At);
