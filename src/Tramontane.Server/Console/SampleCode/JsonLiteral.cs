using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tramontane.Server.Console.SampleCode;

/// <summary>
/// Writes a JSON value as a literal of a language, over several lines. The playground does the same in the browser
/// (<c>playground/samples.js</c>); a test holds both to each other.
/// </summary>
internal static class JsonLiteral
{
    private const string Step = "  ";

    /// <param name="language">json (for shells and C#), javascript, python or php.</param>
    /// <param name="value">The value.</param>
    /// <param name="indent">Of the lines after the first.</param>
    internal static string Of(string language, JsonNode? value, string indent = "")
    {
        var text = new StringBuilder();
        Append(text, language, value, indent);
        return text.ToString();
    }

    private static void Append(StringBuilder text, string language, JsonNode? value, string indent)
    {
        switch (value)
        {
            case JsonObject { Count: 0 }:
                text.Append(language == "php" ? "new stdClass()" : "{}");
                break;
            case JsonArray { Count: 0 }:
                text.Append("[]");
                break;
            case JsonObject members:
                text.Append(language == "php" && members.First().Key == "0" ? "(object) " : ""); // PHP takes an array of 0, 1, … for a list
                AppendMembers(text, language, language == "php" ? "[]" : "{}", indent, members, member =>
                {
                    bool isPrototype = language == "javascript" && member.Key == "__proto__"; // without brackets that is no member
                    text.Append(isPrototype ? "[" : "");
                    AppendString(text, language, member.Key);
                    text.Append(isPrototype ? "]" : "");
                    text.Append(language == "php" ? " => " : ": ");
                    Append(text, language, member.Value, indent + Step);
                });
                break;
            case JsonArray items:
                AppendMembers(text, language, "[]", indent, items, item => Append(text, language, item, indent + Step));
                break;
            case JsonValue scalar when scalar.GetValueKind() == JsonValueKind.String:
                AppendString(text, language, scalar.GetValue<string>());
                break;
            default:
                string word = value?.ToJsonString() ?? "null";
                text.Append(language == "python" ? word switch { "true" => "True", "false" => "False", "null" => "None", _ => word } : word);
                break;
        }
    }

    private static void AppendMembers<T>(StringBuilder text, string language, string brackets, string indent, IEnumerable<T> members, Action<T> append)
    {
        text.Append(brackets[0]);
        string separator = "\n";
        foreach (T member in members)
        {
            text.Append(separator).Append(indent).Append(Step);
            append(member);
            separator = ",\n";
        }

        text.Append(language is "json" or "javascript" ? "\n" : ",\n").Append(indent).Append(brackets[1]);
    }

    private static void AppendString(StringBuilder text, string language, string value)
    {
        text.Append('"');
        foreach (char c in value)
        {
            _ = c switch
            {
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '\\' or '"' => text.Append('\\').Append(c),
                '$' when language == "php" => text.Append("\\$"),
                < ' ' or '\x7f' or '\u2028' or '\u2029' => language == "php"
                    ? text.Append(CultureInfo.InvariantCulture, $"\\u{{{(int)c:x}}}")
                    : text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => text.Append(c),
            };
        }

        text.Append('"');
    }
}
