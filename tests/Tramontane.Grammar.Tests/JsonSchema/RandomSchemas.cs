using System.Globalization;
using System.Text.Json;

namespace Tramontane.Grammar.Tests.JsonSchema;

/// <summary>Small random schemas and values over the same few names and texts, so that they often just fit or just do not.</summary>
internal sealed class RandomSchemas(Random random)
{
    private static readonly string[] s_names = ["a", "b", "c", "ab"];
    private static readonly string[] s_texts = ["", "a", "b", "ab", "ba", "aab", "é", "\\n"];
    private static readonly string[] s_numbers = ["0", "1", "-1", "2", "3", "10", "1.5", "0.5", "-2.25", "12"];
    private static readonly string[] s_patterns = ["^a", "b$", "^[ab]*$", "a", "^(a|bb)+$", "^.{2,3}$"];

    public JsonElement Schema()
    {
        string text = Schema(3, isRoot: true);
        using JsonDocument document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    public JsonElement Value()
    {
        using JsonDocument document = JsonDocument.Parse(Value(3));
        return document.RootElement.Clone();
    }

    private string Pick(string[] items) => items[random.Next(items.Length)];

    private string Schema(int depth, bool isRoot = false)
    {
        if (depth == 0 || (!isRoot && random.Next(12) == 0))
        {
            return random.Next(4) switch { 0 => "false", 1 => "{\"type\":\"string\"}", 2 => "{\"type\":[\"integer\",\"null\"]}", _ => "true" };
        }

        var keywords = new Dictionary<string, string>();
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            (string name, string value) = Keyword(depth - 1);
            keywords[name] = value;
        }

        if (keywords.ContainsKey("if"))
        {
            keywords["then"] = Schema(depth - 1);
            keywords["else"] = Schema(depth - 1);
        }

        if (isRoot)
        {
            keywords["$defs"] = $"{{\"x\":{Schema(1)},\"y\":{{\"type\":[\"array\",\"integer\"],\"items\":{{\"$ref\":\"#/$defs/y\"}},\"maxItems\":2}}}}";
        }

        return "{" + string.Join(",", keywords.Select(k => $"\"{k.Key}\":{k.Value}")) + "}";
    }

    private (string, string) Keyword(int depth) => random.Next(32) switch
    {
        0 or 1 => ("type", $"\"{Pick(["string", "number", "integer", "object", "array", "boolean", "null"])}\""),
        2 => ("type", "[\"object\",\"string\"]"),
        3 => ("enum", $"[{Value(1)},{Value(1)},{Value(0)}]"),
        4 => ("const", Value(1)),
        5 => ("minimum", Pick(s_numbers)),
        6 => ("maximum", Pick(s_numbers)),
        7 => (Pick(["exclusiveMinimum", "exclusiveMaximum"]), Pick(s_numbers)),
        8 => ("multipleOf", Pick(["1", "2", "3", "0.5", "0.25"])),
        9 => ("minLength", Small()),
        10 => ("maxLength", Small()),
        11 => ("pattern", $"\"{Pick(s_patterns)}\""),
        12 => ("minItems", Small()),
        13 => ("maxItems", Small()),
        14 => ("prefixItems", $"[{Schema(depth)},{Schema(depth)}]"),
        15 or 16 => ("items", Schema(depth)),
        17 => ("contains", Schema(depth)),
        18 or 19 or 20 => ("properties", Map(s_names, depth)),
        21 => ("patternProperties", Map(s_patterns, depth)),
        22 => ("additionalProperties", Schema(depth)),
        23 => ("propertyNames", $"{{\"pattern\":\"{Pick(s_patterns)}\"}}"),
        24 => ("required", $"[\"{Pick(s_names)}\"]"),
        25 => (Pick(["minProperties", "maxProperties"]), Small()),
        26 => ("allOf", $"[{Schema(depth)},{Schema(depth)}]"),
        27 => ("anyOf", $"[{Schema(depth)},{Schema(depth)}]"),
        28 => ("oneOf", $"[{Schema(depth)},{Schema(depth)}]"),
        29 => ("not", Schema(depth)),
        30 => ("if", Schema(depth)),
        _ => random.Next(3) switch
        {
            0 => ("$ref", random.Next(2) == 0 ? "\"#/$defs/x\"" : "\"#/$defs/y\""),
            1 => ("dependentRequired", $"{{\"{Pick(s_names)}\":[\"{Pick(s_names)}\"]}}"),
            _ => ("dependentSchemas", $"{{\"{Pick(s_names)}\":{Schema(depth)}}}"),
        },
    };

    private string Map(string[] keys, int depth)
    {
        var map = new Dictionary<string, string>();
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            map[Pick(keys)] = Schema(depth);
        }

        return "{" + string.Join(",", map.Select(m => $"\"{m.Key}\":{m.Value}")) + "}";
    }

    private string Small() => random.Next(4).ToString(CultureInfo.InvariantCulture);

    private string Value(int depth) => random.Next(depth == 0 ? 5 : 9) switch
    {
        0 => "null",
        1 => random.Next(2) == 0 ? "true" : "false",
        2 or 3 => Pick(s_numbers),
        4 => $"\"{Pick(s_texts)}\"",
        5 or 6 => "[" + string.Join(",", Enumerable.Range(0, random.Next(4)).Select(_ => Value(depth - 1))) + "]",
        _ => "{" + string.Join(",", s_names.Where(_ => random.Next(2) == 0).OrderBy(_ => random.Next()).Select(n => $"\"{n}\":{Value(depth - 1)}")) + "}",
    };
}
