using System.Buffers.Binary;

namespace Tramontane.Compute.Quantization;

/// <content>
/// Blocks of 32 with a half-precision scale d, in the _1 formats also a minimum m. Byte i of the quants holds elements
/// i (low nibble) and i + 16 (high nibble); in the 5-bit formats bit i of a 32-bit word is the fifth bit of element i.
/// </content>
public static partial class Dequantizer
{
    // d: 2 bytes, quants: 16; value = d · (q − 8)
    private static void Q4_0(ReadOnlySpan<byte> block, Span<float> y)
    {
        float d = Half(block, 0);
        ReadOnlySpan<byte> quants = block[2..];
        for (int i = 0; i < 16; i++)
        {
            y[i] = d * ((quants[i] & 15) - 8);
            y[i + 16] = d * ((quants[i] >> 4) - 8);
        }
    }

    // d: 2 bytes, m: 2, quants: 16; value = d · q + m
    private static void Q4_1(ReadOnlySpan<byte> block, Span<float> y)
    {
        float d = Half(block, 0), m = Half(block, 2);
        ReadOnlySpan<byte> quants = block[4..];
        for (int i = 0; i < 16; i++)
        {
            y[i] = (d * (quants[i] & 15)) + m;
            y[i + 16] = (d * (quants[i] >> 4)) + m;
        }
    }

    // d: 2 bytes, fifth bits: 4, quants: 16; value = d · (q − 16)
    private static void Q5_0(ReadOnlySpan<byte> block, Span<float> y)
    {
        float d = Half(block, 0);
        uint fifthBits = BinaryPrimitives.ReadUInt32LittleEndian(block[2..]);
        ReadOnlySpan<byte> quants = block[6..];
        for (int i = 0; i < 16; i++)
        {
            y[i] = d * (((quants[i] & 15) | FifthBit(fifthBits, i)) - 16);
            y[i + 16] = d * (((quants[i] >> 4) | FifthBit(fifthBits, i + 16)) - 16);
        }
    }

    // d: 2 bytes, m: 2, fifth bits: 4, quants: 16; value = d · q + m
    private static void Q5_1(ReadOnlySpan<byte> block, Span<float> y)
    {
        float d = Half(block, 0), m = Half(block, 2);
        uint fifthBits = BinaryPrimitives.ReadUInt32LittleEndian(block[4..]);
        ReadOnlySpan<byte> quants = block[8..];
        for (int i = 0; i < 16; i++)
        {
            y[i] = (d * ((quants[i] & 15) | FifthBit(fifthBits, i))) + m;
            y[i + 16] = (d * ((quants[i] >> 4) | FifthBit(fifthBits, i + 16))) + m;
        }
    }

    // d: 2 bytes, quants: 32 signed bytes; value = d · q
    private static void Q8_0(ReadOnlySpan<byte> block, Span<float> y)
    {
        float d = Half(block, 0);
        for (int i = 0; i < 32; i++)
        {
            y[i] = d * (sbyte)block[2 + i];
        }
    }

    private static int FifthBit(uint bits, int element) => (int)((bits >> element) & 1) << 4;
}
