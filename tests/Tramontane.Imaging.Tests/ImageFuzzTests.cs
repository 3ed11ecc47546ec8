using Tramontane.Testing;
using Xunit.Abstractions;

namespace Tramontane.Imaging.Tests;

/// <summary>Damaged files of every format: each is decoded or refused, none crashes or stalls the process.</summary>
public sealed class ImageFuzzTests(ITestOutputHelper output)
{
    private const int PerFile = 60;

    [Fact]
    public async Task Decode_DamagedFiles_AreDecodedOrRefused()
    {
        using var decoder = new ImageDecoder(new ImageDecoderOptions { MaxPixels = 4_000_000, MaxConcurrency = 4 });
        string[] files = [.. Directory.GetFiles(Repository.Golden("images"), "*.rgb").Select(f => f[..^4]).Order(StringComparer.Ordinal),
            .. Directory.GetFiles(Repository.Golden("tokenizer/images"), "*.png").Where(f => new FileInfo(f).Length < 20_000).Order(StringComparer.Ordinal)];
        var outcomes = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
        await Parallel.ForEachAsync(Enumerable.Range(0, files.Length * PerFile), async (seed, _) =>
        {
            byte[] damaged = Damage(File.ReadAllBytes(files[seed % files.Length]), new Random(seed));
            ImageDecoding decoding = await decoder.DecodeAsync(damaged, default);
            Assert.True(decoding.Image is null != decoding.Refusal is null, $"seed {seed}");
            if (decoding.Image is { } image)
            {
                Assert.True(image.Rgb.Length == image.Width * image.Height * 3, $"seed {seed}");
            }

            outcomes.AddOrUpdate(decoding.Refusal?.Kind.ToString() ?? "decoded", 1, (_, n) => n + 1);
        });
        output.WriteLine(string.Join(", ", outcomes.OrderBy(o => o.Key).Select(o => $"{o.Key} {o.Value}")));
        Assert.True(outcomes["decoded"] > 0 && outcomes["Broken"] > 0);
    }

    [Fact]
    public async Task Decode_RandomBytesBehindEverySignature_AreRefused()
    {
        using var decoder = new ImageDecoder(new ImageDecoderOptions { MaxPixels = 4_000_000, MaxConcurrency = 4 });
        byte[][] signatures =
        [
            [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], [0xFF, 0xD8, 0xFF, 0xE0], "GIF89a"u8.ToArray(), "RIFF\0\0\0\0WEBPVP8 "u8.ToArray(),
            [0x49, 0x49, 42, 0], [0x4D, 0x4D, 0, 42], [0x49, 0x49, 43, 0], "BM"u8.ToArray(),
        ];
        for (int seed = 0; seed < 400; seed++)
        {
            var rng = new Random(seed);
            var file = new byte[rng.Next(0, 400)];
            rng.NextBytes(file);
            byte[] signature = signatures[seed % signatures.Length];
            signature.AsSpan(0, Math.Min(signature.Length, file.Length)).CopyTo(file);
            ImageDecoding decoding = await decoder.DecodeAsync(file, default);
            Assert.True(decoding.Image is null != decoding.Refusal is null, $"seed {seed}");
        }
    }

    private static byte[] Damage(byte[] file, Random rng)
    {
        switch (rng.Next(4))
        {
            case 0:
                return file[..rng.Next(file.Length)];
            case 1:
                file[rng.Next(Math.Min(64, file.Length))] = (byte)rng.Next(256); // the header
                return file;
            case 2:
                for (int i = 0; i < 1 + rng.Next(8); i++)
                {
                    file[rng.Next(file.Length)] ^= (byte)(1 << rng.Next(8));
                }

                return file;
            default:
                int at = rng.Next(file.Length), length = rng.Next(1, Math.Min(64, file.Length - at + 1));
                return [.. file[..at], .. file[(at + length / 2)..], .. file.AsSpan(at, Math.Min(length, file.Length - at))];
        }
    }
}
