namespace Tramontane.Server.Requests;

/// <summary>Reads an array of token ids.</summary>
internal static class TokenIdReader
{
    internal static List<int> Read(JsonField array, int vocabularySize)
    {
        var ids = new List<int>();
        foreach (JsonField item in array.Items("an array of token ids"))
        {
            ids.Add(item.Required().Count(0, vocabularySize - 1) ?? 0);
        }

        return ids;
    }
}
