using System.Buffers.Binary;
using Tramontane.Testing;
using Xunit.Abstractions;

namespace Tramontane.Imaging.Tests;

/// <summary>Pixels of every format against Pillow's, and the limits.</summary>
public sealed class ImageDecoderTests(ITestOutputHelper output) : IDisposable
{
    private readonly ImageDecoder _decoder = new(new ImageDecoderOptions());

    public static TheoryData<string> Files =>
        [.. Directory.GetFiles(Repository.Golden("images"), "*.rgb").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    public void Dispose() => _decoder.Dispose();

    [Theory, MemberData(nameof(Files))]
    public async Task Decode_EveryFormat_GivesPillowsPixels(string name)
    {
        byte[] golden = File.ReadAllBytes(Repository.Golden($"images/{name}.rgb"));
        DecodedImage image = await DecodeAsync(File.ReadAllBytes(Repository.Golden($"images/{name}")));
        Assert.Equal((BinaryPrimitives.ReadInt32LittleEndian(golden), BinaryPrimitives.ReadInt32LittleEndian(golden.AsSpan(4))), (image.Width, image.Height));
        int[] differences = [.. image.Rgb.ToArray().Zip(golden.Skip(8), (a, e) => Math.Abs(a - e))];
        Assert.Equal(golden.Length - 8, differences.Length);

        // Decoders of lossy formats may differ in rounding; all others are exact.
        int allowed = name.EndsWith(".jpg", StringComparison.Ordinal) || name == "lossy.webp" ? 2 : 0;
        output.WriteLine($"{name}: largest difference {differences.Max()}");
        Assert.True(differences.Max() <= allowed, $"{name}: {differences.Max()} at {Array.IndexOf(differences, differences.Max())}, {differences.Count(d => d > allowed)} in all");
    }

    [Fact]
    public async Task Decode_LoadsNoModulesOfLibvips()
    {
        await DecodeAsync(File.ReadAllBytes(Repository.Golden("images/rgb.jpg")));
        const string Maps = "/proc/self/maps"; // what the process has mapped; on Linux alone, as are the modules
        if (File.Exists(Maps))
        {
            string[] mapped = File.ReadAllLines(Maps);
            Assert.Contains(mapped, line => line.Contains("/libvips.so", StringComparison.Ordinal));
            Assert.DoesNotContain(mapped, line => line.Contains("/vips-modules", StringComparison.Ordinal) || line.Contains("/libsqlite3.so", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Decode_MoreBytesThanAllowed_IsRefused()
    {
        using var decoder = new ImageDecoder(new ImageDecoderOptions { MaxBytes = 100 });
        ImageDecoding decoding = await decoder.DecodeAsync(File.ReadAllBytes(Repository.Golden("images/rgb.jpg")), default);
        Assert.Equal(ImageRefusalKind.TooManyBytes, decoding.Refusal!.Kind);
    }

    [Theory]
    [InlineData("rgb.jpg")]
    [InlineData("rgb.bmp")]
    [InlineData("key.png")]
    [InlineData("palette.gif")]
    [InlineData("lossy.webp")]
    [InlineData("rgb.tiff")]
    public async Task Decode_MorePixelsThanAllowed_IsRefusedByTheHeader(string name)
    {
        using var decoder = new ImageDecoder(new ImageDecoderOptions { MaxPixels = (23 * 17) - 1 });
        ImageDecoding decoding = await decoder.DecodeAsync(File.ReadAllBytes(Repository.Golden($"images/{name}")), default);
        Assert.Equal(ImageRefusalKind.TooManyPixels, decoding.Refusal!.Kind);
    }

    [Fact]
    public async Task Decode_HeaderOfABomb_IsRefusedWithoutItsPixels()
    {
        byte[] png = File.ReadAllBytes(Repository.Golden("images/key.png"));
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), 200_000); // width and height of the header
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), 200_000);
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), Crc32(png.AsSpan(12, 17)));
        ImageDecoding decoding = await _decoder.DecodeAsync(png, default);
        Assert.Equal(ImageRefusalKind.TooManyPixels, decoding.Refusal!.Kind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg' width='10' height='10'/>")]
    [InlineData("%PDF-1.4\n")]
    [InlineData("#?RADIANCE\n")]
    [InlineData("P6\n1 1\n255\nabc")]
    [InlineData("push graphic-context\nviewbox 0 0 640 480\n")]
    public async Task Decode_OtherFormats_AreUnknown(string text)
    {
        ImageDecoding decoding = await _decoder.DecodeAsync(System.Text.Encoding.UTF8.GetBytes(text), default);
        Assert.Equal(ImageRefusalKind.UnknownFormat, decoding.Refusal!.Kind);
    }

    [Fact]
    public async Task Decode_TimeIsOver_IsRefused()
    {
        using var decoder = new ImageDecoder(new ImageDecoderOptions { Timeout = TimeSpan.Zero });
        ImageDecoding decoding = await decoder.DecodeAsync(File.ReadAllBytes(Repository.Golden("tokenizer/images/p_big_1600x1600.png")), default);
        Assert.Equal(ImageRefusalKind.TimedOut, decoding.Refusal!.Kind);
        using var patient = new ImageDecoder(new ImageDecoderOptions { MaxConcurrency = 1 });
        Assert.NotNull((await patient.DecodeAsync(File.ReadAllBytes(Repository.Golden("images/rgb.jpg")), default)).Image);
    }

    [Fact]
    public async Task Decode_CallerGaveUp_Throws()
    {
        using var gaveUp = new CancellationTokenSource();
        await gaveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _decoder.DecodeAsync(File.ReadAllBytes(Repository.Golden("images/rgb.jpg")), gaveUp.Token));
    }

    [Fact]
    public async Task Decode_JpegWithHundredsOfScans_IsRefused()
    {
        byte[] jpeg = File.ReadAllBytes(Repository.Golden("images/progressive.jpg"));
        int scan = jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xDA]);
        byte[] many = [.. jpeg[..scan], .. Enumerable.Repeat(jpeg[scan..^2], 30).SelectMany(s => s), 0xFF, 0xD9];
        ImageDecoding decoding = await _decoder.DecodeAsync(many, default);
        Assert.Equal(ImageRefusalKind.UnsupportedVariant, decoding.Refusal!.Kind);
    }

    [Fact]
    public async Task Decode_ManyAtOnce_GivesEachItsOwnPixels()
    {
        string[] names = [.. Directory.GetFiles(Repository.Golden("images"), "*.rgb").Select(f => Path.GetFileNameWithoutExtension(f))];
        Dictionary<string, byte[]> alone = [];
        foreach (string name in names)
        {
            alone[name] = (await DecodeAsync(File.ReadAllBytes(Repository.Golden($"images/{name}")))).Rgb.ToArray();
        }

        using var wide = new ImageDecoder(new ImageDecoderOptions { MaxConcurrency = 8 });
        await Parallel.ForEachAsync(Enumerable.Range(0, 8).SelectMany(_ => names), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (name, _) =>
        {
            ImageDecoding decoding = await wide.DecodeAsync(File.ReadAllBytes(Repository.Golden($"images/{name}")), default);
            Assert.Equal(alone[name], decoding.Image!.Rgb.ToArray());
        });
    }

    // The checksum of PNG chunks (ISO 3309), bit by bit.
    private static uint Crc32(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in data)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }
        }

        return ~crc;
    }

    private async Task<DecodedImage> DecodeAsync(byte[] file)
    {
        ImageDecoding decoding = await _decoder.DecodeAsync(file, default);
        Assert.True(decoding.Image is not null, decoding.Refusal?.Message);
        return decoding.Image;
    }
}
