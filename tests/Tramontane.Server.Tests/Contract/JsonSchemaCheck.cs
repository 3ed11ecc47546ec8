using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Tramontane.Server.Tests.Contract;

/// <summary>Holds a value to a JSON Schema, as far as the OpenAPI document uses it. Keys that a schema does not know are faults.</summary>
internal static class JsonSchemaCheck
{
    private static readonly string[] s_known =
        ["type", "properties", "required", "items", "enum", "anyOf", "$ref", "description", "default", "examples", "x-values", "x-support", "minimum", "maximum", "minItems", "maxItems", "minLength", "pattern", "format", "propertyNames", "additionalProperties"];

    /// <summary>What is wrong, each with its path; nothing when the value fits.</summary>
    /// <param name="root">Where references lead.</param>
    /// <param name="value">The value.</param>
    /// <param name="schema">What it is held to.</param>
    /// <param name="path">Where the value stands.</param>
    internal static IReadOnlyList<string> Faults(JsonObject root, JsonNode? value, JsonNode schema, string path = "$")
    {
        if (schema is not JsonObject rules)
        {
            return schema.GetValueKind() == JsonValueKind.True ? [] : [$"{path}: nothing fits"];
        }

        if ((string?)rules["$ref"] is { } reference)
        {
            return Faults(root, value, Resolve(root, reference), path);
        }

        var faults = new List<string>();
        faults.AddRange(rules.Select(r => r.Key).Except(s_known).Select(key => $"{path}: the checker does not know '{key}'"));
        if (rules["anyOf"] is JsonArray any && !any.Any(one => Faults(root, value, one!, path).Count == 0))
        {
            faults.Add($"{path}: {Short(value)} fits none of {string.Join(" | ", any.Select(one => string.Join("; ", Faults(root, value, one!, path))))}");
        }

        if (rules["type"] is { } type && !Types(type).Any(t => IsOf(value, t)))
        {
            faults.Add($"{path}: {Short(value)} is no {type.ToJsonString()}");
            return faults;
        }

        if (rules["enum"] is JsonArray choices && !choices.Any(c => JsonNode.DeepEquals(c, value)))
        {
            faults.Add($"{path}: {Short(value)} is not among {choices.ToJsonString()}");
        }

        switch (value)
        {
            case JsonObject members:
                CheckObject(root, members, rules, path, faults);
                break;
            case JsonArray items:
                CheckArray(root, items, rules, path, faults);
                break;
            case JsonValue scalar:
                CheckScalar(scalar, rules, path, faults);
                break;
        }

        return faults;
    }

    private static void CheckObject(JsonObject root, JsonObject members, JsonObject rules, string path, List<string> faults)
    {
        faults.AddRange((rules["required"] as JsonArray ?? []).Where(key => !members.ContainsKey((string)key!)).Select(key => $"{path}: '{key}' is missing"));
        var properties = rules["properties"] as JsonObject;
        foreach ((string key, JsonNode? member) in members)
        {
            if (properties?[key] is { } known)
            {
                faults.AddRange(Faults(root, member, known, $"{path}.{key}"));
            }
            else if (rules["additionalProperties"] is { } others)
            {
                faults.AddRange(Faults(root, member, others, $"{path}.{key}"));
            }
            else if (properties is not null)
            {
                faults.Add($"{path}: the schema does not know '{key}'");
            }
        }
    }

    private static void CheckArray(JsonObject root, JsonArray items, JsonObject rules, string path, List<string> faults)
    {
        if (items.Count < ((int?)rules["minItems"] ?? 0) || items.Count > ((int?)rules["maxItems"] ?? int.MaxValue))
        {
            faults.Add($"{path}: {items.Count} items");
        }

        if (rules["items"] is { } item)
        {
            faults.AddRange(items.SelectMany((value, i) => Faults(root, value, item, $"{path}[{i}]")));
        }
    }

    private static void CheckScalar(JsonValue scalar, JsonObject rules, string path, List<string> faults)
    {
        if (scalar.GetValueKind() == JsonValueKind.Number)
        {
            double number = Number(scalar);
            if ((rules["minimum"] is { } minimum && number < Number(minimum)) || (rules["maximum"] is { } maximum && number > Number(maximum)))
            {
                faults.Add($"{path}: {number} is out of range");
            }
        }
        else if (scalar.GetValueKind() == JsonValueKind.String)
        {
            string text = (string)scalar!;
            if ((string?)rules["format"] is { } format && !FitsFormat(text, format))
            {
                faults.Add($"{path}: '{text}' is no {format}");
            }

            if (text.Length < ((int?)rules["minLength"] ?? 0) || (rules["pattern"] is { } pattern && !Regex.IsMatch(text, (string)pattern!)))
            {
                faults.Add($"{path}: {Short(scalar)} does not match");
            }
        }
    }

    internal static JsonNode Resolve(JsonObject root, string reference)
    {
        Assert.StartsWith("#/", reference, StringComparison.Ordinal);
        JsonNode? node = root;
        foreach (string step in reference[2..].Split('/'))
        {
            node = node is JsonArray items ? items[int.Parse(step)] : node?[step];
        }

        return node ?? throw new InvalidOperationException($"{reference} leads nowhere.");
    }

    private static IEnumerable<string> Types(JsonNode type) => type is JsonArray many ? many.Select(t => (string)t!) : [(string)type!];

    private static bool IsOf(JsonNode? value, string type) => (value?.GetValueKind() ?? JsonValueKind.Null) switch
    {
        JsonValueKind.Null => type == "null",
        JsonValueKind.Object => type == "object",
        JsonValueKind.Array => type == "array",
        JsonValueKind.String => type == "string",
        JsonValueKind.Number => type == "number" || (type == "integer" && double.IsInteger(Number(value!))),
        _ => type == "boolean",
    };

    private static double Number(JsonNode value) => double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture);

    private static string Short(JsonNode? value)
    {
        string text = value?.ToJsonString() ?? "null";
        return text.Length > 80 ? text[..80] + "…" : text;
    }

    private static bool FitsFormat(string text, string format) => format switch
    {
        "date-time" => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _),
        "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", out _),
        _ => throw new NotSupportedException($"The checker does not know the format '{format}'."),
    };
}
