namespace Tramontane.Metering.Budgets;

/// <summary>Which limit a request met.</summary>
public enum RefusalKind
{
    /// <summary>The key was revoked or does not exist any more.</summary>
    KeyRevoked,

    /// <summary>The key's time is over.</summary>
    KeyExpired,

    /// <summary>The account is closed.</summary>
    AccountClosed,

    /// <summary>The key's requests at one time.</summary>
    ConcurrentRequests,

    /// <summary>The key's requests per minute.</summary>
    RequestsPerMinute,

    /// <summary>The key's requests per day.</summary>
    RequestsPerDay,

    /// <summary>The key's tokens per minute.</summary>
    TokensPerMinute,

    /// <summary>The key's tokens per day.</summary>
    TokensPerDay,

    /// <summary>The key's money per day.</summary>
    MoneyPerDay,

    /// <summary>The key's money per month.</summary>
    MoneyPerMonth,

    /// <summary>The key's money over its life.</summary>
    MoneyTotal,

    /// <summary>The credit and free tokens of a prepaid account.</summary>
    Credit,
}

/// <summary>What kind of remedy a refusal has.</summary>
public enum RefusalCategory
{
    /// <summary>Another key (HTTP 401 or 403).</summary>
    Access,

    /// <summary>Waiting, or a smaller request (HTTP 429).</summary>
    Rate,

    /// <summary>Money (HTTP 402).</summary>
    Payment,
}

/// <summary>Why a request may not start.</summary>
/// <param name="Kind">The limit.</param>
/// <param name="Message">A sentence for the client: the limit, its size, what is left, when it opens.</param>
/// <param name="Limit">The limit's size in requests, tokens or money; for credit the balance. Null: it has none.</param>
/// <param name="Left">What is left of it, open requests counted with the most they can take.</param>
/// <param name="Needed">What this request could take.</param>
/// <param name="OpensAt">When its window ends; null: waiting for a time does not help.</param>
public sealed record Refusal(RefusalKind Kind, string Message, decimal? Limit = null, decimal? Left = null, decimal? Needed = null, DateTimeOffset? OpensAt = null)
{
    /// <summary>What kind of remedy there is.</summary>
    public RefusalCategory Category => Kind switch
    {
        RefusalKind.KeyRevoked or RefusalKind.KeyExpired or RefusalKind.AccountClosed => RefusalCategory.Access,
        RefusalKind.MoneyPerDay or RefusalKind.MoneyPerMonth or RefusalKind.MoneyTotal or RefusalKind.Credit => RefusalCategory.Payment,
        _ => RefusalCategory.Rate,
    };
}
