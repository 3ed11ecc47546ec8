using System.Globalization;

namespace Tramontane.Server.Catalog;

/// <summary>How alike two models are, with the reasons.</summary>
/// <param name="Model">The other one.</param>
/// <param name="Score">0 to 100.</param>
/// <param name="Reasons">What the score is made of, in words.</param>
internal sealed record SimilarModel(ComparedModel Model, int Score, IReadOnlyList<string> Reasons);

/// <summary>
/// The rule behind "related models": up to 50 points for common capabilities (shared ones by all of both), up to 25 for
/// context (the shorter by the longer), up to 25 for price (same tier 25, the next one 12). The tier is by the mean of the
/// prompt's and the answer's price per 1,000,000 tokens: below 0.25, below 1, and above.
/// </summary>
internal static class Similarity
{
    private static readonly decimal[] s_tierLimits = [0.25m, 1m];

    /// <summary>All other models, the most alike first; equal ones by name.</summary>
    internal static IReadOnlyList<SimilarModel> RelatedTo(ComparedModel model, Comparison data) =>
        [.. data.Models.Where(m => m.Id != model.Id).Select(m => Compare(model, m, data)).OrderByDescending(s => s.Score).ThenBy(s => s.Model.Name, StringComparer.Ordinal)];

    internal static SimilarModel Compare(ComparedModel one, ComparedModel other, Comparison data)
    {
        int shared = one.Capabilities.Intersect(other.Capabilities).Count();
        int all = one.Capabilities.Union(other.Capabilities).Count();
        int capabilities = all == 0 ? 50 : 50 * shared / all;
        int context = (int)(25L * Math.Min(one.Context, other.Context) / Math.Max(one.Context, other.Context));
        (int price, string priceReason) = PricePoints(data.PriceOf(one.Id), data.PriceOf(other.Id));
        return new SimilarModel(other, capabilities + context + price,
        [
            shared == all ? "the same capabilities" : $"{shared} of {all} capabilities in common",
            one.Context == other.Context ? "the same context" : string.Create(CultureInfo.InvariantCulture, $"a context of {other.Context:N0} tokens"),
            priceReason,
        ]);
    }

    /// <summary>0 for the cheapest tier.</summary>
    internal static int TierOf(decimal prompt, decimal completion)
    {
        decimal mean = (prompt + completion) / 2;
        return Array.FindIndex(s_tierLimits, limit => mean < limit) is >= 0 and int tier ? tier : s_tierLimits.Length;
    }

    private static (int Points, string Reason) PricePoints(ListedPrice? one, ListedPrice? other)
    {
        if (one is null || other is null || one.Currency != other.Currency)
        {
            return (0, "no prices to compare");
        }

        int difference = TierOf(other.Prompt, other.Completion) - TierOf(one.Prompt, one.Completion);
        return difference switch
        {
            0 => (25, "the same price tier"),
            1 => (12, "one price tier higher"),
            -1 => (12, "one price tier lower"),
            > 1 => (0, "much dearer"),
            _ => (0, "much cheaper"),
        };
    }
}
