using System.Buffers.Binary;

namespace Tramontane.Compute.Quantization;

/// <content>The IQ4 formats: a nibble chooses one of 16 unevenly spaced values.</content>
public static partial class Dequantizer
{
    /// <summary>The values that a nibble of IQ4_NL and IQ4_XS stands for (kvalues_iq4nl of ggml).</summary>
    internal static ReadOnlySpan<sbyte> IQ4Values => [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

    // d: 2 bytes, quants: 16 as in Q4_0; value = d · table[q]
    private static void IQ4_NL(ReadOnlySpan<byte> block, Span<float> y) => TableBlock(Half(block, 0), block[2..], y);

    // d: 2 bytes, high two bits of eight scales: 2, low four bits: 4, quants: 128
    // value = (d · (scale − 32)) · table[q]; a sub-block of 32 elements has 16 bytes of quants as in Q4_0
    private static void IQ4_XS(ReadOnlySpan<byte> block, Span<float> y)
    {
        float d = Half(block, 0);
        int highBits = BinaryPrimitives.ReadUInt16LittleEndian(block[2..]);
        ReadOnlySpan<byte> lowBits = block.Slice(4, 4), quants = block[8..];
        for (int sub = 0; sub < 8; sub++)
        {
            int low = (lowBits[sub / 2] >> (4 * (sub % 2))) & 15;
            int high = (highBits >> (2 * sub)) & 3;
            TableBlock(d * ((low | (high << 4)) - 32), quants.Slice(16 * sub, 16), y.Slice(32 * sub, 32));
        }
    }

    private static void TableBlock(float scale, ReadOnlySpan<byte> quants, Span<float> y)
    {
        for (int i = 0; i < 16; i++)
        {
            y[i] = scale * IQ4Values[quants[i] & 15];
            y[i + 16] = scale * IQ4Values[quants[i] >> 4];
        }
    }
}
