using Tramontane.Server.Requests.Fields;

namespace Tramontane.Server.Mistral;

/// <summary>What Mistral's own API has beside OpenAI's fields, on the same route.</summary>
internal static class MistralFields
{
    /// <summary>Mistral's guard-rail text, as its documentation gives it.</summary>
    internal const string SafePromptText =
        "Always assist with care, respect, and truth. Respond with utmost utility yet securely. Avoid harmful, unethical, prejudiced, or negative content. Ensure replies promote fairness and positivity.";

    internal static readonly BooleanField SafePrompt = new("safe_prompt", "Mistral's guard-rail text as a system message in front.") { Example = "true", Default = false };

    internal static readonly ShapedField RandomSeed = new(
        "random_seed", "64-bit integer", """{"type":"integer"}""", "Mistral's name for `seed`.") { Example = "7" };

    internal static readonly RequestField[] Ignored =
    [
        new ShapedField("prompt_mode", "string", """{"type":"string"}""", "For reasoning models.") { Example = "\"reasoning\"", Support = FieldSupport.Ignored },
        new ShapedField("guardrails", "array", """{"type":"array"}""", "Mistral's moderation service.") { Example = "[]", Support = FieldSupport.Ignored },
    ];
}
