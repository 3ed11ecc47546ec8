using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Tramontane.Compute.Memory;
using Tramontane.Compute.Threading;
using Tramontane.Inference.KvCache;
using Tramontane.Inference.Model;
using Tramontane.Inference.Weights;
using Tramontane.Tokenization;

namespace Tramontane.Inference.Engine;

/// <summary>A mapped model file with what was read from it, fitted to a configuration.</summary>
internal sealed class LoadedModel : IDisposable
{
    // A demo model says so in its metadata.
    private const string DemoKey = "tramontane.demo";

    private readonly GgufFile _file;

    private LoadedModel(GgufFile file, DecoderWeights weights, Tokenizer tokenizer, EngineOptions options)
    {
        (_file, Weights, Tokenizer) = (file, weights, tokenizer);
        DecoderConfig config = weights.Config;
        if (tokenizer.VocabularySize != config.VocabularySize)
        {
            throw new EngineConfigurationException(
                $"{file.Path}: the tokenizer has {tokenizer.VocabularySize} entries and the embeddings {config.VocabularySize}. The file is damaged or was converted wrongly.");
        }

        int context = options.ContextLength ?? Math.Min(config.MaxPositions, EngineOptions.DefaultContextLength);
        if (context < 2 || context > config.MaxPositions)
        {
            throw new EngineConfigurationException($"A context of {context} tokens is not possible: this model has positions for 2 to {config.MaxPositions}. Change --ctx.");
        }

        Info = new ModelInfo
        {
            Name = file.FindString("general.name") ?? Path.GetFileNameWithoutExtension(file.Path),
            FileName = Path.GetFileName(file.Path),
            IsDemo = file.FindBoolean(DemoKey) ?? false,
            ContextLength = context,
            ParameterCount = file.Tensors.Sum(tensor => tensor.ElementCount),
            VocabularySize = config.VocabularySize,
            Fingerprint = Fingerprint(file, options),
        };
    }

    public DecoderWeights Weights { get; }

    public Tokenizer Tokenizer { get; }

    public ModelInfo Info { get; }

    /// <summary>Maps the file and checks it against the configuration.</summary>
    public static LoadedModel Open(EngineOptions options)
    {
        if (options.MaxBatch < 1 || options.MaxQueue < 0 || options.MaxBatchTokens < 1 || options.Threads < 1 || options.MaxPendingUpdates < 1
            || options.LookupTokens < 0 || !(options.DecodeSlowdown > 1))
        {
            throw new EngineConfigurationException(
                "Batch, rows per step, threads and pending updates must be at least 1, the slowdown more than 1, and queue and guesses not negative.");
        }

        var file = new GgufFile(options.ModelPath);
        try
        {
            return new LoadedModel(file, DecoderWeights.Load(file), GgufTokenizer.Load(file), options);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>How the decoder is set up: room for every sequence's whole context, unless less is asked for.</summary>
    /// <exception cref="EngineConfigurationException">That is more blocks than can be counted, or too few for one sequence.</exception>
    public DecoderOptions DecoderOptions(EngineOptions options)
    {
        if (options.CacheTokens < Info.ContextLength)
        {
            throw new EngineConfigurationException(
                $"A cache of {options.CacheTokens} tokens does not hold one context of {Info.ContextLength}: raise --cache-tokens or lower --ctx.");
        }

        long blockCount = Math.Min((long)options.MaxBatch * BlockPool.BlocksFor(Info.ContextLength), options.CacheTokens is { } tokens ? BlockPool.BlocksFor(tokens) : long.MaxValue);
        if (blockCount > int.MaxValue)
        {
            throw new EngineConfigurationException($"{options.MaxBatch} sequences of {Info.ContextLength} tokens are more than can be cached. Lower --ctx or --max-batch.");
        }

        return new DecoderOptions
        {
            ComputeMode = options.ComputeMode,
            KeyValueType = options.KeyValueType,
            KeyValueBlockCount = (int)blockCount,
            MaxBatchTokens = Math.Max(options.MaxBatch, (int)Math.Min(options.MaxBatchTokens, (long)options.MaxBatch * Info.ContextLength)),
            MaxLogitRows = Math.Max(options.MaxBatch, 32), // a few rows more than sequences, for guesses, and so that prompt log-probabilities go on in pieces
        };
    }

    /// <summary>The memory that a configuration needs.</summary>
    /// <exception cref="EngineConfigurationException">It is more than there is.</exception>
    public MemoryPlan PlanMemory(EngineOptions options)
    {
        DecoderMemory decoder = Model.Decoder.Memory(Weights.Config, DecoderOptions(options), options.Threads ?? Processors.PhysicalCoreCount);
        var plan = new MemoryPlan(_file.Length, decoder.CacheBytes, decoder.ScratchBytes, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        if (plan.CommittedBytes > plan.AvailableBytes)
        {
            long perSequence = KeyValueBlocks.Bytes(
                options.KeyValueType, Weights.Config.LayerCount, BlockPool.BlocksFor(Info.ContextLength), Weights.Config.KeyValueHeads, Weights.Config.HeadDim);
            throw new EngineConfigurationException(string.Create(CultureInfo.InvariantCulture, $"""
                This configuration needs {Gibibytes(plan.CommittedBytes)} GiB beside the weights, and {Gibibytes(plan.AvailableBytes)} GiB are there: {options.MaxBatch} sequences of {Info.ContextLength} tokens take {Gibibytes(perSequence)} GiB of cache each. Lower --ctx or --max-batch, or take --kv-type q8_0.
                """));
        }

        return plan;
    }

    public void Dispose() => _file.Dispose();

    private static string Gibibytes(long bytes) => (bytes / (double)(1L << 30)).ToString("F2", CultureInfo.InvariantCulture);

    // Everything that decides an answer's bytes beside the request: the tensors' types and places, and the arithmetic.
    private static string Fingerprint(GgufFile file, EngineOptions options)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{typeof(LoadedModel).Assembly.GetName().Version} {file.Length} {options.ComputeMode} {options.KeyValueType}\n");
        foreach (GgufTensor tensor in file.Tensors)
        {
            text.Append(CultureInfo.InvariantCulture, $"{tensor.Name} {tensor.Shape} {tensor.Offset}\n");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..12];
    }
}
