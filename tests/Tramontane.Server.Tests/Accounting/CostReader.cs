using System.Text.Json.Nodes;

namespace Tramontane.Server.Tests.Accounting;

/// <summary>Finds the token counts of replies, streamed or whole, of every dialect.</summary>
internal static class CostReader
{
    /// <summary>The last <c>usage</c> that a reply holds.</summary>
    internal static JsonObject LastUsage(string reply)
    {
        IEnumerable<string> documents = reply.StartsWith('{')
            ? [reply]
            : reply.Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal)).Select(line => line["data: ".Length..]);
        return documents.Select(json => JsonNode.Parse(json))
            .Select(node => (node!["usage"] ?? node["response"]?["usage"]) as JsonObject)
            .Last(usage => usage is not null)!;
    }
}
