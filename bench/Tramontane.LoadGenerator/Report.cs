using System.Text.Json.Serialization;

namespace Tramontane.LoadGenerator;

/// <summary>What the requests of one class felt like; times in milliseconds. Those that left count as requests only.</summary>
internal sealed record ClassReport(
    string Name, int Requests, IReadOnlyDictionary<string, int> Errors, long PromptTokens, long CachedTokens, long CompletionTokens, double CompletionTokensPerSecond,
    Percentiles TimeToFirst, Percentiles InterToken, Percentiles Total)
{
    public static ClassReport Of(string name, IReadOnlyCollection<Outcome> outcomes, TimeSpan wall)
    {
        Outcome[] good = [.. outcomes.Where(o => o.Error is null)];
        return new ClassReport(
            name,
            outcomes.Count,
            outcomes.Where(o => o.Error is not null and not Outcome.Left).GroupBy(o => o.Error!).ToDictionary(g => g.Key, g => g.Count()),
            good.Sum(o => o.PromptTokens),
            good.Sum(o => o.CachedTokens),
            good.Sum(o => o.CompletionTokens),
            good.Sum(o => o.CompletionTokens) / wall.TotalSeconds,
            Percentiles.Of(good.Where(o => o.TimeToFirst > TimeSpan.Zero).Select(o => o.TimeToFirst)),
            Percentiles.Of(good.SelectMany(o => o.Gaps)),
            Percentiles.Of(good.Select(o => o.Total)));
    }
}

/// <summary>Percentiles of times, by the nearest rank; zeros when there are none.</summary>
internal sealed record Percentiles(double P50, double P95, double P99, double Max)
{
    public static Percentiles Of(IEnumerable<TimeSpan> times)
    {
        double[] sorted = [.. times.Select(t => t.TotalMilliseconds).Order()];
        double At(double share) => sorted.Length == 0 ? 0 : Math.Round(sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)], 2);
        return new Percentiles(At(0.5), At(0.95), At(0.99), At(1));
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(ClassReport[]))]
internal sealed partial class ReportJson : JsonSerializerContext;
