using Tramontane.Server.Mistral;
using Tramontane.Server.Requests.Fields;

namespace Tramontane.Server.OpenAI.Responses;

/// <summary>The fields of <c>POST /v1/responses</c> and <c>POST /v1/responses/input_tokens</c>.</summary>
internal static class ResponseFields
{
    internal static readonly ShapedField Input = new(
        "input",
        "text, or items",
        """{"anyOf":[{"type":"string"},{"type":"array","items":{"type":"object","properties":{"type":{"type":["string","null"]},"role":{"type":["string","null"]}}}}]}""",
        "Messages, `function_call` and `function_call_output`; `reasoning` and `item_reference` are skipped.") { Example = "\"Hi\"", IsRequired = true };

    internal static readonly ShapedField Instructions = new("instructions", "text", """{"type":"string"}""", "A system message in front; not inherited from a previous response.") { Example = "\"Be brief.\"" };
    internal static readonly IntegerField MaxOutputTokens = new("max_output_tokens", 1, long.MaxValue, "The rest of the context unless given.") { Example = "5" };
    internal static readonly IntegerField TopLogprobs = new("top_logprobs", 0, 20, "More than 0 adds log-probabilities, as does `message.output_text.logprobs` in `include`.") { Example = "2" };
    internal static readonly BooleanField ParallelToolCalls = new("parallel_tool_calls", "With false the reply ends after its first call.") { Example = "false" };
    internal static readonly BooleanField Store = new("store", "Keep the reply for `previous_response_id`, GET and DELETE; true unless given or configured otherwise.") { Example = "false" };

    internal static readonly ShapedField Tools = new(
        "tools",
        "array of functions",
        """{"type":"array","items":{"type":"object","required":["type","name"],"properties":{"type":{"enum":["function"]},"name":{"type":"string","pattern":"^[a-zA-Z0-9_-]{1,64}$"},"description":{"type":["string","null"]},"parameters":{"type":["object","null"]},"strict":{"type":["boolean","null"]}}}}""",
        "Tools that run at OpenAI are refused.") { Example = """[{"type":"function","name":"f","parameters":{"type":"object"}}]""" };

    internal static readonly ShapedField ToolChoice = new(
        "tool_choice",
        "`auto`, `none`",
        """{"anyOf":[{"enum":["none","auto","required"]},{"type":"object","required":["type"]}]}""",
        "As in chat completions.") { Example = "\"auto\"" };

    internal static readonly ShapedField Text = new(
        "text", "object", """{"type":"object","properties":{"format":{"type":["object","null"]},"verbosity":{}}}""", "`format` as in chat completions; `verbosity` has no effect.") { Example = """{"format":{"type":"text"}}""" };

    internal static readonly ShapedField Metadata = new("metadata", "object", """{"type":"object"}""", "Repeated in the reply.") { Example = """{"a":"b"}""" };

    internal static readonly ShapedField Include = new(
        "include", "array of texts", """{"type":"array","items":{"type":"string"}}""", "Only `message.output_text.logprobs` has an effect.") { Example = """["message.output_text.logprobs"]""" };

    internal static readonly ShapedField PreviousResponseId = new(
        "previous_response_id", "id", """{"type":"string"}""", "Go on from a kept reply; 400 `previous_response_not_found` for any other.") { Example = "null" };

    private static readonly RequestField[] s_refused =
    [
        CommonFields.Refused("conversation", "\"conv_1\"", "Send the items, or `previous_response_id`."), CommonFields.Refused("prompt", """{"id":"pmpt_1"}""", "Templates live at OpenAI."),
        new BooleanField("background", "True is refused: stream instead.") { Example = "true", Support = FieldSupport.Refused },
    ];

    private static readonly RequestField[] s_ignored =
    [
        CommonFields.Ignored("truncation", "\"auto\"", "Nothing is ever cut silently: a prompt that is too long is refused."), CommonFields.Ignored("user", "\"u\""),
        CommonFields.Ignored("service_tier", "\"auto\""), CommonFields.Ignored("reasoning", "{}"), CommonFields.Ignored("prompt_cache_key", "\"k\""),
        CommonFields.Ignored("prompt_cache_retention", "\"24h\""), CommonFields.Ignored("prompt_cache_options", "{}"), CommonFields.Ignored("safety_identifier", "\"u\""),
        CommonFields.Ignored("max_tool_calls", "3", "The server runs no tools itself."), CommonFields.Ignored("stream_options", "{}", "Nothing is padded here."),
    ];

    internal static RequestShape Shape { get; } = new("responses",
    [
        CommonFields.Model, Input, Instructions, MaxOutputTokens, SamplingFields.Temperature, SamplingFields.TopP, SamplingFields.Seed, MistralFields.RandomSeed, SamplingFields.Stream, Tools, ToolChoice, ParallelToolCalls,
        Text, Metadata, TopLogprobs, Include, Store, PreviousResponseId, .. s_ignored, .. s_refused,
    ]);

    internal static IEnumerable<RequestField> Refused => s_refused;
}
