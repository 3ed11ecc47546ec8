using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Tramontane.Tokenization;

/// <summary>Finds the rank of a byte string: open addressing over the whole vocabulary, no allocation per lookup.</summary>
internal sealed class RankTable
{
    /// <summary>What a lookup returns for bytes that are no token.</summary>
    public const int None = int.MaxValue;

    // Each process hashes differently, so that no vocabulary file can be made to collide on purpose.
    private static readonly ulong s_seed = (ulong)Random.Shared.NextInt64();

    private readonly byte[] _bytes; // all tokens, concatenated by rank
    private readonly int[] _offsets; // token r lies at [_offsets[r], _offsets[r + 1])
    private readonly Slot[] _slots; // a power of two, at most half full
    private readonly int _longest;

    private RankTable(byte[] bytes, int[] offsets, int longest)
    {
        _bytes = bytes;
        _offsets = offsets;
        _longest = longest;
        _slots = new Slot[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(2 * (offsets.Length - 1), 2))];
    }

    /// <summary>Number of tokens.</summary>
    public int Count => _offsets.Length - 1;

    /// <summary>Builds the table; false, with the two ranks, when a token occurs twice.</summary>
    public static RankTable? TryCreate(IReadOnlyList<byte[]> tokens, out (int First, int Second) duplicate)
    {
        var offsets = new int[tokens.Count + 1];
        int longest = 0;
        for (int rank = 0; rank < tokens.Count; rank++)
        {
            offsets[rank + 1] = checked(offsets[rank] + tokens[rank].Length);
            longest = Math.Max(longest, tokens[rank].Length);
        }

        var table = new RankTable(new byte[offsets[^1]], offsets, longest);
        for (int rank = 0; rank < tokens.Count; rank++)
        {
            tokens[rank].CopyTo(table._bytes, offsets[rank]);
            int found = table.Find(tokens[rank], out int slot, out uint tag);
            if (found != None)
            {
                duplicate = (found, rank);
                return null;
            }

            table._slots[slot] = new Slot(tag, rank + 1);
        }

        duplicate = default;
        return table;
    }

    /// <summary>The bytes of a token.</summary>
    public ReadOnlySpan<byte> Bytes(int rank) => _bytes.AsSpan(_offsets[rank].._offsets[rank + 1]);

    /// <summary>The rank of a byte string, or <see cref="None"/>.</summary>
    public int Find(ReadOnlySpan<byte> token) => token.Length > _longest ? None : Find(token, out _, out _);

    private int Find(ReadOnlySpan<byte> token, out int slot, out uint tag)
    {
        ulong hash = Hash(token);
        tag = (uint)(hash >> 32);
        int mask = _slots.Length - 1;
        for (slot = (int)hash & mask; ; slot = (slot + 1) & mask)
        {
            Slot entry = _slots[slot];
            if (entry.RankPlusOne == 0)
            {
                return None;
            }

            if (entry.Tag == tag && token.SequenceEqual(Bytes(entry.RankPlusOne - 1)))
            {
                return entry.RankPlusOne - 1;
            }
        }
    }

    // Eight bytes per step, multiply and fold; the length goes in first, so that zero padding cannot collide.
    private static ulong Hash(ReadOnlySpan<byte> token)
    {
        ulong hash = s_seed ^ ((ulong)token.Length * 0x9E3779B97F4A7C15);
        while (token.Length >= 8)
        {
            hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(token));
            token = token[8..];
        }

        ulong rest = token.Length switch
        {
            >= 4 => BinaryPrimitives.ReadUInt32LittleEndian(token)
                | ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(token[^4..]) << 32),
            >= 2 => BinaryPrimitives.ReadUInt16LittleEndian(token) | ((ulong)token[^1] << 16),
            1 => token[0],
            _ => 0,
        };
        return Mix(hash ^ rest);
    }

    private static ulong Mix(ulong value)
    {
        value *= 0xD6E8FEB86659FD93;
        return value ^ (value >> 32);
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Slot(uint Tag, int RankPlusOne);
}
