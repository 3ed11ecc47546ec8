using Tramontane.Metering.Prices;

namespace Tramontane.Metering.Budgets;

/// <summary>A request that wants to start: what it can consume at most.</summary>
public sealed record AdmissionRequest
{
    /// <summary>Unique, 1 to 128 characters; the ledger's row has it.</summary>
    public required string RequestId { get; init; }

    /// <summary>The account that pays; with a key, the key's.</summary>
    public string AccountId { get; init; } = Account.Local;

    /// <summary>The key; null: no key's limits apply.</summary>
    public string? KeyId { get; init; }

    /// <summary>The model's canonical id, by which prices are found.</summary>
    public required string Model { get; init; }

    /// <summary>The API's dialect, such as <c>openai</c>.</summary>
    public required string Dialect { get; init; }

    /// <summary>Exactly the tokens of the prompt, images included.</summary>
    public required int PromptTokens { get; init; }

    /// <summary>Those of them that stand for images.</summary>
    public int ImageTokens { get; init; }

    /// <summary>The most tokens it may generate, over all its choices.</summary>
    public required int MaxCompletionTokens { get; init; }

    /// <summary>
    /// When given, fewer than <see cref="MaxCompletionTokens"/> will do too, down to these: the reservation says how many. Null: all
    /// of them, or a refusal.
    /// </summary>
    public int? LeastCompletionTokens { get; init; }

    internal void Check()
    {
        if (LeastCompletionTokens is { } least && (least < 0 || least > MaxCompletionTokens))
        {
            throw new ArgumentException($"{nameof(LeastCompletionTokens)} is {least}: it goes from 0 to {nameof(MaxCompletionTokens)}, {MaxCompletionTokens}.");
        }

        CheckText(RequestId, nameof(RequestId), 128);
        CheckText(AccountId, nameof(AccountId), 128);
        CheckText(Model, nameof(Model), 256);
        CheckText(Dialect, nameof(Dialect), 64);
        new TokenCounts(PromptTokens, 0, MaxCompletionTokens, ImageTokens).Check();
    }

    private static void CheckText(string value, string name, int longest)
    {
        if (value is null || value.Length == 0 || value.Length > longest || value.Contains('\0'))
        {
            throw new ArgumentException($"{name} must have 1 to {longest} characters and no NUL.");
        }
    }
}

/// <summary>The answer to an <see cref="AdmissionRequest"/>: a reservation or a refusal.</summary>
public readonly record struct Admission
{
    internal Admission(Reservation reservation, KeyAllowance? allowance) => (Reservation, Allowance) = (reservation, allowance);

    internal Admission(Refusal refusal, KeyAllowance? allowance) => (Refusal, Allowance) = (refusal, allowance);

    /// <summary>Present when the request may start; it must be settled, whatever its end.</summary>
    public Reservation? Reservation { get; }

    /// <summary>Present when it may not.</summary>
    public Refusal? Refusal { get; }

    /// <summary>What the key has left behind this request; null without a key.</summary>
    public KeyAllowance? Allowance { get; }
}

/// <summary>What a key may still use. Open requests count with the most they can take.</summary>
/// <param name="Requests">Of its windows for requests the one with the least left; null: it has no such limit.</param>
/// <param name="Tokens">Of its windows for tokens the one with the least left; null: it has no such limit.</param>
public sealed record KeyAllowance(WindowState? Requests, WindowState? Tokens);

/// <summary>A limit over a time.</summary>
/// <param name="Limit">Its size in requests or tokens.</param>
/// <param name="Left">What is left of it.</param>
/// <param name="EndsAt">When all of it is there again.</param>
public sealed record WindowState(long Limit, long Left, DateTimeOffset EndsAt);

/// <summary>A request that was admitted. Its price is pinned: later price rows leave it alone.</summary>
public sealed class Reservation
{
    internal Reservation(OpenRequest open, PriceRow? price) => (Open, Price) = (open, price);

    /// <summary>The request's id.</summary>
    public string RequestId => Open.RequestId;

    /// <summary>The account that pays.</summary>
    public string AccountId => Open.AccountId;

    /// <summary>The key; null: none.</summary>
    public string? KeyId => Open.KeyId;

    /// <summary>The price in force at its start; null: none is set, it costs 0.</summary>
    public PriceRow? Price { get; }

    /// <summary>It is paid with free tokens: its cost is 0. Decided at admission, for the whole request.</summary>
    public bool IsFree => Open.IsFree;

    /// <summary>When it was admitted: its windows, its price and its day in reports follow from this.</summary>
    public DateTimeOffset StartedAt => UnixTime.ToTime(Open.StartedAt);

    /// <summary>The most tokens that it may generate.</summary>
    public int MaxCompletionTokens => Open.MaxCompletionTokens;

    /// <summary>The most it can cost; held back until it is settled.</summary>
    public decimal ReservedCost => Open.ReservedCost;

    internal OpenRequest Open { get; }

    /// <summary>What so many tokens cost this request, should it complete with them: what the ledger will say.</summary>
    public Cost CostOf(TokenCounts counts) => IsFree || Price is null ? default : Price.Of(counts);
}
