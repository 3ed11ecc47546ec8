using System.Buffers.Binary;
using System.Numerics;
using Tramontane.Imaging.Vips;

namespace Tramontane.Imaging.Bitmaps;

/// <summary>Decodes Windows bitmaps of 1, 4, 8, 16, 24 and 32 bits, plain, run-length coded or with colour masks. Any bytes are safe to pass.</summary>
internal static class BmpDecoder
{
    public static ImageDecoding Decode(ReadOnlySpan<byte> file, long maxPixels, CancellationToken stop)
    {
        if (BmpHeader.TryRead(file) is not { } header)
        {
            return ImageDecoding.Refuse(ImageRefusalKind.Broken, "The BMP image is damaged, cut off or of a rare kind. Save it as PNG.");
        }

        if ((long)header.Width * header.Height > maxPixels)
        {
            return ImageDecoding.Refuse(
                ImageRefusalKind.TooManyPixels, $"The image has {header.Width} x {header.Height} pixels; at most {maxPixels} pixels are taken. Send it smaller.");
        }

        long rowBytes = (((long)header.Width * header.BitsPerPixel) + 31) / 32 * 4; // rows begin at multiples of four bytes
        ReadOnlySpan<byte> data = file[header.PixelOffset..];
        bool isRunLength = header.Compression is BmpHeader.RunLength8 or BmpHeader.RunLength4;
        if (!isRunLength && data.Length < (rowBytes * (header.Height - 1)) + ((((long)header.Width * header.BitsPerPixel) + 7) / 8))
        {
            return ImageDecoding.Refuse(ImageRefusalKind.Broken, "The BMP image is cut off. Send it again.");
        }

        var rgb = new byte[checked(header.Width * header.Height * 3)];
        byte[] palette = ReadPalette(file, header);
        byte[] indices = isRunLength ? ExpandRuns(data, header) : [];
        for (int row = 0; row < header.Height; row++)
        {
            stop.ThrowIfCancellationRequested();
            int target = header.IsTopDown ? row : header.Height - 1 - row; // stored from the bottom up, as a rule
            Span<byte> destination = rgb.AsSpan(target * header.Width * 3, header.Width * 3);
            if (isRunLength)
            {
                Colour(indices.AsSpan(row * header.Width, header.Width), 8, palette, destination);
                continue;
            }

            ReadOnlySpan<byte> source = data[(int)(row * rowBytes)..];
            switch (header.BitsPerPixel)
            {
                case <= 8:
                    Colour(source, header.BitsPerPixel, palette, destination);
                    break;
                case 24:
                    SwapColours(source, destination);
                    break;
                default:
                    Unpack(source, header, destination);
                    break;
            }
        }

        return new ImageDecoding(new DecodedImage(header.Width, header.Height, rgb), null);
    }

    // Always 256 entries, so that an index beyond the file's palette is black and no fault.
    private static byte[] ReadPalette(ReadOnlySpan<byte> file, BmpHeader header)
    {
        var palette = new byte[256 * 3];
        for (int i = 0; i < header.PaletteEntries; i++)
        {
            ReadOnlySpan<byte> entry = file.Slice(header.PaletteOffset + (i * header.PaletteEntryBytes), 3);
            (palette[3 * i], palette[(3 * i) + 1], palette[(3 * i) + 2]) = (entry[2], entry[1], entry[0]);
        }

        return palette;
    }

    private static void Colour(ReadOnlySpan<byte> source, int bits, byte[] palette, Span<byte> rgb)
    {
        int perByte = 8 / bits, mask = (1 << bits) - 1;
        for (int x = 0; x < rgb.Length / 3; x++)
        {
            int index = (source[x / perByte] >> (8 - bits - (x % perByte * bits))) & mask; // the leftmost pixel is in the upper bits
            palette.AsSpan(3 * index, 3).CopyTo(rgb[(3 * x)..]);
        }
    }

    private static void SwapColours(ReadOnlySpan<byte> source, Span<byte> rgb)
    {
        for (int i = 0; i < rgb.Length; i += 3)
        {
            (rgb[i], rgb[i + 1], rgb[i + 2]) = (source[i + 2], source[i + 1], source[i]);
        }
    }

    private static void Unpack(ReadOnlySpan<byte> source, BmpHeader header, Span<byte> rgb)
    {
        uint[] masks = header.Masks;
        for (int x = 0; x < rgb.Length / 3; x++)
        {
            uint pixel = header.BitsPerPixel == 16
                ? BinaryPrimitives.ReadUInt16LittleEndian(source[(2 * x)..])
                : BinaryPrimitives.ReadUInt32LittleEndian(source[(4 * x)..]);
            int alpha = masks[3] == 0 ? 255 : Channel(pixel, masks[3]);
            for (int c = 0; c < 3; c++)
            {
                rgb[(3 * x) + c] = SampleLayout.OverWhite(Channel(pixel, masks[c]), alpha);
            }
        }
    }

    // The bits under a mask, stretched to 0..255.
    private static byte Channel(uint pixel, uint mask)
    {
        if (mask == 0)
        {
            return 0;
        }

        int shift = BitOperations.TrailingZeroCount(mask);
        ulong top = mask >> shift;
        return (byte)(((pixel & mask) >> shift) * 255ul / top);
    }

    // Commands of two bytes: a run, or after a zero the end of a row (0), of the image (1), a step right and up (2), or
    // that many single indices, padded to an even length. What no command reaches stays index 0.
    private static byte[] ExpandRuns(ReadOnlySpan<byte> data, BmpHeader header)
    {
        var indices = new byte[checked(header.Width * header.Height)];
        bool isNibbles = header.Compression == BmpHeader.RunLength4;
        int x = 0, y = 0;
        while (data.Length >= 2 && y < header.Height)
        {
            (byte count, byte value) = (data[0], data[1]);
            data = data[2..];
            if (count > 0)
            {
                for (int i = 0; i < count; i++)
                {
                    Put(indices, header, x++, y, isNibbles ? Nibble(value, i) : value);
                }
            }
            else if (value == 0)
            {
                (x, y) = (0, y + 1);
            }
            else if (value == 1)
            {
                break;
            }
            else if (value == 2)
            {
                if (data.Length < 2)
                {
                    break;
                }

                (x, y) = (x + data[0], y + data[1]);
                data = data[2..];
            }
            else
            {
                int bytes = isNibbles ? (value + 1) / 2 : value;
                for (int i = 0; i < value && (isNibbles ? i / 2 : i) < data.Length; i++)
                {
                    Put(indices, header, x++, y, isNibbles ? Nibble(data[i / 2], i) : data[i]);
                }

                data = data[Math.Min(data.Length, bytes + (bytes % 2))..];
            }
        }

        return indices;
    }

    private static void Put(byte[] indices, BmpHeader header, int x, int y, int value)
    {
        if ((uint)x < (uint)header.Width && y < header.Height)
        {
            indices[(y * header.Width) + x] = (byte)value;
        }
    }

    private static int Nibble(byte pair, int i) => i % 2 == 0 ? pair >> 4 : pair & 15;
}
