using System.Text;

namespace Tramontane.Tokenization.Tests;

public sealed class TekkenTests
{
    private static readonly byte[][] s_vocabulary = TestTokenizer.Ranks();
    private static readonly RankTable s_ranks = RankTable.TryCreate(s_vocabulary, out _)!;
    private static readonly Tekken s_tekken = new(s_ranks);

    [Fact]
    public void Find_EveryToken_GivesItsRankAndNothingElse()
    {
        for (int rank = 0; rank < s_vocabulary.Length; rank++)
        {
            Assert.Equal(rank, s_ranks.Find(s_vocabulary[rank]));
        }

        Assert.Equal(RankTable.None, s_ranks.Find(new byte[200]));
        Assert.Equal(RankTable.None, s_ranks.Find([0xFF, 0xFE, 0xFD]));
    }

    [Fact]
    public void Merge_RandomPieces_ScanAndHeapFollowTheDefinition()
    {
        for (int seed = 0; seed < 1_500; seed++)
        {
            var random = new Random(seed);
            byte[] piece = Encoding.UTF8.GetBytes(RandomText.Next(random, random.Next(1, 30)));
            List<int> expected = Naive(piece), scanned = [], heaped = [];
            s_tekken.MergeByScan(piece, 0, scanned);
            s_tekken.MergeByHeap(piece, 0, heaped);
            Assert.True(expected.SequenceEqual(scanned), $"scan, seed {seed}");
            Assert.True(expected.SequenceEqual(heaped), $"heap, seed {seed}");
        }
    }

    [Theory]
    [InlineData("a", 20_000)]
    [InlineData(" ", 20_000)]
    [InlineData("ab", 10_000)]
    [InlineData("字", 5_000)]
    [InlineData("=", 20_000)]
    public void Encode_OneLongPiece_EqualsTheQuadraticScan(string unit, int count)
    {
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(unit, count)));
        Assert.Equal(text.Length, TekkenSplitter.NextPiece(text));
        List<int> ids = [], scanned = [];
        s_tekken.Encode(text, 0, ids);
        s_tekken.MergeByScan(text, 0, scanned);
        Assert.Equal(scanned, ids);
    }

    private static List<int> Naive(byte[] piece)
    {
        var parts = piece.Select(b => new[] { b }).ToList();
        while (true)
        {
            int best = -1, bestRank = RankTable.None;
            for (int i = 0; i + 1 < parts.Count; i++)
            {
                int rank = s_ranks.Find([.. parts[i], .. parts[i + 1]]);
                if (rank < bestRank)
                {
                    (best, bestRank) = (i, rank);
                }
            }

            if (best < 0)
            {
                return [.. parts.Select(p => s_ranks.Find(p))];
            }

            parts[best] = [.. parts[best], .. parts[best + 1]];
            parts.RemoveAt(best + 1);
        }
    }
}
