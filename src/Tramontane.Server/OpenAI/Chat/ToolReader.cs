using System.Text.RegularExpressions;
using Tramontane.Server.Requests;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Server.OpenAI.Chat;

/// <summary>Reads the <c>tools</c> of a chat request.</summary>
internal static partial class ToolReader
{
    internal static List<ToolDefinition> Read(JsonField tools)
    {
        var read = new List<ToolDefinition>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonField tool in tools.Items("an array of objects"))
        {
            JsonField function = ReadFunction(tool);
            JsonField name = function["name"].Required();
            string text = name.String() ?? "";
            if (name.IsString && !NamePattern().IsMatch(text))
            {
                name.Refuse(ApiError.InvalidValue(name.Path, $"Invalid '{name.Path}': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]{{1,64}}$'."));
            }
            else if (!names.Add(text))
            {
                name.Refuse(ApiError.InvalidValue(name.Path, $"Invalid '{name.Path}': the name '{text}' is given to two tools."));
            }

            JsonField parameters = function["parameters"].Object();
            _ = function["strict"].Boolean();
            read.Add(new ToolDefinition(text, function["description"].String() ?? "", parameters.IsObject ? parameters.RawText() : "{}"));
        }

        return read;
    }

    [GeneratedRegex(@"\A[a-zA-Z0-9_-]{1,64}\z")]
    internal static partial Regex NamePattern();

    private static JsonField ReadFunction(JsonField tool)
    {
        JsonField type = tool.Required().Object()["type"];
        if (type.String() is { } other and not "function")
        {
            type.Refuse(ApiError.NotSupportedValue(type.Path, $"Invalid value: '{other}'. Supported values are: 'function'. Tools that run on the server are not supported."));
        }

        return tool["function"].Required().Object();
    }
}
