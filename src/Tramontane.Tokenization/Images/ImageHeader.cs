using System.Buffers.Binary;

namespace Tramontane.Tokenization.Images;

/// <summary>
/// Reads the pixel size from the first bytes of a PNG, JPEG, GIF, WebP or BMP, without decoding pixels. EXIF
/// orientation is not applied, as in the reference. Any bytes are safe to pass.
/// </summary>
public static class ImageHeader
{
    /// <summary>Reads the size.</summary>
    /// <returns>False when the bytes begin like none of the formats, end too early, or name a side of zero.</returns>
    public static bool TryReadSize(ReadOnlySpan<byte> image, out ImageSize size)
    {
        size = default;
        if (image.Length < 10)
        {
            return false; // too short for any header
        }

        (long width, long height) = image[0] switch
        {
            0x89 => Png(image),
            0xFF => Jpeg(image),
            (byte)'G' => Gif(image),
            (byte)'R' => WebP(image),
            (byte)'B' => Bmp(image),
            _ => default,
        };
        if (width is <= 0 or > int.MaxValue || height is <= 0 or > int.MaxValue)
        {
            return false;
        }

        size = new ImageSize((int)width, (int)height);
        return true;
    }

    // Signature, then the IHDR chunk: length 13, type, width and height big-endian.
    private static (long Width, long Height) Png(ReadOnlySpan<byte> image)
    {
        ReadOnlySpan<byte> start = [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, (byte)'I', (byte)'H', (byte)'D', (byte)'R'];
        return image.StartsWith(start) && image.Length >= 24
            ? (BinaryPrimitives.ReadUInt32BigEndian(image[16..]), BinaryPrimitives.ReadUInt32BigEndian(image[20..]))
            : default;
    }

    // Segments of marker and length until a start of frame, which holds height and width.
    private static (long Width, long Height) Jpeg(ReadOnlySpan<byte> image)
    {
        if (image[1] != 0xD8)
        {
            return default;
        }

        for (int position = 2; position + 9 <= image.Length;)
        {
            byte marker = image[position + 1];
            if (image[position] != 0xFF)
            {
                return default;
            }

            switch (marker)
            {
                case 0xFF: // fill byte
                    position++;
                    continue;
                case 0x01 or (>= 0xD0 and <= 0xD8): // stand alone, without a length
                    position += 2;
                    continue;
                case 0xD9 or 0xDA: // end of image, start of scan: no frame came
                    return default;
                case >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC): // frame: length, precision, height, width
                    return (BinaryPrimitives.ReadUInt16BigEndian(image[(position + 7)..]), BinaryPrimitives.ReadUInt16BigEndian(image[(position + 5)..]));
            }

            int length = BinaryPrimitives.ReadUInt16BigEndian(image[(position + 2)..]);
            if (length < 2)
            {
                return default;
            }

            position += 2 + length;
        }

        return default;
    }

    private static (long Width, long Height) Gif(ReadOnlySpan<byte> image) =>
        image.StartsWith("GIF87a"u8) || image.StartsWith("GIF89a"u8)
            ? (BinaryPrimitives.ReadUInt16LittleEndian(image[6..]), BinaryPrimitives.ReadUInt16LittleEndian(image[8..]))
            : default;

    // RIFF container; the first chunk is VP8 (lossy), VP8L (lossless) or VP8X (extended), each with its own size field.
    private static (long Width, long Height) WebP(ReadOnlySpan<byte> image)
    {
        if (image.Length < 30 || !image.StartsWith("RIFF"u8) || !image[8..].StartsWith("WEBP"u8))
        {
            return default;
        }

        ReadOnlySpan<byte> chunk = image[12..];
        if (chunk.StartsWith("VP8 "u8))
        {
            // Frame tag of three bytes, then the start code 9D 01 2A; sizes are 14 bits.
            return chunk[11] == 0x9D && chunk[12] == 0x01 && chunk[13] == 0x2A
                ? (BinaryPrimitives.ReadUInt16LittleEndian(chunk[14..]) & 0x3FFF, BinaryPrimitives.ReadUInt16LittleEndian(chunk[16..]) & 0x3FFF)
                : default;
        }

        if (chunk.StartsWith("VP8L"u8))
        {
            uint bits = BinaryPrimitives.ReadUInt32LittleEndian(chunk[9..]); // after the signature byte: 14 bits each, minus one
            return chunk[8] == 0x2F ? ((bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1) : default;
        }

        // Flags and three reserved bytes, then 24 bits each, minus one.
        return chunk.StartsWith("VP8X"u8)
            ? ((BinaryPrimitives.ReadUInt32LittleEndian(chunk[11..]) >> 8) + 1, (BinaryPrimitives.ReadUInt32LittleEndian(chunk[14..]) >> 8) + 1)
            : default;
    }

    // File header of 14 bytes, then an information header whose own length tells its layout; a negative height is top-down.
    private static (long Width, long Height) Bmp(ReadOnlySpan<byte> image)
    {
        if (image.Length < 26 || image[1] != 'M')
        {
            return default;
        }

        return BinaryPrimitives.ReadUInt32LittleEndian(image[14..]) switch
        {
            12 => (BinaryPrimitives.ReadUInt16LittleEndian(image[18..]), BinaryPrimitives.ReadUInt16LittleEndian(image[20..])),
            >= 16 and <= 256 => (BinaryPrimitives.ReadInt32LittleEndian(image[18..]), Math.Abs((long)BinaryPrimitives.ReadInt32LittleEndian(image[22..]))),
            _ => default,
        };
    }
}
