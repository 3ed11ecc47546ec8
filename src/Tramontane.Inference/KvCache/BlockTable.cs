using Tramontane.Compute.Memory;

namespace Tramontane.Inference.KvCache;

/// <summary>The blocks of one sequence, in order of position.</summary>
/// <param name="pool">Where blocks come from.</param>
/// <param name="root">Where the sequence's chain of keys begins.</param>
/// <param name="maxTokens">Most tokens of the sequence.</param>
internal sealed class BlockTable(BlockPool pool, BlockKey root, int maxTokens)
{
    private readonly BlockKey _root = root;

    /// <summary>Blocks by position / <see cref="KeyValueBlocks.BlockTokens"/>; only the first <see cref="Count"/> are valid.</summary>
    public int[] Blocks { get; } = new int[BlockPool.BlocksFor(maxTokens)];

    /// <summary>Blocks held.</summary>
    public int Count { get; private set; }

    /// <summary>The first so many blocks are full and known to <see cref="PrefixCache"/>.</summary>
    public int IndexedCount { get; private set; }

    /// <summary>Key of the last indexed block; the root when there is none.</summary>
    public BlockKey Key { get; private set; } = root;

    /// <summary>Takes blocks until <paramref name="tokenCount"/> tokens fit; false when there are too few (those taken stay).</summary>
    public bool TryEnsureRoom(int tokenCount)
    {
        for (int needed = BlockPool.BlocksFor(tokenCount); Count < needed; Count++)
        {
            if (!pool.TryTake(out Blocks[Count]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Appends a block that others computed.</summary>
    public void AddShared(int block, BlockKey key)
    {
        pool.Share(block);
        Blocks[Count++] = block;
        MarkIndexed(key);
    }

    /// <summary>Gives up a block for another one with the same content.</summary>
    public void Replace(int index, int block)
    {
        pool.Share(block);
        pool.Release(Blocks[index]);
        Blocks[index] = block;
    }

    /// <summary>The next full block is known by this key.</summary>
    public void MarkIndexed(BlockKey key) => (Key, IndexedCount) = (key, IndexedCount + 1);

    /// <summary>Lets go of every block, the last first: the ends of prompts are forgotten before their beginnings.</summary>
    public void Release()
    {
        while (Count > 0)
        {
            pool.Release(Blocks[--Count]);
        }

        (Key, IndexedCount) = (_root, 0);
    }
}
