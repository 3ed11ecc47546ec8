using System.Text.RegularExpressions;
using Tramontane.Server.Requests;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Server.OpenAI.Chat;

/// <summary>Reads the <c>tools</c> of a chat request.</summary>
internal static partial class ToolReader
{
    /// <param name="tools">The field.</param>
    /// <param name="isFlat">The function's fields stand beside its type, as with responses.</param>
    internal static List<ToolDefinition> Read(JsonField tools, bool isFlat = false)
    {
        var read = new List<ToolDefinition>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonField tool in tools.Items("an array of objects"))
        {
            read.Add(ReadDefinition(ReadFunction(tool, isFlat), "parameters", names));
        }

        return read;
    }

    /// <summary>Name, description and schema of a tool.</summary>
    /// <param name="function">The object that holds them.</param>
    /// <param name="schemaField">What the schema is called.</param>
    /// <param name="names">Names of the tools before it.</param>
    internal static ToolDefinition ReadDefinition(JsonField function, string schemaField, HashSet<string> names)
    {
        JsonField name = function["name"].Required();
        string text = CheckName(name);
        if (name.IsString && !names.Add(text))
        {
            name.Refuse(ApiError.InvalidValue(name.Path, $"Invalid '{name.Path}': the name '{text}' is given to two tools."));
        }

        JsonField parameters = function[schemaField].Object();
        _ = function["strict"].Boolean();
        return new ToolDefinition(text, function["description"].String() ?? "", parameters.IsObject ? parameters.RawText() : "{}");
    }

    /// <summary>The name of a tool or schema, after recording an error when it has other characters.</summary>
    internal static string CheckName(JsonField name)
    {
        string text = name.String() ?? "";
        if (name.IsString && !NamePattern().IsMatch(text))
        {
            name.Refuse(ApiError.BadRequest(
                $"Invalid '{name.Path}': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]{{1,64}}$'.",
                "invalid_value",
                name.Path,
                "String should match pattern '^[a-zA-Z0-9_-]{1,64}$'"));
        }

        return text;
    }

    [GeneratedRegex(@"\A[a-zA-Z0-9_-]{1,64}\z")]
    private static partial Regex NamePattern();

    private static JsonField ReadFunction(JsonField tool, bool isFlat)
    {
        JsonField type = tool.Required().Object()["type"];
        if (type.String() is { } other and not "function")
        {
            type.Refuse(ApiError.NotSupportedValue(type.Path, $"Invalid value: '{other}'. Supported values are: 'function'. Tools that run on the server are not supported."));
        }

        return isFlat ? tool : tool["function"].Required().Object();
    }
}
