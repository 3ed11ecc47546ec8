using System.Numerics.Tensors;
using System.Runtime.Intrinsics;
using Tramontane.Compute.Memory;
using Tramontane.Compute.Threading;

namespace Tramontane.Compute.Kernels;

/// <summary>Consecutive tokens of one sequence inside a batch.</summary>
/// <param name="FirstRow">Row of the batch where they begin.</param>
/// <param name="RowCount">How many.</param>
/// <param name="FirstPosition">Position in the sequence of the first of them.</param>
/// <param name="BlockTable">The sequence's blocks of the KV cache, in order of position.</param>
public readonly record struct AttentionSpan(int FirstRow, int RowCount, int FirstPosition, int[] BlockTable);

/// <summary>
/// Causal grouped-query attention over a paged KV cache for a ragged batch:
/// y = Σ_p softmax_p(q · k_p / sqrt(headDim)) · v_p over the positions p up to the query's own.
/// Query heads that share a KV head, and neighbouring tokens of a sequence, share the expansion of a block. Each query
/// goes over the blocks of its sequence from the first on with a running maximum and sum (Milakov and Gimelshein 2018,
/// arXiv:1805.02867): its order of operations depends on its own position alone.
/// </summary>
public sealed unsafe class Attention : ITeamJob, IDisposable
{
    // Tokens that share an expanded block; with 4 query heads per KV head, 32 queries.
    private const int TileTokens = 8;

    private readonly ThreadTeam _team;
    private readonly int _queryHeads;
    private readonly int _keyValueHeads;
    private readonly int _headDim;
    private readonly int _queriesPerTile;
    private readonly long _scratchFloats;
    private readonly List<(int Span, int FirstRow, int RowCount)> _tiles;
    private readonly AlignedBuffer<float> _scratch;

    private IReadOnlyList<AttentionSpan> _spans = [];
    private KeyValueBlocks? _cache;
    private int _layer;
    private FloatMatrix? _queries;
    private FloatMatrix? _output;

    /// <summary>Allocates scratch.</summary>
    /// <param name="team">Threads.</param>
    /// <param name="queryHeads">Query heads, a multiple of <paramref name="keyValueHeads"/>.</param>
    /// <param name="keyValueHeads">Heads of keys and values.</param>
    /// <param name="headDim">Elements per head, a multiple of 32.</param>
    /// <param name="maxTokens">Most tokens of a batch.</param>
    public Attention(ThreadTeam team, int queryHeads, int keyValueHeads, int headDim, int maxTokens)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(queryHeads % keyValueHeads, 0, nameof(queryHeads));
        ArgumentOutOfRangeException.ThrowIfNotEqual(headDim % 32, 0, nameof(headDim));
        (_team, _queryHeads, _keyValueHeads, _headDim) = (team, queryHeads, keyValueHeads, headDim);
        _queriesPerTile = TileTokens * (queryHeads / keyValueHeads);
        _scratchFloats = ScratchFloats(queryHeads / keyValueHeads, headDim);
        _scratch = new AlignedBuffer<float>(team.WorkerCount * _scratchFloats);
        _tiles = new List<(int Span, int FirstRow, int RowCount)>(maxTokens);
    }

    /// <summary>Bytes of scratch that an instance of this size takes.</summary>
    public static long ScratchBytes(int workerCount, int queryHeads, int keyValueHeads, int headDim) =>
        workerCount * ScratchFloats(queryHeads / keyValueHeads, headDim) * sizeof(float);

    /// <summary>
    /// Attention of every token of the batch in one layer. Keys and values of the batch's own tokens are in the cache already.
    /// </summary>
    /// <param name="spans">The sequences of the batch.</param>
    /// <param name="cache">Keys and values.</param>
    /// <param name="layer">Layer.</param>
    /// <param name="queries">[tokens, queryHeads · headDim], turned by RoPE.</param>
    /// <param name="output">[tokens, queryHeads · headDim].</param>
    /// <exception cref="ArgumentOutOfRangeException">The cache has another shape or no such layer, or a table names a block that it does not have.</exception>
    public void Run(IReadOnlyList<AttentionSpan> spans, KeyValueBlocks cache, int layer, FloatMatrix queries, FloatMatrix output)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)layer, (uint)cache.LayerCount, nameof(layer));
        ArgumentOutOfRangeException.ThrowIfNotEqual(cache.KeyValueHeads, _keyValueHeads, nameof(cache));
        ArgumentOutOfRangeException.ThrowIfNotEqual(cache.HeadDim, _headDim, nameof(cache));
        (_spans, _cache, _layer, _queries, _output) = (spans, cache, layer, queries, output);
        _tiles.Clear();
        for (int s = 0; s < spans.Count; s++)
        {
            for (int row = 0; row < spans[s].RowCount; row += TileTokens)
            {
                _tiles.Add((s, row, Math.Min(TileTokens, spans[s].RowCount - row)));
            }
        }

        _team.Run(this, _tiles.Count * _keyValueHeads);
    }

    /// <inheritdoc/>
    void ITeamJob.Execute(int item, int worker)
    {
        (int spanIndex, int firstRow, int rowCount) = _tiles[item / _keyValueHeads];
        new Tile(this, _spans[spanIndex], firstRow, rowCount, item % _keyValueHeads, worker).Run();
    }

    /// <inheritdoc/>
    public void Dispose() => _scratch.Dispose();

    // Expanded keys and values, scores, and per query the sum of values, running maximum and running sum.
    private static long ScratchFloats(int group, int headDim)
    {
        int queries = TileTokens * group;
        return (2L * KeyValueBlocks.BlockTokens * headDim) + (queries * (KeyValueBlocks.BlockTokens + headDim + 16L)) + 64;
    }

    /// <summary>The queries of one KV head for up to eight neighbouring tokens.</summary>
    private readonly ref struct Tile
    {
        private const int BlockTokens = KeyValueBlocks.BlockTokens;
        private readonly Attention _owner;
        private readonly AttentionSpan _span;
        private readonly int _firstRow;
        private readonly int _rowCount;
        private readonly int _keyValueHead;
        private readonly int _group;
        private readonly int _headDim;
        private readonly float* _keys; // [dimension][position]
        private readonly float* _values; // [position][dimension]
        private readonly float* _scores; // [query][position]
        private readonly float* _sums; // [query][dimension]
        private readonly float* _maximums; // [query]
        private readonly float* _weights; // [query]

        public Tile(Attention owner, AttentionSpan span, int firstRow, int rowCount, int keyValueHead, int worker)
        {
            (_owner, _span, _firstRow, _rowCount, _keyValueHead) = (owner, span, firstRow, rowCount, keyValueHead);
            _group = owner._queryHeads / owner._keyValueHeads;
            _headDim = owner._headDim;
            _keys = (float*)owner._scratch.Address + (worker * owner._scratchFloats);
            _values = _keys + (BlockTokens * _headDim);
            _scores = _values + (BlockTokens * _headDim);
            _sums = _scores + (owner._queriesPerTile * BlockTokens);
            _maximums = _sums + (owner._queriesPerTile * _headDim);
            _weights = _maximums + owner._queriesPerTile;
        }

        public void Run()
        {
            int queryCount = _rowCount * _group;
            new Span<float>(_sums, queryCount * _headDim).Clear();
            new Span<float>(_maximums, queryCount).Fill(float.NegativeInfinity);
            new Span<float>(_weights, queryCount).Clear();

            int lastPosition = _span.FirstPosition + _firstRow + _rowCount - 1;
            for (int block = 0; block * BlockTokens <= lastPosition; block++)
            {
                int stored = _span.BlockTable[block], inBlock = Math.Min(BlockTokens, lastPosition + 1 - (block * BlockTokens));
                ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)stored, (uint)_owner._cache!.BlockCount, nameof(AttentionSpan.BlockTable));
                _owner._cache!.LoadKeys(_owner._layer, stored, _keyValueHead, _keys);
                _owner._cache!.LoadValues(_owner._layer, stored, _keyValueHead, inBlock, _values);
                for (int row = 0; row < _rowCount; row++)
                {
                    // Positions of this block that the token may see: none, some or all.
                    int visible = Math.Min(BlockTokens, _span.FirstPosition + _firstRow + row + 1 - (block * BlockTokens));
                    if (visible > 0)
                    {
                        Visit(row, visible);
                    }
                }
            }

            for (int query = 0; query < queryCount; query++)
            {
                Span<float> output = Head(_owner._output!, query / _group, query % _group);
                TensorPrimitives.Divide(new ReadOnlySpan<float>(_sums + (query * _headDim), _headDim), _weights[query], output);
            }
        }

        // Scores of one token's query heads in the block, then their softmax-weighted values on top of what is there.
        private void Visit(int row, int visible)
        {
            float scale = 1 / MathF.Sqrt(_headDim);
            for (int head = 0; head < _group; head++)
            {
                int query = (row * _group) + head;
                float* scores = _scores + (query * BlockTokens);
                fixed (float* q = Head(_owner._queries!, row, head))
                {
                    Score(q, scale, scores);
                }

                new Span<float>(scores + visible, BlockTokens - visible).Fill(float.NegativeInfinity);
                var block = new Span<float>(scores, BlockTokens);
                float maximum = MathF.Max(_maximums[query], Maximum(scores));
                TensorPrimitives.Subtract(block, maximum, block);
                TensorPrimitives.Exp(block, block);
                float correction = MathF.Exp(_maximums[query] - maximum);
                _maximums[query] = maximum;
                _weights[query] = (_weights[query] * correction) + Reduction.Sum(Vector512.Load(scores) + Vector512.Load(scores + 16));
                Accumulate(scores, visible, correction, _sums + (query * _headDim));
            }
        }

        private Span<float> Head(FloatMatrix matrix, int row, int head) =>
            matrix.Row(_span.FirstRow + _firstRow + row).Slice(((_keyValueHead * _group) + head) * _headDim, _headDim);

        // A lane is a position: dimensions are added from first to last, even and odd ones apart to hide latency.
        private void Score(float* q, float scale, float* scores)
        {
            Vector512<float> even0 = default, even1 = default, odd0 = default, odd1 = default;
            for (int d = 0; d < _headDim; d += 2)
            {
                Vector512<float> a = Vector512.Create(q[d]), b = Vector512.Create(q[d + 1]);
                float* k = _keys + (d * BlockTokens);
                even0 = Vector512.MultiplyAddEstimate(a, Vector512.Load(k), even0);
                even1 = Vector512.MultiplyAddEstimate(a, Vector512.Load(k + 16), even1);
                odd0 = Vector512.MultiplyAddEstimate(b, Vector512.Load(k + 32), odd0);
                odd1 = Vector512.MultiplyAddEstimate(b, Vector512.Load(k + 48), odd1);
            }

            ((even0 + odd0) * Vector512.Create(scale)).Store(scores);
            ((even1 + odd1) * Vector512.Create(scale)).Store(scores + 16);
        }

        // A lane is a dimension: positions are added from first to last.
        private void Accumulate(float* weights, int count, float correction, float* sums)
        {
            for (int d = 0; d < _headDim; d += 32)
            {
                Vector512<float> low = Vector512.Load(sums + d) * Vector512.Create(correction);
                Vector512<float> high = Vector512.Load(sums + d + 16) * Vector512.Create(correction);
                float* v = _values + d;
                for (int p = 0; p < count; p++, v += _headDim)
                {
                    Vector512<float> w = Vector512.Create(weights[p]);
                    low = Vector512.MultiplyAddEstimate(w, Vector512.Load(v), low);
                    high = Vector512.MultiplyAddEstimate(w, Vector512.Load(v + 16), high);
                }

                low.Store(sums + d);
                high.Store(sums + d + 16);
            }
        }

        private static float Maximum(float* scores)
        {
            Vector512<float> both = Vector512.Max(Vector512.Load(scores), Vector512.Load(scores + 16));
            Vector256<float> eight = Vector256.Max(both.GetLower(), both.GetUpper());
            Vector128<float> four = Vector128.Max(eight.GetLower(), eight.GetUpper());
            return MathF.Max(MathF.Max(four[0], four[1]), MathF.Max(four[2], four[3]));
        }
    }
}
