using Tramontane.Server.Requests.Fields;

namespace Tramontane.Server.Anthropic.Messages;

/// <summary>The fields of <c>POST /v1/messages</c> and <c>POST /v1/messages/count_tokens</c>.</summary>
internal static class MessageFields
{
    private const string ContentSchema = """{"anyOf":[{"type":"string"},{"type":"array","items":{"type":"object","required":["type"],"properties":{"type":{"type":"string"}}}}]}""";

    internal static readonly IntegerField MaxTokens = new("max_tokens", 1, long.MaxValue, "Cut to what the context holds; the answer then ends with `model_context_window_exceeded`.") { Example = "5", IsRequired = true };

    internal static readonly ShapedField Messages = new(
        "messages",
        "array",
        """{"type":"array","minItems":1,"items":{"type":"object","required":["role","content"],"properties":{"role":{"enum":["user","assistant","system"]},"content":""" + ContentSchema + "}}}",
        "The conversation; see below.") { Example = """[{"role":"user","content":"Hi"}]""", IsRequired = true };

    internal static readonly ShapedField System = new("system", "text, or text blocks", ContentSchema, "Instructions in front of the conversation.") { Example = "\"Be brief.\"" };
    internal static readonly DecimalField Temperature = new("temperature", 0, 1, "0 takes the most likely token. 1 unless configured otherwise.") { Example = "0.5" };
    internal static readonly DecimalField TopP = SamplingFields.TopP;
    internal static readonly IntegerField TopK = new("top_k", 0, long.MaxValue, "0 is off.") { Example = "40" };
    internal static readonly ShapedField Seed = new("seed", "64-bit integer", """{"type":"integer"}""", "Not Anthropic's: one seed and one prompt give one answer. Random unless given.") { Example = "7" };

    internal static readonly ShapedField StopSequences = new(
        "stop_sequences", "up to 256 texts", """{"type":"array","maxItems":256,"items":{"type":"string","minLength":1}}""", "`stop_sequence` names the one that ended the answer.") { Example = """["END"]""" };

    internal static readonly ShapedField Tools = new(
        "tools",
        "array",
        """{"type":"array","items":{"type":"object","required":["name","input_schema"],"properties":{"type":{"enum":["custom",null]},"name":{"type":"string","pattern":"^[a-zA-Z0-9_-]{1,64}$"},"description":{"type":["string","null"]},"input_schema":{"type":"object"}}}}""",
        "Tools that run at Anthropic (`web_search_…`, `bash_…`, …) are refused.") { Example = """[{"name":"f","input_schema":{"type":"object"}}]""" };

    internal static readonly ShapedField ToolChoice = new(
        "tool_choice",
        "`auto`, `none`",
        """{"type":"object","required":["type"],"properties":{"type":{"enum":["auto","any","tool","none"]},"name":{"type":["string","null"]},"disable_parallel_tool_use":{"type":["boolean","null"]}}}""",
        "Calls name a tool and fit its schema in every mode. `disable_parallel_tool_use` ends the reply after its first call.") { Example = """{"type":"auto","disable_parallel_tool_use":true}""" };

    internal static readonly ShapedField OutputConfig = new(
        "output_config", "object", """{"type":"object","properties":{"format":{"type":["object","null"]},"effort":{}}}""", "The answer fits the schema of `format`; `effort` has no effect.") { Example = """{"effort":"low"}""" };

    internal static readonly RequestField OutputFormat = new ShapedField(
        "output_format", "object", """{"type":"object"}""", "The older place of `output_config.format`.") { Example = """{"type":"json_schema","schema":{"type":"object"}}""" };
    internal static readonly RequestField McpServers = CommonFields.Refused("mcp_servers", """[{"type":"url","url":"http://x","name":"x"}]""", "Unless it is empty: this server calls no other.");

    internal static readonly ShapedField Metadata = new(
        "metadata", "object", """{"type":"object"}""", "`user_id` is not used.") { Example = """{"user_id":"u"}""", Support = FieldSupport.Ignored };

    private static readonly RequestField[] s_shared =
    [
        CommonFields.Model, Messages, System, Temperature, TopP, TopK, StopSequences, SamplingFields.Stream, Tools, ToolChoice, OutputConfig, Seed,
        CommonFields.Ignored("thinking", """{"type":"enabled","budget_tokens":1024}""", "No thinking blocks are produced."), Metadata,
        CommonFields.Ignored("cache_control", """{"type":"ephemeral"}""", "Prompts are cached without being asked, here and on every block."),
        CommonFields.Ignored("service_tier", "\"auto\""), CommonFields.Ignored("container", "\"c\""), CommonFields.Ignored("context_management", "{}"),
        CommonFields.Ignored("inference_geo", "\"eu\""), CommonFields.Ignored("speed", "\"fast\""), CommonFields.Ignored("diagnostics", "{}"),
        CommonFields.Ignored("betas", "[]"), OutputFormat, McpServers,
    ];

    internal static RequestShape Shape { get; } = new("messages", [.. s_shared, MaxTokens]);

    /// <summary>The same without a limit for the answer; one that is sent has no effect.</summary>
    internal static RequestShape CountShape { get; } = new("count_tokens", [.. s_shared, CommonFields.Ignored("max_tokens", "5")]);
}
