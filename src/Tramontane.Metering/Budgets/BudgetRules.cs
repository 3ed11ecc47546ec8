using Tramontane.Metering.Ledger;
using Tramontane.Metering.Prices;

namespace Tramontane.Metering.Budgets;

/// <summary>
/// What may start, what it takes, and what it gives back at its end: pure arithmetic on rows that a transaction has locked, the
/// same for every database.
/// </summary>
internal static class BudgetRules
{
    /// <summary>Checks every limit and, when none refuses, takes the most that the request can consume.</summary>
    internal static Refusal? Take(
        AdmissionRequest request, AccountState account, KeyState? key, PriceRow? price, string instanceId, long nonce, long now, out OpenRequest? open)
    {
        open = null;
        long at = key?.Advance(now) ?? now;
        int completion = CompletionGrant.For(request, account, key, price);
        long tokens = (long)request.PromptTokens + completion;
        bool isFree = tokens <= account.FreeTokens - account.FreeTokensReserved;
        decimal cost = isFree || price is null ? 0 : price.MostFor(request.PromptTokens, completion);
        bool fromCredit = account.Prepaid && !isFree;

        Refusal? refusal = CheckAccess(account, key, now)
            ?? (key is null ? null : KeyLimitRules.Check(key, tokens, cost, price?.Currency, at))
            ?? (fromCredit ? CheckCredit(account, tokens, cost, price?.Currency) : null);
        if (refusal is not null)
        {
            return refusal;
        }

        open = new OpenRequest
        {
            RequestId = request.RequestId,
            Nonce = nonce,
            InstanceId = instanceId,
            AccountId = account.Id,
            KeyId = key?.Id,
            Model = request.Model,
            Dialect = request.Dialect,
            PriceId = price?.Id,
            Currency = price?.Currency,
            PromptTokens = request.PromptTokens,
            ImageTokens = request.ImageTokens,
            MaxCompletionTokens = completion,
            ReservedCost = cost,
            FromCredit = fromCredit,
            IsFree = isFree,
            StartedAt = now,
            WindowAt = at,
        };
        if (fromCredit || isFree)
        {
            account.Reserved += fromCredit ? cost : 0;
            account.FreeTokensReserved += isFree ? tokens : 0;
            account.Changed = true;
        }

        if (key is not null)
        {
            key.OpenRequests++;
            key.MinuteRequests++;
            key.DayRequests++;
            AddToWindows(key, open, tokens, cost);
        }

        return null;
    }

    /// <summary>Ends a request: gives back what it held and takes what it is charged.</summary>
    /// <exception cref="InvalidOperationException">It consumed more than was admitted: the caller's mistake.</exception>
    internal static LedgerRecord Close(OpenRequest open, AccountState account, KeyState? key, PriceRow? price, Settlement settlement, long now)
    {
        TokenCounts counts = settlement.Counts;
        if (counts.Prompt > open.PromptTokens || counts.Completion > open.MaxCompletionTokens)
        {
            throw new InvalidOperationException(
                $"Request {open.RequestId} was admitted with {open.PromptTokens} prompt and at most {open.MaxCompletionTokens} completion tokens, but ended with {counts.Prompt} and {counts.Completion}.");
        }

        TokenCounts charged = Charged(settlement);
        Cost cost = open.IsFree || price is null ? default : price.Of(charged);
        GiveBack(open, account, key, charged.Total, cost.Total);
        return new LedgerRecord
        {
            RequestId = open.RequestId,
            AccountId = open.AccountId,
            KeyId = open.KeyId,
            Model = open.Model,
            Dialect = open.Dialect,
            Outcome = settlement.Outcome,
            Counts = counts,
            PriceId = open.PriceId,
            Currency = open.Currency,
            Cost = cost,
            IsFree = open.IsFree,
            StartedAt = UnixTime.ToTime(open.StartedAt),
            FirstTokenAt = settlement.FirstTokenAt is { } first ? UnixTime.ToTime(first.ToUnixTimeMilliseconds()) : null,
            EndedAt = UnixTime.ToTime(now),
        };
    }

    /// <summary>Takes an admission back: nothing was begun, so it does not count as a request either.</summary>
    internal static void Release(OpenRequest open, AccountState account, KeyState? key)
    {
        GiveBack(open, account, key, 0, 0);
        if (key is not null)
        {
            key.DayRequests -= open.WindowAt >= key.DayStart ? 1 : 0;
            key.MinuteRequests -= open.WindowAt >= key.MinuteStart ? 1 : 0;
        }
    }

    /// <summary>The tokens that an ended request pays, in money, free tokens and windows alike.</summary>
    internal static TokenCounts Charged(Settlement settlement) => settlement.Outcome switch
    {
        RequestOutcome.Completed or RequestOutcome.Length => settlement.Counts,
        RequestOutcome.Aborted when settlement.Counts.Completion > 0 => settlement.Counts,
        _ => default,
    };

    /// <summary>Puts what was used in the place of what was held.</summary>
    private static void GiveBack(OpenRequest open, AccountState account, KeyState? key, long tokens, decimal cost)
    {
        if (open.FromCredit)
        {
            account.Reserved -= open.ReservedCost;
            account.Balance -= cost;
            account.Changed = true;
        }

        if (open.IsFree)
        {
            account.FreeTokensReserved -= open.ReservedTokens;
            account.FreeTokens -= tokens;
            account.Changed = true;
        }

        if (key is not null)
        {
            key.OpenRequests--;
            AddToWindows(key, open, tokens - open.ReservedTokens, cost - open.ReservedCost);
        }
    }

    /// <summary>Windows that have passed since the request started are left alone.</summary>
    private static void AddToWindows(KeyState key, OpenRequest open, long tokens, decimal cost)
    {
        key.Changed = true;
        key.TotalCost += cost;
        if (open.WindowAt >= key.MonthStart)
        {
            key.MonthCost += cost;
        }

        if (open.WindowAt >= key.DayStart)
        {
            key.DayTokens += tokens;
            key.DayCost += cost;
        }

        if (open.WindowAt >= key.MinuteStart)
        {
            key.MinuteTokens += tokens;
        }
    }

    private static Refusal? CheckAccess(AccountState account, KeyState? key, long now)
    {
        if (key is { RevokedAt: not null })
        {
            return new Refusal(RefusalKind.KeyRevoked, "This API key was revoked. Use another one.");
        }

        if (key?.ExpiresAt <= now)
        {
            return new Refusal(RefusalKind.KeyExpired, $"This API key expired at {UnixTime.ToTime(key.ExpiresAt.Value):yyyy-MM-ddTHH:mm:ssZ}. Use another one.");
        }

        return account.ClosedAt is null ? null : new Refusal(RefusalKind.AccountClosed, "The account of this API key is closed.");
    }

    /// <summary>An empty account gets nothing, even where nothing has a price: prepaid means paid first.</summary>
    private static Refusal? CheckCredit(AccountState account, long tokens, decimal cost, string? currency)
    {
        decimal available = account.Balance - account.Reserved;
        if (account.Balance > 0 && cost <= available)
        {
            return null;
        }

        string unit = currency is null ? "" : " " + currency;
        long freeLeft = account.FreeTokens - account.FreeTokensReserved;
        return new Refusal(
            RefusalKind.Credit,
            $"The account's credit does not cover this request: it can cost up to {Money.Format(cost)}{unit} for {tokens} tokens; "
            + $"{Money.Format(available)}{unit} of credit and {freeLeft} free tokens are left. Add credit, or ask for fewer tokens.",
            Limit: account.Balance,
            Left: available,
            Needed: cost);
    }
}
