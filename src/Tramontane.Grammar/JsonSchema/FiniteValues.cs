using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace Tramontane.Grammar.JsonSchema;

/// <summary>The values of schemas that have but a few: enum, const, booleans, null, small ranges of integers.</summary>
internal sealed class FiniteValues(SchemaReader reader)
{
    /// <summary>More are too many: arrays of distinct items keep a bit for each.</summary>
    public const int Most = 30;

    private const int MaxDepth = 64;

    /// <summary>All values that may fit, without repetition; null when there are many, or it is not seen.</summary>
    public List<JsonElement>? Of(SchemaExpression schema, int depth = 0)
    {
        List<JsonElement>? values = depth > MaxDepth ? null : schema switch
        {
            SchemaExpression.Never => [],
            SchemaExpression.Place place => Of(reader.Expand(place), depth + 1),
            SchemaExpression.Values given => [.. given.Items],
            SchemaExpression.Own own => OfTypes(own.Schema),
            SchemaExpression.All all => all.Items.Select(item => Of(item, depth + 1)).Where(v => v is not null).MinBy(v => v!.Count),
            SchemaExpression.Any any => Union(any.Items, depth),
            SchemaExpression.One one => Union(one.Items, depth),
            _ => null,
        };
        if (values is null || values.Count > 4 * Most)
        {
            return null;
        }

        var distinct = new List<JsonElement>();
        foreach (JsonElement value in values)
        {
            if (!distinct.Exists(other => JsonElement.DeepEquals(value, other)))
            {
                distinct.Add(value);
            }
        }

        return distinct.Count <= Most ? distinct : null;
    }

    private List<JsonElement>? Union(IReadOnlyList<SchemaExpression> items, int depth)
    {
        var union = new List<JsonElement>();
        foreach (SchemaExpression item in items)
        {
            if (Of(item, depth + 1) is not { } values)
            {
                return null;
            }

            union.AddRange(values);
        }

        return union;
    }

    private static List<JsonElement>? OfTypes(SchemaPlace place)
    {
        if (SchemaReader.Admits(place, "string") || SchemaReader.Admits(place, "array") || SchemaReader.Admits(place, "object") || SchemaReader.Admits(place, "number"))
        {
            return null;
        }

        var values = new List<JsonElement>();
        if (SchemaReader.Admits(place, "integer"))
        {
            // Bounds that are not wholly here are left to the others: what does not fit is sorted out there.
            if (SchemaReader.Number(place, "minimum") is not { } least || SchemaReader.Number(place, "maximum") is not { } greatest)
            {
                return null;
            }

            BigInteger first = -Floor(new ExactDecimal(-least.Digits, least.Scale)), last = Floor(greatest);
            if (last - first >= Most)
            {
                return null;
            }

            for (BigInteger value = first; value <= last; value++)
            {
                values.Add(Parse(value.ToString(CultureInfo.InvariantCulture)));
            }
        }

        if (SchemaReader.Admits(place, "boolean"))
        {
            values.AddRange([Parse("true"), Parse("false")]);
        }

        if (SchemaReader.Admits(place, "null"))
        {
            values.Add(Parse("null"));
        }

        return values;
    }

    private static BigInteger Floor(ExactDecimal number)
    {
        BigInteger whole = BigInteger.DivRem(number.Digits, BigInteger.Pow(10, number.Scale), out BigInteger rest);
        return rest.Sign < 0 ? whole - 1 : whole;
    }

    private static JsonElement Parse(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
