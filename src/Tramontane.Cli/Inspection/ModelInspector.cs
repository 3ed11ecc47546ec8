using Tramontane.Cli.CommandLine;
using Tramontane.Compute.Memory;
using Tramontane.Compute.Threading;
using Tramontane.Inference.Engine;
using Tramontane.Inference.Model;
using Tramontane.Inference.Weights;

namespace Tramontane.Cli.Inspection;

/// <summary>Reads what a GGUF file says of itself and computes what it would need.</summary>
internal static class ModelInspector
{
    /// <summary>Reports on a file. A sound file of another kind of model is reported, with the reason why it is not run.</summary>
    /// <exception cref="GgufException">The file is broken or not GGUF.</exception>
    public static ModelReport Inspect(EngineOptions options)
    {
        using var file = new GgufFile(options.ModelPath);
        DecoderConfig? config = null;
        string? refusal = null;
        try
        {
            config = DecoderWeights.Load(file).Config;
            _ = GgufTokenizer.Load(file);
        }
        catch (GgufException exception)
        {
            refusal = exception.Message;
        }

        return new ModelReport
        {
            File = file.Path,
            FileBytes = file.Length,
            GgufVersion = file.Version,
            Name = file.Metadata.GetValueOrDefault("general.name") as string,
            IsDemo = file.Metadata.GetValueOrDefault("tramontane.demo") is true,
            Parameters = file.Tensors.Sum(tensor => tensor.ElementCount),
            Refusal = refusal,
            Decoder = config is null ? null : new DecoderReport(
                config.LayerCount, config.Dim, config.QueryHeads, config.KeyValueHeads, config.HeadDim, config.HiddenDim, config.VocabularySize, config.MaxPositions),
            Memory = config is null ? null : Memory(file, config, options),
            TensorTypes = [.. file.Tensors.GroupBy(tensor => tensor.Type)
                .Select(group => new TensorTypeReport($"{group.Key}", group.Count(), group.Sum(t => t.ElementCount), group.Sum(t => t.ByteLength)))
                .OrderByDescending(type => type.Bytes)],
            Metadata = file.Metadata.ToDictionary(pair => pair.Key, pair => Describe(pair.Value)),
        };
    }

    private static MemoryReport Memory(GgufFile file, DecoderConfig config, EngineOptions options)
    {
        int context = options.ContextLength ?? Math.Min(config.MaxPositions, EngineOptions.DefaultContextLength);
        if (context > config.MaxPositions)
        {
            throw new CommandFailure($"The model has positions for {config.MaxPositions} tokens: lower --ctx.");
        }

        long blocks = (long)options.MaxBatch * ((context + KeyValueBlocks.BlockTokens - 1) / KeyValueBlocks.BlockTokens);
        DecoderMemory memory = Decoder.Memory(
            config,
            new DecoderOptions { KeyValueType = options.KeyValueType, KeyValueBlockCount = checked((int)blocks), MaxBatchTokens = options.MaxBatchTokens },
            options.Threads ?? Processors.PhysicalCoreCount);
        return new MemoryReport(context, options.MaxBatch, $"{options.KeyValueType}", file.Length, memory.CacheBytes, memory.ScratchBytes);
    }

    private static string Describe(object value) => value switch
    {
        Array array => $"[{array.Length} × {array.GetType().GetElementType()!.Name}]",
        bool flag => flag ? "true" : "false",
        _ => $"{value}",
    };
}
