namespace Tramontane.Imaging.Vips;

/// <summary>
/// How the samples of a decoded pixel become red, green and blue, with Pillow 11.1's rules and arithmetic: transparency lies
/// over white, of 16 bits the upper eight count, but grey of 16 bits without transparency is clipped at 255.
/// </summary>
/// <param name="Colours">The kind of samples.</param>
/// <param name="Bands">Samples per pixel, those that are ignored included.</param>
/// <param name="IsWide">Samples of 16 bits.</param>
internal readonly record struct SampleLayout(SampleLayout.Kind Colours, int Bands, bool IsWide)
{
    internal enum Kind
    {
        Grey,
        GreyAlpha,
        Rgb,
        RgbAlpha,
        Cmyk,
    }

    public int BytesPerPixel => Bands * (IsWide ? 2 : 1);

    /// <summary>The layout of an image, or null when its samples mean something that is not read here.</summary>
    public static SampleLayout? Of(VipsImage image, bool ignoreAlpha)
    {
        if (image.Format is not (BandFormat.Byte or BandFormat.UShort))
        {
            return null;
        }

        Kind? kind = (image.Interpretation, image.Bands) switch
        {
            (Interpretation.BlackWhite or Interpretation.Grey16, 1) => Kind.Grey,
            (Interpretation.BlackWhite or Interpretation.Grey16, 2) => Kind.GreyAlpha,
            (Interpretation.Srgb or Interpretation.Rgb or Interpretation.Rgb16, 3) => Kind.Rgb,
            (Interpretation.Srgb or Interpretation.Rgb or Interpretation.Rgb16, 4) => ignoreAlpha ? Kind.Rgb : Kind.RgbAlpha,
            (Interpretation.Cmyk, 4) => Kind.Cmyk,
            _ => null,
        };
        return kind is { } known ? new SampleLayout(known, image.Bands, image.Format == BandFormat.UShort) : null;
    }

    /// <summary>Converts whole pixels.</summary>
    public void ToRgb(ReadOnlySpan<byte> samples, Span<byte> rgb)
    {
        if (this is { Colours: Kind.Rgb, Bands: 3, IsWide: false })
        {
            samples.CopyTo(rgb);
            return;
        }

        int step = IsWide ? 2 : 1, high = IsWide ? 1 : 0; // samples are little-endian: the upper byte is the second
        for (int i = 0, o = 0; i < samples.Length; i += BytesPerPixel, o += 3)
        {
            ReadOnlySpan<byte> pixel = samples.Slice(i, BytesPerPixel);
            byte first = pixel[high];
            switch (Colours)
            {
                case Kind.Grey:
                    byte grey = IsWide && pixel[1] > 0 ? (byte)255 : pixel[0];
                    (rgb[o], rgb[o + 1], rgb[o + 2]) = (grey, grey, grey);
                    break;
                case Kind.GreyAlpha:
                    byte laid = OverWhite(first, pixel[step + high]);
                    (rgb[o], rgb[o + 1], rgb[o + 2]) = (laid, laid, laid);
                    break;
                case Kind.Rgb:
                    (rgb[o], rgb[o + 1], rgb[o + 2]) = (first, pixel[step + high], pixel[(2 * step) + high]);
                    break;
                case Kind.RgbAlpha:
                    byte alpha = pixel[(3 * step) + high];
                    (rgb[o], rgb[o + 1], rgb[o + 2]) = (OverWhite(first, alpha), OverWhite(pixel[step + high], alpha), OverWhite(pixel[(2 * step) + high], alpha));
                    break;
                default:
                    int light = 255 - pixel[(3 * step) + high];
                    (rgb[o], rgb[o + 1], rgb[o + 2]) = (Ink(light, first), Ink(light, pixel[step + high]), Ink(light, pixel[(2 * step) + high]));
                    break;
            }
        }
    }

    /// <summary>Pillow's Image.paste with a mask on white.</summary>
    internal static byte OverWhite(int colour, int alpha) => Divide255((255 * (255 - alpha)) + (colour * alpha));

    // Pillow's cmyk2rgb: what is left of the light after the ink.
    private static byte Ink(int light, int ink) => (byte)Math.Max(0, light - Divide255(ink * light));

    private static byte Divide255(int product)
    {
        int rounded = product + 128;
        return (byte)(((rounded >> 8) + rounded) >> 8);
    }
}
