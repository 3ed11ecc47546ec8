using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Tramontane.Compute.Quantization;

namespace Tramontane.Compute.Kernels;

/// <summary>
/// Integer products of rows whose scale belongs to 32 elements with 8-bit activations. One output element is one
/// accumulator of 16 lanes, each the exact sum of two products per block; blocks are added as floats from first to last,
/// and the minimums' part in a sum of its own. Every tile width does just this.
/// </summary>
internal static unsafe class Block32Kernel<TFormat, TTile>
    where TFormat : struct, IBlock32Format
    where TTile : struct, ITile
{
    /// <summary>y[token, row] for the rows of a range and the tokens of one tile; see <see cref="SuperBlockKernel{TFormat, TTile}"/>.</summary>
    public static void Multiply(
        WeightMatrix weights, int firstRow, int endRow, QuantizedActivations x, int tile, float* y, long stride, int tokenCount)
    {
        int blocks = weights.Columns / 32;
        for (int row = firstRow; row < endRow; row++)
        {
            byte* start = weights.RowPointer(row);
            short* values = x.Values32(tile);
            float* scales = x.Scales32(tile);
            Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default, a6 = default, a7 = default;
            for (int b = 0; b < blocks; b++)
            {
                TFormat.Unpack(start, b, out Vector512<short> q, out float scale, out _);
                Vector512<float> factor = Vector512.Create(scale);
                a0 = Step(a0, values, scales, q, factor);
                if (TTile.Tokens > 1)
                {
                    a1 = Step(a1, values + 32, scales + 1, q, factor);
                }

                if (TTile.Tokens > 2)
                {
                    a2 = Step(a2, values + 64, scales + 2, q, factor);
                    a3 = Step(a3, values + 96, scales + 3, q, factor);
                }

                if (TTile.Tokens > 4)
                {
                    a4 = Step(a4, values + 128, scales + 4, q, factor);
                    a5 = Step(a5, values + 160, scales + 5, q, factor);
                    a6 = Step(a6, values + 192, scales + 6, q, factor);
                    a7 = Step(a7, values + 224, scales + 7, q, factor);
                }

                values += 32 * TTile.Tokens;
                scales += TTile.Tokens;
            }

            Outputs<TTile>.Write(y + row, stride, tokenCount, a0, a1, a2, a3, a4, a5, a6, a7);
            if (TFormat.HasMinimum)
            {
                AddMinimums(start, blocks, x.Offsets32(tile), y + row, stride, tokenCount);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Step(Vector512<float> accumulator, short* values, float* scale, Vector512<short> q, Vector512<float> factor)
    {
        Vector512<float> products = Vector512.ConvertToSingle(Lanes.MultiplyAddPairs(q, Vector512.Load(values)));
        return Vector512.MultiplyAddEstimate(products * factor, Vector512.Create(*scale), accumulator);
    }

    // Formats with minimums are rare today, so this pass over the row is written for reading.
    private static void AddMinimums(byte* row, int blocks, float* offsets, float* y, long stride, int tokenCount)
    {
        for (int token = 0; token < tokenCount; token++)
        {
            float sum = 0;
            for (int b = 0; b < blocks; b++)
            {
                TFormat.Unpack(row, b, out _, out _, out float minimum);
                sum += minimum * offsets[(b * TTile.Tokens) + token];
            }

            y[token * stride] += sum;
        }
    }
}
