using Tramontane.Server.Requests;
using Tramontane.Server.Requests.Fields;

namespace Tramontane.Server.OpenAI.Chat;

/// <summary>Fields that would change the answer and that this build cannot honour. They are refused by name unless they are empty.</summary>
internal static class UnsupportedFields
{
    private static readonly RequestField[] s_constraints =
    [
        CommonFields.Refused("guided_whitespace_pattern", "\" \"", "vLLM's."), CommonFields.Refused("structural_tag", "\"x\"", "vLLM's."),
        CommonFields.Refused("grammar", "\"root\"", "llama.cpp's."),
    ];

    private static readonly RequestField[] s_replaced =
    [
        CommonFields.Refused("functions", """[{"name":"f"}]""", "Replaced by `tools`."), CommonFields.Refused("function_call", "\"auto\"", "Replaced by `tool_choice`."),
    ];

    private static readonly RequestField s_audio = CommonFields.Refused("audio", """{"voice":"a"}""", "The model answers in text only.");

    internal static IEnumerable<RequestField> All => [.. s_constraints, .. s_replaced, s_audio];

    internal static void Refuse(JsonField body)
    {
        RefuseModalities(body["modalities"]);
        foreach (RequestField constraint in s_constraints)
        {
            JsonField field = body[constraint.Name];
            if (field.IsNonEmpty)
            {
                field.Refuse(ApiError.NotSupportedParameter(field.Path, $"Unsupported parameter: '{field.Path}'. Use 'response_format' or 'structured_outputs'."));
            }
        }

        foreach (RequestField replaced in s_replaced)
        {
            JsonField field = body[replaced.Name];
            bool harmless = field.IsString && field.String() is "none" or "";
            if (field.IsNonEmpty && !harmless)
            {
                field.Refuse(ApiError.NotSupportedParameter(field.Path, $"Unsupported parameter: '{field.Path}' was replaced by 'tools' and 'tool_choice'. Use those instead."));
            }
        }

        if (body[s_audio.Name].IsNonEmpty)
        {
            body[s_audio.Name].Refuse(ApiError.NotSupportedParameter("audio", "Unsupported parameter: 'audio'. The model answers in text only."));
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
}
