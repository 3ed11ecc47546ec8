using System.Buffers.Binary;

namespace Tramontane.Imaging.Bitmaps;

/// <summary>
/// The headers of a Windows bitmap (MS-WMF 2.2.2 and the Windows GDI reference, BITMAPCOREHEADER to BITMAPV5HEADER).
/// </summary>
internal sealed record BmpHeader
{
    /// <summary>Uncompressed.</summary>
    public const uint Plain = 0;

    /// <summary>Run-length coding of 8-bit indices.</summary>
    public const uint RunLength8 = 1;

    /// <summary>Run-length coding of 4-bit indices.</summary>
    public const uint RunLength4 = 2;

    private const uint BitFields = 3;
    private const uint AlphaBitFields = 6;

    public required int Width { get; init; }

    public required int Height { get; init; }

    public required bool IsTopDown { get; init; }

    public required int BitsPerPixel { get; init; }

    public required uint Compression { get; init; }

    public required int PixelOffset { get; init; }

    public int PaletteOffset { get; private init; }

    public int PaletteEntryBytes { get; private init; }

    public int PaletteEntries { get; private init; }

    /// <summary>Bits of red, green, blue and alpha in a pixel of 16 or 32 bits.</summary>
    public uint[] Masks { get; private init; } = [];

    /// <summary>Whether the bytes are a bitmap that <see cref="BmpDecoder"/> can go on with; null otherwise.</summary>
    public static BmpHeader? TryRead(ReadOnlySpan<byte> file)
    {
        if (file.Length < 26)
        {
            return null;
        }

        uint pixelOffset = BinaryPrimitives.ReadUInt32LittleEndian(file[10..]), size = BinaryPrimitives.ReadUInt32LittleEndian(file[14..]);
        bool isCore = size == 12;
        if ((!isCore && size is < 40 or > 256) || 14 + size > file.Length || pixelOffset > file.Length)
        {
            return null;
        }

        long width = isCore ? BinaryPrimitives.ReadUInt16LittleEndian(file[18..]) : BinaryPrimitives.ReadInt32LittleEndian(file[18..]);
        long height = isCore ? BinaryPrimitives.ReadUInt16LittleEndian(file[20..]) : BinaryPrimitives.ReadInt32LittleEndian(file[22..]);
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(file[(isCore ? 24 : 28)..]);
        uint compression = isCore ? Plain : BinaryPrimitives.ReadUInt32LittleEndian(file[30..]);
        long used = isCore ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(file[46..]);
        if (width is <= 0 or > int.MaxValue || height == 0 || Math.Abs(height) > int.MaxValue || !IsKnown(bits, compression))
        {
            return null;
        }

        bool hasFields = compression is BitFields or AlphaBitFields;
        int maskBytes = !hasFields ? 0 : size >= 52 ? 0 : compression == AlphaBitFields ? 16 : 12; // behind a short header
        int paletteOffset = 14 + (int)size + maskBytes, entryBytes = isCore ? 3 : 4;
        if (paletteOffset > file.Length || (hasFields && file.Length < 70))
        {
            return null;
        }

        int entries = bits > 8 ? 0 : (int)Math.Min(used == 0 ? 1 << bits : used, 1 << bits);
        return new BmpHeader
        {
            Width = (int)width,
            Height = (int)Math.Abs(height),
            IsTopDown = height < 0,
            BitsPerPixel = bits,
            Compression = compression,
            PixelOffset = (int)pixelOffset,
            PaletteOffset = paletteOffset,
            PaletteEntryBytes = entryBytes,
            PaletteEntries = Math.Min(entries, (file.Length - paletteOffset) / entryBytes),
            Masks = ReadMasks(file, bits, hasFields, hasAlpha: compression == AlphaBitFields || size >= 56),
        };
    }

    private static bool IsKnown(int bits, uint compression) => compression switch
    {
        Plain => bits is 1 or 4 or 8 or 16 or 24 or 32,
        RunLength8 => bits == 8,
        RunLength4 => bits == 4,
        BitFields or AlphaBitFields => bits is 16 or 32,
        _ => false, // JPEG and PNG inside, meant for printers
    };

    // Without masks: five bits each, or a byte each with a byte unused. Only a bitmap with masks has transparency.
    private static uint[] ReadMasks(ReadOnlySpan<byte> file, int bits, bool hasFields, bool hasAlpha)
    {
        if (!hasFields)
        {
            return bits == 16 ? [0x7C00, 0x03E0, 0x001F, 0] : [0xFF0000, 0x00FF00, 0x0000FF, 0];
        }

        var masks = new uint[4];
        for (int i = 0; i < (hasAlpha ? 4 : 3); i++)
        {
            masks[i] = BinaryPrimitives.ReadUInt32LittleEndian(file[(54 + (4 * i))..]);
        }

        return masks;
    }
}
