using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Tramontane.Compute.Quantization;

namespace Tramontane.Compute.Kernels;

/// <summary>
/// Integer products of rows of 256-element super-blocks with 8-bit activations.
/// One output element is one accumulator of 16 lanes. Within a super-block a lane sums integers, exactly, so their order
/// is free; over the super-blocks the lanes are added as floats from first to last. Every tile width does just this.
/// </summary>
internal static unsafe class SuperBlockKernel<TFormat, TTile>
    where TFormat : struct, ISuperBlockFormat
    where TTile : struct, ITile
{
    /// <summary>y[token, row] for the rows of a range and the tokens of one tile.</summary>
    /// <param name="weights">[rows, columns] in the format <typeparamref name="TFormat"/>.</param>
    /// <param name="firstRow">First row.</param>
    /// <param name="endRow">Row after the last.</param>
    /// <param name="x">Activations, rounded with one scale per 256.</param>
    /// <param name="tile">Which tile of <paramref name="x"/>.</param>
    /// <param name="y">Output of the tile's first token, row 0.</param>
    /// <param name="stride">Elements of <paramref name="y"/> from one token to the next.</param>
    /// <param name="tokenCount">Tokens of the tile that are real; others are not written.</param>
    public static void Multiply(
        WeightMatrix weights, int firstRow, int endRow, QuantizedActivations x, int tile, float* y, long stride, int tokenCount)
    {
        int blocks = weights.Columns / 256;
        for (int row = firstRow; row < endRow; row++)
        {
            byte* block = weights.RowPointer(row);
            sbyte* values = x.Values256(tile);
            short* sums = x.Sums256(tile);
            float* scales = x.Scales256(tile);
            Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default, a6 = default, a7 = default;
            for (int b = 0; b < blocks; b++)
            {
                TFormat.Values(block, out Vector512<byte> q0, out Vector512<byte> q1, out Vector512<byte> q2, out Vector512<byte> q3);
                TFormat.Scales(block, out Vector256<short> subScales, out Vector256<short> minimums, out float scale, out float minimumScale);
                Vector512<short> s0 = Lanes.RepeatFour(subScales, 0), s1 = Lanes.RepeatFour(subScales, 4);
                Vector512<short> s2 = Lanes.RepeatFour(subScales, 8), s3 = Lanes.RepeatFour(subScales, 12);
                Vector512<float> factor = Vector512.Create(scale), minimumFactor = Vector512.Create(-minimumScale);

                a0 = Step(a0, values, sums, scales, q0, q1, q2, q3, s0, s1, s2, s3, minimums, factor, minimumFactor);
                if (TTile.Tokens > 1)
                {
                    a1 = Step(a1, values + 256, sums + 16, scales + 1, q0, q1, q2, q3, s0, s1, s2, s3, minimums, factor, minimumFactor);
                }

                if (TTile.Tokens > 2)
                {
                    a2 = Step(a2, values + 512, sums + 32, scales + 2, q0, q1, q2, q3, s0, s1, s2, s3, minimums, factor, minimumFactor);
                    a3 = Step(a3, values + 768, sums + 48, scales + 3, q0, q1, q2, q3, s0, s1, s2, s3, minimums, factor, minimumFactor);
                }

                if (TTile.Tokens > 4)
                {
                    a4 = Step(a4, values + 1024, sums + 64, scales + 4, q0, q1, q2, q3, s0, s1, s2, s3, minimums, factor, minimumFactor);
                    a5 = Step(a5, values + 1280, sums + 80, scales + 5, q0, q1, q2, q3, s0, s1, s2, s3, minimums, factor, minimumFactor);
                    a6 = Step(a6, values + 1536, sums + 96, scales + 6, q0, q1, q2, q3, s0, s1, s2, s3, minimums, factor, minimumFactor);
                    a7 = Step(a7, values + 1792, sums + 112, scales + 7, q0, q1, q2, q3, s0, s1, s2, s3, minimums, factor, minimumFactor);
                }

                block += TFormat.Bytes;
                values += 256 * TTile.Tokens;
                sums += 16 * TTile.Tokens;
                scales += TTile.Tokens;
            }

            Outputs<TTile>.Write(y + row, stride, tokenCount, a0, a1, a2, a3, a4, a5, a6, a7);
        }
    }

    // One super-block of one token. The minimums' part has 8 lanes and joins the lower half.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Step(
        Vector512<float> accumulator, sbyte* values, short* sums, float* scale,
        Vector512<byte> q0, Vector512<byte> q1, Vector512<byte> q2, Vector512<byte> q3,
        Vector512<short> s0, Vector512<short> s1, Vector512<short> s2, Vector512<short> s3,
        Vector256<short> minimums, Vector512<float> factor, Vector512<float> minimumFactor)
    {
        Vector512<int> i0 = Lanes.MultiplyAddPairs(Lanes.MultiplyAddPairs(q0, Vector512.Load(values)), s0);
        Vector512<int> i1 = Lanes.MultiplyAddPairs(Lanes.MultiplyAddPairs(q1, Vector512.Load(values + 64)), s1);
        Vector512<int> i2 = Lanes.MultiplyAddPairs(Lanes.MultiplyAddPairs(q2, Vector512.Load(values + 128)), s2);
        Vector512<int> i3 = Lanes.MultiplyAddPairs(Lanes.MultiplyAddPairs(q3, Vector512.Load(values + 192)), s3);
        Vector512<float> products = Vector512.ConvertToSingle((i0 + i1) + (i2 + i3)) * factor;
        Vector256<float> offsets = Vector256.ConvertToSingle(Lanes.MultiplyAddPairs(minimums, Vector256.Load(sums)));
        products = Vector512.MultiplyAddEstimate(offsets.ToVector512(), minimumFactor, products);
        return Vector512.MultiplyAddEstimate(products, Vector512.Create(*scale), accumulator);
    }
}

/// <summary>The end of a tile: each token's lanes are summed and written.</summary>
internal static unsafe class Outputs<TTile>
    where TTile : struct, ITile
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(
        float* y, long stride, int tokenCount,
        Vector512<float> a0, Vector512<float> a1, Vector512<float> a2, Vector512<float> a3,
        Vector512<float> a4, Vector512<float> a5, Vector512<float> a6, Vector512<float> a7)
    {
        y[0] = Reduction.Sum(a0);
        if (TTile.Tokens > 1)
        {
            WriteOne(y, stride, tokenCount, 1, a1);
        }

        if (TTile.Tokens > 2)
        {
            WriteOne(y, stride, tokenCount, 2, a2);
            WriteOne(y, stride, tokenCount, 3, a3);
        }

        if (TTile.Tokens > 4)
        {
            WriteOne(y, stride, tokenCount, 4, a4);
            WriteOne(y, stride, tokenCount, 5, a5);
            WriteOne(y, stride, tokenCount, 6, a6);
            WriteOne(y, stride, tokenCount, 7, a7);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WriteOne(float* y, long stride, int tokenCount, int token, Vector512<float> lanes)
    {
        if (token < tokenCount)
        {
            y[token * stride] = Reduction.Sum(lanes);
        }
    }
}
