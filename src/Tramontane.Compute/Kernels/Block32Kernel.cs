using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Tramontane.Compute.Kernels;

/// <summary>How the values of a format of 32 meet activations: as bytes or as 16-bit words. The rest of the kernel is common.</summary>
internal unsafe interface IBlock32Products<TFormat>
    where TFormat : struct, IBlock32Format
{
    /// <summary>Form of the activations.</summary>
    static abstract ActivationForm Form { get; }

    /// <summary>Bytes of a row's 32 unpacked values.</summary>
    static abstract int ValueBytes { get; }

    /// <summary>What is taken from the unpacked values before they are scaled.</summary>
    static abstract int Offset { get; }

    /// <summary>Unpacks 32 values.</summary>
    static abstract void Unpack(byte* row, int index, byte* destination);

    /// <summary>Products of 32 stored values with one token, in any number of partial sums.</summary>
    static abstract Vector512<int> Multiply(byte* row, int index, byte* x);

    /// <summary>Whether <see cref="FourBlocks"/> works here.</summary>
    static virtual bool TakesFourBlocks => false;

    /// <summary>
    /// Four neighbouring blocks of four rows with one token: (Σ q · x) · scale of block b and row r in lane 4 b + r, bit for bit what
    /// single blocks give.
    /// </summary>
    static virtual Vector512<float> FourBlocks(byte* r0, byte* r1, byte* r2, byte* r3, int index, byte* x) => throw new NotSupportedException();

    /// <summary>Products of four unpacked rows with one or two groups of tokens; the partial sums of a token lie in its lanes.</summary>
    static abstract void Multiply<TGroup, TWidth>(
        byte* weights, byte* x0, byte* x1,
        out Vector512<int> i00, out Vector512<int> i01, out Vector512<int> i10, out Vector512<int> i11,
        out Vector512<int> i20, out Vector512<int> i21, out Vector512<int> i30, out Vector512<int> i31)
        where TGroup : struct, ITokenGroup
        where TWidth : struct, ITileWidth;
}

/// <summary>
/// Rows of blocks of 32 elements. Per block an element gains I · scale · s, with the exact integer I = Σ q · x and the
/// activations' scale s; formats with minimums gain minimum · s · Σ x as well.
/// </summary>
internal readonly unsafe struct Block32Kernel<TFormat, TProducts> : ITileKernel
    where TFormat : struct, IBlock32Format
    where TProducts : struct, IBlock32Products<TFormat>
{
    // An unpacked block: [row][32 values], then scales and minimums.
    private static int FactorsAt => 4 * TProducts.ValueBytes;

    private static int MinimumsAt => FactorsAt + 16;

    public static ActivationForm Form => TProducts.Form;

    public static int StoredBytes => TFormat.Bytes;

    public static int UnpackedBytes => FactorsAt + 64;

    public static void Unpack(byte** rows, int rowBytes, int firstBlock, int blockCount, byte* destination)
    {
        for (int b = 0; b < blockCount; b++, destination += UnpackedBytes)
        {
            ReadAhead.Ask(rows, rowBytes, firstBlock + b, TFormat.Bytes);
            for (int row = 0; row < ITileKernel.Rows; row++)
            {
                TProducts.Unpack(rows[row], firstBlock + b, destination + (row * TProducts.ValueBytes));
                TFormat.Scale(rows[row], firstBlock + b, out float scale, out float minimum);
                ((float*)(destination + FactorsAt))[row] = scale;
                ((float*)(destination + MinimumsAt))[row] = minimum;
            }
        }
    }

    public static void AddProducts<TGroup, TWidth>(byte* weights, byte* activations, long groupStride, int blockCount, float* sums)
        where TGroup : struct, ITokenGroup
        where TWidth : struct, ITileWidth
    {
        int stride = new ActivationLayout(Form, TGroup.Tokens).Stride;
        byte* x0 = activations;
        byte* x1 = activations + groupStride;
        for (int b = 0; b < blockCount; b++, weights += UnpackedBytes, x0 += stride, x1 += stride)
        {
            TProducts.Multiply<TGroup, TWidth>(
                weights, x0, x1,
                out Vector512<int> i00, out Vector512<int> i01, out Vector512<int> i10, out Vector512<int> i11,
                out Vector512<int> i20, out Vector512<int> i21, out Vector512<int> i30, out Vector512<int> i31);
            if (TGroup.Tokens == 16)
            {
                Fold<TGroup>(i00, Row(weights, FactorsAt, 0), Row(weights, MinimumsAt, 0), x0, sums);
                Fold<TGroup>(i10, Row(weights, FactorsAt, 1), Row(weights, MinimumsAt, 1), x0, sums + 32);
                Fold<TGroup>(i20, Row(weights, FactorsAt, 2), Row(weights, MinimumsAt, 2), x0, sums + 64);
                Fold<TGroup>(i30, Row(weights, FactorsAt, 3), Row(weights, MinimumsAt, 3), x0, sums + 96);
                if (TWidth.Two)
                {
                    Fold<TGroup>(i01, Row(weights, FactorsAt, 0), Row(weights, MinimumsAt, 0), x1, sums + 16);
                    Fold<TGroup>(i11, Row(weights, FactorsAt, 1), Row(weights, MinimumsAt, 1), x1, sums + 48);
                    Fold<TGroup>(i21, Row(weights, FactorsAt, 2), Row(weights, MinimumsAt, 2), x1, sums + 80);
                    Fold<TGroup>(i31, Row(weights, FactorsAt, 3), Row(weights, MinimumsAt, 3), x1, sums + 112);
                }
            }
            else
            {
                Vector512<float> factors = TGroup.Broadcast(weights + FactorsAt).AsSingle();
                Vector512<float> minimums = TGroup.Broadcast(weights + MinimumsAt).AsSingle();
                Fold<TGroup>(Reduction.SumQuarters(i00, i10, i20, i30), factors, minimums, x0, sums);
                if (TWidth.Two)
                {
                    Fold<TGroup>(Reduction.SumQuarters(i01, i11, i21, i31), factors, minimums, x1, sums + 16);
                }
            }
        }
    }

    public static void Multiply(byte** rows, int rowBytes, byte* activations, int blockCount, float* y)
    {
        var layout = new ActivationLayout(Form, 1);
        int stride = layout.Stride;
        byte* r0 = rows[0], r1 = rows[1], r2 = rows[2], r3 = rows[3];
        byte* x = activations;
        Vector128<float> sum = default; // a lane is a row
        int block = 0;
        if (TProducts.TakesFourBlocks)
        {
            for (; block + 4 <= blockCount; block += 4, x += 4 * stride)
            {
                ReadAhead.Ask(rows, rowBytes, block / 4, 4 * TFormat.Bytes);
                Vector512<float> values = TProducts.FourBlocks(r0, r1, r2, r3, block, x);
                float* scale = (float*)(x + layout.Scales);
                int step = stride / sizeof(float);
                sum = Vector128.MultiplyAddEstimate(values.GetLower().GetLower(), Vector128.Create(scale[0]), sum);
                sum = Vector128.MultiplyAddEstimate(values.GetLower().GetUpper(), Vector128.Create(scale[step]), sum);
                sum = Vector128.MultiplyAddEstimate(values.GetUpper().GetLower(), Vector128.Create(scale[2 * step]), sum);
                sum = Vector128.MultiplyAddEstimate(values.GetUpper().GetUpper(), Vector128.Create(scale[3 * step]), sum);
            }
        }

        for (int b = block; b < blockCount; b++, x += stride)
        {
            ReadAhead.Ask(rows, rowBytes, b, TFormat.Bytes);
            Vector128<int> products = Reduction.SumEach(
                TProducts.Multiply(r0, b, x), TProducts.Multiply(r1, b, x), TProducts.Multiply(r2, b, x), TProducts.Multiply(r3, b, x));
            TFormat.Scale(r0, b, out float d0, out float m0);
            TFormat.Scale(r1, b, out float d1, out float m1);
            TFormat.Scale(r2, b, out float d2, out float m2);
            TFormat.Scale(r3, b, out float d3, out float m3);
            int xSum = *(int*)(x + layout.Sums);
            float xScale = *(float*)(x + layout.Scales);
            products -= Vector128.Create(xSum * TProducts.Offset);
            Vector128<float> values = Vector128.ConvertToSingle(products) * Vector128.Create(d0, d1, d2, d3);
            sum = Vector128.MultiplyAddEstimate(values, Vector128.Create(xScale), sum);
            if (TFormat.HasMinimum)
            {
                sum = Vector128.MultiplyAddEstimate(Vector128.Create(m0, m1, m2, m3), Vector128.Create(xSum * xScale), sum);
            }
        }

        sum.Store(y);
    }

    /// <remarks>One after the other: the four rows are in the first-level cache, and every block has floats of its own to be summed.</remarks>
    public static void MultiplyFew(
        byte** rows, int rowBytes, byte* activations, long tokenStride, int tokenCount, int blockCount, float* sums, byte* scratch)
    {
        for (int token = 0; token < tokenCount; token++, activations += tokenStride, sums += ITileKernel.Rows)
        {
            Multiply(rows, rowBytes, activations, blockCount, sums);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Row(byte* weights, int at, int row) => Vector512.Create(((float*)(weights + at))[row]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fold<TGroup>(Vector512<int> products, Vector512<float> factors, Vector512<float> minimums, byte* x, float* sums)
        where TGroup : struct, ITokenGroup
    {
        var layout = new ActivationLayout(Form, TGroup.Tokens);
        Vector512<int> xSums = Vector512.Load((int*)(x + layout.Sums));
        Vector512<float> xScales = Vector512.Load((float*)(x + layout.Scales));
        if (TProducts.Offset != 0)
        {
            products -= xSums * TProducts.Offset;
        }

        Vector512<float> values = Vector512.ConvertToSingle(products) * factors;
        Vector512<float> sum = Vector512.MultiplyAddEstimate(values, xScales, Vector512.Load(sums));
        if (TFormat.HasMinimum)
        {
            sum = Vector512.MultiplyAddEstimate(minimums, Vector512.ConvertToSingle(xSums) * xScales, sum);
        }

        sum.Store(sums);
    }
}
