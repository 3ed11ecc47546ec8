using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Tramontane.Cli.Tokens;

/// <summary>JSON values as Python's <c>json.dumps(value, ensure_ascii=False)</c> writes them.</summary>
internal static class PythonText
{
    public static string Of(JsonElement value)
    {
        var builder = new StringBuilder();
        Append(builder, value);
        return builder.ToString();
    }

    private static void Append(StringBuilder builder, JsonElement value)
    {
        bool first = true;
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                builder.Append('{');
                foreach (JsonProperty member in LastOfEachName(value))
                {
                    builder.Append(first ? "" : ", ");
                    first = false;
                    AppendString(builder, member.Name);
                    builder.Append(": ");
                    Append(builder, member.Value);
                }

                builder.Append('}');
                break;
            case JsonValueKind.Array:
                builder.Append('[');
                foreach (JsonElement item in value.EnumerateArray())
                {
                    builder.Append(first ? "" : ", ");
                    first = false;
                    Append(builder, item);
                }

                builder.Append(']');
                break;
            case JsonValueKind.String:
                AppendString(builder, value.GetString()!);
                break;
            case JsonValueKind.Number:
                builder.Append(Number(value.GetRawText()));
                break;
            default:
                builder.Append(value.GetRawText());
                break;
        }
    }

    private static OrderedDictionary<string, JsonProperty>.ValueCollection LastOfEachName(JsonElement value)
    {
        var members = new OrderedDictionary<string, JsonProperty>(StringComparer.Ordinal);
        foreach (JsonProperty member in value.EnumerateObject())
        {
            members[member.Name] = member;
        }

        return members.Values;
    }

    private static void AppendString(StringBuilder builder, string text)
    {
        builder.Append('"');
        foreach (char c in text)
        {
            _ = c switch
            {
                '"' => builder.Append("\\\""),
                '\\' => builder.Append("\\\\"),
                '\n' => builder.Append("\\n"),
                '\r' => builder.Append("\\r"),
                '\t' => builder.Append("\\t"),
                '\b' => builder.Append("\\b"),
                '\f' => builder.Append("\\f"),
                < ' ' => builder.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => builder.Append(c),
            };
        }

        builder.Append('"');
    }

    // An integer of any size stays as it is; anything else is a double in its shortest form.
    private static string Number(string text)
    {
        if (text.AsSpan().IndexOfAny('.', 'e', 'E') < 0)
        {
            return text == "-0" ? "0" : text;
        }

        double value = double.Parse(text, CultureInfo.InvariantCulture);
        string shortest = value.ToString("R", CultureInfo.InvariantCulture);
        if (shortest.Contains("E+15", StringComparison.Ordinal))
        {
            shortest = value.ToString("F1", CultureInfo.InvariantCulture); // Python changes to exponents one digit later
        }

        return double.IsInfinity(value) ? "Infinity"
            : shortest.Contains('E', StringComparison.Ordinal) ? shortest.Replace('E', 'e')
            : shortest.Contains('.', StringComparison.Ordinal) ? shortest : shortest + ".0";
    }
}
