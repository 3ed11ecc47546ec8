using Tramontane.Inference.Speculation;

namespace Tramontane.Inference.Tests.Speculation;

public sealed class PromptLookupTests
{
    [Theory]
    [InlineData(new[] { 1, 2, 3, 4, 5, 6, 1, 2 }, new[] { 3, 4, 5, 6 })] // two tokens match
    [InlineData(new[] { 9, 1, 2, 3, 8, 1, 2, 4, 7, 9, 1, 2 }, new[] { 3, 8, 1, 2 })] // a longer match goes before a newer one
    [InlineData(new[] { 1, 2, 3, 1, 2, 4, 1, 2 }, new[] { 4, 1, 2 })] // of equal matches the newest
    [InlineData(new[] { 5, 5, 5 }, new[] { 5 })] // up to the end
    [InlineData(new[] { 1, 2, 3, 4 }, new int[0])]
    [InlineData(new[] { 1, 2, 1 }, new int[0])] // one token says too little
    public void Draft_AfterTokens_ContinuesTheLongestNewestMatch(int[] tokens, int[] expected)
    {
        var lookup = new PromptLookup(8);
        Array.ForEach(tokens, lookup.Append);
        Assert.Equal(expected, lookup.Draft().ToArray());
    }

    [Fact]
    public void Learn_FromGuesses_ChangesTheirLength()
    {
        var lookup = new PromptLookup(8);
        foreach (int token in Enumerable.Range(0, 20).Concat([0, 1]))
        {
            lookup.Append(token);
        }

        Assert.Equal(4, lookup.Draft().Length);
        lookup.Learn(4, 4);
        Assert.Equal(8, lookup.Draft().Length);
        lookup.Learn(8, 8);
        Assert.Equal(8, lookup.Draft().Length);
        lookup.Learn(8, 2);
        Assert.Equal(3, lookup.Draft().Length);
        lookup.Learn(3, 0);
        Assert.Equal(1, lookup.Draft().Length);
        lookup.Learn(1, 1);
        Assert.Equal(2, lookup.Draft().Length);
    }

    [Fact]
    public void Draft_RandomTexts_IsWhatFollowedTheSameTokensBefore()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var lookup = new PromptLookup(5);
            var tokens = new List<int>();
            for (int i = 0; i < 80; i++)
            {
                tokens.Add(random.Next(4));
                lookup.Append(tokens[^1]);
                Assert.Equal(Expected(tokens), lookup.Draft().ToArray());
            }
        }
    }

    private static int[] Expected(List<int> tokens)
    {
        for (int length = 4; length >= 2; length--)
        {
            for (int end = tokens.Count - 1; end >= length && length <= tokens.Count; end--)
            {
                if (tokens[(end - length)..end].SequenceEqual(tokens[^length..]))
                {
                    return [.. tokens.Skip(end).Take(4)];
                }
            }
        }

        return [];
    }
}
