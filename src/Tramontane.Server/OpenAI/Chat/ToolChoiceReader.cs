using Tramontane.Server.Generation;
using Tramontane.Server.Requests;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Server.OpenAI.Chat;

/// <summary>Reads <c>tool_choice</c> of chat completions and responses; Mistral's <c>any</c> is <c>required</c>.</summary>
internal static class ToolChoiceReader
{
    /// <param name="choice">The field; absent is <c>auto</c> when there are tools.</param>
    /// <param name="tools">The tools on offer.</param>
    /// <param name="isFlat">A named function has its name beside the type, as with responses.</param>
    internal static ToolChoice Read(JsonField choice, IReadOnlyList<ToolDefinition> tools, bool isFlat = false)
    {
        ToolChoice auto = tools.Count > 0 ? ToolChoice.Auto : ToolChoice.None;
        if (choice.IsString)
        {
            string? text = choice.Choice("none", "auto", "required", "any");
            return text is "required" or "any" ? Forced(choice, tools, ToolChoice.Required) : text == "auto" ? auto : ToolChoice.None;
        }

        if (!choice.IsObject)
        {
            if (choice.IsPresent)
            {
                choice.RefuseType("one of 'none', 'auto', 'required', or an object");
            }

            return auto;
        }

        return choice["type"].Required().Choice("function", "allowed_tools") switch
        {
            "function" => Forced(choice, tools, new ToolChoice(ToolChoiceMode.Required, [ReadName(isFlat ? choice : choice["function"].Required().Object(), choice, [.. tools.Select(t => t.Name)])])),
            "allowed_tools" => ReadAllowed(choice, tools, isFlat),
            _ => auto,
        };
    }

    private static ToolChoice ReadAllowed(JsonField choice, IReadOnlyList<ToolDefinition> tools, bool isFlat)
    {
        JsonField allowed = isFlat ? choice : choice["allowed_tools"].Required().Object();
        string? mode = allowed["mode"].Required().Choice("auto", "required");
        var names = new List<string>();
        HashSet<string> known = [.. tools.Select(t => t.Name)]; // both lists may be long
        foreach (JsonField tool in allowed["tools"].Required().Items("an array of objects"))
        {
            names.Add(ReadName(isFlat ? tool.Object() : tool.Object()["function"].Required().Object(), choice, known));
        }

        return Forced(choice, tools, new ToolChoice(mode == "required" ? ToolChoiceMode.Required : ToolChoiceMode.Auto, names));
    }

    private static string ReadName(JsonField function, JsonField choice, HashSet<string> known)
    {
        string? name = function["name"].Required().String();
        if (name is not null && known.Count > 0 && !known.Contains(name))
        {
            choice.Refuse(ApiError.InvalidValue(choice.Path, $"Tool choice '{name}' not found in 'tools'."));
        }

        return name ?? "";
    }

    private static ToolChoice Forced(JsonField field, IReadOnlyList<ToolDefinition> tools, ToolChoice choice)
    {
        if (tools.Count == 0)
        {
            field.Refuse(ApiError.InvalidValue(field.Path, "'tool_choice' is only allowed when 'tools' are specified."));
        }

        if (choice.Names is { Count: 0 })
        {
            field.Refuse(ApiError.InvalidValue(field.Path, "'allowed_tools' names no tool."));
        }

        return choice;
    }
}
