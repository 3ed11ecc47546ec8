using Tramontane.Metering.Keys;

namespace Tramontane.Server.Administration;

/// <summary>New values for some of a key's limits.</summary>
/// <param name="Values">They; null removes a limit.</param>
/// <param name="Named">Which of them count, by the names of the API. The others stay.</param>
internal sealed record LimitsChange(KeyLimits Values, IReadOnlySet<string> Named)
{
    /// <summary>The names of all limits.</summary>
    internal static IReadOnlyList<string> Names { get; } =
    [
        "requests_per_minute", "requests_per_day", "tokens_per_minute", "tokens_per_day", "concurrent_requests", "money_per_day", "money_per_month", "money_total",
    ];

    internal KeyLimits Apply(KeyLimits known) => new()
    {
        RequestsPerMinute = Of("requests_per_minute", Values.RequestsPerMinute, known.RequestsPerMinute),
        RequestsPerDay = Of("requests_per_day", Values.RequestsPerDay, known.RequestsPerDay),
        TokensPerMinute = Of("tokens_per_minute", Values.TokensPerMinute, known.TokensPerMinute),
        TokensPerDay = Of("tokens_per_day", Values.TokensPerDay, known.TokensPerDay),
        ConcurrentRequests = Of("concurrent_requests", Values.ConcurrentRequests, known.ConcurrentRequests),
        MoneyPerDay = Of("money_per_day", Values.MoneyPerDay, known.MoneyPerDay),
        MoneyPerMonth = Of("money_per_month", Values.MoneyPerMonth, known.MoneyPerMonth),
        MoneyTotal = Of("money_total", Values.MoneyTotal, known.MoneyTotal),
    };

    private T Of<T>(string name, T value, T known) => Named.Contains(name) ? value : known;
}
