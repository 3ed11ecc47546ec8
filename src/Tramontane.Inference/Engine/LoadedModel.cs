using System.Globalization;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using System.Text;
using Tramontane.Compute.Memory;
using Tramontane.Compute.Threading;
using Tramontane.Inference.KvCache;
using Tramontane.Inference.Model;
using Tramontane.Inference.Vision;
using Tramontane.Inference.Weights;
using Tramontane.Tokenization;

namespace Tramontane.Inference.Engine;

/// <summary>A mapped model file with what was read from it, fitted to a configuration.</summary>
internal sealed class LoadedModel : IDisposable
{
    // A demo model says so in its metadata.
    private const string DemoKey = "tramontane.demo";

    private readonly GgufFile _file;
    private readonly GgufFile? _visionFile;

    private LoadedModel(GgufFile file, DecoderWeights weights, Tokenizer tokenizer, GgufFile? visionFile, EngineOptions options)
    {
        (_file, Weights, Tokenizer, _visionFile) = (file, weights, tokenizer, visionFile);
        Vision = visionFile is null ? null : LoadVision(visionFile, weights.Config, tokenizer);
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
            Author = file.FindString("general.organization") ?? file.FindString("general.author"),
            License = file.FindString("general.license.name") ?? file.FindString("general.license"),
            IsDemo = file.FindBoolean(DemoKey) ?? false,
            ContextLength = context,
            TrainedContextLength = config.MaxPositions,
            WeightFormats = [.. file.Tensors.GroupBy(tensor => tensor.Type)
                .Select(group => new WeightFormat(group.Key.ToString(), group.Sum(tensor => tensor.ByteLength)))
                .OrderByDescending(format => format.Bytes)],
            ParameterCount = file.Tensors.Sum(tensor => tensor.ElementCount),
            VocabularySize = config.VocabularySize,
            TakesImages = Vision is not null,
            Fingerprint = Fingerprint(file, visionFile, options),
        };
    }

    public DecoderWeights Weights { get; }

    public Tokenizer Tokenizer { get; }

    /// <summary>The vision encoder; null without one.</summary>
    public VisionWeights? Vision { get; }

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
        GgufFile? visionFile = null;
        try
        {
            visionFile = options.VisionPath is { } path ? new GgufFile(path) : null;
            return new LoadedModel(file, DecoderWeights.Load(file), GgufTokenizer.Load(file), visionFile, options);
        }
        catch
        {
            file.Dispose();
            visionFile?.Dispose();
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
        int threads = options.Threads ?? Processors.PhysicalCoreCount;
        DecoderMemory decoder = Model.Decoder.Memory(Weights.Config, DecoderOptions(options), threads);
        long vision = Vision is null ? 0 : VisionEncoder.ScratchBytes(Vision.Config, threads) + options.ImageCacheBytes;
        var plan = new MemoryPlan(
            _file.Length + (_visionFile?.Length ?? 0), decoder.CacheBytes, decoder.ScratchBytes, vision, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
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

    public void Dispose()
    {
        _file.Dispose();
        _visionFile?.Dispose();
    }

    private static VisionWeights LoadVision(GgufFile file, DecoderConfig decoder, Tokenizer tokenizer)
    {
        VisionWeights vision = VisionWeights.Load(file);
        if (vision.Config.OutputDim != decoder.Dim)
        {
            throw new EngineConfigurationException(
                $"{file.Path}: its image embeddings have {vision.Config.OutputDim} elements and the text model's {decoder.Dim}. It belongs to another model: change --mmproj.");
        }

        return vision.Config.Matches(tokenizer.Images)
            ? vision
            : throw new EngineConfigurationException($"{file.Path}: it cuts images otherwise than the tokenizer lays out their placeholders. It belongs to another model: change --mmproj.");
    }

    private static string Gibibytes(long bytes) => (bytes / (double)(1L << 30)).ToString("F2", CultureInfo.InvariantCulture);

    // Everything that decides an answer's bytes beside the request: the arithmetic, and the tensors by type, place and beginning.
    private static string Fingerprint(GgufFile file, GgufFile? visionFile, EngineOptions options)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Add(string text) => hash.AppendData(Encoding.UTF8.GetBytes(text));
        Add(string.Create(CultureInfo.InvariantCulture, $"{typeof(LoadedModel).Assembly.GetName().Version} {file.Length} {options.ComputeMode} {options.KeyValueType} "));
        Add($"{Vector512.IsHardwareAccelerated} {Vector256.IsHardwareAccelerated} {Fma.IsSupported}\n");
        foreach (GgufFile? part in (GgufFile?[])[file, visionFile])
        {
            foreach (GgufTensor tensor in part?.Tensors ?? [])
            {
                Add(string.Create(CultureInfo.InvariantCulture, $"{tensor.Name} {tensor.Shape} {tensor.Offset}\n"));
                hash.AppendData(part!.Beginning(tensor, 64));
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..12];
    }
}
