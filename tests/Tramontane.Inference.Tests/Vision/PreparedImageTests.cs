using System.Runtime.InteropServices;
using System.Text.Json;
using Tramontane.Imaging;
using Tramontane.Inference.Vision;
using Tramontane.Testing;
using Tramontane.Tokenization.Images;
using Xunit.Abstractions;

namespace Tramontane.Inference.Tests.Vision;

/// <summary>Pixels that the encoder sees, against mistral-common's for the golden PNG files, and the size rule for every size.</summary>
public sealed class PreparedImageTests(ITestOutputHelper output)
{
    private const double Tolerance = 1e-4;

    [Fact]
    public async Task TryCreate_EveryGoldenImage_GivesTheReferencePixels()
    {
        using var decoder = new ImageDecoder(new ImageDecoderOptions());
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllBytes(Repository.Golden("tokenizer/image.json")));
        int cases = 0, samples = 0;
        double worst = 0;
        foreach (JsonElement item in golden.RootElement.GetProperty("pixels").EnumerateArray())
        {
            string file = item.GetProperty("file").GetString()!;
            ImageDecoding decoding = await decoder.DecodeAsync(File.ReadAllBytes(Repository.Golden($"tokenizer/{file}")), default);
            Assert.True(decoding.Image is not null, $"{file}: {decoding.Refusal?.Message}");
            PreparedImage image = Prepare(decoding.Image.Rgb.Span, new ImageSize(decoding.Image.Width, decoding.Image.Height));
            int width = item.GetProperty("resized_width").GetInt32(), height = item.GetProperty("resized_height").GetInt32();
            Assert.Equal(new ImageSize(width, height), image.Grid.ResizedSize);
            void Check(double expected, int channel, int y, int x)
            {
                double difference = Math.Abs(expected - image.Sample(channel, y, x));
                Assert.True(difference <= Tolerance, $"{file} channel {channel} at {x}, {y}: {image.Sample(channel, y, x)}, expected {expected}");
                worst = Math.Max(worst, difference);
                samples++;
            }

            foreach (JsonElement sample in item.GetProperty("samples").EnumerateArray())
            {
                for (int c = 0; c < 3; c++)
                {
                    Check(sample.GetProperty("rgb")[c].GetDouble(), c, sample.GetProperty("y").GetInt32(), sample.GetProperty("x").GetInt32());
                }
            }

            if (item.TryGetProperty("raw_f32_chw", out JsonElement raw))
            {
                float[] all = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Repository.Golden($"tokenizer/{raw.GetString()}"))).ToArray();
                for (int i = 0; i < all.Length; i++)
                {
                    Check(all[i], i / (width * height), i / width % height, i % width);
                }
            }

            double[] means = [.. Enumerable.Range(0, 3).Select(c => Mean(image, c))];
            Assert.All(means.Zip(item.GetProperty("channel_mean").EnumerateArray()), pair => Assert.Equal(pair.Second.GetDouble(), pair.First, Tolerance));
            cases++;
        }

        output.WriteLine($"image.json: {cases} pixel cases passed, {samples} samples compared, largest difference {worst:E1}");
        Assert.Equal(12, cases);
    }

    [Fact]
    public void TryCreate_EverySideFrom1To4000_GivesWholeSquaresThatCoverIt()
    {
        // Every length beside a short and an equal side, and every length as a square; pixels are made for the small ones only.
        var configuration = ImageConfiguration.Default;
        int refused = 0;
        for (int side = 1; side <= 4000; side++)
        {
            foreach (ImageSize size in (ImageSize[])[new(side, side), new(side, 1), new(1, side), new(side, 28), new(side, 4001 - side)])
            {
                bool isThin = Math.Max(size.Width, size.Height) > 1540 && Math.Round(Math.Min(size.Width, size.Height) / (Math.Max(size.Width, size.Height) / 1540.0)) < 1;
                Assert.Equal(!isThin, ImageGrid.TryCreate(size, configuration, out ImageGrid grid));
                if (isThin)
                {
                    refused++;
                    continue;
                }

                Assert.InRange(grid.Columns, 1, 55);
                Assert.InRange(grid.Rows, 1, 55);
                Assert.Equal(grid.TokenCount, (grid.Columns + 1) * grid.Rows);
                double shrink = Math.Max(1, Math.Max(size.Width, size.Height) / 1540.0);
                Assert.InRange((grid.Columns * 28) - (size.Width / shrink), -0.5, 28); // covered, up to rounding, by no more than needed
                Assert.InRange((grid.Rows * 28) - (size.Height / shrink), -0.5, 28);
            }
        }

        output.WriteLine($"20000 sizes, {refused} too thin");
    }

    [Theory]
    [InlineData(1, 1, 1, 1)]
    [InlineData(4, 10000, 1, 55)]
    [InlineData(10000, 4, 55, 1)]
    [InlineData(3000, 2, 55, 1)]
    [InlineData(1654, 2339, 39, 55)]
    [InlineData(29, 27, 2, 1)]
    public void TryCreate_ExtremeSizes_AreResampledWhole(int width, int height, int columns, int rows)
    {
        var rgb = new byte[width * height * 3];
        rgb.AsSpan().Fill(200);
        PreparedImage image = Prepare(rgb, new ImageSize(width, height));
        Assert.Equal((columns, rows), (image.Grid.Columns, image.Grid.Rows));
        double expected = ((200 / 255.0) - 0.48145466) / 0.26862954;
        Assert.Equal(expected, image.Sample(0, 0, 0), 1e-4);
        Assert.Equal(expected, image.Sample(0, (rows * 28) - 1, (columns * 28) - 1), 1e-4); // a flat image stays flat
        Assert.Equal(image.PatchCount * 588, image.Patches.Length);
    }

    [Fact]
    public void TryCreate_APageAt200Dpi_Takes2200Tokens()
    {
        Assert.True(ImageGrid.TryCreate(new ImageSize(1654, 2339), ImageConfiguration.Default, out ImageGrid grid));
        Assert.Equal((2145, 2200), (grid.Columns * grid.Rows, grid.TokenCount));
    }

    [Fact]
    public void Digest_OfImages_TellsThemApartByContentAndShape()
    {
        var rng = new Random(1);
        var rgb = new byte[56 * 28 * 3];
        rng.NextBytes(rgb);
        ImageDigest wide = Prepare(rgb, new ImageSize(56, 28)).Digest;
        Assert.Equal(wide, Prepare(rgb, new ImageSize(56, 28)).Digest);
        Assert.NotEqual(wide, Prepare(rgb, new ImageSize(28, 56)).Digest);
        rgb[100] ^= 1;
        Assert.NotEqual(wide, Prepare(rgb, new ImageSize(56, 28)).Digest);
    }

    private static PreparedImage Prepare(ReadOnlySpan<byte> rgb, ImageSize size)
    {
        Assert.True(PreparedImage.TryCreate(rgb, size, ImageConfiguration.Default, out PreparedImage? image));
        return image;
    }

    private static double Mean(PreparedImage image, int channel)
    {
        double sum = 0;
        ImageSize size = image.Grid.ResizedSize;
        for (int i = 0; i < size.Width * size.Height; i++)
        {
            sum += image.Sample(channel, i / size.Width, i % size.Width);
        }

        return sum / (size.Width * size.Height);
    }
}
