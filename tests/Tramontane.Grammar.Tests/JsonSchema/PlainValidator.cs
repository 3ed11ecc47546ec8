using System.Globalization;
using System.Numerics;
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
    private static readonly JsonElement s_one = JsonDocument.Parse("1").RootElement;

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
            "minimum" => !isNumber || Compare(value, argument) >= 0,
            "maximum" => !isNumber || Compare(value, argument) <= 0,
            "exclusiveMinimum" => !isNumber || Compare(value, argument) > 0,
            "exclusiveMaximum" => !isNumber || Compare(value, argument) < 0,
            "multipleOf" => !isNumber || IsMultiple(value, argument),
            "minLength" => !isString || value.GetString()!.EnumerateRunes().Count() >= argument.GetInt32(),
            "maxLength" => !isString || value.GetString()!.EnumerateRunes().Count() <= argument.GetInt32(),
            "pattern" => !isString || IsFound(argument.GetString()!, value.GetString()!),
            "minItems" => !isArray || value.GetArrayLength() >= argument.GetInt32(),
            "maxItems" => !isArray || value.GetArrayLength() <= argument.GetInt32(),
            "prefixItems" => !isArray || argument.EnumerateArray().Zip(value.EnumerateArray()).All(pair => Fits(pair.First, pair.Second)),
            "items" => !isArray || value.EnumerateArray().Skip(schema.TryGetProperty("prefixItems", out JsonElement prefix) ? prefix.GetArrayLength() : 0).All(item => Fits(argument, item)),
            "uniqueItems" => !isArray || !argument.GetBoolean() || AreDistinct([.. value.EnumerateArray()]),
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
        "integer" => value.ValueKind == JsonValueKind.Number && IsMultiple(value, s_one),
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        _ => value.ValueKind.ToString().Equals(type, StringComparison.OrdinalIgnoreCase),
    };

    private static int Compare(JsonElement a, JsonElement b)
    {
        (BigInteger first, BigInteger second) = Aligned(a, b);
        return first.CompareTo(second);
    }

    private static bool IsMultiple(JsonElement value, JsonElement divisor)
    {
        (BigInteger dividend, BigInteger by) = Aligned(value, divisor);
        return dividend % by == 0;
    }

    // Both as integers of one unit: numbers of any length are exact.
    private static (BigInteger A, BigInteger B) Aligned(JsonElement a, JsonElement b)
    {
        (BigInteger digitsA, int exponentA) = Parse(a.GetRawText());
        (BigInteger digitsB, int exponentB) = Parse(b.GetRawText());
        int unit = Math.Min(exponentA, exponentB);
        return (digitsA * BigInteger.Pow(10, exponentA - unit), digitsB * BigInteger.Pow(10, exponentB - unit));
    }

    private static (BigInteger Digits, int Exponent) Parse(string number)
    {
        string[] parts = number.Split('e', 'E');
        string[] sides = parts[0].Split('.');
        string fraction = sides.Length > 1 ? sides[1] : "";
        int exponent = parts.Length > 1 ? int.Parse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : 0;
        return (BigInteger.Parse(sides[0] + fraction, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture), exponent - fraction.Length);
    }

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

    private static bool AreDistinct(JsonElement[] items) => !items.Where((item, i) => items[..i].Any(other => AreEqual(item, other))).Any();

    private static bool AreEqual(JsonElement a, JsonElement b) => JsonElement.DeepEquals(a, b);

    private static JsonElement Text(string text)
    {
        using JsonDocument document = JsonDocument.Parse(Encoding.UTF8.GetBytes($"\"{JsonEncodedText.Encode(text)}\""));
        return document.RootElement.Clone();
    }
}
