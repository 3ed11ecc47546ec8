using Tramontane.Compute.Quantization;

namespace Tramontane.Inference.Weights;

/// <summary>
/// All weights of a text decoder. Matrices lie in the mapped file in their stored formats; norm gains are float32.
/// Immutable; any thread may read it.
/// </summary>
public sealed class DecoderWeights
{
    /// <summary>The shape that all weights have been checked against.</summary>
    public required DecoderConfig Config { get; init; }

    /// <summary>Rows by token id: [vocabulary, dim].</summary>
    public required WeightMatrix TokenEmbedding { get; init; }

    /// <summary>The decoder blocks, in order.</summary>
    public required IReadOnlyList<LayerWeights> Layers { get; init; }

    /// <summary>Gains of the norm before the output head: [dim].</summary>
    public required float[] OutputNorm { get; init; }

    /// <summary>[vocabulary, dim]; the token embedding itself when the file has no other.</summary>
    public required WeightMatrix OutputHead { get; init; }

    /// <summary>
    /// Finds all weights in a GGUF file, without reading any matrix. The file may be disposed of afterwards.
    /// </summary>
    /// <exception cref="GgufException">The file holds another kind of model, or a tensor is missing, of another shape, or unknown to this decoder.</exception>
    public static DecoderWeights Load(GgufFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        DecoderConfig config = DecoderConfig.Read(file);
        int tensorsPerLayer = LayerWeights.TensorNames.Count;
        if (config.LayerCount > file.Tensors.Count / tensorsPerLayer)
        {
            throw file.Error("tensor directory", $"{tensorsPerLayer} tensors for each of {config.LayerCount} layers", $"{file.Tensors.Count} tensors");
        }

        RefuseUnknownTensors(file, config);
        WeightMatrix embedding = file.Matrix("token_embd.weight", config.VocabularySize, config.Dim);
        bool tied = file.FindTensor("output.weight") is null;
        return new DecoderWeights
        {
            Config = config,
            TokenEmbedding = embedding,
            Layers = [.. Enumerable.Range(0, config.LayerCount).Select(layer => LayerWeights.Load(file, config, layer))],
            OutputNorm = file.Vector("output_norm.weight", config.Dim),
            OutputHead = tied ? embedding : file.Matrix("output.weight", config.VocabularySize, config.Dim),
        };
    }

    // A bias or a table of RoPE factors that nobody applies would give wrong answers without a word.
    private static void RefuseUnknownTensors(GgufFile file, DecoderConfig config)
    {
        var known = new HashSet<string>(StringComparer.Ordinal) { "token_embd.weight", "output_norm.weight", "output.weight" };
        for (int layer = 0; layer < config.LayerCount; layer++)
        {
            known.UnionWith(LayerWeights.TensorNames.Select(name => $"blk.{layer}.{name}.weight"));
        }

        if (file.Tensors.FirstOrDefault(tensor => !known.Contains(tensor.Name)) is GgufTensor unknown)
        {
            throw file.Error(unknown.Name, $"only tensors of a {config.LayerCount}-layer decoder without biases", "this one, which it does not use");
        }
    }
}
