using Tramontane.Compute.Memory;

namespace Tramontane.Inference.KvCache;

/// <summary>
/// Finds blocks by content, so that a beginning that several prompts share is computed once. Full blocks are shared between
/// sequences as they are; a block of which only the beginning fits is copied, because the rest will be written. A block that
/// is found was computed from exactly the same tokens, and the decoder gives the same bits however a prompt is cut: an answer
/// does not depend on what was cached. Owned by the engine thread.
/// </summary>
internal sealed class PrefixCache
{
    private const int BlockTokens = KeyValueBlocks.BlockTokens;
    private const int None = -1;

    // Fewer positions are not worth the copy of a block; every prompt shares its first token with every other.
    private const int LeastPartial = 8;

    private readonly BlockPool _pool;
    private readonly Action<int, int> _copyBlock;
    private readonly Entry[] _entries; // per block
    private readonly ulong[] _contents; // [blocks, BlockTokens]
    private readonly Dictionary<BlockKey, int> _full = []; // full blocks by their own key
    private readonly Dictionary<Branch, int> _branches = []; // the newest block behind a parent; Entry.Sibling leads to the others
    private readonly ulong[] _wanted = new ulong[BlockTokens];

    /// <param name="pool">The blocks.</param>
    /// <param name="copyBlock">Copies keys and values of all layers from one block to another.</param>
    public PrefixCache(BlockPool pool, Action<int, int> copyBlock)
    {
        (_pool, _copyBlock) = (pool, copyBlock);
        _entries = new Entry[pool.BlockCount];
        _contents = new ulong[(long)pool.BlockCount * BlockTokens];
        pool.Evicting = Forget;
    }

    /// <summary>Takes the full blocks that go on where a sequence stands.</summary>
    /// <param name="table">Its blocks, all of them full and computed.</param>
    /// <param name="positions">Its contents.</param>
    /// <param name="limit">Positions from this one on are not wanted.</param>
    /// <returns>Positions that are in the cache now.</returns>
    public int ShareFull(BlockTable table, IPositions positions, int limit)
    {
        while ((table.Count + 1) * BlockTokens <= limit)
        {
            BlockKey key = NextKey(table, positions);
            if (!_full.TryGetValue(key, out int block) || !Contents(block).SequenceEqual(_wanted))
            {
                break;
            }

            table.AddShared(block, key);
        }

        return table.Count * BlockTokens;
    }

    /// <summary>Copies the beginning of the block that goes on longest where a sequence stands, when there is one and room for the copy.</summary>
    /// <param name="table">Its blocks, all of them full and computed.</param>
    /// <param name="positions">Its contents.</param>
    /// <param name="limit">Positions from this one on are not wanted.</param>
    /// <returns>Positions that are in the cache now.</returns>
    public int CopyPartial(BlockTable table, IPositions positions, int limit)
    {
        int start = table.Count * BlockTokens;
        Span<ulong> wanted = _wanted.AsSpan(0, Math.Clamp(limit - start, 0, BlockTokens));
        if (wanted.IsEmpty)
        {
            return start;
        }

        positions.CopyContents(start, wanted);
        int best = None, bestCount = LeastPartial - 1;
        for (int block = _branches.GetValueOrDefault(new Branch(table.Key, wanted[0]), None); block != None; block = _entries[block].Sibling)
        {
            int count = wanted.CommonPrefixLength(Contents(block));
            if (count > bestCount)
            {
                (best, bestCount) = (block, count);
            }
        }

        if (best == None)
        {
            return start;
        }

        _pool.Share(best); // held, so that making room does not give it away
        bool hasRoom = table.TryEnsureRoom(start + bestCount);
        if (hasRoom)
        {
            _copyBlock(best, table.Blocks[table.Count - 1]);
        }

        _pool.Release(best);
        return hasRoom ? start + bestCount : start;
    }

    /// <summary>Makes the blocks known that a sequence has filled since the last call.</summary>
    /// <param name="table">Its blocks.</param>
    /// <param name="positions">Its contents.</param>
    /// <param name="computedCount">Positions whose keys and values are in the cache.</param>
    public void Index(BlockTable table, IPositions positions, int computedCount)
    {
        while ((table.IndexedCount + 1) * BlockTokens <= computedCount)
        {
            int index = table.IndexedCount, block = table.Blocks[index];
            BlockKey key = NextKey(table, positions);
            if (_full.TryGetValue(key, out int known) && Contents(known).SequenceEqual(_wanted))
            {
                table.Replace(index, known); // computed twice: one copy is enough
            }
            else
            {
                Remember(block, table.Key, _wanted);
                _entries[block].Key = key;
                _full[key] = block;
            }

            table.MarkIndexed(key);
        }
    }

    /// <summary>Lets go of a sequence's blocks; what it computed can be found from now on, the unfilled last block included.</summary>
    /// <param name="table">Its blocks.</param>
    /// <param name="positions">Its contents.</param>
    /// <param name="computedCount">Positions whose keys and values are in the cache.</param>
    public void Release(BlockTable table, IPositions positions, int computedCount)
    {
        Index(table, positions, computedCount);
        int rest = computedCount - (table.IndexedCount * BlockTokens);
        if (rest > 0)
        {
            Span<ulong> contents = _wanted.AsSpan(0, rest);
            positions.CopyContents(computedCount - rest, contents);
            Remember(table.Blocks[table.IndexedCount], table.Key, contents);
        }

        table.Release();
    }

    /// <summary>The key that the block behind the last indexed one will have. Its positions must have contents.</summary>
    public BlockKey NextKey(BlockTable table, IPositions positions)
    {
        positions.CopyContents(table.IndexedCount * BlockTokens, _wanted);
        return table.Key.Next(_wanted);
    }

    /// <summary>Blocks that <see cref="Restore"/> has room for.</summary>
    public int FreeCount => _pool.FreeCount;

    /// <summary>Blocks that nobody holds, the most recently used first.</summary>
    public IEnumerable<int> IdleNewestFirst() => _pool.IdleNewestFirst();

    /// <summary>What is known of a block whose content can be found.</summary>
    public CachedBlock Describe(int block) => new(_entries[block].Parent, Contents(block).ToArray());

    /// <summary>
    /// Makes room for a block that was described before. The caller writes its keys and values at once, before anything else happens.
    /// </summary>
    /// <returns>The block; null when no block is free.</returns>
    public int? Restore(CachedBlock description)
    {
        if (_pool.FreeCount == 0 || !_pool.TryTake(out int block))
        {
            return null;
        }

        Remember(block, description.Parent, description.Contents);
        if (description.Contents.Length == BlockTokens)
        {
            BlockKey key = description.Parent.Next(description.Contents);
            _entries[block].Key = key;
            _full[key] = block;
        }

        _pool.Release(block);
        return block;
    }

    private void Remember(int block, BlockKey parent, ReadOnlySpan<ulong> contents)
    {
        contents.CopyTo(_contents.AsSpan(block * BlockTokens, BlockTokens));
        var branch = new Branch(parent, contents[0]);
        _entries[block] = new Entry { Parent = parent, Count = contents.Length, Sibling = _branches.GetValueOrDefault(branch, None) };
        _branches[branch] = block;
        _pool.Keep(block);
    }

    private void Forget(int block)
    {
        Entry entry = _entries[block];
        if (entry.Key is { } key && _full.TryGetValue(key, out int known) && known == block)
        {
            _full.Remove(key);
        }

        var branch = new Branch(entry.Parent, Contents(block)[0]);
        int newest = _branches[branch];
        if (newest == block)
        {
            if (entry.Sibling == None)
            {
                _branches.Remove(branch);
            }
            else
            {
                _branches[branch] = entry.Sibling;
            }
        }
        else
        {
            int before = newest;
            while (_entries[before].Sibling != block)
            {
                before = _entries[before].Sibling;
            }

            _entries[before].Sibling = entry.Sibling;
        }

        _entries[block] = default;
    }

    private Span<ulong> Contents(int block) => _contents.AsSpan(block * BlockTokens, _entries[block].Count);

    /// <summary>What is known of a block whose content can be found.</summary>
    private struct Entry
    {
        public BlockKey? Key; // of a full block
        public BlockKey Parent;
        public int Count; // positions with content
        public int Sibling; // another block behind the same parent that begins alike, or None
    }

    /// <summary>Blocks behind the same one that begin with the same content.</summary>
    private readonly record struct Branch(BlockKey Parent, ulong First);
}

/// <summary>A block of the cache, by what stands in it and before it.</summary>
/// <param name="Parent">Key of the block before.</param>
/// <param name="Contents">Its positions; fewer than a block has when it is not full.</param>
internal sealed record CachedBlock(BlockKey Parent, ulong[] Contents);
