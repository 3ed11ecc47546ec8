using Tramontane.Server.Requests;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Server.OpenAI.Chat;

/// <summary>Reads <c>tool_choice</c>: this build lets the model choose (<c>auto</c>) or not call at all (<c>none</c>).</summary>
internal static class ToolChoiceReader
{
    /// <summary>Whether the model may call tools.</summary>
    internal static bool ReadMayCall(JsonField choice, IReadOnlyList<ToolDefinition> tools)
    {
        if (choice.IsString)
        {
            string? text = choice.Choice("none", "auto", "required", "any");
            if (text is "required" or "any")
            {
                RefuseForced(choice, tools, $"'{text}'");
            }

            return text == "auto" && tools.Count > 0;
        }

        if (choice.IsObject)
        {
            string? type = choice["type"].Required().Choice("function", "allowed_tools");
            string? name = type == "function" ? choice["function"].Required().Object()["name"].Required().String() : null;
            if (name is not null && tools.Count > 0 && tools.All(t => t.Name != name))
            {
                choice.Refuse(ApiError.InvalidValue(choice.Path, $"Tool choice '{name}' not found in 'tools'."));
            }

            RefuseForced(choice, tools, name is null ? "an object of type 'allowed_tools'" : "a named function");
        }
        else if (choice.IsPresent)
        {
            choice.RefuseType("one of 'none', 'auto', 'required', or an object");
        }

        return tools.Count > 0;
    }

    private static void RefuseForced(JsonField choice, IReadOnlyList<ToolDefinition> tools, string asked) =>
        choice.Refuse(tools.Count == 0
            ? ApiError.InvalidValue(choice.Path, "'tool_choice' is only allowed when 'tools' are specified.")
            : ApiError.NotSupportedValue(choice.Path, $"'tool_choice' is {asked}, but this build of the server cannot force a call yet. Supported values are: 'none', 'auto'."));
}
