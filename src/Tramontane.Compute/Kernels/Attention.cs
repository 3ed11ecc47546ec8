using System.Numerics.Tensors;
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

    // Expanded keys and values, scores of four queries, and per query the sum of values, running maximum and running sum.
    private static long ScratchFloats(int group, int headDim)
    {
        int queries = TileTokens * group;
        return (2L * KeyValueBlocks.BlockTokens * headDim) + AttentionMath.SoftmaxFloats + (queries * (headDim + 16L)) + 64;
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
        private readonly float* _scores; // [query][position], corrections
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
            _sums = _scores + AttentionMath.SoftmaxFloats;
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
                int stored = BlockAt(block), inBlock = Math.Min(BlockTokens, lastPosition + 1 - (block * BlockTokens));
                int next = (block + 1) * BlockTokens <= lastPosition ? BlockAt(block + 1) : stored;
                _owner._cache!.LoadKeys(_owner._layer, stored, _keyValueHead, _keys, next);
                _owner._cache!.LoadValues(_owner._layer, stored, _keyValueHead, inBlock, _values, next);
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

        private int BlockAt(int index)
        {
            int block = _span.BlockTable[index];
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)block, (uint)_owner._cache!.BlockCount, nameof(AttentionSpan.BlockTable));
            return block;
        }

        // Scores of one token's query heads in the block, then their softmax-weighted values on top of what is there.
        private void Visit(int row, int visible)
        {
            fixed (float* queries = Head(_owner._queries!, row, 0))
            {
                int head = 0;
                for (; head + FourQueries.Count <= _group; head += FourQueries.Count)
                {
                    Visit<FourQueries>(queries + (head * _headDim), (row * _group) + head, visible);
                }

                for (; head < _group; head++)
                {
                    Visit<OneQuery>(queries + (head * _headDim), (row * _group) + head, visible);
                }
            }
        }

        private void Visit<TCount>(float* queries, int query, int visible)
            where TCount : struct, IQueryCount
        {
            float* sums = _sums + (query * _headDim);
            AttentionMath.Score<TCount>(queries, _keys, _headDim, _scores);
            float* corrections = AttentionMath.Softmax<TCount>(_scores, visible, _maximums + query, _weights + query);
            AttentionMath.Accumulate<TCount>(_scores, visible, corrections, _values, _headDim, sums);
        }

        private Span<float> Head(FloatMatrix matrix, int row, int head) =>
            matrix.Row(_span.FirstRow + _firstRow + row).Slice(((_keyValueHead * _group) + head) * _headDim, _headDim);
    }
}
