namespace Tramontane.Server.Requests.Fields;

/// <summary>Sampling fields of OpenAI's chat and legacy completions, with the additions of vLLM and OpenRouter.</summary>
internal static class SamplingFields
{
    internal static readonly DecimalField Temperature = new("temperature", 0, 2, "0 takes the most likely token. 1 unless configured otherwise.") { Example = "0.5" };
    internal static readonly DecimalField TopP = new("top_p", 0, 1, "1 keeps all tokens; 0 the most likely one.") { Example = "0.9", Default = 1 };
    internal static readonly IntegerField TopK = new("top_k", -1, long.MaxValue, "0 and -1 are off.") { Example = "40", Default = 0 };
    internal static readonly DecimalField MinP = new("min_p", 0, 1, "Relative to the most likely token.") { Example = "0.05", Default = 0 };

    /// <summary>Logits are divided by it in single precision: nothing smaller or larger leaves a finite logit.</summary>
    internal static readonly DecimalField RepetitionPenalty = new("repetition_penalty", 1e-6, 1e6, "Over prompt and answer; 1 is off.") { Example = "1.1", Default = 1 };

    internal static readonly DecimalField FrequencyPenalty = new("frequency_penalty", -2, 2, "Over the answer.") { Example = "0.5", Default = 0 };
    internal static readonly DecimalField PresencePenalty = new("presence_penalty", -2, 2, "Over the answer.") { Example = "0.5", Default = 0 };

    internal static readonly ShapedField LogitBias = new(
        "logit_bias",
        "token id → -100 – 100",
        """{"type":"object","propertyNames":{"pattern":"^[0-9]+$"},"additionalProperties":{"type":"number","minimum":-100,"maximum":100}}""",
        "Added to the logits of single tokens; ids as decimal strings.") { Example = """{"1097":5}""" };

    internal static readonly ShapedField Seed = new(
        "seed", "64-bit integer", """{"type":"integer"}""", "One seed and one prompt give one answer; answer *i* uses seed + *i*. Random unless given.") { Example = "7" };

    internal static readonly ShapedField Stop = new(
        "stop",
        "string, or up to 4",
        """{"anyOf":[{"type":"string","minLength":1},{"type":"array","maxItems":4,"items":{"type":"string","minLength":1}}]}""",
        "Neither it nor what follows is returned.") { Example = """["END","\n\n"]""" };

    internal static readonly BooleanField Stream = new("stream", "Server-sent events instead of one JSON object.") { Example = "false", Default = false };

    internal static readonly ShapedField StreamOptions = new(
        "stream_options",
        "object",
        """{"type":"object","properties":{"include_usage":{"type":["boolean","null"]},"include_obfuscation":{"type":["boolean","null"]}}}""",
        "`include_usage` puts the token counts into a chunk of their own; only with `stream`.") { Example = """{"include_usage":true}""" };

    /// <summary>What chat and legacy completions read alike.</summary>
    internal static IEnumerable<RequestField> All =>
    [
        Temperature, TopP, TopK, MinP, RepetitionPenalty, FrequencyPenalty, PresencePenalty, LogitBias, Seed, Mistral.MistralFields.RandomSeed, Stop, Stream, StreamOptions,
    ];
}
