using System.Runtime.InteropServices;
using Tramontane.Compute.Quantization;
using Tramontane.Compute.Threading;
using Tramontane.Inference.Vision;
using Tramontane.Inference.Weights;
using Tramontane.Testing;
using Tramontane.Tokenization.Images;

namespace Tramontane.Inference.Tests.Weights;

public class VisionWeightsTests
{
    [Theory]
    [InlineData("mmproj-tiny-s.f32.gguf")]
    [InlineData("mmproj-tiny-s.f16.gguf")]
    public void Load_GoldenFile_HasItsShape(string name)
    {
        using var file = new GgufFile(Repository.Golden($"model/tiny-s/{name}"));
        VisionWeights weights = VisionWeights.Load(file);
        VisionConfig c = weights.Config;
        Assert.Equal((64, 2, 2, 32, 96, 96), (c.Dim, c.LayerCount, c.Heads, c.HeadDim, c.HiddenDim, c.OutputDim));
        Assert.Equal((14, 2, 110, 588), (c.PatchSize, c.MergeSize, c.MaxSide, c.PatchLength));
        Assert.Equal((64, 588), (weights.PatchEmbedding.Rows, weights.PatchEmbedding.Columns));
        Assert.True(c.Matches(ImageConfiguration.Default));
        Assert.False(c.Matches(new ImageConfiguration { PatchSize = 16 }));
        Assert.False(c.Matches(new ImageConfiguration { MaxImageSize = 2000 }));
    }

    [Theory]
    [InlineData("general.architecture", "llama", "mmproj")]
    [InlineData("clip.projector_type", "mlp", "pixtral")]
    public void Load_AnotherKindOfFile_NamesTheKey(string key, string value, string expected)
    {
        GgufException error = Refusal(builder => builder.Set(key, value));
        Assert.Contains(key, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("clip.vision.embedding_length", 0u)]
    [InlineData("clip.vision.block_count", 3u)] // more layers than tensors
    [InlineData("clip.vision.block_count", 1u << 30)]
    [InlineData("clip.vision.attention.head_count", 5u)]
    [InlineData("clip.vision.attention.head_count", 16u)] // heads of two elements
    [InlineData("clip.vision.image_size", 1u << 19)]
    [InlineData("clip.vision.patch_size", 16u)]
    [InlineData("clip.vision.spatial_merge_size", 3u)]
    [InlineData("clip.vision.projection_dim", 64u)]
    public void Load_ImpossibleNumber_IsRefused(string key, uint value) => Refusal(builder => builder.Set(key, value));

    [Fact]
    public void Load_OtherGateNormalisationOrTensors_IsRefused()
    {
        Refusal(builder => builder.Set("clip.use_silu", false));
        Refusal(builder => builder.Set("clip.vision.image_mean", ["a"]));
        Refusal(builder => builder.SetRaw("clip.vision.image_std", 9, GgufBuilder.Array(6, 3, [.. new float[] { 0.5f, 0.5f, 0.5f }.SelectMany(BitConverter.GetBytes)])));
        Refusal(builder => builder.Add("v.blk.0.attn_q.bias", TensorType.F32, 32));
        Refusal(builder => builder.Tensors.RemoveAt(3));
        Refusal(builder => builder.Set("clip.vision.attention.layer_norm_epsilon", float.NaN));
    }

    // The same values in another format give the same bits: weights are expanded exactly.
    [Theory]
    [InlineData(TensorType.F16)]
    [InlineData(TensorType.BF16)]
    [InlineData(TensorType.Q8_0)]
    public void Encode_WeightsInAnyFormat_GivesTheBitsOfTheirFloats(TensorType type)
    {
        GgufBuilder stored = GgufBuilder.Vision(type), floats = GgufBuilder.Vision(TensorType.F32);
        for (int i = 0; i < stored.Tensors.Count; i++)
        {
            GgufBuilder.TensorEntry from = stored.Tensors[i], to = floats.Tensors[i];
            Fill(from, new Random(i));
            if (from.Type == (uint)TensorType.F32)
            {
                to.Data = from.Data;
                continue;
            }

            var values = new float[to.Data.Length / sizeof(float)];
            Dequantizer.Dequantize((TensorType)from.Type, from.Data, values);
            to.Data = MemoryMarshal.AsBytes<float>(values).ToArray();
        }

        Assert.Equal(Encode(floats), Encode(stored));
    }

    // Weights as they might be: the builder's own are finite and no more.
    private static void Fill(GgufBuilder.TensorEntry tensor, Random random)
    {
        var type = (TensorType)tensor.Type;
        int size = TensorTypes.BlockBytes(type);
        for (int at = 0; at < tensor.Data.Length; at += size)
        {
            float value = (random.NextSingle() - 0.5f) * 0.5f;
            Span<byte> block = tensor.Data.AsSpan(at, size);
            _ = type switch
            {
                TensorType.F32 => BitConverter.TryWriteBytes(block, value),
                TensorType.F16 => BitConverter.TryWriteBytes(block, (Half)value),
                TensorType.BF16 => BitConverter.TryWriteBytes(block, (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)),
                _ => BitConverter.TryWriteBytes(block, (Half)(value * 0.01f)), // the scale of random integers
            };
        }
    }

    private static float[] Encode(GgufBuilder builder)
    {
        using var temporary = new TemporaryFile(builder.Build());
        using var file = new GgufFile(temporary.Path);
        using var team = new ThreadTeam(2);
        using var encoder = new VisionEncoder(VisionWeights.Load(file), team);
        Assert.True(PreparedImage.TryCreate(new Random(1).Bytes(84 * 56 * 3), new ImageSize(84, 56), ImageConfiguration.Default, out PreparedImage? image));
        using ImageEncoding encoding = encoder.Begin(image);
        while (encoding.Advance())
        {
        }

        Assert.All(encoding.Embeddings, value => Assert.True(float.IsFinite(value)));
        return encoding.Embeddings;
    }

    private static GgufException Refusal(Action<GgufBuilder> change)
    {
        GgufBuilder builder = GgufBuilder.Vision();
        change(builder);
        using var temporary = new TemporaryFile(builder.Build());
        using var file = new GgufFile(temporary.Path);
        return Assert.Throws<GgufException>(() => VisionWeights.Load(file));
    }
}
