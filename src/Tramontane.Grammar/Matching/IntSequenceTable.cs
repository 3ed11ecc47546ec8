using System.Runtime.InteropServices;

namespace Tramontane.Grammar.Matching;

/// <summary>Gives each distinct sequence of integers a number, counting from 0.</summary>
internal sealed class IntSequenceTable
{
    private readonly List<int> _pool = [];
    private readonly List<int> _starts = [0];
    private int[] _table = new int[256];

    public IntSequenceTable() => _table.AsSpan().Fill(-1);

    public int Count => _starts.Count - 1;

    public long MemoryBytes => (_pool.Capacity + _starts.Capacity + _table.Length) * 4L;

    public ReadOnlySpan<int> this[int id] => CollectionsMarshal.AsSpan(_pool)[_starts[id].._starts[id + 1]];

    /// <summary>The number of a sequence, a new one when it was not seen before.</summary>
    public int Add(ReadOnlySpan<int> sequence)
    {
        uint hash = Hash(sequence);
        int slot = (int)(hash & (uint)(_table.Length - 1));
        for (; _table[slot] >= 0; slot = (slot + 1) & (_table.Length - 1))
        {
            if (this[_table[slot]].SequenceEqual(sequence))
            {
                return _table[slot];
            }
        }

        int id = Count;
        _pool.AddRange(sequence);
        _starts.Add(_pool.Count);
        _table[slot] = id;
        if (Count * 2 > _table.Length)
        {
            Grow();
        }

        return id;
    }

    private void Grow()
    {
        _table = new int[_table.Length * 2];
        _table.AsSpan().Fill(-1);
        for (int id = 0; id < Count; id++)
        {
            int slot = (int)(Hash(this[id]) & (uint)(_table.Length - 1));
            while (_table[slot] >= 0)
            {
                slot = (slot + 1) & (_table.Length - 1);
            }

            _table[slot] = id;
        }
    }

    private static uint Hash(ReadOnlySpan<int> sequence)
    {
        uint hash = (uint)sequence.Length;
        foreach (int value in sequence)
        {
            hash = (hash ^ (uint)value) * 0x9E3779B1;
            hash ^= hash >> 15;
        }

        return hash;
    }
}

/// <summary>A map from pairs of integers to integers.</summary>
internal sealed class PairMap
{
    private long[] _keys = new long[1024];
    private int[] _values = new int[1024];
    private int _count;

    public PairMap() => _keys.AsSpan().Fill(-1);

    public long MemoryBytes => _keys.Length * 12L;

    public bool TryGet(int first, int second, out int value)
    {
        int slot = Find(((long)first << 32) | (uint)second);
        value = _values[slot];
        return _keys[slot] >= 0;
    }

    public void Set(int first, int second, int value)
    {
        long key = ((long)first << 32) | (uint)second;
        int slot = Find(key);
        if (_keys[slot] < 0)
        {
            if (++_count * 2 > _keys.Length)
            {
                Grow();
                slot = Find(key);
            }

            _keys[slot] = key;
        }

        _values[slot] = value;
    }

    private int Find(long key)
    {
        int slot = (int)(((ulong)key * 0x9E3779B97F4A7C15) >> 32) & (_keys.Length - 1);
        while (_keys[slot] >= 0 && _keys[slot] != key)
        {
            slot = (slot + 1) & (_keys.Length - 1);
        }

        return slot;
    }

    private void Grow()
    {
        (long[] keys, int[] values) = (_keys, _values);
        _keys = new long[keys.Length * 2];
        _values = new int[keys.Length * 2];
        _keys.AsSpan().Fill(-1);
        for (int i = 0; i < keys.Length; i++)
        {
            if (keys[i] >= 0)
            {
                int slot = Find(keys[i]);
                (_keys[slot], _values[slot]) = (keys[i], values[i]);
            }
        }
    }
}
