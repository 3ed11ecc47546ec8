using Tramontane.Server.Requests;

namespace Tramontane.Server.OpenAI.Chat;

/// <summary>
/// Fields that would change the answer and that this build cannot honour. They are refused by name: ignoring them
/// would give a client prose where it counts on JSON.
/// </summary>
internal static class UnsupportedFields
{
    private static readonly string[] s_constraints =
        ["guided_json", "guided_regex", "guided_choice", "guided_grammar", "guided_whitespace_pattern", "structural_tag", "grammar"];

    internal static void Refuse(JsonField body)
    {
        RefuseResponseFormat(body["response_format"].Object());
        RefuseModalities(body["modalities"]);
        foreach (string name in s_constraints)
        {
            RefuseConstraint(body[name]);
        }

        // vLLM's field is an object; OpenRouter's flag of the same name only reports a wish.
        if (!body["structured_outputs"].IsBoolean)
        {
            RefuseConstraint(body["structured_outputs"]);
        }

        foreach (string name in (ReadOnlySpan<string>)["functions", "function_call"])
        {
            JsonField field = body[name];
            bool harmless = field.IsString && field.String() is "none" or "";
            if (field.IsNonEmpty && !harmless)
            {
                field.Refuse(ApiError.NotSupportedParameter(field.Path, $"Unsupported parameter: '{name}' was replaced by 'tools' and 'tool_choice'. Use those instead."));
            }
        }

        if (body["audio"].IsNonEmpty)
        {
            body["audio"].Refuse(ApiError.NotSupportedParameter("audio", "Unsupported parameter: 'audio'. The model answers in text only."));
        }
    }

    private static void RefuseResponseFormat(JsonField format)
    {
        if (!format.IsObject)
        {
            return;
        }

        JsonField type = format["type"];
        if (type.Required().Choice("text", "json_object", "json_schema") is { } asked and not "text")
        {
            type.Refuse(ApiError.NotSupportedValue(type.Path, $"Unsupported value: '{type.Path}' is '{asked}', but this build of the server cannot constrain answers yet. Supported values are: 'text'."));
        }
    }

    private static void RefuseModalities(JsonField modalities)
    {
        foreach (JsonField item in modalities.Items("an array of strings"))
        {
            if (item.Required().Choice("text", "audio", "image") is { } asked and not "text")
            {
                item.Refuse(ApiError.NotSupportedValue(modalities.Path, $"Unsupported value: '{asked}'. The model answers in text only."));
            }
        }
    }

    private static void RefuseConstraint(JsonField field)
    {
        if (field.IsNonEmpty)
        {
            field.Refuse(ApiError.NotSupportedParameter(field.Path, $"Unsupported parameter: '{field.Path}'. This build of the server cannot constrain answers yet."));
        }
    }
}
