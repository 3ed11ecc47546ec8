using System.Runtime.InteropServices;
using System.Text.Json;
using Tramontane.Compute.Quantization;
using Tramontane.Inference.Weights;
using Tramontane.Testing;

namespace Tramontane.Inference.Tests.Weights;

public class DecoderWeightsTests
{
    public static TheoryData<string> GoldenFiles => new(
        from model in (string[])["tiny-s", "tiny-k"]
        from file in Directory.GetFiles(Repository.Golden($"model/{model}"), "tiny-*.gguf").Order(StringComparer.Ordinal)
        select $"{model}/{Path.GetFileName(file)}");

    [Theory, MemberData(nameof(GoldenFiles))]
    public void Load_GoldenFile_HasTheShapeOfItsManifest(string name)
    {
        using JsonDocument manifest = Manifest(Path.GetDirectoryName(name)!);
        JsonElement expected = manifest.RootElement.GetProperty("config");
        using var file = new GgufFile(Repository.Golden($"model/{name}"));

        DecoderWeights weights = DecoderWeights.Load(file);

        DecoderConfig config = weights.Config;
        int Expected(string key) => expected.GetProperty(key).GetInt32();
        Assert.Equal((Expected("dim"), Expected("n_layers"), Expected("head_dim"), Expected("hidden_dim")), (config.Dim, config.LayerCount, config.HeadDim, config.HiddenDim));
        Assert.Equal((Expected("n_heads"), Expected("n_kv_heads"), Expected("vocab_size")), (config.QueryHeads, config.KeyValueHeads, config.VocabularySize));
        Assert.Equal((expected.GetProperty("rope_theta").GetDouble(), expected.GetProperty("norm_eps").GetSingle()), (config.RopeTheta, config.NormEpsilon));
        Assert.Equal(Expected("max_position_embeddings"), config.MaxPositions);
        Assert.Equal(config.LayerCount, weights.Layers.Count);
        LayerWeights layer = weights.Layers[^1];
        int queryWidth = config.QueryHeads * config.HeadDim, keyValueWidth = config.KeyValueHeads * config.HeadDim;
        Assert.Equal((queryWidth, config.Dim), (layer.Query.Rows, layer.Query.Columns));
        Assert.Equal((keyValueWidth, config.Dim, keyValueWidth, config.Dim), (layer.Key.Rows, layer.Key.Columns, layer.Value.Rows, layer.Value.Columns));
        Assert.Equal((config.Dim, queryWidth), (layer.Output.Rows, layer.Output.Columns));
        Assert.Equal((config.HiddenDim, config.Dim, config.HiddenDim, config.Dim), (layer.Gate.Rows, layer.Gate.Columns, layer.Up.Rows, layer.Up.Columns));
        Assert.Equal((config.Dim, config.HiddenDim), (layer.Down.Rows, layer.Down.Columns));
        Assert.Equal([config.Dim, config.Dim, config.Dim], [layer.AttentionNorm.Length, layer.FfnNorm.Length, weights.OutputNorm.Length]);
        Assert.All(layer.AttentionNorm.Concat(layer.FfnNorm), gain => Assert.InRange(gain, 1e-3f, 10));
        Assert.NotSame(weights.TokenEmbedding, weights.OutputHead);
        Assert.Equal(config.VocabularySize, GgufTokenizer.Load(file).VocabularySize);
    }

    [Theory]
    [InlineData("tiny-s")]
    [InlineData("tiny-k")]
    public void Rows_GoldenKernels_DequantizeToTheSameBits(string model)
    {
        byte[] golden = File.ReadAllBytes(Repository.Golden($"model/{model}/golden.bin"));
        using JsonDocument manifest = Manifest(model);
        foreach (JsonElement kernel in manifest.RootElement.GetProperty("kernels").EnumerateArray())
        {
            using var file = new GgufFile(Repository.Golden($"model/{model}/{kernel.GetProperty("file").GetString()}"));
            GgufTensor tensor = file.GetTensor(kernel.GetProperty("tensor").GetString()!);
            Assert.Equal(Enum.Parse<TensorType>(kernel.GetProperty("type").GetString()!), tensor.Type);
            WeightMatrix matrix = file.Matrix(tensor.Name, (int)tensor.Dimensions[1], (int)tensor.Dimensions[0]);
            JsonElement dequantized = kernel.GetProperty("dequant");
            ReadOnlySpan<float> expected = MemoryMarshal.Cast<byte, float>(golden.AsSpan(dequantized.GetProperty("offset").GetInt32()));
            float[] actual = new float[matrix.Columns];
            int[] rows = [.. kernel.GetProperty("rows").EnumerateArray().Select(row => row.GetInt32())];
            for (int i = 0; i < rows.Length; i++)
            {
                Dequantizer.Dequantize(matrix.Type, matrix.Row(rows[i]), actual);
                Assert.Equal(MemoryMarshal.AsBytes(expected.Slice(i * matrix.Columns, matrix.Columns)).ToArray(), MemoryMarshal.AsBytes(actual.AsSpan()).ToArray());
            }
        }
    }

    [Fact]
    public void Load_NoOutputHead_TakesTheEmbedding()
    {
        DecoderWeights weights = Load(GgufBuilder.Decoder(tied: true));
        Assert.Same(weights.TokenEmbedding, weights.OutputHead);
        Assert.NotSame(Load(GgufBuilder.Decoder()).TokenEmbedding, Load(GgufBuilder.Decoder()).OutputHead);
    }

    [Fact]
    public void Load_NormsOfAnyFloatFormat_AreFloat32()
    {
        LayerWeights layer = Load(GgufBuilder.Decoder()).Layers[0]; // attention norm F32, feed-forward norm BF16
        Assert.Equal(32, layer.AttentionNorm.Length);
        Assert.Equal(32, layer.FfnNorm.Length);
        Assert.All(layer.FfnNorm, gain => Assert.Equal(0u, BitConverter.SingleToUInt32Bits(gain) & 0xFFFF));
    }

    // Name of the case, what is changed, the place that the error names, a part of its message.
    private static readonly (string Name, Action<GgufBuilder> Change, string Place, string Message)[] s_refused =
    [
        ("no embedding", b => b.Tensors.RemoveAll(t => t.Name == "token_embd.weight"), "token_embd.weight", "such a tensor, found none"),
        ("no layer matrix", b => b.Tensors.Remove(b.Tensor("blk.1.ffn_up.weight")), "blk.1.ffn_up.weight", "such a tensor, found none"),
        ("transposed", b => b.Tensor("blk.0.attn_q.weight").Dimensions = [64, 32], "blk.0.attn_q.weight", "the shape [32, 64], found Q8_0 [64, 32]"),
        ("another vocabulary", b => b.Set("llama.vocab_size", 265u), "token_embd.weight", "the shape [32, 265], found Q8_0 [32, 264]"),
        ("more layers", b => b.Set("llama.block_count", 1_000_000_000u), "tensor directory", "9 tensors for each of 1000000000 layers"),
        ("fewer layers", b => b.Set("llama.block_count", 1u), "blk.1.attn_norm.weight", "which it does not use"),
        ("a bias", b => b.Add("blk.0.attn_q.bias", TensorType.F32, 64), "blk.0.attn_q.bias", "which it does not use"),
        ("RoPE factors", b => b.Add("rope_freqs.weight", TensorType.F32, 16), "rope_freqs.weight", "which it does not use"),
        ("quantised norm", b => { b.Tensor("output_norm.weight").Type = 8; b.Tensor("output_norm.weight").Data = new byte[34]; }, "output_norm.weight", "F32, F16 or BF16"),
    ];

    public static TheoryData<string> Refused => new(s_refused.Select(c => c.Name));

    [Theory, MemberData(nameof(Refused))]
    public void Load_WeightsThatDoNotFit_AreRefused(string name)
    {
        (_, Action<GgufBuilder> change, string place, string message) = s_refused.Single(c => c.Name == name);
        GgufBuilder builder = GgufBuilder.Decoder();
        change(builder);

        GgufException exception = Assert.Throws<GgufException>(() => Load(builder));

        Assert.Equal(place, exception.Place);
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
    }

    private static DecoderWeights Load(GgufBuilder builder)
    {
        using var temporary = new TemporaryFile(builder.Build());
        using var file = new GgufFile(temporary.Path);
        return DecoderWeights.Load(file);
    }

    private static JsonDocument Manifest(string model) => JsonDocument.Parse(File.ReadAllBytes(Repository.Golden($"model/{model}/manifest.json")));
}
