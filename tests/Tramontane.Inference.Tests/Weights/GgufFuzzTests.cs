using System.Text;
using Tramontane.Compute.Quantization;
using Tramontane.Inference.Weights;
using Tramontane.Testing;

namespace Tramontane.Inference.Tests.Weights;

/// <summary>Sound files with seeded damage: they load or are refused with an error of their own, and never take much memory.</summary>
public class GgufFuzzTests
{
    // The sound file has about 40 KB and takes about 0.3 MB to load; a count believed before it is checked takes more than this.
    private const long MaxAllocatedBytes = 1 << 20;

    private static readonly ulong[] s_counts = [0, 1, 255, 1 << 16, int.MaxValue, 1UL << 31, uint.MaxValue, 1UL << 32, 1UL << 40, 1UL << 62, long.MaxValue, 1UL << 63, ulong.MaxValue - 31, ulong.MaxValue];

    [Theory]
    [InlineData("flipped bits")]
    [InlineData("truncation")]
    [InlineData("splices")]
    [InlineData("inflated counts")]
    public void Load_DamagedFile_LoadsOrIsRefused(string damage)
    {
        Damage(damage, GgufBuilder.Decoder(), Load);
    }

    [Theory]
    [InlineData("flipped bits")]
    [InlineData("truncation")]
    [InlineData("splices")]
    [InlineData("inflated counts")]
    public void Load_DamagedVisionFile_LoadsOrIsRefused(string damage) => Damage(damage, GgufBuilder.Vision(), LoadVision);

    private static void Damage(string damage, GgufBuilder builder, Action<string> load)
    {
        byte[] sound = builder.Build();
        int headerLength = sound.Length - builder.Tensors.Sum(tensor => (tensor.Data.Length + 31) / 32 * 32);
        int[] names = [.. builder.Keys.Select(key => key.Key).Concat(builder.Tensors.Select(tensor => tensor.Name)).Select(name => sound.AsSpan().IndexOf(Encoding.UTF8.GetBytes(name)))];
        int refused = 0;
        for (int seed = 0; seed < 1_000; seed++)
        {
            var random = new Random(seed);
            byte[] damaged = damage switch
            {
                "flipped bits" => FlipBits(random, sound, headerLength),
                "truncation" => sound[..random.Next(sound.Length)],
                "splices" => Splice(random, sound, headerLength),
                _ => InflateCount(random, sound, headerLength, names),
            };
            using var temporary = new TemporaryFile(damaged);

            long before = GC.GetAllocatedBytesForCurrentThread();
            Exception? exception = Record.Exception(() => load(temporary.Path));
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

            Assert.True(exception is null or GgufException, $"{damage}, seed {seed}: {exception}");
            Assert.True(allocated < MaxAllocatedBytes, $"{damage}, seed {seed}: {allocated} bytes allocated");
            refused += exception is null ? 0 : 1;
        }

        Assert.True(refused > 300, $"only {refused} files were refused: the damage misses what matters");
    }

    // Everything that a start of the engine does with the file; touches every byte that it could.
    private static void Load(string path)
    {
        using var file = new GgufFile(path);
        DecoderWeights weights = DecoderWeights.Load(file);
        GgufTokenizer.Load(file);
        WeightMatrix[] matrices = [weights.TokenEmbedding, weights.OutputHead, .. weights.Layers.SelectMany(layer => (WeightMatrix[])[layer.Query, layer.Key, layer.Value, layer.Output, layer.Gate, layer.Up, layer.Down])];
        foreach (WeightMatrix matrix in matrices)
        {
            float[] row = new float[matrix.Columns];
            Dequantizer.Dequantize(matrix.Type, matrix.Row(0), row);
            Dequantizer.Dequantize(matrix.Type, matrix.Row(matrix.Rows - 1), row);
        }
    }

    private static void LoadVision(string path)
    {
        using var file = new GgufFile(path);
        VisionWeights weights = VisionWeights.Load(file);
        foreach (WeightMatrix matrix in (WeightMatrix[])[weights.PatchEmbedding, weights.Merger, weights.ProjectorIn, weights.ProjectorOut, .. weights.Layers.SelectMany(l => (WeightMatrix[])[l.Query, l.Output, l.Down])])
        {
            Dequantizer.Dequantize(matrix.Type, matrix.Row(matrix.Rows - 1), new float[matrix.Columns]);
        }
    }

    private static byte[] FlipBits(Random random, byte[] sound, int headerLength)
    {
        byte[] damaged = [.. sound];
        for (int flips = random.Next(1, 9); flips > 0; flips--)
        {
            damaged[random.Next(headerLength)] ^= (byte)(1 << random.Next(8));
        }

        return damaged;
    }

    // Repeats, removes or moves a piece of the header, or puts noise in.
    private static byte[] Splice(Random random, byte[] sound, int headerLength)
    {
        int from = random.Next(headerLength), length = random.Next(1, Math.Min(200, headerLength - from) + 1), to = random.Next(headerLength);
        byte[] piece = random.Next(4) == 0 ? random.Bytes(length) : sound[from..(from + length)];
        return random.Next(3) switch
        {
            0 => [.. sound[..to], .. piece, .. sound[to..]],
            1 => [.. sound[..from], .. sound[(from + length)..]],
            _ => [.. sound[..to], .. piece, .. sound[Math.Min(sound.Length, to + length)..]],
        };
    }

    // Counts stand in front of names, behind types, and at the beginning of the file.
    private static byte[] InflateCount(Random random, byte[] sound, int headerLength, int[] names)
    {
        int place = random.Next(3) switch
        {
            0 => random.Next(8, 24),
            1 => names[random.Next(names.Length)] + random.Next(-8, 64),
            _ => random.Next(headerLength - 8),
        };
        byte[] damaged = [.. sound];
        BitConverter.TryWriteBytes(damaged.AsSpan(Math.Clamp(place, 0, headerLength - 8)), s_counts[random.Next(s_counts.Length)]);
        return damaged;
    }
}
