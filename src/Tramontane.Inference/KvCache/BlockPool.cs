using Tramontane.Compute.Memory;

namespace Tramontane.Inference.KvCache;

/// <summary>
/// Who holds which block of the KV cache. A block is free; or held by one or more sequences; or idle: nobody holds it, but its
/// content is kept for a later prompt until the memory is needed. Idle blocks are given away least recently used first.
/// Owned by the engine thread.
/// </summary>
internal sealed class BlockPool
{
    private readonly int[] _holders; // sequences per block
    private readonly bool[] _isKept; // becomes idle, not free, when the last holder lets go
    private readonly Stack<int> _free;

    // The idle blocks as a ring through the entry behind the last block: _newer[ring] is the least recently used.
    private readonly int[] _newer;
    private readonly int[] _older;
    private readonly int _ring;

    public BlockPool(int blockCount)
    {
        BlockCount = blockCount;
        (_holders, _isKept) = (new int[blockCount], new bool[blockCount]);
        (_newer, _older, _ring) = (new int[blockCount + 1], new int[blockCount + 1], blockCount);
        _newer[_ring] = _older[_ring] = _ring;
        _free = new Stack<int>(blockCount);
        for (int block = blockCount - 1; block >= 0; block--)
        {
            _free.Push(block); // low blocks first: untouched memory stays untouched
        }
    }

    /// <summary>Blocks in all.</summary>
    public int BlockCount { get; }

    /// <summary>Blocks whose content nobody needs.</summary>
    public int FreeCount => _free.Count;

    /// <summary>Blocks that nobody holds but whose content is kept.</summary>
    public int IdleCount { get; private set; }

    /// <summary>Blocks that <see cref="TryTake"/> can hand out.</summary>
    public int AvailableCount => FreeCount + IdleCount;

    /// <summary>Blocks that sequences hold.</summary>
    public int HeldCount => BlockCount - AvailableCount;

    /// <summary>Called with an idle block whose content is about to be given up.</summary>
    public Action<int>? Evicting { get; set; }

    /// <summary>Blocks that hold a number of tokens.</summary>
    public static int BlocksFor(int tokenCount) => (int)((tokenCount + KeyValueBlocks.BlockTokens - 1L) / KeyValueBlocks.BlockTokens);

    /// <summary>Hands out a block to one holder; false when every block is held.</summary>
    public bool TryTake(out int block)
    {
        if (!_free.TryPop(out block))
        {
            block = _newer[_ring];
            if (block == _ring)
            {
                return false;
            }

            Evicting?.Invoke(block);
            Unlink(block);
            _isKept[block] = false;
        }

        _holders[block] = 1;
        return true;
    }

    /// <summary>Whether nobody holds the block though its content is kept.</summary>
    public bool IsIdle(int block) => _isKept[block] && _holders[block] == 0;

    /// <summary>Adds a holder to a block that is held or idle.</summary>
    public void Share(int block)
    {
        if (_holders[block]++ == 0)
        {
            Unlink(block);
        }
    }

    /// <summary>From now on the block's content outlives its holders.</summary>
    public void Keep(int block) => _isKept[block] = true;

    /// <summary>One holder lets go.</summary>
    /// <exception cref="InvalidOperationException">Nobody holds the block.</exception>
    public void Release(int block)
    {
        if (_holders[block] == 0)
        {
            throw new InvalidOperationException($"Block {block} is released twice.");
        }

        if (--_holders[block] > 0)
        {
            return;
        }

        if (!_isKept[block])
        {
            _free.Push(block);
            return;
        }

        (_older[block], _newer[block]) = (_older[_ring], _ring);
        _newer[_older[_ring]] = block;
        _older[_ring] = block;
        IdleCount++;
    }

    /// <summary>The idle blocks, the most recently used first.</summary>
    public IEnumerable<int> IdleNewestFirst()
    {
        for (int block = _older[_ring]; block != _ring; block = _older[block])
        {
            yield return block;
        }
    }

    private void Unlink(int block)
    {
        _newer[_older[block]] = _newer[block];
        _older[_newer[block]] = _older[block];
        IdleCount--;
    }
}
