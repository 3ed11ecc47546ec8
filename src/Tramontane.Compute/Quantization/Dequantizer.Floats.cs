using System.Buffers.Binary;

namespace Tramontane.Compute.Quantization;

/// <content>Formats without blocks.</content>
public static partial class Dequantizer
{
    private static void F32(ReadOnlySpan<byte> source, Span<float> y)
    {
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = BinaryPrimitives.ReadSingleLittleEndian(source[(4 * i)..]);
        }
    }

    private static void F16(ReadOnlySpan<byte> source, Span<float> y)
    {
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = Half(source, 2 * i);
        }
    }

    private static void BF16(ReadOnlySpan<byte> source, Span<float> y)
    {
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(source[(2 * i)..]) << 16);
        }
    }
}
