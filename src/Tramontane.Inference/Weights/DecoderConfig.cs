namespace Tramontane.Inference.Weights;

/// <summary>The shape of a text decoder and its few numeric settings.</summary>
public sealed record DecoderConfig
{
    /// <summary>Entries of the vocabulary, control tokens included.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Width of the hidden state.</summary>
    public required int Dim { get; init; }

    /// <summary>Decoder blocks.</summary>
    public required int LayerCount { get; init; }

    /// <summary>Attention heads of queries.</summary>
    public required int QueryHeads { get; init; }

    /// <summary>Attention heads of keys and values; a divisor of <see cref="QueryHeads"/>.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Elements of a head: not <see cref="Dim"/> / <see cref="QueryHeads"/>, which is 160 where this is 128.</summary>
    public required int HeadDim { get; init; }

    /// <summary>Width of the feed-forward layer.</summary>
    public required int HiddenDim { get; init; }

    /// <summary>Base of the rotary frequencies.</summary>
    public required double RopeTheta { get; init; }

    /// <summary>Added to the mean square in RMS norms.</summary>
    public required float NormEpsilon { get; init; }

    /// <summary>Longest sequence that the model was made for, in tokens.</summary>
    public required int MaxPositions { get; init; }

    /// <summary>
    /// Reads the shape from GGUF metadata of architecture <c>llama</c> or <c>mistral3</c>. Whatever would need another
    /// forward pass than the decoder's is refused: a wrong answer is worse than none.
    /// </summary>
    /// <exception cref="GgufException">A key is missing, has no sensible value, or asks for what the decoder does not do.</exception>
    public static DecoderConfig Read(GgufFile file)
    {
        string architecture = file.GetString("general.architecture");
        if (architecture is not ("llama" or "mistral3"))
        {
            string hint = architecture == "clip" ? " (a vision tower, which goes beside a text model)" : "";
            throw file.Error("general.architecture", "llama or mistral3", $"{architecture}{hint}");
        }

        int Count(string key) => Positive(file, $"{architecture}.{key}", file.GetInteger($"{architecture}.{key}"));
        int? OptionalCount(string key) => file.FindInteger($"{architecture}.{key}") is int value ? Positive(file, $"{architecture}.{key}", value) : null;

        int dim = Count("embedding_length"), queryHeads = Count("attention.head_count");
        int headDim = OptionalCount("attention.key_length") ?? OptionalCount("rope.dimension_count") ?? (dim / queryHeads);
        var config = new DecoderConfig
        {
            VocabularySize = OptionalCount("vocab_size") ?? Positive(file, "tokenizer.ggml.tokens", file.GetStrings("tokenizer.ggml.tokens").Count),
            Dim = dim,
            LayerCount = Count("block_count"),
            QueryHeads = queryHeads,
            KeyValueHeads = OptionalCount("attention.head_count_kv") ?? queryHeads,
            HeadDim = headDim,
            HiddenDim = Count("feed_forward_length"),
            RopeTheta = file.FindFloat($"{architecture}.rope.freq_base") ?? 10_000, // llama.cpp's default
            NormEpsilon = (float)file.GetFloat($"{architecture}.attention.layer_norm_rms_epsilon"),
            MaxPositions = Count("context_length"),
        };
        config.Check(file, architecture);
        RefuseOtherArchitectures(file, architecture, headDim);
        return config;
    }

    private void Check(GgufFile file, string architecture)
    {
        if (QueryHeads % KeyValueHeads != 0)
        {
            throw file.Error($"{architecture}.attention.head_count_kv", $"a divisor of the {QueryHeads} query heads", $"{KeyValueHeads}");
        }

        if (HeadDim == 0 || HeadDim % 32 != 0 || (long)HeadDim * QueryHeads > int.MaxValue)
        {
            throw file.Error($"{architecture}.attention.key_length", "a head size that is a multiple of 32 with a row of heads below 2^31", $"{HeadDim} for each of {QueryHeads} heads");
        }

        if (!double.IsFinite(RopeTheta) || RopeTheta <= 0)
        {
            throw file.Error($"{architecture}.rope.freq_base", "a positive number", $"{RopeTheta}");
        }

        if (!float.IsFinite(NormEpsilon) || NormEpsilon < 0)
        {
            throw file.Error($"{architecture}.attention.layer_norm_rms_epsilon", "a number that is not negative", $"{NormEpsilon}");
        }
    }

    private static void RefuseOtherArchitectures(GgufFile file, string architecture, int headDim)
    {
        void Integer(string key, int expected, string meaning)
        {
            if (file.FindInteger($"{architecture}.{key}") is int value && value != expected)
            {
                throw file.Error($"{architecture}.{key}", $"{expected} ({meaning})", $"{value}");
            }
        }

        void Number(string key, double expected, string meaning)
        {
            // 0 is how converters write "not set".
            if (file.FindFloat($"{architecture}.{key}") is double value && value != expected && value != 0)
            {
                throw file.Error($"{architecture}.{key}", $"{expected} ({meaning})", $"{value}");
            }
        }

        Integer("attention.value_length", headDim, "values as long as keys");
        Integer("rope.dimension_count", headDim, "rotation of whole heads");
        Integer("attention.sliding_window", 0, "attention to the whole context");
        Integer("expert_count", 0, "a dense feed-forward layer");
        Number("attention.temperature_scale", 0, "scores that do not depend on the position");
        string scalingKey = $"{architecture}.rope.scaling.type";
        string scaling = file.FindString(scalingKey) ?? "none";
        if (scaling != "none")
        {
            throw file.Error(scalingKey, "none: RoPE scaling is not supported", scaling);
        }

        if (!file.Metadata.ContainsKey(scalingKey))
        {
            Number("rope.scaling.factor", 1, "RoPE scaling is not supported"); // linear when no type is given
        }

        Number("rope.scale_linear", 1, "RoPE scaling is not supported");
        if (file.FindBoolean($"{architecture}.attention.causal") == false)
        {
            throw file.Error($"{architecture}.attention.causal", "true: a decoder", "false");
        }
    }

    private static int Positive(GgufFile file, string key, int value) =>
        value > 0 ? value : throw file.Error(key, "a positive number", $"{value}");
}
