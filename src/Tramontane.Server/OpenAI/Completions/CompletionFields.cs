using Tramontane.Server.OpenAI.Chat;
using Tramontane.Server.Requests.Fields;

namespace Tramontane.Server.OpenAI.Completions;

/// <summary>The fields of <c>POST /v1/completions</c>.</summary>
internal static class CompletionFields
{
    internal static readonly ShapedField Prompt = new(
        "prompt",
        "text, texts, ids, lists of ids",
        """{"anyOf":[{"type":"string"},{"type":"array","minItems":1,"items":{"anyOf":[{"type":"string"},{"type":"integer"},{"type":"array","items":{"type":"integer"}}]}}]}""",
        "Texts get the begin-of-sequence token in front; ids are taken as they are.") { Example = "\"Once\"", IsRequired = true };

    internal static readonly IntegerField MaxTokens = new("max_tokens", 0, long.MaxValue, "16 unless given; 0 only with `echo`.") { Example = "5" };
    internal static readonly IntegerField Logprobs = new("logprobs", 0, 5, "Alternatives per token.") { Example = "2" };
    internal static readonly BooleanField Echo = new("echo", "The text begins with the prompt.") { Example = "true" };
    internal static readonly IntegerField PromptLogprobs = ChatFields.PromptLogprobs;
    internal static readonly BooleanField ReturnTokenIds = ChatFields.ReturnTokenIds;

    internal static readonly ShapedField BestOf = new("best_of", "1", """{"type":"integer","minimum":1}""", "More than 1 is refused: ask for several answers with `n`.") { Example = "1" };

    internal static RequestShape Shape { get; } = new("completions",
    [
        CommonFields.Model, Prompt, MaxTokens, .. SamplingFields.All, ChatFields.Choices, Logprobs, Echo, BestOf, PromptLogprobs, ReturnTokenIds,
        ChatFields.ResponseFormat, ChatFields.Modalities, CommonFields.Refused("suffix", "\"x\"", "The model was not trained to fill in the middle."),
        .. new[] { "user", "store", "metadata", "service_tier", "provider", "models", "route", "transforms", "usage" }.Select(name => CommonFields.Ignored(name, "\"x\"")),
        .. StructuredOutputsReader.Fields, .. UnsupportedFields.All,
    ]);
}
