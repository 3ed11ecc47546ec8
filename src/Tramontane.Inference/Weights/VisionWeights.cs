using Tramontane.Compute.Quantization;

namespace Tramontane.Inference.Weights;

/// <summary>
/// All weights of a vision encoder and its projector, in the mapped mmproj file in their stored formats. Immutable; any
/// thread may read it.
/// </summary>
public sealed class VisionWeights
{
    /// <summary>The shape that all weights have been checked against.</summary>
    public required VisionConfig Config { get; init; }

    /// <summary>The patch convolution as a matrix: [dim, 3 · patch · patch], samples ordered colour, row, column.</summary>
    public required WeightMatrix PatchEmbedding { get; init; }

    /// <summary>Gains of the norm behind it: [dim].</summary>
    public required float[] InputNorm { get; init; }

    /// <summary>The encoder blocks, in order.</summary>
    public required IReadOnlyList<LayerWeights> Layers { get; init; }

    /// <summary>Gains of the norm before the projector: [dim].</summary>
    public required float[] ProjectorNorm { get; init; }

    /// <summary>[dim, dim · merge · merge], inputs ordered channel, row, column.</summary>
    public required WeightMatrix Merger { get; init; }

    /// <summary>[output dim, dim]</summary>
    public required WeightMatrix ProjectorIn { get; init; }

    /// <summary>[output dim, output dim]</summary>
    public required WeightMatrix ProjectorOut { get; init; }

    /// <summary>Finds all weights in a GGUF file, without reading any matrix. The file may be disposed of afterwards.</summary>
    /// <exception cref="GgufException">The file holds another kind of model, or a tensor is missing, of another shape, or unknown to this encoder.</exception>
    public static VisionWeights Load(GgufFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        VisionConfig c = VisionConfig.Read(file);
        if (c.LayerCount > file.Tensors.Count)
        {
            throw file.Error("tensor directory", $"tensors for {c.LayerCount} layers", $"{file.Tensors.Count} tensors");
        }

        RefuseUnknownTensors(file, c);
        return new VisionWeights
        {
            Config = c,
            PatchEmbedding = file.Filters("v.patch_embd.weight", c.Dim, channels: 3, c.PatchSize),
            InputNorm = file.Vector("v.pre_ln.weight", c.Dim),
            Layers = [.. Enumerable.Range(0, c.LayerCount).Select(layer => LoadLayer(file, c, layer))],
            ProjectorNorm = file.Vector("mm.input_norm.weight", c.Dim),
            Merger = file.Matrix("mm.patch_merger.weight", c.Dim, c.Dim * c.MergeSize * c.MergeSize),
            ProjectorIn = file.Matrix("mm.1.weight", c.OutputDim, c.Dim),
            ProjectorOut = file.Matrix("mm.2.weight", c.OutputDim, c.OutputDim),
        };
    }

    private static LayerWeights LoadLayer(GgufFile file, VisionConfig c, int layer)
    {
        WeightMatrix Matrix(string name, int rows, int columns) => file.Matrix($"v.blk.{layer}.{name}.weight", rows, columns);
        return new LayerWeights
        {
            AttentionNorm = file.Vector($"v.blk.{layer}.ln1.weight", c.Dim),
            Query = Matrix("attn_q", c.Dim, c.Dim),
            Key = Matrix("attn_k", c.Dim, c.Dim),
            Value = Matrix("attn_v", c.Dim, c.Dim),
            Output = Matrix("attn_out", c.Dim, c.Dim),
            FfnNorm = file.Vector($"v.blk.{layer}.ln2.weight", c.Dim),
            Gate = Matrix("ffn_gate", c.HiddenDim, c.Dim),
            Up = Matrix("ffn_up", c.HiddenDim, c.Dim),
            Down = Matrix("ffn_down", c.Dim, c.HiddenDim),
        };
    }

    // Of the tensors that are not used only the embedding of [IMG_BREAK] is known: llama.cpp takes it from here, the official
    // references from the text model's table, and so does this engine.
    private static void RefuseUnknownTensors(GgufFile file, VisionConfig config)
    {
        var known = new HashSet<string>(StringComparer.Ordinal)
        {
            "v.patch_embd.weight", "v.pre_ln.weight", "mm.input_norm.weight", "mm.patch_merger.weight", "mm.1.weight", "mm.2.weight", "v.token_embd.img_break",
        };
        for (int layer = 0; layer < config.LayerCount; layer++)
        {
            known.UnionWith(((string[])["ln1", "ln2", "attn_q", "attn_k", "attn_v", "attn_out", "ffn_gate", "ffn_up", "ffn_down"]).Select(name => $"v.blk.{layer}.{name}.weight"));
        }

        if (file.Tensors.FirstOrDefault(tensor => !known.Contains(tensor.Name)) is GgufTensor unknown)
        {
            throw file.Error(unknown.Name, $"only tensors of a {config.LayerCount}-layer Pixtral encoder without biases", "this one, which it does not use");
        }
    }
}
