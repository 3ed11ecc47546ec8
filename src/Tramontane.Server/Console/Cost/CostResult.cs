using System.Numerics;

namespace Tramontane.Server.Console.Cost;

/// <summary>What own hardware would cost beside a price.</summary>
/// <param name="Machines">How many such machines the requests keep busy; null when their speed is not known.</param>
/// <param name="PerMonth">What these cost; of one machine when the speed is not known.</param>
/// <param name="UsePerMille">Share of their time that is used, in thousandths, rounded half up; null when the speed is not known.</param>
/// <param name="CapacityPerDay">Requests that one machine can do in a day; null when not known or without bound.</param>
/// <param name="BreakEvenPerDay">Requests a day from which one machine costs no more than the price; null when the price asks nothing.</param>
/// <param name="IsCheaper">Whether <paramref name="PerMonth"/> is less than the price's month; null when the number of machines is not known.</param>
internal sealed record HardwareResult(long? Machines, decimal PerMonth, long? UsePerMille, BigInteger? CapacityPerDay, BigInteger? BreakEvenPerDay, bool? IsCheaper);

/// <summary>The calculator's answer. Amounts are exact; only shares and counts of machines and requests are rounded, as they say.</summary>
/// <param name="PerRequest">Cost of one request.</param>
/// <param name="PerDay">Of all requests of a day.</param>
/// <param name="PerMonth">Of 30 days.</param>
/// <param name="PromptTokensPerMonth">In 30 days.</param>
/// <param name="CompletionTokensPerMonth">In 30 days.</param>
/// <param name="Blended">Price of 1,000,000 tokens, half of them prompts that are not cached.</param>
/// <param name="Hardware">Null when not asked.</param>
internal sealed record CostResult(
    decimal PerRequest, decimal PerDay, decimal PerMonth, decimal PromptTokensPerMonth, decimal CompletionTokensPerMonth, decimal Blended, HardwareResult? Hardware)
{
    /// <summary>Days of a month, for everything here.</summary>
    internal const int Days = 30;

    private const int SecondsPerDay = 86_400;

    /// <summary>
    /// A request costs (uncached · prompt price + cached · cached price + answer · answer price) / 1,000,000. Prices have at most 6
    /// decimals and shares are whole per cents, so it has at most 14 decimals and is exact.
    /// </summary>
    internal static CostResult Of(CostInputs inputs)
    {
        decimal cached = inputs.PromptTokens * inputs.CachedPercent / 100m;
        decimal uncached = inputs.PromptTokens - cached;
        decimal perRequest = ((uncached * inputs.Price.Prompt) + (cached * inputs.Price.Cached) + (inputs.CompletionTokens * inputs.Price.Completion)) / 1_000_000m;
        decimal perMonth = perRequest * inputs.RequestsPerDay * Days;
        return new CostResult(
            perRequest,
            perRequest * inputs.RequestsPerDay,
            perMonth,
            (decimal)inputs.PromptTokens * inputs.RequestsPerDay * Days,
            (decimal)inputs.CompletionTokens * inputs.RequestsPerDay * Days,
            (inputs.Price.Prompt + inputs.Price.Completion) / 2,
            inputs.HardwarePerMonth is { } hardware ? OfHardware(inputs, hardware, perRequest, perMonth, uncached + inputs.CompletionTokens) : null);
    }

    /// <param name="inputs">What was asked.</param>
    /// <param name="hardware">One machine a month.</param>
    /// <param name="perRequest">The price's cost of a request.</param>
    /// <param name="perMonth">The price's cost of a month.</param>
    /// <param name="work">Tokens that a machine computes for one request.</param>
    private static HardwareResult OfHardware(CostInputs inputs, decimal hardware, decimal perRequest, decimal perMonth, decimal work)
    {
        BigInteger? breakEven = perRequest == 0 ? null : CeilingOfQuotient(hardware, perRequest * Days);
        if (inputs.TokensPerSecond is not { } speed)
        {
            return new HardwareResult(null, hardware, null, null, breakEven, null);
        }

        decimal needed = work * inputs.RequestsPerDay, perMachine = speed * SecondsPerDay;
        var machines = (long)BigInteger.Max(1, CeilingOfQuotient(needed, perMachine));
        decimal cost = machines * hardware;
        long use = (long)FloorOfQuotient((needed * 2000) + (perMachine * machines), perMachine * machines * 2); // + a half, then down
        return new HardwareResult(machines, cost, use, work == 0 ? null : FloorOfQuotient(perMachine, work), breakEven, cost < perMonth);
    }

    private static BigInteger FloorOfQuotient(decimal a, decimal b)
    {
        (BigInteger x, BigInteger y) = ToWhole(a, b);
        return BigInteger.Divide(x, y);
    }

    private static BigInteger CeilingOfQuotient(decimal a, decimal b)
    {
        (BigInteger x, BigInteger y) = ToWhole(a, b);
        return BigInteger.Divide(x + y - 1, y);
    }

    /// <summary>Two numbers as whole ones in the same ratio, so that a quotient is rounded once.</summary>
    private static (BigInteger A, BigInteger B) ToWhole(decimal a, decimal b)
    {
        (BigInteger digitsOfA, int scaleOfA) = Split(a);
        (BigInteger digitsOfB, int scaleOfB) = Split(b);
        return (digitsOfA * BigInteger.Pow(10, scaleOfB), digitsOfB * BigInteger.Pow(10, scaleOfA));
    }

    private static (BigInteger Digits, int Scale) Split(decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        return (((BigInteger)(uint)parts[2] << 64) + ((BigInteger)(uint)parts[1] << 32) + (uint)parts[0], (parts[3] >> 16) & 0xFF);
    }
}
