using Tramontane.Server.Mistral;
using Tramontane.Server.Requests.Fields;

namespace Tramontane.Server.OpenAI.Chat;

/// <summary>The fields of <c>POST /v1/chat/completions</c>.</summary>
internal static class ChatFields
{
    internal static readonly ShapedField Messages = new(
        "messages",
        "array",
        """{"type":"array","minItems":1,"items":{"type":"object","required":["role"],"properties":{"role":{"enum":["system","developer","user","assistant","tool"]},"content":{"type":["string","array","null"]},"tool_calls":{"type":["array","null"]},"tool_call_id":{"type":["string","null"]},"prefix":{"type":["boolean","null"]}}}}""",
        "The conversation; see below.") { Example = """[{"role":"user","content":"Hi"}]""", IsRequired = true };

    internal static readonly IntegerField MaxCompletionTokens = new("max_completion_tokens", 1, long.MaxValue, "The rest of the context unless given; cut to what the context holds.") { Example = "5" };
    internal static readonly IntegerField MaxTokens = new("max_tokens", 1, long.MaxValue, "The older name of `max_completion_tokens`.") { Example = "5" };
    internal static readonly IntegerField Choices = new("n", 1, 128, "How many answers; the server may allow fewer.") { Example = "2", Default = 1 };
    internal static readonly BooleanField Logprobs = new("logprobs", "Of the model's own distribution, before temperature, penalties and bias.") { Example = "true", Default = false };
    internal static readonly IntegerField TopLogprobs = new("top_logprobs", 0, 20, "Alternatives per token; only with `logprobs`.") { Example = "2" };
    internal static readonly IntegerField PromptLogprobs = new("prompt_logprobs", 0, 20, "vLLM's: log-probabilities of the prompt's tokens; not in streams.") { Example = "1" };
    internal static readonly BooleanField ReturnTokenIds = new("return_token_ids", "vLLM's: `prompt_token_ids`, and `token_ids` of each answer.") { Example = "true", Default = false };
    internal static readonly BooleanField ParallelToolCalls = new("parallel_tool_calls", "With false the reply ends after its first call.") { Example = "false", Default = true };
    internal static readonly BooleanField ContinueFinalMessage = new("continue_final_message", "Continue the last, assistant message.") { Example = "false", Default = false };

    internal static readonly ShapedField Tools = new(
        "tools",
        "array of functions",
        """{"type":"array","items":{"type":"object","required":["function"],"properties":{"type":{"enum":["function"]},"function":{"type":"object","required":["name"],"properties":{"name":{"type":"string","pattern":"^[a-zA-Z0-9_-]{1,64}$"},"description":{"type":["string","null"]},"parameters":{"type":["object","null"]},"strict":{"type":["boolean","null"]}}}}}}""",
        "`parameters` must be JSON Schema of draft 7; calls fit it, with `strict` and without.") { Example = """[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}]""" };

    internal static readonly ShapedField ToolChoice = new(
        "tool_choice",
        "`auto`, `none`, `required`, `any`, a function, `allowed_tools`",
        """{"anyOf":[{"enum":["none","auto","required","any"]},{"type":"object","required":["type"],"properties":{"type":{"enum":["function","allowed_tools"]}}}]}""",
        "`auto` when there are tools; with `none` the model still sees them. Calls name a tool and fit its schema in every mode; a forced call comes first.") { Example = "\"auto\"" };

    internal static readonly ShapedField ResponseFormat = new(
        "response_format",
        "`text`, `json_object`, `json_schema`",
        """{"type":"object","required":["type"],"properties":{"type":{"enum":["text","json_object","json_schema"]},"json_schema":{"type":["object","null"]}}}""",
        "The answer fits, with `strict` and without; a schema that cannot be enforced exactly is refused.") { Example = """{"type":"text"}""" };

    internal static readonly ShapedField Metadata = new("metadata", "object", """{"type":"object"}""", "For OpenAI's dashboard.") { Example = "{}", Support = FieldSupport.Ignored };

    internal static readonly ShapedField Modalities = new(
        "modalities", "`[\"text\"]`", """{"type":"array","items":{"enum":["text","audio","image"]}}""", "Audio and images are refused.") { Example = """["text"]""" };

    /// <summary>Fields of other makers that no answer depends on here.</summary>
    private static readonly RequestField[] s_ignored =
    [
        CommonFields.Ignored("user", "\"u\""), CommonFields.Ignored("safety_identifier", "\"u\""), CommonFields.Ignored("prompt_cache_key", "\"k\""),
        CommonFields.Ignored("prompt_cache_retention", "\"24h\""), CommonFields.Ignored("prompt_cache_options", "{}"), CommonFields.Ignored("store", "false"), Metadata,
        CommonFields.Ignored("service_tier", "\"auto\""), CommonFields.Ignored("verbosity", "\"low\""), CommonFields.Ignored("reasoning_effort", "\"low\""),
        CommonFields.Ignored("reasoning", "{}"), CommonFields.Ignored("include_reasoning", "true"), CommonFields.Ignored("prediction", "{}"),
        CommonFields.Ignored("usage", """{"include":true}"""), CommonFields.Ignored("provider", "{}"), CommonFields.Ignored("models", "[]"), CommonFields.Ignored("route", "\"fallback\""),
        CommonFields.Ignored("transforms", "[]"), CommonFields.Ignored("plugins", "[]"), CommonFields.Ignored("cache_control", "{}"), .. MistralFields.Ignored,
    ];

    internal static RequestShape Shape { get; } = new("chat",
    [
        CommonFields.Model, Messages, MaxCompletionTokens, MaxTokens, .. SamplingFields.All, Choices, Logprobs, TopLogprobs, PromptLogprobs, ReturnTokenIds,
        Tools, ToolChoice, ParallelToolCalls, ResponseFormat, ContinueFinalMessage, MistralFields.SafePrompt, Modalities,
        .. s_ignored, .. StructuredOutputsReader.Fields, .. UnsupportedFields.All,
    ]);
}
