using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Tramontane.Compute.Memory;

namespace Tramontane.Compute.Kernels;

/// <summary>
/// How many query heads of one token go over a block together, as a type. Four share each load of a key or value; one
/// does the rest of a group that is no multiple of four. What is done for one query is the same in both.
/// </summary>
internal interface IQueryCount
{
    /// <summary>1 or 4.</summary>
    static abstract int Count { get; }
}

internal readonly struct OneQuery : IQueryCount
{
    public static int Count => 1;
}

internal readonly struct FourQueries : IQueryCount
{
    public static int Count => 4;
}

/// <summary>The arithmetic of attention on one block of the cache, expanded to float32.</summary>
internal static unsafe class AttentionMath
{
    private const int BlockTokens = KeyValueBlocks.BlockTokens;

    /// <summary>Floats of scratch for <see cref="Softmax"/>: the scores of four queries and a vector of corrections.</summary>
    public const int SoftmaxFloats = (4 * BlockTokens) + 16;

    /// <summary>Scores of up to four queries. A lane is a position: dimensions are added from first to last, even and odd ones apart to hide latency.</summary>
    /// <param name="queries">[query][dimension], headDim apart.</param>
    /// <param name="keys">[dimension][position].</param>
    /// <param name="headDim">Dimensions.</param>
    /// <param name="scores">Receives [query][position].</param>
    public static void Score<TCount>(float* queries, float* keys, int headDim, float* scores)
        where TCount : struct, IQueryCount
    {
        float* q1 = queries + headDim, q2 = q1 + headDim, q3 = q2 + headDim;
        Sums a = default, b = default, c = default, d = default;
        for (int i = 0; i < headDim; i += 2, keys += 2 * BlockTokens)
        {
            Vector512<float> even0 = Vector512.Load(keys), even1 = Vector512.Load(keys + 16);
            Vector512<float> odd0 = Vector512.Load(keys + 32), odd1 = Vector512.Load(keys + 48);
            a.Add(queries + i, even0, even1, odd0, odd1);
            if (TCount.Count == 4)
            {
                b.Add(q1 + i, even0, even1, odd0, odd1);
                c.Add(q2 + i, even0, even1, odd0, odd1);
                d.Add(q3 + i, even0, even1, odd0, odd1);
            }
        }

        Vector512<float> scale = Vector512.Create(1 / MathF.Sqrt(headDim));
        a.Store(scale, scores);
        if (TCount.Count == 4)
        {
            b.Store(scale, scores + BlockTokens);
            c.Store(scale, scores + (2 * BlockTokens));
            d.Store(scale, scores + (3 * BlockTokens));
        }
    }

    /// <summary>
    /// Turns scores into weights relative to each query's running maximum, which it moves, and moves the running sum of weights.
    /// </summary>
    /// <param name="scores">[query][position], then room for a vector.</param>
    /// <param name="visible">Positions of the block that the token may see.</param>
    /// <param name="maximums">Running maximums.</param>
    /// <param name="sums">Running sums.</param>
    /// <returns>What earlier sums of values are to be multiplied with, per query.</returns>
    public static float* Softmax<TCount>(float* scores, int visible, float* maximums, float* sums)
        where TCount : struct, IQueryCount
    {
        float* corrections = scores + (TCount.Count * BlockTokens);
        Vector512<float>.Zero.Store(corrections);
        for (int query = 0; query < TCount.Count; query++)
        {
            var block = new Span<float>(scores + (query * BlockTokens), BlockTokens);
            block[visible..].Fill(float.NegativeInfinity);
            float maximum = MathF.Max(maximums[query], Maximum(scores + (query * BlockTokens)));
            Vector512<float> shift = Vector512.Create(maximum);
            (Vector512.Load(scores + (query * BlockTokens)) - shift).Store(scores + (query * BlockTokens));
            (Vector512.Load(scores + (query * BlockTokens) + 16) - shift).Store(scores + (query * BlockTokens) + 16);
            corrections[query] = maximums[query] - maximum;
            maximums[query] = maximum;
        }

        // Whole vectors, so that each element is computed alike wherever it stands.
        var all = new Span<float>(scores, (TCount.Count * BlockTokens) + 16);
        TensorPrimitives.Exp(all, all);
        for (int query = 0; query < TCount.Count; query++)
        {
            float* weights = scores + (query * BlockTokens);
            sums[query] = (sums[query] * corrections[query]) + Reduction.Sum(Vector512.Load(weights) + Vector512.Load(weights + 16));
        }

        return corrections;
    }

    /// <summary>sums = sums · correction + Σ weights · values. A lane is a dimension: positions are added from first to last.</summary>
    /// <param name="weights">[query][position].</param>
    /// <param name="visible">Positions that count.</param>
    /// <param name="corrections">One per query.</param>
    /// <param name="values">[position][dimension].</param>
    /// <param name="headDim">Dimensions, a multiple of 32.</param>
    /// <param name="sums">[query][dimension].</param>
    public static void Accumulate<TCount>(float* weights, int visible, float* corrections, float* values, int headDim, float* sums)
        where TCount : struct, IQueryCount
    {
        float* w1 = weights + BlockTokens, w2 = w1 + BlockTokens, w3 = w2 + BlockTokens;
        float* s1 = sums + headDim, s2 = s1 + headDim, s3 = s2 + headDim;
        for (int i = 0; i < headDim; i += 32)
        {
            Vector512<float> a0 = Vector512.Load(sums + i) * corrections[0], a1 = Vector512.Load(sums + i + 16) * corrections[0];
            Vector512<float> b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
            if (TCount.Count == 4)
            {
                (b0, b1) = (Vector512.Load(s1 + i) * corrections[1], Vector512.Load(s1 + i + 16) * corrections[1]);
                (c0, c1) = (Vector512.Load(s2 + i) * corrections[2], Vector512.Load(s2 + i + 16) * corrections[2]);
                (d0, d1) = (Vector512.Load(s3 + i) * corrections[3], Vector512.Load(s3 + i + 16) * corrections[3]);
            }

            float* v = values + i;
            for (int p = 0; p < visible; p++, v += headDim)
            {
                Vector512<float> v0 = Vector512.Load(v), v1 = Vector512.Load(v + 16);
                Add(weights[p], v0, v1, ref a0, ref a1);
                if (TCount.Count == 4)
                {
                    Add(w1[p], v0, v1, ref b0, ref b1);
                    Add(w2[p], v0, v1, ref c0, ref c1);
                    Add(w3[p], v0, v1, ref d0, ref d1);
                }
            }

            a0.Store(sums + i);
            a1.Store(sums + i + 16);
            if (TCount.Count == 4)
            {
                b0.Store(s1 + i);
                b1.Store(s1 + i + 16);
                c0.Store(s2 + i);
                c1.Store(s2 + i + 16);
                d0.Store(s3 + i);
                d1.Store(s3 + i + 16);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float weight, Vector512<float> v0, Vector512<float> v1, ref Vector512<float> sum0, ref Vector512<float> sum1)
    {
        Vector512<float> w = Vector512.Create(weight);
        sum0 = Vector512.MultiplyAddEstimate(w, v0, sum0);
        sum1 = Vector512.MultiplyAddEstimate(w, v1, sum1);
    }

    private static float Maximum(float* scores)
    {
        Vector512<float> both = Vector512.Max(Vector512.Load(scores), Vector512.Load(scores + 16));
        Vector256<float> eight = Vector256.Max(both.GetLower(), both.GetUpper());
        Vector128<float> four = Vector128.Max(eight.GetLower(), eight.GetUpper());
        return MathF.Max(MathF.Max(four[0], four[1]), MathF.Max(four[2], four[3]));
    }

    /// <summary>The scores of one query with 32 positions: sums over even and odd dimensions.</summary>
    private struct Sums
    {
        private Vector512<float> _even0;
        private Vector512<float> _even1;
        private Vector512<float> _odd0;
        private Vector512<float> _odd1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(float* query, Vector512<float> even0, Vector512<float> even1, Vector512<float> odd0, Vector512<float> odd1)
        {
            Vector512<float> even = Vector512.Create(query[0]), odd = Vector512.Create(query[1]);
            _even0 = Vector512.MultiplyAddEstimate(even, even0, _even0);
            _even1 = Vector512.MultiplyAddEstimate(even, even1, _even1);
            _odd0 = Vector512.MultiplyAddEstimate(odd, odd0, _odd0);
            _odd1 = Vector512.MultiplyAddEstimate(odd, odd1, _odd1);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Store(Vector512<float> scale, float* scores)
        {
            ((_even0 + _odd0) * scale).Store(scores);
            ((_even1 + _odd1) * scale).Store(scores + 16);
        }
    }
}
