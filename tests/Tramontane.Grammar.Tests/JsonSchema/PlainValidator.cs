using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using NetRegex = System.Text.RegularExpressions.Regex;

namespace Tramontane.Grammar.Tests.JsonSchema;

/// <summary>
/// JSON Schema written down as the specification says it, value by value, slow and without any of the package's ideas: what the
/// matcher is compared with.
/// </summary>
internal static class PlainValidator
{
    public static bool IsValid(JsonElement schema, JsonElement value) => IsValid(schema, value, schema);

    private static bool IsValid(JsonElement schema, JsonElement value, JsonElement root)
    {
        if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return schema.GetBoolean();
        }

        return schema.EnumerateObject().All(keyword => Holds(keyword.Name, keyword.Value, schema, value, root));
    }

    private static bool Holds(string keyword, JsonElement argument, JsonElement schema, JsonElement value, JsonElement root)
    {
        bool Fits(JsonElement sub, JsonElement part) => IsValid(sub, part, root);
        bool isObject = value.ValueKind == JsonValueKind.Object, isArray = value.ValueKind == JsonValueKind.Array;
        bool isString = value.ValueKind == JsonValueKind.String, isNumber = value.ValueKind == JsonValueKind.Number;
        return keyword switch
        {
            "type" => argument.ValueKind == JsonValueKind.Array ? argument.EnumerateArray().Any(t => IsType(t.GetString()!, value)) : IsType(argument.GetString()!, value),
            "enum" => argument.EnumerateArray().Any(item => AreEqual(item, value)),
            "const" => AreEqual(argument, value),
            "minimum" => !isNumber || value.GetDecimal() >= argument.GetDecimal(),
            "maximum" => !isNumber || value.GetDecimal() <= argument.GetDecimal(),
            "exclusiveMinimum" => !isNumber || value.GetDecimal() > argument.GetDecimal(),
            "exclusiveMaximum" => !isNumber || value.GetDecimal() < argument.GetDecimal(),
            "multipleOf" => !isNumber || value.GetDecimal() % argument.GetDecimal() == 0,
            "minLength" => !isString || value.GetString()!.EnumerateRunes().Count() >= argument.GetInt32(),
            "maxLength" => !isString || value.GetString()!.EnumerateRunes().Count() <= argument.GetInt32(),
            "pattern" => !isString || IsFound(argument.GetString()!, value.GetString()!),
            "minItems" => !isArray || value.GetArrayLength() >= argument.GetInt32(),
            "maxItems" => !isArray || value.GetArrayLength() <= argument.GetInt32(),
            "prefixItems" => !isArray || argument.EnumerateArray().Zip(value.EnumerateArray()).All(pair => Fits(pair.First, pair.Second)),
            "items" => !isArray || value.EnumerateArray().Skip(schema.TryGetProperty("prefixItems", out JsonElement prefix) ? prefix.GetArrayLength() : 0).All(item => Fits(argument, item)),
            "contains" => !isArray || IsCountInside(schema, value.EnumerateArray().Count(item => Fits(argument, item))),
            "properties" => !isObject || argument.EnumerateObject().All(p => !value.TryGetProperty(p.Name, out JsonElement part) || Fits(p.Value, part)),
            "patternProperties" => !isObject || argument.EnumerateObject().All(p => value.EnumerateObject().Where(m => IsFound(p.Name, m.Name)).All(m => Fits(p.Value, m.Value))),
            "additionalProperties" => !isObject || value.EnumerateObject().Where(m => IsAdditional(schema, m.Name)).All(m => Fits(argument, m.Value)),
            "propertyNames" => !isObject || value.EnumerateObject().All(m => Fits(argument, Text(m.Name))),
            "required" => !isObject || argument.EnumerateArray().All(name => value.TryGetProperty(name.GetString()!, out _)),
            "minProperties" => !isObject || value.EnumerateObject().Count() >= argument.GetInt32(),
            "maxProperties" => !isObject || value.EnumerateObject().Count() <= argument.GetInt32(),
            "dependentRequired" => !isObject || argument.EnumerateObject().All(d => !value.TryGetProperty(d.Name, out _) || d.Value.EnumerateArray().All(n => value.TryGetProperty(n.GetString()!, out _))),
            "dependentSchemas" => !isObject || argument.EnumerateObject().All(d => !value.TryGetProperty(d.Name, out _) || Fits(d.Value, value)),
            "allOf" => argument.EnumerateArray().All(s => Fits(s, value)),
            "anyOf" => argument.EnumerateArray().Any(s => Fits(s, value)),
            "oneOf" => argument.EnumerateArray().Count(s => Fits(s, value)) == 1,
            "not" => !Fits(argument, value),
            "if" => !schema.TryGetProperty(Fits(argument, value) ? "then" : "else", out JsonElement branch) || Fits(branch, value),
            "$ref" => Fits(root.GetProperty("$defs").GetProperty(argument.GetString()!["#/$defs/".Length..]), value),
            "then" or "else" or "$defs" or "minContains" or "maxContains" => true,
            _ => throw new NotSupportedException(keyword),
        };
    }

    private static bool IsType(string type, JsonElement value) => type switch
    {
        "integer" => value.ValueKind == JsonValueKind.Number && value.GetDecimal() == decimal.Truncate(value.GetDecimal()),
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        _ => value.ValueKind.ToString().Equals(type, StringComparison.OrdinalIgnoreCase),
    };

    private static bool IsCountInside(JsonElement schema, int count) =>
        count >= (schema.TryGetProperty("minContains", out JsonElement least) ? least.GetInt32() : 1)
        && count <= (schema.TryGetProperty("maxContains", out JsonElement most) ? most.GetInt32() : int.MaxValue);

    private static bool IsAdditional(JsonElement schema, string name) =>
        !(schema.TryGetProperty("properties", out JsonElement properties) && properties.TryGetProperty(name, out _))
        && !(schema.TryGetProperty("patternProperties", out JsonElement patterns) && patterns.EnumerateObject().Any(p => IsFound(p.Name, name)));

    // In .NET $ also stands before a last line feed, and a character beyond the first plane counts as two.
    private static bool IsFound(string pattern, string text)
    {
        string oneEach = string.Concat(text.EnumerateRunes().Select(rune => rune.IsBmp ? (char)rune.Value : '\u4E00'));
        return NetRegex.IsMatch(oneEach, pattern.Replace("$", "\\z", StringComparison.Ordinal), RegexOptions.CultureInvariant);
    }

    private static bool AreEqual(JsonElement a, JsonElement b) => JsonElement.DeepEquals(a, b);

    private static JsonElement Text(string text)
    {
        using JsonDocument document = JsonDocument.Parse(Encoding.UTF8.GetBytes($"\"{JsonEncodedText.Encode(text)}\""));
        return document.RootElement.Clone();
    }
}
