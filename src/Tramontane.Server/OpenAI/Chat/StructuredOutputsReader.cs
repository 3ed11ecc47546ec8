using System.Text.Json;
using Tramontane.Server.Generation;
using Tramontane.Server.Requests;
using Tramontane.Server.Requests.Fields;

namespace Tramontane.Server.OpenAI.Chat;

/// <summary>Reads what vLLM's API calls structured outputs: <c>structured_outputs</c> and the older <c>guided_*</c> fields.</summary>
internal static class StructuredOutputsReader
{
    private static readonly ShapedField s_structuredOutputs = new(
        "structured_outputs", "object with one of `json`, `regex`, `choice`, `grammar`", """{"anyOf":[{"type":"object"},{"type":"boolean"}]}""",
        "vLLM's: the answer fits. OpenRouter's flag of the same name has no effect.")
    {
        Example = """{"choice":["yes","no"]}""",
        Members = new Dictionary<string, FieldSupport>
        {
            ["json"] = FieldSupport.Supported, ["regex"] = FieldSupport.Supported, ["choice"] = FieldSupport.Supported, ["grammar"] = FieldSupport.Supported,
            ["json_object"] = FieldSupport.Supported, ["structural_tag"] = FieldSupport.Refused, ["whitespace_pattern"] = FieldSupport.Refused,
            // Of vLLM's engine alone.
            ["disable_fallback"] = FieldSupport.Ignored, ["disable_any_whitespace"] = FieldSupport.Ignored, ["disable_additional_properties"] = FieldSupport.Ignored,
            ["_backend"] = FieldSupport.Ignored, ["_backend_was_auto"] = FieldSupport.Ignored,
        },
    };

    private static readonly (ShapedField Field, string Key)[] s_guided =
    [
        (new ShapedField("guided_json", "schema", """{"type":["object","string"]}""", "vLLM's: JSON that fits the schema.") { Example = """{"type":"object"}""" }, "json"),
        (new ShapedField("guided_regex", "string", """{"type":"string"}""", "vLLM's: a text that matches as a whole.") { Example = "\"a+\"" }, "regex"),
        (new ShapedField("guided_choice", "array of strings", """{"type":"array","items":{"type":"string"}}""", "vLLM's: one of the texts.") { Example = """["a"]""" }, "choice"),
        (new ShapedField("guided_grammar", "string", """{"type":"string"}""", "vLLM's: a text that fits the grammar.") { Example = "\"start: \\\"a\\\"\"" }, "grammar"),
    ];

    internal static IEnumerable<RequestField> Fields => [s_structuredOutputs, .. s_guided.Select(g => g.Field)];

    /// <summary>The one constraint among them and <paramref name="format"/>; more than one is refused.</summary>
    internal static ResponseFormat Read(JsonField body, ResponseFormat format)
    {
        foreach ((ShapedField field, string key) in s_guided)
        {
            format = Add(format, body[field.Name], key);
        }

        JsonField outputs = body[s_structuredOutputs.Name];
        if (!outputs.IsPresent || outputs.IsBoolean)
        {
            return format;
        }

        if (!outputs.IsObject)
        {
            outputs.RefuseType("an object");
            return format;
        }

        foreach ((_, string key) in s_guided)
        {
            format = Add(format, outputs[key], key);
        }

        foreach (string key in s_structuredOutputs.Members!.Where(m => m.Value == FieldSupport.Refused).Select(m => m.Key))
        {
            if (outputs[key].IsNonEmpty)
            {
                outputs[key].Refuse(ApiError.NotSupportedParameter(outputs[key].Path, $"Unsupported parameter: '{outputs[key].Path}'. Use 'json', 'regex', 'choice' or 'grammar'."));
            }
        }

        return outputs["json_object"].Boolean() == true ? One(format, outputs["json_object"], new ResponseFormat(ResponseFormatKind.JsonObject)) : format;
    }

    private static ResponseFormat Add(ResponseFormat format, JsonField field, string key)
    {
        if (!field.IsPresent || IsEmpty(field, key))
        {
            return format;
        }

        return One(format, field, key switch
        {
            "json" => new ResponseFormat(ResponseFormatKind.JsonSchema, field.IsString ? JsonText(field) : field.Object().IsObject ? field.RawText() : "{}", Path: field.Path),
            "regex" => new ResponseFormat(ResponseFormatKind.Regex, field.String() ?? "", Path: field.Path),
            "choice" => new ResponseFormat(ResponseFormatKind.Choice, Choices: [.. field.Items("an array of strings").Select(item => item.Required().String() ?? "")], Path: field.Path),
            _ => new ResponseFormat(ResponseFormatKind.Grammar, field.String() ?? "", Path: field.Path),
        });
    }

    private static string JsonText(JsonField field)
    {
        string text = field.String() ?? "";
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return text;
        }
        catch (JsonException)
        {
            field.Refuse(ApiError.InvalidValue(field.Path, $"Invalid '{field.Path}': the text is no JSON."));
            return "{}";
        }
    }

    // As vLLM's clients send them for "none"; of another kind they are wrong all the same.
    private static bool IsEmpty(JsonField field, string key)
    {
        if (field.IsNonEmpty)
        {
            return false;
        }

        _ = key switch { "json" => field.IsString || field.Object().IsObject, "choice" => field.Items("an array of strings").Any(), _ => field.String() is null };
        return true;
    }

    private static ResponseFormat One(ResponseFormat before, JsonField field, ResponseFormat now)
    {
        if (before.Kind != ResponseFormatKind.Text)
        {
            field.Refuse(ApiError.InvalidValue(field.Path, $"'{field.Path}' and '{before.Path}' both constrain the answer. Give one of them."));
        }

        return now;
    }
}
