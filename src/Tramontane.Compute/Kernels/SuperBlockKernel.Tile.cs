using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Tramontane.Compute.Kernels;

/// <content>
/// The tile of groups of tokens: four rows by one or two groups. Names end in row and group: p21 belongs to row 2 and group 1.
/// </content>
internal readonly unsafe partial struct SuperBlockKernel<TFormat>
{
    public static void AddProducts<TGroup, TWidth>(byte* weights, byte* activations, long groupStride, int blockCount, float* sums)
        where TGroup : struct, ITokenGroup
        where TWidth : struct, ITileWidth
    {
        int stride = new ActivationLayout(ActivationForm.SuperBlocks, TGroup.Tokens).Stride;
        int stepBytes = 64 / TGroup.Tokens; // of one row, that meet one vector of activations

        // Steps whose products are added in 16 bits: within a sub-block, and as many as cannot overflow.
        // Where the offset is taken from the 16-bit sums beforehand, arithmetic modulo 2¹⁶ gives the small difference, whatever overflows.
        bool offsetFirst = OffsetFirst<TGroup>();
        int partSteps = Math.Min(TFormat.SubBlock / stepBytes, offsetFirst ? 4 : TFormat.SumsIn16Bits), partBytes = partSteps * stepBytes;
        byte* x0 = activations;
        byte* x1 = activations + groupStride;
        for (int b = 0; b < blockCount; b++, weights += UnpackedBlock, x0 += stride, x1 += stride)
        {
            Vector512<int> i00 = default, i01 = default, i10 = default, i11 = default, i20 = default, i21 = default, i30 = default, i31 = default;
            byte* w = weights;
            sbyte* a0 = (sbyte*)x0;
            sbyte* a1 = (sbyte*)x1;
            for (int k = 0; k < 256; k += partBytes)
            {
                Vector512<short> p00 = default, p01 = default;
                if (offsetFirst)
                {
                    (p00, p01) = (LaneOffsets(x0, k), TWidth.Two ? LaneOffsets(x1, k) : default);
                }

                Vector512<short> p10 = p00, p11 = p01, p20 = p00, p21 = p01, p30 = p00, p31 = p01;
                for (int step = 0; step < partSteps; step++, w += stepBytes, a0 += 64, a1 += 64)
                {
                    Vector512<sbyte> v0 = Vector512.Load(a0), v1 = TWidth.Two ? Vector512.Load(a1) : default;
                    Add<TGroup, TWidth>(w, v0, v1, ref p00, ref p01);
                    Add<TGroup, TWidth>(w + 256, v0, v1, ref p10, ref p11);
                    Add<TGroup, TWidth>(w + 512, v0, v1, ref p20, ref p21);
                    Add<TGroup, TWidth>(w + 768, v0, v1, ref p30, ref p31);
                }

                int* scales = (int*)(weights + ScalesAt) + (k / TFormat.SubBlock);
                AddScaled<TWidth>(scales, p00, p01, ref i00, ref i01);
                AddScaled<TWidth>(scales + 16, p10, p11, ref i10, ref i11);
                AddScaled<TWidth>(scales + 32, p20, p21, ref i20, ref i21);
                AddScaled<TWidth>(scales + 48, p30, p31, ref i30, ref i31);
            }

            if (TGroup.Tokens == 16)
            {
                FoldRow<TGroup, TWidth>(weights, 0, x0, x1, i00, i01, sums);
                FoldRow<TGroup, TWidth>(weights, 1, x0, x1, i10, i11, sums);
                FoldRow<TGroup, TWidth>(weights, 2, x0, x1, i20, i21, sums);
                FoldRow<TGroup, TWidth>(weights, 3, x0, x1, i30, i31, sums);
            }
            else
            {
                FoldRows<TGroup>(weights, x0, i00, i10, i20, i30, sums);
                if (TWidth.Two)
                {
                    FoldRows<TGroup>(weights, x1, i01, i11, i21, i31, sums + 16);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool OffsetFirst<TGroup>()
        where TGroup : struct, ITokenGroup => TFormat.FitsLessOffset && TGroup.Tokens == 16;

    // −Offset · Σ x over what each lane gathers in the sub-block of 16 that begins at element k.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> LaneOffsets(byte* x, int k) =>
        Vector512.Load((short*)(x + new ActivationLayout(ActivationForm.SuperBlocks, 16).LaneSums) + (k * 2)) * (short)-TFormat.Offset;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TGroup, TWidth>(byte* weights, Vector512<sbyte> v0, Vector512<sbyte> v1, ref Vector512<short> p0, ref Vector512<short> p1)
        where TGroup : struct, ITokenGroup
        where TWidth : struct, ITileWidth
    {
        Vector512<byte> w = TGroup.Broadcast(weights);
        p0 += Lanes.MultiplyAddPairs(w, v0);
        if (TWidth.Two)
        {
            p1 += Lanes.MultiplyAddPairs(w, v1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddScaled<TWidth>(int* scale, Vector512<short> p0, Vector512<short> p1, ref Vector512<int> i0, ref Vector512<int> i1)
        where TWidth : struct, ITileWidth
    {
        Vector512<short> s = Vector512.Create(*scale).AsInt16();
        i0 += Lanes.MultiplyAddPairs(p0, s);
        if (TWidth.Two)
        {
            i1 += Lanes.MultiplyAddPairs(p1, s);
        }
    }

    // The end of a super-block for one row of sixteen-token groups: a lane is a token.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FoldRow<TGroup, TWidth>(byte* weights, int row, byte* x0, byte* x1, Vector512<int> i0, Vector512<int> i1, float* sums)
        where TGroup : struct, ITokenGroup
        where TWidth : struct, ITileWidth
    {
        Vector512<float> factor = Vector512.Create(((float*)(weights + FactorsAt))[row]);
        Vector512<float> minimumFactor = Vector512.Create(((float*)(weights + MinimumFactorsAt))[row]);
        byte* minimums = weights + MinimumsAt + (row * 32);
        Fold<TGroup>(i0, MinimumProducts<TGroup>(minimums, x0), factor, minimumFactor, x0, sums + (row * 32));
        if (TWidth.Two)
        {
            Fold<TGroup>(i1, MinimumProducts<TGroup>(minimums, x1), factor, minimumFactor, x1, sums + (row * 32) + 16);
        }
    }

    // The end of a super-block for a group of four tokens: the partial sums are added, and a quarter is a token, a lane in it a row.
    // A method of its own, or the compiler's budget for inlining ends in the middle of the tile; without a loop it would
    // be compiled unoptimised at first.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void FoldRows<TGroup>(
        byte* weights, byte* x, Vector512<int> i0, Vector512<int> i1, Vector512<int> i2, Vector512<int> i3, float* sums)
        where TGroup : struct, ITokenGroup
    {
        var layout = new ActivationLayout(ActivationForm.SuperBlocks, 4);
        short* xSums = (short*)(x + (TFormat.SubBlock == 32 ? layout.Sums32 : layout.Sums16));
        byte* minimums = weights + MinimumsAt;
        Vector512<int> minimumProducts = Reduction.SumQuarters(
            QuarterProducts(minimums, xSums), QuarterProducts(minimums + 32, xSums),
            QuarterProducts(minimums + 64, xSums), QuarterProducts(minimums + 96, xSums));
        Vector512<float> factor = FourTokens.Broadcast(weights + FactorsAt).AsSingle();
        Vector512<float> minimumFactor = FourTokens.Broadcast(weights + MinimumFactorsAt).AsSingle();
        Fold<TGroup>(Reduction.SumQuarters(i0, i1, i2, i3), minimumProducts, factor, minimumFactor, x, sums);
    }

    // Minimums of one row with the sums of four tokens: 8 or 16 of them, 8 at a time.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> QuarterProducts(byte* minimums, short* sums)
    {
        Vector512<int> products = Lanes.MultiplyAddPairs(FourTokens.Broadcast(minimums).AsInt16(), Vector512.Load(sums));
        return TFormat.SubBlock == 32
            ? products
            : products + Lanes.MultiplyAddPairs(FourTokens.Broadcast(minimums + 16).AsInt16(), Vector512.Load(sums + 32));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> MinimumProducts<TGroup>(byte* minimums, byte* x)
        where TGroup : struct, ITokenGroup
    {
        var layout = new ActivationLayout(ActivationForm.SuperBlocks, TGroup.Tokens);
        short* sums = (short*)(x + (TFormat.SubBlock == 32 ? layout.Sums32 : layout.Sums16));
        Vector512<int> products = MinimumProducts<TGroup>(minimums, sums, 0);

        // 8 or 16 minimums of two bytes, 4 or 16 bytes at a time. Not a loop: the tile would branch forty times per super-block.
        int stepBytes = 64 / TGroup.Tokens, count = 512 / TFormat.SubBlock / stepBytes;
        if (count > 1)
        {
            products += MinimumProducts<TGroup>(minimums, sums, 1);
        }

        if (count > 2)
        {
            products += MinimumProducts<TGroup>(minimums, sums, 2) + MinimumProducts<TGroup>(minimums, sums, 3);
        }

        if (count > 4)
        {
            products += MinimumProducts<TGroup>(minimums, sums, 4) + MinimumProducts<TGroup>(minimums, sums, 5)
                + MinimumProducts<TGroup>(minimums, sums, 6) + MinimumProducts<TGroup>(minimums, sums, 7);
        }

        return products;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> MinimumProducts<TGroup>(byte* minimums, short* sums, int step)
        where TGroup : struct, ITokenGroup =>
        Lanes.MultiplyAddPairs(TGroup.Broadcast(minimums + (step * (64 / TGroup.Tokens))).AsInt16(), Vector512.Load(sums + (step * 32)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fold<TGroup>(
        Vector512<int> products, Vector512<int> minimumProducts, Vector512<float> factor, Vector512<float> minimumFactor, byte* x, float* sums)
        where TGroup : struct, ITokenGroup
    {
        var layout = new ActivationLayout(ActivationForm.SuperBlocks, TGroup.Tokens);
        if (HasOffset && !OffsetFirst<TGroup>())
        {
            products -= minimumProducts;
        }

        Vector512<float> values = Vector512.ConvertToSingle(products) * factor;
        if (!HasOffset)
        {
            values = Vector512.MultiplyAddEstimate(Vector512.ConvertToSingle(minimumProducts), minimumFactor, values);
        }

        Vector512.MultiplyAddEstimate(values, Vector512.Load((float*)(x + layout.Scales)), Vector512.Load(sums)).Store(sums);
    }
}
