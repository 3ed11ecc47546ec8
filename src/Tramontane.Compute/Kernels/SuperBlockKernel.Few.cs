using System.Runtime.Intrinsics;

namespace Tramontane.Compute.Kernels;

/// <content>A few tokens, see <see cref="FewTokens"/>.</content>
internal readonly unsafe partial struct SuperBlockKernel<TFormat>
{
    public static void MultiplyFew(
        byte** rows, int rowBytes, byte* activations, long tokenStride, int tokenCount, int blockCount, float* sums, byte* scratch)
    {
        var layout = new ActivationLayout(ActivationForm.SuperBlocks, 1);
        int stride = layout.Stride, xScale = layout.Scales;
        var integers = new FewSums(scratch);
        byte* r0 = rows[0], r1 = rows[1], r2 = rows[2], r3 = rows[3];
        byte* block = activations;
        new Span<float>(sums, tokenCount * ITileKernel.Rows).Clear();
        for (int b = 0; b < blockCount; b++, block += stride)
        {
            long position = (long)b * TFormat.Bytes;
            ReadAhead.Ask(rows, rowBytes, b, TFormat.Bytes);
            TFormat.FewProducts(
                r0 + position, r1 + position, r2 + position, r3 + position, block, tokenStride, tokenCount, integers,
                out Vector128<float> scales, out Vector128<float> minimumScales);

            // As for one token.
            byte* x = block;
            float* y = sums;
            for (int token = 0; token < tokenCount; token++, x += tokenStride, y += ITileKernel.Rows)
            {
                Vector128<float> products = Vector128.ConvertToSingle(integers.Products(token)) * scales;
                if (!HasOffset)
                {
                    products = Vector128.MultiplyAddEstimate(Vector128.ConvertToSingle(Vector128.Load(integers.Minimum(token))), -minimumScales, products);
                }

                Vector128.MultiplyAddEstimate(products, Vector128.Create(*(float*)(x + xScale)), Vector128.Load(y)).Store(y);
            }
        }
    }
}
