namespace Tramontane.Server.Tests.Contract;

/// <summary>
/// The rules of the wire contract that are no fields of a body, by area. A test holds each of them and names it; fields
/// are rows of their own, named after their endpoint (<c>chat.temperature</c>), and held by <see cref="FieldTests"/>.
/// </summary>
internal static class ContractRows
{
    internal static IReadOnlyList<(string Area, string Rows)> All { get; } =
    [
        ("routes", "plain deepinfra openrouter modelslab modelslab.fields models.escaping health unknown method trailing_slash head"),
        ("http", "auth auth.mask body.json body.numbers body.bom body.depth body.duplicates body.surrogates body.content_type body.chunked body.size bare_refusals integers null unknown_fields strict_params validation_first request_id generation_id rate_limit retry_after overload cors preflight sse keep_alive stream_errors disconnect stalled_reader utf8 large_bodies"),
        ("errors", "key model path method size json missing type range enum array unsupported schema image context internal openrouter"),
        ("chat", "response fingerprint usage finish_reason sampling default_temperature n parallel choice structured images images.tool_results logprobs stop_text determinism prompt_logprobs_form token_ids_form stream.chunks stream.usage stream.tools stream.equal messages.roles messages.content messages.order messages.tool_ids messages.prefill messages.no_system messages.injection"),
        ("stream", "openrouter_usage openrouter_error"),
        ("mistral", "prefix safe_prompt random_seed whole_tool_calls models image_url_text arguments_object sdk"),
        ("completions", "response forms choices echo_logprobs stream token_ids_form"),
        ("anthropic", "response empty count_tokens stream.order stream.equal stream.delta_types stop_reason merging prefill tool_result tool_input ignored errors.validation errors.context errors.overload errors.auth errors.routes errors.model errors.stream"),
        ("responses", "object usage incomplete stream.order stream.equal stream.failed stored stored.bounds stored.off refused"),
        ("models", "card anthropic names aliases any"),
        ("conflicts", "models error_code tool_fragments usage temperature default_temperature stop max_tokens prefill role_order tool_call_id forced_tool empty_tools unknown_field seed"),
        ("openapi", "document requests replies"),
        ("clients", "openai_nuget anthropic_nuget node vercel langchain"),
        ("robustness", "fuzz soak long_bodies"),
    ];

    /// <summary>Every row's full name.</summary>
    internal static IEnumerable<string> Names => All.SelectMany(area => area.Rows.Split(' ').Select(row => $"{area.Area}.{row}"));

    /// <summary>Every field of every body.</summary>
    internal static IEnumerable<string> FieldNames => Endpoint.All.SelectMany(e => e.Shape.Fields.Select(f => $"{e.Shape.Name}.{f.Name}")).Distinct();
}
