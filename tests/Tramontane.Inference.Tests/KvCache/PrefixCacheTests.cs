using Tramontane.Inference.KvCache;
using Tramontane.Inference.Tests.Scheduling;

namespace Tramontane.Inference.Tests.KvCache;

/// <summary>Beside the scheduler's random workloads, which check what every block holds.</summary>
public sealed class PrefixCacheTests
{
    private readonly List<(int From, int To)> _copies = [];

    [Fact]
    public void Release_ThenSharing_FindsFullBlocksAndCopiesTheLast()
    {
        var pool = new BlockPool(10);
        var cache = new PrefixCache(pool, (from, to) => _copies.Add((from, to)));
        FakeSequence first = Text(110);
        Run(cache, pool, first, 110);
        Assert.Equal((0, 4), (pool.HeldCount, pool.IdleCount)); // 3 full ones and 14 positions

        var table = new BlockTable(pool, first.CacheRoot, 200);
        Assert.Equal(96, cache.ShareFull(table, first, 109));
        Assert.Equal(109, cache.CopyPartial(table, first, 109));
        Assert.Equal((4, 1), (pool.HeldCount, pool.IdleCount));
        (int from, int to) = Assert.Single(_copies);
        Assert.Equal(table.Blocks[3], to);
        Assert.NotEqual(from, to);
    }

    [Fact]
    public void TryTake_WhenNothingIsFree_ForgetsTheEndOfTheOldestTextFirst()
    {
        var pool = new BlockPool(6);
        var cache = new PrefixCache(pool, (_, _) => { });
        FakeSequence old = Text(96, seed: 1), recent = Text(96, seed: 2);
        Run(cache, pool, old, 96);
        Run(cache, pool, recent, 96);
        Assert.Equal((0, 6), (pool.FreeCount, pool.IdleCount));
        Assert.True(pool.TryTake(out _) && pool.TryTake(out _));
        Assert.Equal((32, 96), (Find(cache, pool, old), Find(cache, pool, recent)));
        Assert.True(pool.TryTake(out _) && pool.TryTake(out _));
        Assert.Equal((0, 64), (Find(cache, pool, old), Find(cache, pool, recent)));
    }

    [Fact]
    public void Index_TextThatAnotherComputedToo_KeepsOneCopy()
    {
        var pool = new BlockPool(8);
        var cache = new PrefixCache(pool, (_, _) => { });
        FakeSequence text = Text(64);
        var a = new BlockTable(pool, text.CacheRoot, 64);
        var b = new BlockTable(pool, text.CacheRoot, 64);
        Assert.True(a.TryEnsureRoom(64) && b.TryEnsureRoom(64));
        cache.Index(a, text, 64);
        cache.Index(b, text, 64);
        Assert.Equal(a.Blocks, b.Blocks);
        Assert.Equal(2, pool.HeldCount);
        cache.Release(a, text, 64);
        Assert.Equal(2, pool.HeldCount);
        cache.Release(b, text, 64);
        Assert.Equal((0, 2), (pool.HeldCount, pool.IdleCount));
    }

    [Fact]
    public void Release_Twice_IsABug()
    {
        var pool = new BlockPool(1);
        Assert.True(pool.TryTake(out int block));
        Assert.False(pool.TryTake(out _));
        pool.Release(block);
        Assert.Throws<InvalidOperationException>(() => pool.Release(block));
    }

    private static FakeSequence Text(int length, int seed = 0)
    {
        var random = new Random(seed);
        return new FakeSequence([.. Enumerable.Range(0, length).Select(_ => random.Next(1000))], 0);
    }

    private static void Run(PrefixCache cache, BlockPool pool, FakeSequence text, int count)
    {
        var table = new BlockTable(pool, text.CacheRoot, count);
        Assert.True(table.TryEnsureRoom(count));
        cache.Release(table, text, count);
    }

    private static int Find(PrefixCache cache, BlockPool pool, FakeSequence text)
    {
        var table = new BlockTable(pool, text.CacheRoot, text.TokenCount);
        int found = cache.ShareFull(table, text, text.TokenCount);
        table.Release();
        return found;
    }
}
