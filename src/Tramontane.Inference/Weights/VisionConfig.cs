using Tramontane.Tokenization.Images;

namespace Tramontane.Inference.Weights;

/// <summary>The shape of a Pixtral vision encoder with its projector.</summary>
public sealed record VisionConfig
{
    // mistral-common 1.11.7, image.py: the values that images are normalised with, and vision_encoder.py of mistral-inference
    // for what GGUF files do not say.
    internal static readonly double[] s_mean = [0.48145466, 0.4578275, 0.40821073];
    internal static readonly double[] s_standardDeviation = [0.26862954, 0.26130258, 0.27577711];

    /// <summary>Width of the hidden state.</summary>
    public required int Dim { get; init; }

    /// <summary>Encoder blocks.</summary>
    public required int LayerCount { get; init; }

    /// <summary>Attention heads; queries, keys and values have the same number.</summary>
    public required int Heads { get; init; }

    /// <summary>Width of the feed-forward layer.</summary>
    public required int HiddenDim { get; init; }

    /// <summary>Width of an image embedding: the text decoder's hidden state.</summary>
    public required int OutputDim { get; init; }

    /// <summary>Side of a square patch in pixels.</summary>
    public required int PatchSize { get; init; }

    /// <summary>Longest side of an image in pixels.</summary>
    public required int ImageSize { get; init; }

    /// <summary>Patches per side of the square that is merged into one embedding.</summary>
    public required int MergeSize { get; init; }

    /// <summary>Added to the mean square in RMS norms.</summary>
    public required float NormEpsilon { get; init; }

    /// <summary>Base of the rotary frequencies; no GGUF key says it.</summary>
    public double RopeTheta { get; init; } = 10_000;

    /// <summary>Elements of a head.</summary>
    public int HeadDim => Dim / Heads;

    /// <summary>Samples of a patch: red, green and blue.</summary>
    public int PatchLength => 3 * PatchSize * PatchSize;

    /// <summary>Most patches per side.</summary>
    public int MaxSide => (ImageSize + (PatchSize * MergeSize) - 1) / (PatchSize * MergeSize) * MergeSize;

    /// <summary>Reads the shape from GGUF metadata of architecture <c>clip</c> with the projector <c>pixtral</c>.</summary>
    /// <exception cref="GgufException">A key is missing, has no sensible value, or asks for what the encoder does not do.</exception>
    public static VisionConfig Read(GgufFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        string architecture = file.GetString("general.architecture");
        if (architecture != "clip")
        {
            throw file.Error("general.architecture", "clip: a vision encoder (mmproj) file", architecture);
        }

        string projector = file.GetString("clip.projector_type");
        if (projector != "pixtral")
        {
            throw file.Error("clip.projector_type", "pixtral", projector);
        }

        if (file.FindBoolean("clip.use_silu") != true)
        {
            throw file.Error("clip.use_silu", "true: a gate with SiLU", "something else");
        }

        int Count(string key) => file.GetInteger($"clip.vision.{key}") is > 0 and < 1 << 20 and int value
            ? value
            : throw file.Error($"clip.vision.{key}", "a positive number below a million", $"{file.GetInteger($"clip.vision.{key}")}");

        var config = new VisionConfig
        {
            Dim = Count("embedding_length"),
            LayerCount = Count("block_count"),
            Heads = Count("attention.head_count"),
            HiddenDim = Count("feed_forward_length"),
            OutputDim = Count("projection_dim"),
            PatchSize = Count("patch_size"),
            ImageSize = Count("image_size"),
            MergeSize = Count("spatial_merge_size"),
            NormEpsilon = (float)file.GetFloat("clip.vision.attention.layer_norm_epsilon"),
        };
        config.Check(file);
        return config;
    }

    /// <summary>Whether images are cut as the tokenizer lays out their placeholders.</summary>
    public bool Matches(ImageConfiguration images)
    {
        ArgumentNullException.ThrowIfNull(images);
        return (PatchSize, MergeSize) == (images.PatchSize, images.SpatialMergeSize) && ImageSize >= images.MaxImageSize;
    }

    private void Check(GgufFile file)
    {
        if (Dim % Heads != 0 || HeadDim % 8 != 0)
        {
            throw file.Error("clip.vision.attention.head_count", $"a number of heads of 8, 16, 24 … elements in {Dim}", $"{Heads}");
        }

        if (PatchSize > 64 || MergeSize > 8 || ImageSize is > 8192)
        {
            throw file.Error("clip.vision.image_size", "images of up to 8192 pixels, patches of up to 64, merged by up to 8", $"{ImageSize}, {PatchSize}, {MergeSize}");
        }

        if (!float.IsFinite(NormEpsilon) || NormEpsilon < 0)
        {
            throw file.Error("clip.vision.attention.layer_norm_epsilon", "a number that is not negative", $"{NormEpsilon}");
        }

        CheckNormalization(file, "clip.vision.image_mean", s_mean);
        CheckNormalization(file, "clip.vision.image_std", s_standardDeviation);
    }

    // Images are normalised before the encoder is asked, with the model family's values; a file with others is another model.
    private static void CheckNormalization(GgufFile file, string key, double[] expected)
    {
        if (file.Metadata.GetValueOrDefault(key) is { } found
            && (found is not float[] { Length: 3 } values || values.Zip(expected).Any(pair => Math.Abs(pair.First - pair.Second) > 1e-5)))
        {
            throw file.Error(key, $"the normalisation [{string.Join(", ", expected)}]", found is float[] other ? $"[{string.Join(", ", other)}]" : found.GetType().Name);
        }
    }
}
