using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Tramontane.Compute.Kernels;

/// <summary>
/// The inner tile of float32 matrix products: c[i, j] = Σ_k a[k, i] · b[k, j] for 8 values of i and 32 of j. Operands are
/// packed so that each k is one short contiguous run of both. A lane is a column j; one element is one accumulator that
/// takes its products in order of k, so tiles, threads and the width of the hardware change no bit of it.
/// </summary>
internal static unsafe class PanelKernel
{
    /// <summary>Values of i in a tile.</summary>
    public const int Rows = 8;

    /// <summary>Values of j in a tile.</summary>
    public const int Columns = 32;

    /// <summary>Computes one tile.</summary>
    /// <param name="a">[k, <see cref="Rows"/>].</param>
    /// <param name="aStride">Elements of <paramref name="a"/> from one k to the next.</param>
    /// <param name="b">[k, <see cref="Columns"/>], without gaps.</param>
    /// <param name="count">Number of k.</param>
    /// <param name="c">[<see cref="Rows"/>, <see cref="Columns"/>].</param>
    /// <param name="cStride">Elements of <paramref name="c"/> from one row to the next.</param>
    /// <param name="accumulate">Goes on from what <paramref name="c"/> holds, as if this were one longer sum; otherwise starts at zero.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Tile(float* a, long aStride, float* b, int count, float* c, long cStride, bool accumulate)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Tile512(a, aStride, b, count, c, cStride, accumulate);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            // Eight accumulators of 256 bits at a time: four rows and half of the columns.
            Tile256(a, aStride, b, count, c, cStride, accumulate);
            Tile256(a, aStride, b + 16, count, c + 16, cStride, accumulate);
            Tile256(a + 4, aStride, b, count, c + (4 * cStride), cStride, accumulate);
            Tile256(a + 4, aStride, b + 16, count, c + (4 * cStride) + 16, cStride, accumulate);
        }
        else
        {
            TileScalar(a, aStride, b, count, c, cStride, accumulate);
        }
    }

    /// <summary>The definition. Tests hold the vector paths to it.</summary>
    internal static void TileScalar(float* a, long aStride, float* b, int count, float* c, long cStride, bool accumulate)
    {
        for (int i = 0; i < Rows; i++)
        {
            for (int j = 0; j < Columns; j++)
            {
                float sum = accumulate ? c[(i * cStride) + j] : 0;
                for (int k = 0; k < count; k++)
                {
                    sum = float.MultiplyAddEstimate(a[(k * aStride) + i], b[(k * Columns) + j], sum);
                }

                c[(i * cStride) + j] = sum;
            }
        }
    }

    // Sixteen accumulators hide the latency of the multiply-add four times over and leave registers for b and a.
    private static void Tile512(float* a, long aStride, float* b, int count, float* c, long cStride, bool accumulate)
    {
        Vector512<float> c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default, c30 = default, c31 = default;
        Vector512<float> c40 = default, c41 = default, c50 = default, c51 = default, c60 = default, c61 = default, c70 = default, c71 = default;
        if (accumulate)
        {
            float* r = c;
            (c00, c01) = (Vector512.Load(r), Vector512.Load(r + 16));
            (c10, c11) = (Vector512.Load(r += cStride), Vector512.Load(r + 16));
            (c20, c21) = (Vector512.Load(r += cStride), Vector512.Load(r + 16));
            (c30, c31) = (Vector512.Load(r += cStride), Vector512.Load(r + 16));
            (c40, c41) = (Vector512.Load(r += cStride), Vector512.Load(r + 16));
            (c50, c51) = (Vector512.Load(r += cStride), Vector512.Load(r + 16));
            (c60, c61) = (Vector512.Load(r += cStride), Vector512.Load(r + 16));
            (c70, c71) = (Vector512.Load(r += cStride), Vector512.Load(r + 16));
        }

        for (int k = 0; k < count; k++, a += aStride, b += Columns)
        {
            Vector512<float> b0 = Vector512.Load(b), b1 = Vector512.Load(b + 16);
            Vector512<float> v = Vector512.Create(a[0]);
            c00 = Vector512.MultiplyAddEstimate(v, b0, c00);
            c01 = Vector512.MultiplyAddEstimate(v, b1, c01);
            v = Vector512.Create(a[1]);
            c10 = Vector512.MultiplyAddEstimate(v, b0, c10);
            c11 = Vector512.MultiplyAddEstimate(v, b1, c11);
            v = Vector512.Create(a[2]);
            c20 = Vector512.MultiplyAddEstimate(v, b0, c20);
            c21 = Vector512.MultiplyAddEstimate(v, b1, c21);
            v = Vector512.Create(a[3]);
            c30 = Vector512.MultiplyAddEstimate(v, b0, c30);
            c31 = Vector512.MultiplyAddEstimate(v, b1, c31);
            v = Vector512.Create(a[4]);
            c40 = Vector512.MultiplyAddEstimate(v, b0, c40);
            c41 = Vector512.MultiplyAddEstimate(v, b1, c41);
            v = Vector512.Create(a[5]);
            c50 = Vector512.MultiplyAddEstimate(v, b0, c50);
            c51 = Vector512.MultiplyAddEstimate(v, b1, c51);
            v = Vector512.Create(a[6]);
            c60 = Vector512.MultiplyAddEstimate(v, b0, c60);
            c61 = Vector512.MultiplyAddEstimate(v, b1, c61);
            v = Vector512.Create(a[7]);
            c70 = Vector512.MultiplyAddEstimate(v, b0, c70);
            c71 = Vector512.MultiplyAddEstimate(v, b1, c71);
        }

        Store(c, c00, c01);
        Store(c += cStride, c10, c11);
        Store(c += cStride, c20, c21);
        Store(c += cStride, c30, c31);
        Store(c += cStride, c40, c41);
        Store(c += cStride, c50, c51);
        Store(c += cStride, c60, c61);
        Store(c + cStride, c70, c71);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* row, Vector512<float> low, Vector512<float> high)
    {
        low.Store(row);
        high.Store(row + 16);
    }

    // Four rows and 16 columns; b still has 32 columns per k.
    private static void Tile256(float* a, long aStride, float* b, int count, float* c, long cStride, bool accumulate)
    {
        float* r1 = c + cStride, r2 = r1 + cStride, r3 = r2 + cStride;
        Vector256<float> c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default, c30 = default, c31 = default;
        if (accumulate)
        {
            (c00, c01) = (Vector256.Load(c), Vector256.Load(c + 8));
            (c10, c11) = (Vector256.Load(r1), Vector256.Load(r1 + 8));
            (c20, c21) = (Vector256.Load(r2), Vector256.Load(r2 + 8));
            (c30, c31) = (Vector256.Load(r3), Vector256.Load(r3 + 8));
        }

        for (int k = 0; k < count; k++, a += aStride, b += Columns)
        {
            Vector256<float> b0 = Vector256.Load(b), b1 = Vector256.Load(b + 8);
            Vector256<float> v = Vector256.Create(a[0]);
            c00 = Vector256.MultiplyAddEstimate(v, b0, c00);
            c01 = Vector256.MultiplyAddEstimate(v, b1, c01);
            v = Vector256.Create(a[1]);
            c10 = Vector256.MultiplyAddEstimate(v, b0, c10);
            c11 = Vector256.MultiplyAddEstimate(v, b1, c11);
            v = Vector256.Create(a[2]);
            c20 = Vector256.MultiplyAddEstimate(v, b0, c20);
            c21 = Vector256.MultiplyAddEstimate(v, b1, c21);
            v = Vector256.Create(a[3]);
            c30 = Vector256.MultiplyAddEstimate(v, b0, c30);
            c31 = Vector256.MultiplyAddEstimate(v, b1, c31);
        }

        c00.Store(c);
        c01.Store(c + 8);
        c10.Store(r1);
        c11.Store(r1 + 8);
        c20.Store(r2);
        c21.Store(r2 + 8);
        c30.Store(r3);
        c31.Store(r3 + 8);
    }
}
