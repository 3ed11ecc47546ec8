using System.Buffers;
using System.Diagnostics;

namespace Tramontane.Tokenization;

/// <summary>
/// Byte-pair encoding by rank: within a piece the adjacent pair whose joined bytes have the lowest rank merges first,
/// the leftmost on ties, until no adjacent pair is a token. Immutable; any thread may use it.
/// </summary>
internal sealed class Tekken
{
    /// <summary>Up to this many bytes a scan over all pairs per merge is faster than a heap.</summary>
    private const int ScanLimit = 96;

    private readonly RankTable _ranks;
    private readonly int[] _pairRanks; // rank of the two bytes (first << 8 | second): most lookups of a piece

    public Tekken(RankTable ranks)
    {
        _ranks = ranks;
        _pairRanks = new int[0x10000];
        Span<byte> pair = stackalloc byte[2];
        for (int i = 0; i < _pairRanks.Length; i++)
        {
            pair[0] = (byte)(i >> 8);
            pair[1] = (byte)i;
            _pairRanks[i] = ranks.Find(pair);
        }
    }

    /// <summary>Appends the tokens of <paramref name="text"/> (valid UTF-8), as ranks plus <paramref name="idOffset"/>.</summary>
    public void Encode(ReadOnlySpan<byte> text, int idOffset, List<int> destination)
    {
        while (!text.IsEmpty)
        {
            int length = TekkenSplitter.NextPiece(text);
            EncodePiece(text[..length], idOffset, destination);
            text = text[length..];
        }
    }

    private void EncodePiece(ReadOnlySpan<byte> piece, int idOffset, List<int> destination)
    {
        int rank = piece.Length == 1 ? piece[0] : _ranks.Find(piece);
        if (rank != RankTable.None)
        {
            destination.Add(rank + idOffset);
        }
        else if (piece.Length <= ScanLimit)
        {
            MergeByScan(piece, idOffset, destination);
        }
        else
        {
            MergeByHeap(piece, idOffset, destination);
        }
    }

    /// <summary>The definition: look for the lowest pair, merge, repeat. Quadratic, but fastest on short pieces.</summary>
    internal void MergeByScan(ReadOnlySpan<byte> piece, int idOffset, List<int> destination)
    {
        int[]? rented = null;
        Span<int> scratch = piece.Length <= ScanLimit
            ? stackalloc int[2 * (ScanLimit + 1)]
            : (rented = ArrayPool<int>.Shared.Rent(2 * (piece.Length + 1)));
        Span<int> starts = scratch[..(piece.Length + 1)]; // of the parts, in order; the last is the piece's end
        Span<int> pairs = scratch.Slice(piece.Length + 1, piece.Length + 1); // rank of each part joined with the next
        for (int i = 0; i <= piece.Length; i++)
        {
            starts[i] = i;
            pairs[i] = i + 1 < piece.Length ? _pairRanks[(piece[i] << 8) | piece[i + 1]] : RankTable.None;
        }

        int partCount = piece.Length;
        while (true)
        {
            int best = 0;
            for (int i = 1; i < partCount - 1; i++)
            {
                if (pairs[i] < pairs[best])
                {
                    best = i;
                }
            }

            if (partCount < 2 || pairs[best] == RankTable.None)
            {
                break;
            }

            starts[(best + 2)..(partCount + 1)].CopyTo(starts[(best + 1)..]);
            pairs[(best + 2)..partCount].CopyTo(pairs[(best + 1)..]);
            partCount--;
            pairs[best] = best + 2 <= partCount ? _ranks.Find(piece[starts[best]..starts[best + 2]]) : RankTable.None;
            if (best > 0)
            {
                pairs[best - 1] = _ranks.Find(piece[starts[best - 1]..starts[best + 1]]);
            }
        }

        for (int i = 0; i < partCount; i++)
        {
            destination.Add(RankOfPart(piece[starts[i]..starts[i + 1]]) + idOffset);
        }

        if (rented is not null)
        {
            ArrayPool<int>.Shared.Return(rented);
        }
    }

    /// <summary>The same tokens in O(n log n): parts as a linked list over byte positions, pairs in a heap by (rank, position).</summary>
    internal void MergeByHeap(ReadOnlySpan<byte> piece, int idOffset, List<int> destination)
    {
        int n = piece.Length;
        int[] scratch = ArrayPool<int>.Shared.Rent(3 * (n + 1));
        Span<int> next = scratch.AsSpan(0, n + 1); // start of the following part
        Span<int> previous = scratch.AsSpan(n + 1, n + 1);
        Span<int> pairs = scratch.AsSpan(2 * (n + 1), n + 1); // rank of the part that starts here joined with the next
        var heap = new PriorityQueue<int, long>(n);
        for (int i = 0; i <= n; i++)
        {
            next[i] = i + 1;
            previous[i] = i - 1;
            pairs[i] = i + 1 < n ? _pairRanks[(piece[i] << 8) | piece[i + 1]] : RankTable.None;
            if (pairs[i] != RankTable.None)
            {
                heap.Enqueue(i, Priority(pairs[i], i));
            }
        }

        while (heap.TryDequeue(out int left, out long priority))
        {
            if (priority != Priority(pairs[left], left))
            {
                continue; // the pair has changed since, or its left part was swallowed
            }

            int right = next[left];
            int after = next[right];
            next[left] = after;
            pairs[right] = RankTable.None;
            if (after <= n)
            {
                previous[after] = left;
            }

            pairs[left] = after < n ? _ranks.Find(piece[left..next[after]]) : RankTable.None;
            Enqueue(heap, pairs[left], left);
            int before = previous[left];
            if (before >= 0)
            {
                pairs[before] = _ranks.Find(piece[before..after]);
                Enqueue(heap, pairs[before], before);
            }
        }

        for (int start = 0; start < n; start = next[start])
        {
            destination.Add(RankOfPart(piece[start..next[start]]) + idOffset);
        }

        ArrayPool<int>.Shared.Return(scratch);
    }

    private static void Enqueue(PriorityQueue<int, long> heap, int rank, int position)
    {
        if (rank != RankTable.None)
        {
            heap.Enqueue(position, Priority(rank, position));
        }
    }

    private static long Priority(int rank, int position) => ((long)rank << 32) | (uint)position;

    private int RankOfPart(ReadOnlySpan<byte> part)
    {
        int rank = part.Length == 1 ? part[0] : _ranks.Find(part);
        Debug.Assert(rank != RankTable.None, "A part is a byte or was merged because it is a token.");
        return rank;
    }
}
