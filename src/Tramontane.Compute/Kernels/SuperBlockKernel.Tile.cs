using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Tramontane.Compute.Kernels;

/// <content>
/// The tile of groups of sixteen tokens: four rows by one or two groups. Names end in row and group: p21 belongs to row 2 and group 1.
/// </content>
internal readonly unsafe partial struct SuperBlockKernel<TFormat>
{
    private const int Tokens = 16;

    private const int StepBytes = 64 / Tokens; // of one row, that meet one vector of activations

    /// <exception cref="NotSupportedException">The groups are not of sixteen: fewer tokens go another way, see <see cref="MultiplyFew"/>.</exception>
    public static void AddProducts<TGroup, TWidth>(byte* weights, byte* activations, long groupStride, int blockCount, float* sums)
        where TGroup : struct, ITokenGroup
        where TWidth : struct, ITileWidth
    {
        if (TGroup.Tokens != Tokens)
        {
            throw new NotSupportedException();
        }

        int stride = new ActivationLayout(ActivationForm.SuperBlocks, Tokens).Stride;

        // Steps whose products are added in 16 bits: within a sub-block, and as many as cannot overflow.
        // Where the offset is taken from the 16-bit sums beforehand, arithmetic modulo 2¹⁶ gives the small difference, whatever overflows.
        bool offsetFirst = TFormat.FitsLessOffset;
        int partSteps = Math.Min(TFormat.SubBlock / StepBytes, offsetFirst ? 4 : TFormat.SumsIn16Bits), partBytes = partSteps * StepBytes;
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
                for (int step = 0; step < partSteps; step++, w += StepBytes, a0 += 64, a1 += 64)
                {
                    Vector512<sbyte> v0 = Vector512.Load(a0), v1 = TWidth.Two ? Vector512.Load(a1) : default;
                    Add<TWidth>(w, v0, v1, ref p00, ref p01);
                    Add<TWidth>(w + 256, v0, v1, ref p10, ref p11);
                    Add<TWidth>(w + 512, v0, v1, ref p20, ref p21);
                    Add<TWidth>(w + 768, v0, v1, ref p30, ref p31);
                }

                int* scales = (int*)(weights + ScalesAt) + (k / TFormat.SubBlock);
                AddScaled<TWidth>(scales, p00, p01, ref i00, ref i01);
                AddScaled<TWidth>(scales + 16, p10, p11, ref i10, ref i11);
                AddScaled<TWidth>(scales + 32, p20, p21, ref i20, ref i21);
                AddScaled<TWidth>(scales + 48, p30, p31, ref i30, ref i31);
            }

            FoldRow<TWidth>(weights, 0, x0, x1, i00, i01, sums);
            FoldRow<TWidth>(weights, 1, x0, x1, i10, i11, sums);
            FoldRow<TWidth>(weights, 2, x0, x1, i20, i21, sums);
            FoldRow<TWidth>(weights, 3, x0, x1, i30, i31, sums);
        }
    }

    // −Offset · Σ x over what each lane gathers in the sub-block of 16 that begins at element k.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> LaneOffsets(byte* x, int k) =>
        Vector512.Load((short*)(x + new ActivationLayout(ActivationForm.SuperBlocks, Tokens).LaneSums) + (k * 2)) * (short)-TFormat.Offset;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TWidth>(byte* weights, Vector512<sbyte> v0, Vector512<sbyte> v1, ref Vector512<short> p0, ref Vector512<short> p1)
        where TWidth : struct, ITileWidth
    {
        Vector512<byte> w = SixteenTokens.Broadcast(weights);
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
    private static void FoldRow<TWidth>(byte* weights, int row, byte* x0, byte* x1, Vector512<int> i0, Vector512<int> i1, float* sums)
        where TWidth : struct, ITileWidth
    {
        Vector512<float> factor = Vector512.Create(((float*)(weights + FactorsAt))[row]);
        Vector512<float> minimumFactor = Vector512.Create(((float*)(weights + MinimumFactorsAt))[row]);
        byte* minimums = weights + MinimumsAt + (row * 32);
        Fold(i0, MinimumProducts(minimums, x0), factor, minimumFactor, x0, sums + (row * 32));
        if (TWidth.Two)
        {
            Fold(i1, MinimumProducts(minimums, x1), factor, minimumFactor, x1, sums + (row * 32) + 16);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> MinimumProducts(byte* minimums, byte* x)
    {
        var layout = new ActivationLayout(ActivationForm.SuperBlocks, Tokens);
        short* sums = (short*)(x + (TFormat.SubBlock == 32 ? layout.Sums32 : layout.Sums16));

        // 8 or 16 minimums of two bytes, two at a time. Not a loop: the tile would branch forty times per super-block.
        Vector512<int> products = (MinimumProducts(minimums, sums, 0) + MinimumProducts(minimums, sums, 1))
            + (MinimumProducts(minimums, sums, 2) + MinimumProducts(minimums, sums, 3));
        if (TFormat.SubBlock == 16)
        {
            products += MinimumProducts(minimums, sums, 4) + MinimumProducts(minimums, sums, 5)
                + MinimumProducts(minimums, sums, 6) + MinimumProducts(minimums, sums, 7);
        }

        return products;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> MinimumProducts(byte* minimums, short* sums, int step) =>
        Lanes.MultiplyAddPairs(SixteenTokens.Broadcast(minimums + (step * StepBytes)).AsInt16(), Vector512.Load(sums + (step * 32)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fold(
        Vector512<int> products, Vector512<int> minimumProducts, Vector512<float> factor, Vector512<float> minimumFactor, byte* x, float* sums)
    {
        var layout = new ActivationLayout(ActivationForm.SuperBlocks, Tokens);
        if (HasOffset && !TFormat.FitsLessOffset)
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
