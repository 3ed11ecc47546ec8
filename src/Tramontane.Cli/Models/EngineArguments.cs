using System.CommandLine;
using Tramontane.Cli.CommandLine;
using Tramontane.Compute.Kernels;
using Tramontane.Compute.Memory;
using Tramontane.Inference.Engine;

namespace Tramontane.Cli.Models;

/// <summary>The options that choose a model and how it is run; the same on every command that loads one.</summary>
internal sealed class EngineArguments
{
    private const int MostTokens = 1 << 24;

    private readonly Option<string?> _model = new("--model", "-m")
    {
        Description = "A GGUF file, a folder with one, or a name to find in ./models or ~/.cache/tramontane/models. Left out: the demo model.",
        HelpName = "FILE|DIR|NAME",
    };

    private readonly Option<string?> _mmproj = new("--mmproj")
    {
        Description = "The vision encoder that belongs to the model; none for text alone. Left out: an mmproj*.gguf beside the model, if there is one.",
        HelpName = "FILE|none",
    };

    private readonly Option<int?> _threads = Arguments.OptionalInteger("--threads", "Compute threads. Left out: one per physical core.", 1, 1024, "-t");

    private readonly Option<int?> _context = Arguments.OptionalInteger(
        "--ctx", $"Most tokens of one sequence, prompt and answer. Left out: what the model was made for, at most {EngineOptions.DefaultContextLength}.", 1, MostTokens);

    private readonly Option<int> _maxBatch = Arguments.Integer("--max-batch", "Most sequences computed together; the KV cache grows with it.", 4, 1, 1024);

    private readonly Option<int?> _cacheTokens = Arguments.OptionalInteger(
        "--cache-tokens", "Tokens that the KV cache holds in all, at least --ctx. Left out: --max-batch times --ctx. With less, sequences that turn out long wait for others.", 1, MostTokens);

    private readonly Option<int> _lookup = Arguments.Integer(
        "--lookup", "Most tokens that are guessed from the text so far and checked in one step; 0 for none. Faster where answers repeat their prompt; changes no answer.", 0, 0, 16);

    private readonly Option<string?> _prefixFile = new("--prefix-file")
    {
        Description = "Keeps cached prompts over a restart, up to 1 GiB. The file holds what users wrote; only you can read it.", HelpName = "FILE",
    };

    private readonly Option<int> _maxQueue = Arguments.Integer("--max-queue", "Most sequences that wait for a place; more are refused with 429.", EngineOptions.DefaultMaxQueue, 0, 1 << 20);

    private readonly Option<string> _keyValueType = Arguments.Choice(
        "--kv-type", "How keys and values are cached; q8_0 halves f16's memory. auto is f16, and f32 with --compute exact.", "auto", "auto", "f16", "q8_0", "f32");

    private readonly Option<string> _compute = Arguments.Choice(
        "--compute", "fast rounds activations to 8-bit integers where weights are quantised; exact keeps them in float32.", "fast", "fast", "exact");

    /// <summary>Gives a command that runs a model its options.</summary>
    /// <param name="command">The command.</param>
    /// <param name="oneSequence">Leaves out the batch size: the command runs one sequence at a time.</param>
    public void AddTo(Command command, bool oneSequence)
    {
        Add(command, _model, _mmproj, _threads, _context, _keyValueType, _compute, _lookup);
        if (!oneSequence)
        {
            Add(command, _maxBatch, _maxQueue, _cacheTokens, _prefixFile);
        }
    }

    /// <summary>Gives a command the options that decide how much memory a model takes.</summary>
    public void AddSizesTo(Command command) => Add(command, _context, _maxBatch, _keyValueType, _threads);

    /// <summary>Gives a command the options that choose a model and its arithmetic.</summary>
    public void AddComputeTo(Command command) => Add(command, _model, _threads, _keyValueType, _compute);

    /// <summary>What the command line asks for.</summary>
    /// <exception cref="CommandFailure">The model cannot be found.</exception>
    public EngineOptions Read(ParseResult result)
    {
        string model = ModelLocator.Find(result.GetValue(_model));
        bool takesImages = result.CommandResult.Command.Options.Contains(_mmproj);
        return Read(result, model) with { VisionPath = takesImages ? ModelLocator.FindVision(model, result.GetValue(_mmproj)) : null };
    }

    /// <summary>What the command line asks for, with a model that it named otherwise.</summary>
    public EngineOptions Read(ParseResult result, string modelPath)
    {
        IList<Option> options = result.CommandResult.Command.Options;
        ComputeMode compute = options.Contains(_compute) ? ReadCompute(result.GetValue(_compute)!) : ComputeMode.Fast;
        return new EngineOptions
        {
            ModelPath = modelPath,
            ContextLength = options.Contains(_context) ? result.GetValue(_context) : null,
            MaxBatch = options.Contains(_maxBatch) ? result.GetValue(_maxBatch) : 1,
            MaxQueue = options.Contains(_maxQueue) ? result.GetValue(_maxQueue) : EngineOptions.DefaultMaxQueue,
            CacheTokens = options.Contains(_cacheTokens) ? result.GetValue(_cacheTokens) : null,
            PrefixFile = options.Contains(_prefixFile) ? result.GetValue(_prefixFile) : null,
            LookupTokens = options.Contains(_lookup) ? result.GetValue(_lookup) : 0,
            Threads = result.GetValue(_threads),
            ComputeMode = compute,
            KeyValueType = ReadKeyValueType(result.GetValue(_keyValueType)!, compute),
        };
    }

    /// <summary>The word of <c>--compute</c>.</summary>
    public static ComputeMode ReadCompute(string word) => word == "exact" ? ComputeMode.Exact : ComputeMode.Fast;

    /// <summary>The word of <c>--kv-type</c>.</summary>
    /// <param name="word">The word.</param>
    /// <param name="compute">The arithmetic: who asks for exactness gets it in the cache too, unless they say otherwise.</param>
    public static KeyValueType ReadKeyValueType(string word, ComputeMode compute) => word switch
    {
        "f32" => KeyValueType.F32,
        "q8_0" => KeyValueType.Q8_0,
        "f16" => KeyValueType.F16,
        _ => compute == ComputeMode.Exact ? KeyValueType.F32 : KeyValueType.F16,
    };

    private static void Add(Command command, params ReadOnlySpan<Option> options)
    {
        foreach (Option option in options)
        {
            command.Options.Add(option);
        }
    }
}
