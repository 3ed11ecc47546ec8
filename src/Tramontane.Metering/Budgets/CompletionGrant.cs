using Tramontane.Metering.Keys;
using Tramontane.Metering.Prices;

namespace Tramontane.Metering.Budgets;

/// <summary>
/// How many tokens a request may generate that takes what it can get: the most that fits every limit of its key and, on a
/// prepaid account, its free tokens or its credit. Whether that is enough is checked like any other request.
/// </summary>
internal static class CompletionGrant
{
    private const decimal TokensPerPrice = 1_000_000m;

    internal static int For(AdmissionRequest request, AccountState account, KeyState? key, PriceRow? price)
    {
        if (request.LeastCompletionTokens is not { } least)
        {
            return request.MaxCompletionTokens;
        }

        long free = account.FreeTokens - account.FreeTokensReserved - request.PromptTokens;
        long paid = Math.Min(request.MaxCompletionTokens, Math.Min(ByMoney(key, price, request.PromptTokens), account.Prepaid ? ByCredit(account, price, request.PromptTokens) : long.MaxValue));
        long most = Math.Min(request.MaxCompletionTokens, Math.Max(free, paid));
        if (key is { Limits: var limits })
        {
            most = Math.Min(most, Left(limits.TokensPerMinute, key.MinuteTokens) - request.PromptTokens);
            most = Math.Min(most, Left(limits.TokensPerDay, key.DayTokens) - request.PromptTokens);
        }

        return (int)Math.Max(most, least);
    }

    private static long Left(long? limit, long taken) => limit is { } size ? size - taken : long.MaxValue / 2;

    private static long ByMoney(KeyState? key, PriceRow? price, int promptTokens)
    {
        if (key is not { Limits: KeyLimits limits })
        {
            return long.MaxValue;
        }

        return Math.Min(
            Tokens(limits.MoneyPerDay - key.DayCost, price, promptTokens),
            Math.Min(Tokens(limits.MoneyPerMonth - key.MonthCost, price, promptTokens), Tokens(limits.MoneyTotal - key.TotalCost, price, promptTokens)));
    }

    private static long ByCredit(AccountState account, PriceRow? price, int promptTokens) =>
        account.Balance > 0 ? Tokens(account.Balance - account.Reserved, price, promptTokens) : 0;

    /// <summary>The completion that an amount pays behind its prompt; without a limit or a price any.</summary>
    private static long Tokens(decimal? amount, PriceRow? price, int promptTokens)
    {
        if (amount is not { } money || price is not { Completion: > 0 })
        {
            return long.MaxValue;
        }

        decimal left = money - price.MostFor(promptTokens, 0);
        return left <= 0 ? 0 : (long)decimal.Floor(Math.Min(left / price.Completion * TokensPerPrice, long.MaxValue / 2));
    }
}
