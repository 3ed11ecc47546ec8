using System.Globalization;

namespace Tramontane.Tokenization.Instruct;

/// <summary>
/// Checks that a JSON value is a JSON Schema of draft 7: the rules of its meta-schema, written out per keyword.
/// Formats (regular expressions, URIs) are not checked, and keywords outside draft 7 are free.
/// </summary>
internal static class Draft7MetaSchema
{
    private static readonly HashSet<string> s_types = ["array", "boolean", "integer", "null", "number", "object", "string"];

    /// <summary>The first fault, with the path to it; null when the value is a schema.</summary>
    public static string? FindFault(PythonJsonValue value) => FindFault(value, new Place(null, "parameters", 0));

    private static string? FindFault(PythonJsonValue value, Place path)
    {
        if (value.Kind is JsonKind.True or JsonKind.False)
        {
            return null;
        }

        if (value.Kind != JsonKind.Object)
        {
            return Fault(path, "must be an object or a boolean");
        }

        for (int i = 0; i < value.Keys.Count; i++)
        {
            if (FindFault(value.Keys[i], value.Items[i], new Place(path, value.Keys[i], 0)) is string fault)
            {
                return fault;
            }
        }

        return null;
    }

    private static string? FindFault(string keyword, PythonJsonValue value, Place path) => keyword switch
    {
        "$id" or "$schema" or "$ref" or "$comment" or "title" or "description" or "pattern" or "format"
            or "contentMediaType" or "contentEncoding" => Require(value.Kind == JsonKind.String, path, "must be a string"),
        "readOnly" or "uniqueItems" => Require(value.Kind is JsonKind.True or JsonKind.False, path, "must be true or false"),
        "maximum" or "minimum" or "exclusiveMaximum" or "exclusiveMinimum" =>
            Require(value.Kind == JsonKind.Number, path, "must be a number"),
        "multipleOf" => Require(value.Kind == JsonKind.Number && ToDouble(value) > 0, path, "must be a number above 0"),
        "maxLength" or "minLength" or "maxItems" or "minItems" or "maxProperties" or "minProperties" =>
            Require(IsCount(value), path, "must be an integer of at least 0"),
        "examples" or "enum" => Require(value.Kind == JsonKind.Array, path, "must be an array"),
        "required" => StringArray(value, path),
        "type" => Type(value, path),
        "additionalItems" or "contains" or "additionalProperties" or "propertyNames" or "if" or "then" or "else" or "not" =>
            FindFault(value, path),
        "items" => value.Kind == JsonKind.Array ? SchemaArray(value, path) : FindFault(value, path),
        "allOf" or "anyOf" or "oneOf" => SchemaArray(value, path),
        "definitions" or "properties" or "patternProperties" => SchemaMap(value, path, FindFault),
        "dependencies" => SchemaMap(value, path, (item, at) => item.Kind == JsonKind.Array ? StringArray(item, at) : FindFault(item, at)),
        _ => null,
    };

    private static string? Type(PythonJsonValue value, Place path)
    {
        const string Expected = "must be one of array, boolean, integer, null, number, object, string, or a list of them without repeats";
        bool IsName(PythonJsonValue node) => node.Kind == JsonKind.String && s_types.Contains(node.Text);
        bool sound = value.Kind == JsonKind.Array
            ? value.Items.Count > 0 && value.Items.TrueForAll(IsName) && value.Items.DistinctBy(i => i.Text).Count() == value.Items.Count
            : IsName(value);
        return Require(sound, path, Expected);
    }

    private static string? StringArray(PythonJsonValue value, Place path) => Require(
        value.Kind == JsonKind.Array && value.Items.TrueForAll(i => i.Kind == JsonKind.String)
            && value.Items.DistinctBy(i => i.Text).Count() == value.Items.Count,
        path, "must be a list of strings without repeats");

    private static string? SchemaArray(PythonJsonValue value, Place path)
    {
        if (value.Kind != JsonKind.Array || value.Items.Count == 0)
        {
            return Fault(path, "must be a list of at least one schema");
        }

        for (int i = 0; i < value.Items.Count; i++)
        {
            if (FindFault(value.Items[i], new Place(path, null, i)) is string fault)
            {
                return fault;
            }
        }

        return null;
    }

    private static string? SchemaMap(PythonJsonValue value, Place path, Func<PythonJsonValue, Place, string?> check)
    {
        if (value.Kind != JsonKind.Object)
        {
            return Fault(path, "must be an object");
        }

        for (int i = 0; i < value.Items.Count; i++)
        {
            if (check(value.Items[i], new Place(path, value.Keys[i], 0)) is string fault)
            {
                return fault;
            }
        }

        return null;
    }

    // 3.0 counts as an integer from draft 6 on.
    private static bool IsCount(PythonJsonValue value) =>
        value.Kind == JsonKind.Number && ToDouble(value) is double number && number >= 0 && Math.Floor(number) == number && double.IsFinite(number);

    private static double ToDouble(PythonJsonValue value) => value.Text switch
    {
        "NaN" => double.NaN,
        "Infinity" => double.PositiveInfinity,
        "-Infinity" => double.NegativeInfinity,
        string text => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
    };

    private static string? Require(bool condition, Place path, string expectation) => condition ? null : Fault(path, expectation);

    private static string Fault(Place path, string expectation) => $"'{path}' {expectation}";

    /// <summary>Where a value stands. Written out for a fault alone: a client may nest many values under a long key.</summary>
    private sealed record Place(Place? Parent, string? Key, int Index)
    {
        public override string ToString() => Parent is null ? Key! : Key is null ? $"{Parent}[{Index}]" : $"{Parent}.{Key}";
    }
}
