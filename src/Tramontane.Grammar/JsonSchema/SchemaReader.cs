using System.Text.Json;

namespace Tramontane.Grammar.JsonSchema;

/// <summary>Reads keywords of a schema with checks, and takes apart what a schema says by way of other schemas.</summary>
internal sealed class SchemaReader(SchemaDocument document, SchemaExpressionPool pool)
{
    private static readonly HashSet<string> s_refused = new(StringComparer.Ordinal) { "$recursiveRef", "disallow", "extends", "divisibleBy" };
    private readonly Dictionary<SchemaExpression, SchemaExpression> _expanded = [];

    public SchemaExpressionPool Pool => pool;

    /// <summary>A place as its own keywords and everything that other schemas at this place add to them.</summary>
    public SchemaExpression Expand(SchemaExpression.Place expression)
    {
        if (!_expanded.TryGetValue(expression, out SchemaExpression? result))
        {
            result = ExpandCore(expression.Schema);
            _expanded.Add(expression, result);
        }

        return result;
    }

    public static bool TryGet(SchemaPlace place, string keyword, out JsonElement value) => place.Element.TryGetProperty(keyword, out value);

    public static bool TryGetString(SchemaPlace place, string keyword, out string value)
    {
        value = "";
        if (!TryGet(place, keyword, out JsonElement element))
        {
            return false;
        }

        value = element.ValueKind == JsonValueKind.String ? TextOf(element, place, keyword) : throw Malformed(place, keyword, "a string");
        return true;
    }

    /// <summary>A count of things: a non-negative integer, also spelled 2.0. Beyond what an int holds it is as good as its maximum.</summary>
    public static int? Count(SchemaPlace place, string keyword)
    {
        if (!TryGet(place, keyword, out JsonElement element))
        {
            return null;
        }

        if (element.ValueKind != JsonValueKind.Number || !ExactDecimal.TryRead(element, out ExactDecimal value) || !value.IsInteger || value.IsNegative)
        {
            throw Malformed(place, keyword, "a non-negative integer");
        }

        return value.Digits > int.MaxValue ? int.MaxValue : (int)value.Digits;
    }

    public static ExactDecimal? Number(SchemaPlace place, string keyword)
    {
        if (!TryGet(place, keyword, out JsonElement element))
        {
            return null;
        }

        if (element.ValueKind != JsonValueKind.Number)
        {
            throw Malformed(place, keyword, "a number");
        }

        return ExactDecimal.TryRead(element, out ExactDecimal value) ? value : throw new GrammarException("The number has too many digits to be enforced.", $"{place.Pointer}/{keyword}");
    }

    /// <summary>The schemas of a map such as <c>properties</c>; none when the keyword is absent.</summary>
    public IEnumerable<(string Name, SchemaExpression Schema)> Map(SchemaPlace place, string keyword)
    {
        if (!TryGet(place, keyword, out JsonElement element))
        {
            yield break;
        }

        if (element.ValueKind != JsonValueKind.Object)
        {
            throw Malformed(place, keyword, "an object of schemas");
        }

        SchemaPlace map = place.Child(keyword, element) with { BaseUri = place.BaseUri };
        foreach (JsonProperty member in element.EnumerateObject())
        {
            yield return (member.Name, pool.At(map.Child(member.Name, member.Value)));
        }
    }

    public IReadOnlyList<SchemaExpression> List(SchemaPlace place, string keyword)
    {
        if (!TryGet(place, keyword, out JsonElement element))
        {
            return [];
        }

        if (element.ValueKind != JsonValueKind.Array)
        {
            throw Malformed(place, keyword, "an array of schemas");
        }

        return [.. element.EnumerateArray().Select((item, index) => pool.At(place.Child(keyword, index, item)))];
    }

    public SchemaExpression? Schema(SchemaPlace place, string keyword) =>
        TryGet(place, keyword, out JsonElement element) ? pool.At(place.Child(keyword, element)) : null;

    public static IReadOnlyList<string> Names(SchemaPlace place, string keyword, JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Array || element.EnumerateArray().Any(item => item.ValueKind != JsonValueKind.String))
        {
            throw Malformed(place, keyword, "an array of strings");
        }

        return [.. element.EnumerateArray().Select(item => TextOf(item, place, keyword))];
    }

    /// <summary>Names in <c>required</c>, and those that draft 3 marks at the property itself.</summary>
    public static IReadOnlyList<string> Required(SchemaPlace place)
    {
        var names = new List<string>();
        if (TryGet(place, "required", out JsonElement element) && element.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            names.AddRange(Names(place, "required", element));
        }

        if (TryGet(place, "properties", out JsonElement properties) && properties.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty member in properties.EnumerateObject())
            {
                if (member.Value.ValueKind == JsonValueKind.Object && member.Value.TryGetProperty("required", out JsonElement flag) && flag.ValueKind == JsonValueKind.True)
                {
                    names.Add(member.Name);
                }
            }
        }

        return names;
    }

    /// <summary>Whether a schema's <c>type</c> admits a JSON type; <c>number</c> and <c>integer</c> are told apart by the caller.</summary>
    public static bool Admits(SchemaPlace place, string type)
    {
        if (!TryGet(place, "type", out JsonElement element))
        {
            return true;
        }

        bool admits = false;
        foreach (JsonElement name in element.ValueKind == JsonValueKind.Array ? [.. element.EnumerateArray()] : (JsonElement[])[element])
        {
            string? text = name.ValueKind == JsonValueKind.String ? name.GetString() : null;
            admits |= text switch
            {
                "string" or "number" or "integer" or "object" or "array" or "boolean" or "null" => text == type,
                "any" => true, // draft 3
                _ => throw new GrammarException($"The type {(text is null ? "must be a string or an array of strings" : $"'{text}' is unknown")}; use string, number, integer, object, array, boolean or null.", $"{place.Pointer}/type"),
            };
        }

        return admits;
    }

    public static GrammarException Malformed(SchemaPlace place, string keyword, string expected) =>
        new($"'{keyword}' must be {expected}.", $"{place.Pointer}/{keyword}");

    private SchemaExpression ExpandCore(SchemaPlace place)
    {
        var parts = new List<SchemaExpression>();
        bool ownKeywords = false;
        if (document.IgnoresBesideReference && TryGetString(place, "$ref", out string only))
        {
            return pool.At(document.Find(place, only));
        }

        foreach (JsonProperty member in place.Element.EnumerateObject())
        {
            switch (member.Name)
            {
                case "$ref":
                    parts.Add(pool.At(document.Find(place, TryGetString(place, "$ref", out string reference) ? reference : "")));
                    break;
                case "$dynamicRef":
                    parts.Add(DynamicReference(place));
                    break;
                case "allOf":
                    parts.AddRange(NonEmpty(place, "allOf"));
                    break;
                case "anyOf":
                    parts.Add(pool.Or([.. NonEmpty(place, "anyOf")]));
                    break;
                case "oneOf":
                    parts.Add(pool.One(NonEmpty(place, "oneOf"), $"{place.Pointer}/oneOf"));
                    break;
                case "not":
                    parts.Add(pool.Not(Schema(place, "not")!, $"{place.Pointer}/not"));
                    break;
                case "if":
                    SchemaExpression condition = Schema(place, "if")!;
                    parts.Add(pool.And(
                        Schema(place, "then") is SchemaExpression then ? pool.Or(pool.Not(condition, $"{place.Pointer}/if"), pool.And(condition, then)) : pool.Always,
                        Schema(place, "else") is SchemaExpression otherwise ? pool.Or(condition, pool.And(pool.Not(condition, $"{place.Pointer}/if"), otherwise)) : pool.Always));
                    break;
                case "dependentRequired" or "dependentSchemas" or "dependencies":
                    AddDependencies(place, member, parts);
                    break;
                case "enum":
                    JsonElement[] items = member.Value.ValueKind == JsonValueKind.Array ? [.. member.Value.EnumerateArray()] : throw Malformed(place, "enum", "an array of values");
                    parts.Add(pool.Values($"{place.Pointer}/enum", items));
                    break;
                case "const":
                    parts.Add(pool.Value(member.Value));
                    break;
                case "unevaluatedProperties" or "unevaluatedItems":
                    CheckUnevaluated(place, member.Name);
                    ownKeywords = true;
                    break;
                default:
                    if (s_refused.Contains(member.Name))
                    {
                        throw new GrammarException($"The keyword '{member.Name}' is not supported; the constraint cannot be enforced.", $"{place.Pointer}/{member.Name}");
                    }

                    ownKeywords = true;
                    break;
            }
        }

        return pool.And([.. parts, ownKeywords ? pool.Own(place) : pool.Always]);
    }

    private IReadOnlyList<SchemaExpression> NonEmpty(SchemaPlace place, string keyword)
    {
        IReadOnlyList<SchemaExpression> list = List(place, keyword);
        return list.Count > 0 ? list : throw Malformed(place, keyword, "an array with at least one schema");
    }

    private SchemaExpression DynamicReference(SchemaPlace place)
    {
        _ = TryGetString(place, "$dynamicRef", out string reference);
        return document.IsStatic(reference)
            ? pool.At(document.Find(place, reference))
            : throw new GrammarException("A $dynamicRef whose meaning depends on where the schema was entered is not supported; use $ref.", $"{place.Pointer}/$dynamicRef");
    }

    private void AddDependencies(SchemaPlace place, JsonProperty member, List<SchemaExpression> parts)
    {
        if (member.Value.ValueKind != JsonValueKind.Object)
        {
            throw Malformed(place, member.Name, "an object");
        }

        SchemaPlace map = place.Child(member.Name, member.Value) with { BaseUri = place.BaseUri };
        foreach (JsonProperty entry in member.Value.EnumerateObject())
        {
            SchemaExpression condition = entry.Value.ValueKind switch
            {
                JsonValueKind.Array when member.Name != "dependentSchemas" => Presence(Names(map, entry.Name, entry.Value)),
                JsonValueKind.String when member.Name == "dependencies" => Presence([TextOf(entry.Value, map, entry.Name)]), // draft 3
                _ when member.Name != "dependentRequired" => pool.At(map.Child(entry.Name, entry.Value)),
                _ => throw Malformed(map, entry.Name, "an array of strings"),
            };
            if (condition is not SchemaExpression.Always)
            {
                parts.Add(pool.Dependent(entry.Name, condition));
            }
        }
    }

    private SchemaExpression Presence(IReadOnlyList<string> names) => names.Count == 0 ? pool.Always : pool.Presence(names);

    // Where no other schema applies to the same value, "unevaluated" is "additional".
    private static void CheckUnevaluated(SchemaPlace place, string keyword)
    {
        JsonElement value = place.Element.GetProperty(keyword);
        string additional = keyword == "unevaluatedProperties" ? "additionalProperties" : "items";
        if (value.ValueKind == JsonValueKind.True || (keyword == "unevaluatedProperties" && place.Element.TryGetProperty(additional, out _)))
        {
            return;
        }

        foreach (string applicator in (ReadOnlySpan<string>)["$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "not", "if", "dependentSchemas", "dependencies"])
        {
            if (applicator != "not" && place.Element.TryGetProperty(applicator, out _))
            {
                throw new GrammarException($"'{keyword}' beside '{applicator}' is not supported; write the properties or items into one schema.", $"{place.Pointer}/{keyword}");
            }
        }

        if (keyword == "unevaluatedItems" && place.Element.TryGetProperty("contains", out _))
        {
            throw new GrammarException("'unevaluatedItems' beside 'contains' is not supported.", $"{place.Pointer}/{keyword}");
        }
    }

    private static string TextOf(JsonElement element, SchemaPlace place, string keyword)
    {
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new GrammarException("A string holds half of a surrogate pair.", $"{place.Pointer}/{keyword}");
        }
    }
}
