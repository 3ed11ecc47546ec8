using Tramontane.Inference.Weights;

namespace Tramontane.Inference.Tests.Weights;

public class DecoderConfigTests
{
    [Theory]
    [InlineData("llama")]
    [InlineData("mistral3")]
    public void Read_AllKeys_GivesTheShape(string architecture)
    {
        DecoderConfig config = Read(GgufBuilder.Decoder(architecture));
        Assert.Equal(
            new DecoderConfig
            {
                VocabularySize = 264, Dim = 32, LayerCount = 2, QueryHeads = 2, KeyValueHeads = 1, HeadDim = 32,
                HiddenDim = 64, RopeTheta = 1e9, NormEpsilon = 1e-5f, MaxPositions = 512,
            },
            config);
    }

    [Fact]
    public void Read_OptionalKeysMissing_TakesTheDefaults()
    {
        GgufBuilder builder = GgufBuilder.Decoder();
        foreach (string key in (string[])["attention.head_count_kv", "attention.key_length", "attention.value_length", "vocab_size", "rope.freq_base"])
        {
            builder.Remove("llama." + key);
        }

        builder.Set("llama.rope.dimension_count", 96u);
        DecoderConfig config = Read(builder);
        Assert.Equal((2, 96, 264, 10_000.0), (config.KeyValueHeads, config.HeadDim, config.VocabularySize, config.RopeTheta));
        Assert.Equal(64, Read(builder.Remove("llama.rope.dimension_count").Set("llama.embedding_length", 128u)).HeadDim);
    }

    [Fact]
    public void Read_HeadDimOtherThanDimByHeads_TakesTheKey() =>
        Assert.Equal((32, 32, 2), (Read(GgufBuilder.Decoder()).HeadDim, Read(GgufBuilder.Decoder()).Dim, Read(GgufBuilder.Decoder()).QueryHeads));

    [Fact]
    public void Read_HarmlessSettings_AreAccepted()
    {
        GgufBuilder builder = GgufBuilder.Decoder().Set("llama.rope.scaling.type", "none").Set("llama.rope.scaling.factor", 4f)
            .Set("llama.attention.sliding_window", 0u).Set("llama.expert_count", 0u).Set("llama.attention.causal", true)
            .Set("llama.attention.temperature_scale", 0f).Set("llama.rope.scale_linear", 1f);
        Assert.Equal(2, Read(builder).LayerCount);
    }

    // Name of the case, what is changed, the place that the error names, a part of its message.
    private static readonly (string Name, Action<GgufBuilder> Change, string Place, string Message)[] s_refused =
    [
        ("no architecture", b => b.Remove("general.architecture"), "general.architecture", "no such key"),
        ("another architecture", b => b.Set("general.architecture", "qwen3"), "general.architecture", "llama or mistral3, found qwen3"),
        ("vision tower", b => b.Set("general.architecture", "clip"), "general.architecture", "goes beside a text model"),
        ("no width", b => b.Remove("llama.embedding_length"), "llama.embedding_length", "no such key"),
        ("no layers", b => b.Set("llama.block_count", 0u), "llama.block_count", "a positive number, found 0"),
        ("no epsilon", b => b.Remove("llama.attention.layer_norm_rms_epsilon"), "llama.attention.layer_norm_rms_epsilon", "no such key"),
        ("epsilon not a number", b => b.Set("llama.attention.layer_norm_rms_epsilon", float.NaN), "llama.attention.layer_norm_rms_epsilon", "found NaN"),
        ("negative theta", b => b.Set("llama.rope.freq_base", -1f), "llama.rope.freq_base", "a positive number, found -1"),
        ("width as text", b => b.Set("llama.embedding_length", "32"), "llama.embedding_length", "found the string '32'"),
        ("heads per layer", b => b.Set("llama.attention.head_count", [2, 2]), "llama.attention.head_count", "found an array of 2 Int32"),
        ("heads not divisible", b => b.Set("llama.attention.head_count", 3u).Set("llama.attention.head_count_kv", 2u), "llama.attention.head_count_kv", "a divisor of the 3 query heads, found 2"),
        ("odd head", b => b.Set("llama.attention.key_length", 31u), "llama.attention.key_length", "a multiple of 32"),
        ("head of half a vector", b => b.Set("llama.attention.key_length", 16u), "llama.attention.key_length", "a multiple of 32"),
        ("more heads than width", b => b.Set("llama.attention.head_count", 64u).Remove("llama.attention.key_length").Remove("llama.rope.dimension_count"), "llama.attention.key_length", "found 0"),
        ("huge row of heads", b => b.Set("llama.attention.head_count", 1u << 30), "llama.attention.key_length", "below 2^31"),
        ("value length", b => b.Set("llama.attention.value_length", 16u), "llama.attention.value_length", "32 (values as long as keys), found 16"),
        ("partial rotation", b => b.Set("llama.rope.dimension_count", 16u), "llama.rope.dimension_count", "32 (rotation of whole heads), found 16"),
        ("sliding window", b => b.Set("llama.attention.sliding_window", 4096u), "llama.attention.sliding_window", "found 4096"),
        ("experts", b => b.Set("llama.expert_count", 8u), "llama.expert_count", "a dense feed-forward layer"),
        ("yarn", b => b.Set("llama.rope.scaling.type", "yarn"), "llama.rope.scaling.type", "not supported, found yarn"),
        ("linear", b => b.Set("llama.rope.scaling.factor", 4f), "llama.rope.scaling.factor", "found 4"),
        ("linear, older key", b => b.Set("llama.rope.scale_linear", 2f), "llama.rope.scale_linear", "found 2"),
        ("temperature by position", b => b.Set("llama.attention.temperature_scale", 0.1f), "llama.attention.temperature_scale", "found 0.1"),
        ("not causal", b => b.Set("llama.attention.causal", false), "llama.attention.causal", "a decoder"),
    ];

    public static TheoryData<string> Refused => new(s_refused.Select(c => c.Name));

    [Theory, MemberData(nameof(Refused))]
    public void Read_WhatTheDecoderDoesNotDo_IsRefused(string name)
    {
        (_, Action<GgufBuilder> change, string place, string message) = s_refused.Single(c => c.Name == name);
        GgufBuilder builder = GgufBuilder.Decoder();
        change(builder);

        GgufException exception = Assert.Throws<GgufException>(() => Read(builder));

        Assert.Equal(place, exception.Place);
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
    }

    private static DecoderConfig Read(GgufBuilder builder)
    {
        using var temporary = new TemporaryFile(builder.Build());
        using var file = new GgufFile(temporary.Path);
        return DecoderConfig.Read(file);
    }
}
