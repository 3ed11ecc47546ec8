using System.Runtime.Intrinsics;
using Tramontane.Compute.Memory;
using Tramontane.Compute.Threading;

namespace Tramontane.Compute.Kernels;

/// <summary>
/// Attention of every token to every token, y = Σ_p softmax_p(q · k_p / sqrt(headDim)) · v_p, without the matrix of all
/// scores: queries go over the keys in blocks with a running maximum and sum (Milakov and Gimelshein 2018,
/// arXiv:1805.02867). Keys and values are stored once per layer, then queries come in portions of any size. A query's
/// order of operations depends on the keys alone.
/// </summary>
public sealed unsafe class BidirectionalAttention : ITeamJob, IDisposable
{
    private const int QueryTile = PanelKernel.Columns;
    private const int KeyTile = PanelKernel.Rows;

    // Keys between two corrections of the running sums: 16 KiB of scores.
    private const int KeyBlock = 128;

    private readonly ThreadTeam _team;
    private readonly int _heads;
    private readonly int _headDim;
    private readonly long _paddedTokens;
    private readonly AlignedBuffer<float> _keys; // [head][tile of 8 keys][dimension][8]
    private readonly AlignedBuffer<float> _values; // [head][key][dimension]
    private readonly AlignedBuffer<float> _scratch; // [worker]
    private int _keyCount;
    private FloatMatrix? _queries;
    private FloatMatrix? _output;
    private int _queryCount;

    /// <summary>Allocates.</summary>
    /// <param name="team">Threads.</param>
    /// <param name="heads">Heads; queries, keys and values have the same number.</param>
    /// <param name="headDim">Elements per head, a multiple of 8.</param>
    /// <param name="maxTokens">Most tokens that attend to each other.</param>
    public BidirectionalAttention(ThreadTeam team, int heads, int headDim, int maxTokens)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(headDim % KeyTile, 0, nameof(headDim));
        (_team, _heads, _headDim, _paddedTokens) = (team, heads, headDim, Padded(maxTokens));
        _keys = new AlignedBuffer<float>(heads * _paddedTokens * headDim);
        _values = new AlignedBuffer<float>(heads * _paddedTokens * headDim);
        _scratch = new AlignedBuffer<float>(team.WorkerCount * WorkerFloats(headDim));
    }

    /// <summary>Bytes that an instance of this size takes.</summary>
    public static long Bytes(int workerCount, int heads, int headDim, int maxTokens) =>
        ((2L * heads * Padded(maxTokens) * headDim) + (workerCount * WorkerFloats(headDim))) * sizeof(float);

    /// <summary>Stores key and value of one token; different tokens may be stored from different threads at once.</summary>
    /// <param name="token">Its place, from 0 on.</param>
    /// <param name="key">[heads · headDim], turned by RoPE.</param>
    /// <param name="value">[heads · headDim].</param>
    public void Store(int token, ReadOnlySpan<float> key, ReadOnlySpan<float> value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)token, (ulong)_paddedTokens, nameof(token));
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, _heads * _headDim, nameof(key));
        ArgumentOutOfRangeException.ThrowIfNotEqual(value.Length, _heads * _headDim, nameof(value));
        for (int head = 0; head < _heads; head++)
        {
            float* tile = Keys(head, token / KeyTile * KeyTile) + (token % KeyTile);
            ReadOnlySpan<float> source = key.Slice(head * _headDim, _headDim);
            for (int d = 0; d < source.Length; d++)
            {
                tile[d * KeyTile] = source[d];
            }

            value.Slice(head * _headDim, _headDim).CopyTo(new Span<float>(Values(head, token), _headDim));
        }
    }

    /// <summary>Attention of the first <paramref name="queryCount"/> rows of <paramref name="queries"/> to the first <paramref name="keyCount"/> stored tokens.</summary>
    /// <param name="queries">[tokens, heads · headDim], turned by RoPE.</param>
    /// <param name="queryCount">How many.</param>
    /// <param name="keyCount">How many tokens have been stored.</param>
    /// <param name="output">[tokens, heads · headDim].</param>
    public void Run(FloatMatrix queries, int queryCount, int keyCount, FloatMatrix output)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(keyCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(keyCount, _paddedTokens);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(queryCount, Math.Min(queries.Rows, output.Rows));
        ArgumentOutOfRangeException.ThrowIfNotEqual(queries.Columns, _heads * _headDim, nameof(queries));
        ArgumentOutOfRangeException.ThrowIfNotEqual(output.Columns, _heads * _headDim, nameof(output));
        (_queries, _output, _queryCount, _keyCount) = (queries, output, queryCount, keyCount);
        _team.Run(this, _heads * TileCount);
    }

    /// <inheritdoc/>
    void ITeamJob.Execute(int item, int worker)
    {
        // Neighbouring items share a head: its keys and values stay in the cache that the threads share.
        (int head, int tile) = (item / TileCount, item % TileCount);
        float* q = (float*)_scratch.Address + (worker * WorkerFloats(_headDim)); // [dimension][query]
        float* scores = q + (_headDim * QueryTile); // [key][query]
        float* sums = scores + (KeyBlock * QueryTile); // [dimension][query]
        int firstQuery = tile * QueryTile, queries = Math.Min(QueryTile, _queryCount - firstQuery);
        LoadQueries(head, firstQuery, queries, q);
        new Span<float>(sums, _headDim * QueryTile).Clear();

        // A lane is a query.
        Vector512<float> max0 = Vector512.Create(float.NegativeInfinity), max1 = max0, total0 = default, total1 = default;
        for (int key = 0; key < _keyCount; key += KeyBlock)
        {
            int count = Math.Min(KeyBlock, _keyCount - key);
            for (int k = 0; k < count; k += KeyTile) // beyond the last key are zeros; their scores are not used
            {
                PanelKernel.Tile(Keys(head, key + k), KeyTile, q, _headDim, scores + (k * QueryTile), QueryTile, accumulate: false);
            }

            Weigh(scores, count, ref max0, ref total0, out Vector512<float> correction0);
            Weigh(scores + 16, count, ref max1, ref total1, out Vector512<float> correction1);
            for (int d = 0; d < _headDim; d++)
            {
                float* sum = sums + (d * QueryTile);
                (Vector512.Load(sum) * correction0).Store(sum);
                (Vector512.Load(sum + 16) * correction1).Store(sum + 16);
            }

            for (int d = 0; d < _headDim; d += KeyTile)
            {
                PanelKernel.Tile(Values(head, key) + d, _headDim, scores, count, sums + (d * QueryTile), QueryTile, accumulate: true);
            }
        }

        float* totals = scores; // no longer needed
        total0.Store(totals);
        total1.Store(totals + 16);
        for (int query = 0; query < queries; query++)
        {
            Span<float> output = _output!.Row(firstQuery + query).Slice(head * _headDim, _headDim);
            for (int d = 0; d < output.Length; d++)
            {
                output[d] = sums[(d * QueryTile) + query] / totals[query];
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _keys.Dispose();
        _values.Dispose();
        _scratch.Dispose();
    }

    private int TileCount => (_queryCount + QueryTile - 1) / QueryTile;

    private static long Padded(int tokens) => (tokens + KeyTile - 1L) / KeyTile * KeyTile;

    private static long WorkerFloats(int headDim) => (2L * headDim * QueryTile) + (KeyBlock * QueryTile);

    private float* Keys(int head, int token) => (float*)_keys.Address + (((head * _paddedTokens) + token) * _headDim);

    private float* Values(int head, int token) => (float*)_values.Address + (((head * _paddedTokens) + token) * _headDim);

    // Queries with the factor 1 / sqrt(headDim), dimension by dimension; zeros beyond the last.
    private void LoadQueries(int head, int first, int count, float* q)
    {
        float scale = 1 / MathF.Sqrt(_headDim);
        new Span<float>(q, _headDim * QueryTile).Clear();
        for (int query = 0; query < count; query++)
        {
            ReadOnlySpan<float> source = _queries!.Row(first + query).Slice(head * _headDim, _headDim);
            for (int d = 0; d < source.Length; d++)
            {
                q[(d * QueryTile) + query] = source[d] * scale;
            }
        }
    }

    // Scores of sixteen queries become e^(score − maximum); their sum joins the total, which is first brought to the new maximum.
    private static void Weigh(float* scores, int count, ref Vector512<float> maximum, ref Vector512<float> total, out Vector512<float> correction)
    {
        Vector512<float> before = maximum;
        for (int k = 0; k < count; k++)
        {
            maximum = Vector512.Max(maximum, Vector512.Load(scores + (k * QueryTile)));
        }

        Vector512<float> highest = maximum, sum = default;
        for (int k = 0; k < count; k++)
        {
            Vector512<float> weight = VectorExp.Exp(Vector512.Load(scores + (k * QueryTile)) - highest);
            weight.Store(scores + (k * QueryTile));
            sum += weight;
        }

        correction = VectorExp.Exp(before - highest);
        total = (total * correction) + sum;
    }
}
