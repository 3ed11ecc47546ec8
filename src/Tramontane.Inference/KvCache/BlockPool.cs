using Tramontane.Compute.Memory;

namespace Tramontane.Inference.KvCache;

/// <summary>Which blocks of the KV cache are free. Every block has one owner at a time. Owned by the engine thread.</summary>
internal sealed class BlockPool
{
    private readonly Stack<int> _free;

    public BlockPool(int blockCount)
    {
        BlockCount = blockCount;
        _free = new Stack<int>(blockCount);
        for (int block = blockCount - 1; block >= 0; block--)
        {
            _free.Push(block); // low blocks first: untouched memory stays untouched
        }
    }

    /// <summary>Blocks in all.</summary>
    public int BlockCount { get; }

    /// <summary>Blocks that nobody owns.</summary>
    public int FreeCount => _free.Count;

    /// <summary>Hands out a block.</summary>
    /// <exception cref="InvalidOperationException">None is free: the caller admitted more than fits.</exception>
    public int Take() => _free.Pop();

    /// <summary>Takes a block back.</summary>
    public void Return(int block) => _free.Push(block);

    /// <summary>Blocks that hold a number of tokens.</summary>
    public static int BlocksFor(int tokenCount) => (int)((tokenCount + KeyValueBlocks.BlockTokens - 1L) / KeyValueBlocks.BlockTokens);
}

/// <summary>The blocks of one sequence, in order of position.</summary>
internal sealed class BlockTable(BlockPool pool, int maxTokens)
{
    /// <summary>Blocks by position / <see cref="KeyValueBlocks.BlockTokens"/>; only the first <see cref="Count"/> are valid.</summary>
    public int[] Blocks { get; } = new int[BlockPool.BlocksFor(maxTokens)];

    /// <summary>Blocks owned.</summary>
    public int Count { get; private set; }

    /// <summary>Takes blocks from the pool until <paramref name="tokenCount"/> tokens fit.</summary>
    public void EnsureRoom(int tokenCount)
    {
        for (int needed = BlockPool.BlocksFor(tokenCount); Count < needed; Count++)
        {
            Blocks[Count] = pool.Take();
        }
    }

    /// <summary>Gives every block back.</summary>
    public void Release()
    {
        while (Count > 0)
        {
            pool.Return(Blocks[--Count]);
        }
    }
}
