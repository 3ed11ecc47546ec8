using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Tramontane.Compute.Kernels;

/// <summary>Rows of 256-element super-blocks. Per super-block an element gains (I · scale − M · minimumScale) · s, with exact integers I and M.</summary>
/// <remarks>
/// I = Σ scales[sub] Σ q · x and M = Σ minimums[sub] Σ x over the sub-blocks; formats that store signed values subtract
/// their M from I. I stays below 256 · 63 · 127 · 127 &lt; 2³¹. s is the scale of the activations.
/// </remarks>
internal readonly unsafe partial struct SuperBlockKernel<TFormat> : ITileKernel
    where TFormat : struct, ISuperBlockFormat
{
    // An unpacked super-block: [row][256 bytes] values, then per row 16 pairs of equal scales, 16 minimums, and the factors.
    private const int ScalesAt = 4 * 256, MinimumsAt = ScalesAt + (4 * 64), FactorsAt = MinimumsAt + (4 * 32), MinimumFactorsAt = FactorsAt + 16, UnpackedBlock = MinimumFactorsAt + 48;

    public static ActivationForm Form => ActivationForm.SuperBlocks;

    public static int StoredBytes => TFormat.Bytes;

    public static int UnpackedBytes => UnpackedBlock;

    private static bool HasOffset => TFormat.Offset != 0;

    public static void Unpack(byte** rows, int rowBytes, int firstBlock, int blockCount, byte* destination)
    {
        for (int b = 0; b < blockCount; b++, destination += UnpackedBlock)
        {
            long position = (long)(firstBlock + b) * TFormat.Bytes;
            ReadAhead.Ask(rows, rowBytes, firstBlock + b, TFormat.Bytes);
            for (int row = 0; row < ITileKernel.Rows; row++)
            {
                UnpackRow(rows[row] + position, row, destination);
            }
        }
    }

    public static void Multiply(byte** rows, int rowBytes, byte* activations, int blockCount, float* y)
    {
        if (!Vector512.IsHardwareAccelerated)
        {
            byte* scratch = stackalloc byte[FewSums.Bytes];
            MultiplyFew(rows, rowBytes, activations, 0, 1, blockCount, y, scratch);
            return;
        }

        var layout = new ActivationLayout(ActivationForm.SuperBlocks, 1);
        int stride = layout.Stride;
        byte* r0 = rows[0], r1 = rows[1], r2 = rows[2], r3 = rows[3];
        byte* x = activations;
        Vector128<float> sum = default; // a lane is a row
        for (int b = 0; b < blockCount; b++, x += stride)
        {
            long position = (long)b * TFormat.Bytes;
            ReadAhead.Ask(rows, rowBytes, b, TFormat.Bytes);
            TFormat.Products(
                r0 + position, r1 + position, r2 + position, r3 + position, x,
                out Vector128<int> i, out Vector128<int> m, out Vector128<float> scales, out Vector128<float> minimumScales);
            Vector128<float> products = Vector128.ConvertToSingle(i) * scales;
            if (!HasOffset)
            {
                products = Vector128.MultiplyAddEstimate(Vector128.ConvertToSingle(m), -minimumScales, products);
            }

            sum = Vector128.MultiplyAddEstimate(products, Vector128.Create(*(float*)(x + layout.Scales)), sum);
        }

        sum.Store(y);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void UnpackRow(byte* block, int row, byte* destination)
    {
        TFormat.Values(block, out Vector512<byte> q0, out Vector512<byte> q1, out Vector512<byte> q2, out Vector512<byte> q3);
        TFormat.Scales(block, out Vector256<short> scales, out Vector256<short> minimums, out float scale, out float minimumScale);
        byte* values = destination + (row * 256);
        q0.Store(values);
        q1.Store(values + 64);
        q2.Store(values + 128);
        q3.Store(values + 192);

        // Scales as pairs, ready to be multiplied with pairs of sums. For sub-blocks of 32 they come as pairs already.
        byte* pairs = destination + ScalesAt + (row * 64);
        short* offsets = (short*)(destination + MinimumsAt + (row * 32));
        if (TFormat.SubBlock == 32)
        {
            scales.Store((short*)pairs);
            Vector128.Narrow(minimums.AsInt32().GetLower(), minimums.AsInt32().GetUpper()).Store(offsets);
        }
        else
        {
            Vector512<uint> wide = Lanes.Widen(scales.AsUInt16());
            (wide | (wide << 16)).Store((uint*)pairs);
            minimums.Store(offsets);
        }

        ((float*)(destination + FactorsAt))[row] = scale;
        ((float*)(destination + MinimumFactorsAt))[row] = -minimumScale;
    }
}
