namespace Tramontane.Compute.Quantization;

/// <content>
/// The K formats: super-blocks of 256 with a half-precision scale d (and dmin for minimums), cut into sub-blocks whose
/// own small integer scales (and minimums) are stored in a few bits each.
/// </content>
public static partial class Dequantizer
{
    // scales: 16 bytes (low nibble scale, high nibble minimum, per 16 elements), quants: 64, d: 2, dmin: 2
    // value = (d · scale) · q − dmin · minimum
    private static void Q2_K(ReadOnlySpan<byte> block, Span<float> y)
    {
        ReadOnlySpan<byte> scales = block[..16], quants = block.Slice(16, 64);
        float d = Half(block, 80), dmin = Half(block, 82);
        for (int sub = 0; sub < 16; sub++)
        {
            float scale = d * (scales[sub] & 15), minimum = dmin * (scales[sub] >> 4);
            for (int i = 0; i < 16; i++)
            {
                y[(16 * sub) + i] = (scale * TwoBits(quants, (16 * sub) + i)) - minimum;
            }
        }
    }

    // third bits: 32 bytes (bit e / 32 of byte e % 32), quants: 64, scales: 12 (16 scales of 6 bits), d: 2
    // value = (d · (scale − 32)) · (q − 4), q of three bits
    private static void Q3_K(ReadOnlySpan<byte> block, Span<float> y)
    {
        ReadOnlySpan<byte> thirdBits = block[..32], quants = block.Slice(32, 64), scales = block.Slice(96, 12);
        float d = Half(block, 108);
        for (int sub = 0; sub < 16; sub++)
        {
            // The low four bits of scales 0–7 and 8–15 share bytes 0–7; the high two bits of scales s, s + 4, … share byte 8 + s.
            int low = sub < 8 ? scales[sub] & 15 : scales[sub - 8] >> 4;
            int high = (scales[8 + (sub % 4)] >> (2 * (sub / 4))) & 3;
            float scale = d * ((low | (high << 4)) - 32);
            for (int i = 0; i < 16; i++)
            {
                int element = (16 * sub) + i;
                int thirdBit = (thirdBits[element % 32] >> (element / 32)) & 1;
                y[element] = scale * ((TwoBits(quants, element) | (thirdBit << 2)) - 4);
            }
        }
    }

    // d: 2 bytes, dmin: 2, scales: 12 (8 scales and 8 minimums of 6 bits), quants: 128
    // value = (d · scale) · q − dmin · minimum
    private static void Q4_K(ReadOnlySpan<byte> block, Span<float> y)
    {
        float d = Half(block, 0), dmin = Half(block, 2);
        ReadOnlySpan<byte> scales = block.Slice(4, 12), quants = block[16..];
        for (int sub = 0; sub < 8; sub++)
        {
            (int subScale, int subMinimum) = SixBitPair(scales, sub);
            float scale = d * subScale, minimum = dmin * subMinimum;
            // 32 bytes hold two sub-blocks: the even one in the low nibbles, the odd one in the high nibbles.
            ReadOnlySpan<byte> bytes = quants.Slice(32 * (sub / 2), 32);
            int shift = 4 * (sub % 2);
            for (int i = 0; i < 32; i++)
            {
                y[(32 * sub) + i] = (scale * ((bytes[i] >> shift) & 15)) - minimum;
            }
        }
    }

    // d: 2 bytes, dmin: 2, scales: 12 as in Q4_K, fifth bits: 32 (bit s of byte i: element i of sub-block s), quants: 128
    // value = (d · scale) · q − dmin · minimum
    private static void Q5_K(ReadOnlySpan<byte> block, Span<float> y)
    {
        float d = Half(block, 0), dmin = Half(block, 2);
        ReadOnlySpan<byte> scales = block.Slice(4, 12), fifthBits = block.Slice(16, 32), quants = block[48..];
        for (int sub = 0; sub < 8; sub++)
        {
            (int subScale, int subMinimum) = SixBitPair(scales, sub);
            float scale = d * subScale, minimum = dmin * subMinimum;
            ReadOnlySpan<byte> bytes = quants.Slice(32 * (sub / 2), 32);
            int shift = 4 * (sub % 2);
            for (int i = 0; i < 32; i++)
            {
                int q = ((bytes[i] >> shift) & 15) | (((fifthBits[i] >> sub) & 1) << 4);
                y[(32 * sub) + i] = (scale * q) - minimum;
            }
        }
    }

    // low nibbles: 128 bytes, high two bits: 64, scales: 16 signed bytes (per 16 elements), d: 2
    // value = (d · scale) · (q − 32), q of six bits
    private static void Q6_K(ReadOnlySpan<byte> block, Span<float> y)
    {
        ReadOnlySpan<byte> lowBits = block[..128], highBits = block.Slice(128, 64), scales = block.Slice(192, 16);
        float d = Half(block, 208);
        for (int sub = 0; sub < 16; sub++)
        {
            float scale = d * (sbyte)scales[sub];
            for (int i = 0; i < 16; i++)
            {
                int element = (16 * sub) + i;
                // A half of 128 elements: 64 bytes with elements 0–63 in the low and 64–127 in the high nibbles.
                int low = (lowBits[(64 * (element / 128)) + (element % 64)] >> (4 * (element / 64 % 2))) & 15;
                y[element] = scale * ((low | (TwoBits(highBits, element) << 4)) - 32);
            }
        }
    }

    // Two bits per element, 64 bytes: byte 32 · h + i holds elements 128 · h + i + {0, 32, 64, 96}, lowest bits first.
    private static int TwoBits(ReadOnlySpan<byte> bytes, int element) =>
        (bytes[(32 * (element / 128)) + (element % 32)] >> (2 * (element / 32 % 4))) & 3;

    // Eight scales and eight minimums of six bits in 12 bytes. Bytes 0–3 and 4–7 hold scales and minimums 0–3 in their
    // low six bits; bytes 8–11 hold the low four bits of scales (low nibble) and minimums (high nibble) 4–7, whose high
    // two bits are the top bits of bytes 0–3 and 4–7.
    private static (int Scale, int Minimum) SixBitPair(ReadOnlySpan<byte> packed, int sub) => sub < 4
        ? (packed[sub] & 63, packed[sub + 4] & 63)
        : ((packed[sub + 4] & 15) | ((packed[sub - 4] >> 6) << 4), (packed[sub + 4] >> 4) | ((packed[sub] >> 6) << 4));
}
