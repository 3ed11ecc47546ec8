using System.Text;
using Tramontane.Testing;
using Tramontane.Tokenization.Images;

namespace Tramontane.Tokenization.Tests.Images;

public sealed class ImageHeaderTests
{
    // 640 x 480 in each format and variant: just enough bytes for the size.
    private static readonly Dictionary<string, byte[]> s_headers = new()
    {
        ["png"] = [0x89, .. "PNG\r\n\x1A\n\0\0\0\rIHDR"u8, 0, 0, 0x02, 0x80, 0, 0, 0x01, 0xE0],
        ["jpeg"] = [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2, 0xFF, 0xFF, 0xC4, 0, 2, 0xFF, 0xC2, 0, 17, 8, 0x01, 0xE0, 0x02, 0x80],
        ["gif"] = [.. "GIF89a"u8, 0x80, 0x02, 0xE0, 0x01],
        ["webp lossy"] = [.. "RIFF\0\0\0\0WEBPVP8 \0\0\0\0"u8, 0, 0, 0, 0x9D, 0x01, 0x2A, 0x80, 0x02, 0xE0, 0x01],
        ["webp lossless"] = [.. "RIFF\0\0\0\0WEBPVP8L\0\0\0\0"u8, 0x2F, 0x7F, 0xC2, 0x77, 0, 0, 0, 0, 0, 0],
        ["webp extended"] = [.. "RIFF\0\0\0\0WEBPVP8X\0\0\0\0"u8, 0, 0, 0, 0, 0x7F, 0x02, 0, 0xDF, 0x01, 0],
        ["bmp"] = [.. "BM"u8, .. new byte[12], 40, 0, 0, 0, 0x80, 0x02, 0, 0, 0x20, 0xFE, 0xFF, 0xFF],
        ["bmp core"] = [.. "BM"u8, .. new byte[12], 12, 0, 0, 0, 0x80, 0x02, 0xE0, 0x01, 0, 0, 0, 0],
    };

    public static TheoryData<string> Formats => [.. s_headers.Keys];

    [Theory, MemberData(nameof(Formats))]
    public void TryReadSize_EachFormat_ReadsItAndRefusesEveryShorterPrefix(string format)
    {
        byte[] header = s_headers[format];
        Assert.True(ImageHeader.TryReadSize(header, out ImageSize size));
        Assert.Equal(new ImageSize(640, 480), size);
        int needed = header.AsSpan().TrimEnd((byte)0).Length;
        for (int length = 0; length < needed - 3; length++)
        {
            Assert.False(ImageHeader.TryReadSize(header.AsSpan(0, length), out _), $"{format} of {length} bytes");
        }
    }

    [Fact]
    public void TryReadSize_DamagedHeaders_NeverThrowNorNameAnEmptySide()
    {
        foreach ((string format, byte[] header) in s_headers)
        {
            for (int seed = 0; seed < 3_000; seed++)
            {
                var random = new Random(seed);
                byte[] damaged = [.. header, .. random.Bytes(random.Next(40))];
                for (int i = random.Next(1, 8); i > 0; i--)
                {
                    damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
                }

                bool read = ImageHeader.TryReadSize(damaged.AsSpan(0, random.Next(damaged.Length + 1)), out ImageSize size);
                Assert.True(read ? size is { Width: > 0, Height: > 0 } : size == default, $"{format}, seed {seed}");
            }
        }
    }

    [Theory]
    [InlineData("data:image/png;base64,", true)]
    [InlineData("DATA:IMAGE/PNG;base64,", true)]
    [InlineData("data:image/x,", true)] // the text before the comma does not matter
    [InlineData("data:text/plain;base64,", false)]
    [InlineData("http://example.org/", false)]
    public void DataUrl_OfAnImage_GivesItsSize(string start, bool accepted)
    {
        string base64 = Convert.ToBase64String(s_headers["png"]);
        Assert.Equal(accepted, ImageDataUrl.TryReadSize(start + base64, out ImageSize size));
        Assert.Equal(accepted ? new ImageSize(640, 480) : default, size);
    }

    [Fact]
    public void DataUrl_WrappedOrUnpaddedBase64_IsRead()
    {
        for (int length = 0; length < 40; length++)
        {
            byte[] bytes = new Random(length).Bytes(length);
            string base64 = Convert.ToBase64String(bytes, Base64FormattingOptions.InsertLineBreaks).TrimEnd('=');
            Assert.True(ImageDataUrl.TryDecode("data:image/png;base64," + base64.Insert(base64.Length / 2, " \r\n"), out byte[] decoded));
            Assert.Equal(bytes, decoded);
        }

        Assert.False(ImageDataUrl.TryDecode("data:image/png;base64,A", out _));
        Assert.False(ImageDataUrl.TryDecode("data:image/png;base64", out _));
    }

    [Fact]
    public void DataUrl_RandomText_NeverThrows()
    {
        for (int seed = 0; seed < 2_000; seed++)
        {
            string text = Encoding.Latin1.GetString(new Random(seed).Bytes(50));
            ImageDataUrl.TryReadSize("data:image/png;base64," + text, out ImageSize size);
            Assert.Equal(default, size);
        }
    }
}
