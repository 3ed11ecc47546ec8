using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Tramontane.Compute.Quantization;

namespace Tramontane.Compute.Kernels;

/// <summary>
/// Products of rows of any format with float32 activations: weights are expanded to float32, exactly, four rows at a
/// time. One output element is one accumulator of 16 lanes over the columns from first to last (the columns after the
/// last multiple of 16 are added one by one); tiles of four rows and up to four tokens only keep the adders busy.
/// </summary>
internal static unsafe class FloatKernel
{
    /// <summary>Rows that are expanded together.</summary>
    public const int RowsPerTile = 4;

    /// <summary>y[token, row] for the rows of a range and all tokens.</summary>
    /// <param name="weights">[rows, columns] in any format.</param>
    /// <param name="firstRow">First row.</param>
    /// <param name="endRow">Row after the last.</param>
    /// <param name="x">Activations, [token, column].</param>
    /// <param name="xStride">Elements of <paramref name="x"/> from one token to the next.</param>
    /// <param name="tokenCount">Number of tokens.</param>
    /// <param name="y">Output of the first token, row 0.</param>
    /// <param name="stride">Elements of <paramref name="y"/> from one token to the next.</param>
    /// <param name="scratch">Room for <see cref="RowsPerTile"/> expanded rows.</param>
    public static void Multiply(
        WeightMatrix weights, int firstRow, int endRow, float* x, long xStride, int tokenCount, float* y, long stride, float* scratch)
    {
        int columns = weights.Columns;
        float** rows = stackalloc float*[RowsPerTile];
        for (int row = firstRow; row < endRow; row += RowsPerTile)
        {
            int rowCount = Math.Min(RowsPerTile, endRow - row);
            for (int i = 0; i < RowsPerTile; i++)
            {
                // Beyond the end the last row stands in; what it gives is not written.
                rows[i] = i < rowCount ? Expand(weights, row + i, scratch + ((long)i * columns)) : rows[i - 1];
            }

            int token = 0;
            for (; token + 1 < tokenCount; token += 4)
            {
                MultiplyTile<FourTokens>(rows, rowCount, columns, x + (token * xStride), xStride, Math.Min(4, tokenCount - token), y + (token * stride) + row, stride);
            }

            if (token < tokenCount)
            {
                MultiplyTile<OneToken>(rows, rowCount, columns, x + (token * xStride), xStride, 1, y + (token * stride) + row, stride);
            }
        }
    }

    // A row as float32: where it lies already, or expanded into scratch.
    private static float* Expand(WeightMatrix weights, int row, float* scratch)
    {
        if (weights.Type == TensorType.F32)
        {
            return (float*)weights.RowPointer(row);
        }

        Expansion.Row(weights, row, scratch);
        return scratch;
    }

    private static void MultiplyTile<TGroup>(
        float** rows, int rowCount, int columns, float* x, long xStride, int tokenCount, float* y, long stride)
        where TGroup : struct, ITokenGroup
    {
        float* w0 = rows[0], w1 = rows[1], w2 = rows[2], w3 = rows[3];
        float* x0 = x;
        float* x1 = x + (Math.Min(1, tokenCount - 1) * xStride);
        float* x2 = x + (Math.Min(2, tokenCount - 1) * xStride);
        float* x3 = x + (Math.Min(3, tokenCount - 1) * xStride);
        Vector512<float> a00 = default, a01 = default, a02 = default, a03 = default;
        Vector512<float> a10 = default, a11 = default, a12 = default, a13 = default;
        Vector512<float> a20 = default, a21 = default, a22 = default, a23 = default;
        Vector512<float> a30 = default, a31 = default, a32 = default, a33 = default;
        int c = 0;
        for (; c + 16 <= columns; c += 16)
        {
            Vector512<float> v0 = Vector512.Load(w0 + c), v1 = Vector512.Load(w1 + c), v2 = Vector512.Load(w2 + c), v3 = Vector512.Load(w3 + c);
            Vector512<float> u = Vector512.Load(x0 + c);
            a00 = Vector512.MultiplyAddEstimate(v0, u, a00);
            a01 = Vector512.MultiplyAddEstimate(v1, u, a01);
            a02 = Vector512.MultiplyAddEstimate(v2, u, a02);
            a03 = Vector512.MultiplyAddEstimate(v3, u, a03);
            if (TGroup.Tokens > 1)
            {
                u = Vector512.Load(x1 + c);
                a10 = Vector512.MultiplyAddEstimate(v0, u, a10);
                a11 = Vector512.MultiplyAddEstimate(v1, u, a11);
                a12 = Vector512.MultiplyAddEstimate(v2, u, a12);
                a13 = Vector512.MultiplyAddEstimate(v3, u, a13);
                u = Vector512.Load(x2 + c);
                a20 = Vector512.MultiplyAddEstimate(v0, u, a20);
                a21 = Vector512.MultiplyAddEstimate(v1, u, a21);
                a22 = Vector512.MultiplyAddEstimate(v2, u, a22);
                a23 = Vector512.MultiplyAddEstimate(v3, u, a23);
                u = Vector512.Load(x3 + c);
                a30 = Vector512.MultiplyAddEstimate(v0, u, a30);
                a31 = Vector512.MultiplyAddEstimate(v1, u, a31);
                a32 = Vector512.MultiplyAddEstimate(v2, u, a32);
                a33 = Vector512.MultiplyAddEstimate(v3, u, a33);
            }
        }

        Write(rows, rowCount, columns, c, x0, y, a00, a01, a02, a03);
        if (TGroup.Tokens > 1)
        {
            Write(rows, rowCount, columns, c, x1, y + stride, a10, a11, a12, a13);
            if (tokenCount > 2)
            {
                Write(rows, rowCount, columns, c, x2, y + (2 * stride), a20, a21, a22, a23);
            }

            if (tokenCount > 3)
            {
                Write(rows, rowCount, columns, c, x3, y + (3 * stride), a30, a31, a32, a33);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write(
        float** rows, int rowCount, int columns, int done, float* x, float* y,
        Vector512<float> a0, Vector512<float> a1, Vector512<float> a2, Vector512<float> a3)
    {
        float* sums = stackalloc float[RowsPerTile] { Reduction.Sum(a0), Reduction.Sum(a1), Reduction.Sum(a2), Reduction.Sum(a3) };
        for (int i = 0; i < rowCount; i++)
        {
            for (int c = done; c < columns; c++)
            {
                sums[i] += rows[i][c] * x[c];
            }

            y[i] = sums[i];
        }
    }
}
