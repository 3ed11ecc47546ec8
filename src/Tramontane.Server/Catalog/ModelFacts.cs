using System.Globalization;
using Tramontane.Inference.Engine;

namespace Tramontane.Server.Catalog;

/// <summary>Something that the loaded model can or cannot do here.</summary>
/// <param name="Id">A short name for programs: <c>vision</c>.</param>
/// <param name="Label">For people.</param>
/// <param name="IsAvailable">Whether requests for it are served.</param>
/// <param name="Detail">What exactly, or what is missing.</param>
/// <param name="GlossaryId">Its entry in the glossary; null for none.</param>
internal sealed record Capability(string Id, string Label, bool IsAvailable, string Detail, string? GlossaryId = null);

/// <summary>
/// What is loaded, in words and figures: the one source of the model card on <c>/v1/models</c> and of the pages. Computed
/// from the engine and the options alone.
/// </summary>
internal sealed class ModelFacts
{
    private readonly ModelInfo _model;

    public ModelFacts(ModelCatalog catalog, IInferenceEngine engine, ServerOptions options, TimeProvider time)
    {
        _model = engine.Model;
        Id = catalog.Names[0];
        Aliases = [.. catalog.Names.Skip(1)];
        Loaded = time.GetUtcNow();
        DefaultTemperature = options.DefaultTemperature;
        FetchesImages = options.Images.FetchRemote;
        Capabilities =
        [
            new("chat", "Chat", true, "Conversations over `/v1/chat/completions`, `/v1/responses` and `/v1/messages`, streamed or whole."),
            new("vision", "Vision", TakesImages, TakesImages
                ? "Images up to 1540 × 1540 pixels at their own resolution, anywhere in a conversation."
                : "No vision encoder is loaded: start the server with `--mmproj FILE`.", "vision"),
            new("tools", "Tool calling", true, "Calls name a tool and fit its JSON Schema in every mode; a named tool can be forced.", "tools"),
            new("json_mode", "JSON mode", true, "`response_format` of type `json_object`: the answer is one JSON object.", "json"),
            new("structured_outputs", "Structured outputs", true, "JSON Schemas, expressions, choices and grammars are enforced while the answer is drawn; what cannot be enforced is refused.", "structured-outputs"),
            new("streaming", "Streaming", true, "Server-sent events with the token counts at the end."),
            new("logprobs", "Log-probabilities", true, "Of the model's own distribution, up to 20 alternatives per token."),
            new("seed", "Repeatable answers", true, "One prompt and one seed give the same bytes, whatever else the server does."),
            new("prompt_caching", "Prompt caching", true, "What prompts have in common from their beginning is computed once and reported as cached tokens.", "cached-tokens"),
            new("fim", "Fill in the middle", false, "The model was not made for it."),
            new("fine_tuning", "Fine-tuning", false, "Not over the API: the weights are open, so tune them elsewhere and load the result as GGUF."),
        ];
    }

    /// <summary>The id of the model card.</summary>
    internal string Id { get; }

    /// <summary>Further names that requests may use.</summary>
    internal IReadOnlyList<string> Aliases { get; }

    /// <summary>The name inside the file.</summary>
    internal string Name => _model.Name;

    /// <summary>True for the bundled model that shows that everything works.</summary>
    internal bool IsDemo => _model.IsDemo;

    /// <summary>Who made the weights.</summary>
    internal string Owner => IsDemo ? "tramontane" : "mistralai";

    /// <summary>Who made the weights: what the file says, which may be another model than the one it is served as.</summary>
    internal string MadeBy => IsDemo ? "the Tramontane authors" : _model.Author is { Length: > 0 } author ? $"{Plain(author)}, as the file says" : "not in the file";

    /// <summary>Licence of the weights as the file says it; null when it does not.</summary>
    internal string? License => IsDemo ? "Apache-2.0" : _model.License is { Length: > 0 } license ? Plain(license) : null;

    /// <summary>A sentence for the model card.</summary>
    internal string Description => IsDemo
        ? "The small demo model that comes with Tramontane: it shows that everything works and knows next to nothing. Load the real one with `./tramontane serve --model FILE.gguf`, where FILE.gguf is Mistral-Small-3.2-24B-Instruct-2506."
        : string.Create(CultureInfo.InvariantCulture, $"{_model.FileName}, {_model.ParameterCount / 1e9:F1} billion parameters.");

    /// <summary>File name without folder.</summary>
    internal string FileName => _model.FileName;

    /// <summary>Number of weights.</summary>
    internal long ParameterCount => _model.ParameterCount;

    /// <summary>Entries of the vocabulary.</summary>
    internal int VocabularySize => _model.VocabularySize;

    /// <summary>Tokens of prompt and answer together, as configured.</summary>
    internal int ContextLength => _model.ContextLength;

    /// <summary>Positions that the model was made for; 0 when the file does not say.</summary>
    internal int TrainedContextLength => _model.TrainedContextLength;

    /// <summary>Formats of the weights, the largest first.</summary>
    internal IReadOnlyList<WeightFormat> WeightFormats => _model.WeightFormats;

    /// <summary>Equal fingerprints give equal bytes.</summary>
    internal string Fingerprint => _model.Fingerprint;

    /// <summary>Whether prompts may hold images.</summary>
    internal bool TakesImages => _model.TakesImages;

    /// <summary>Whether images are fetched from the addresses that requests name.</summary>
    internal bool FetchesImages { get; }

    /// <summary>Temperature of requests that give none.</summary>
    internal double DefaultTemperature { get; }

    /// <summary>When the server started with it.</summary>
    internal DateTimeOffset Loaded { get; }

    /// <summary>What goes in.</summary>
    internal IReadOnlyList<string> InputModalities => TakesImages ? ["text", "image"] : ["text"];

    /// <summary>What can be asked of it here and what cannot.</summary>
    internal IReadOnlyList<Capability> Capabilities { get; }

    /// <summary>The formats in words, by their share of the file: <c>Q4_K 71 %, Q6_K 28 %</c>.</summary>
    internal string WeightFormatText
    {
        get
        {
            long total = WeightFormats.Sum(f => f.Bytes);
            return total == 0 ? "not known" : string.Join(", ", WeightFormats
                .Where(f => f.Bytes * 200 >= total) // below half a per cent: norms and the like
                .Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Name} {100.0 * f.Bytes / total:F0} %")));
        }
    }

    /// <summary>One short line without marks of Markdown, since it comes from a file.</summary>
    private static string Plain(string text) => string.Concat(text.Where(c => !char.IsControl(c) && !"`[]*_<>|\\".Contains(c)).Take(100));
}
