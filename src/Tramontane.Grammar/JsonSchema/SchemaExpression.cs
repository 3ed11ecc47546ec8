using System.Text.Json;

namespace Tramontane.Grammar.JsonSchema;

/// <summary>
/// A condition on one JSON value: places of the document joined by and, or, not. Equal expressions are one object, so that work
/// done for one is found again and recursion ends.
/// </summary>
internal abstract class SchemaExpression
{
    /// <summary>The number of this expression in its pool.</summary>
    public int Id { get; init; }

    /// <summary>JSON Pointer of where it was read, for refusals: of a combination that of its first part. Empty for the whole schema.</summary>
    public string Pointer => this switch
    {
        Place place => place.Schema.Pointer,
        Own own => own.Schema.Pointer,
        One one => one.At,
        Inverse inverse => inverse.At,
        All all => PointerOf(all.Items),
        Any any => PointerOf(any.Items),
        Dependent dependent => dependent.Condition.Pointer,
        _ => "",
    };

    private static string PointerOf(IReadOnlyList<SchemaExpression> items) => items.Select(item => item.Pointer).FirstOrDefault(p => p.Length > 0) ?? "";

    /// <summary>Every value.</summary>
    public sealed class Always : SchemaExpression;

    /// <summary>No value.</summary>
    public sealed class Never : SchemaExpression;

    /// <summary>The schema at a place with all its keywords.</summary>
    public sealed class Place : SchemaExpression
    {
        public required SchemaPlace Schema { get; init; }
    }

    /// <summary>The keywords at a place that speak about the value itself and its parts: types, bounds, properties, items.</summary>
    public sealed class Own : SchemaExpression
    {
        public required SchemaPlace Schema { get; init; }
    }

    /// <summary>One of the given values.</summary>
    public sealed class Values : SchemaExpression
    {
        public required IReadOnlyList<JsonElement> Items { get; init; }
    }

    public sealed class All : SchemaExpression
    {
        public required IReadOnlyList<SchemaExpression> Items { get; init; }
    }

    public sealed class Any : SchemaExpression
    {
        public required IReadOnlyList<SchemaExpression> Items { get; init; }
    }

    /// <summary>Exactly one of the items.</summary>
    public sealed class One : SchemaExpression
    {
        public required IReadOnlyList<SchemaExpression> Items { get; init; }

        /// <summary>Where it stands.</summary>
        public required string At { get; init; }
    }

    public sealed class Inverse : SchemaExpression
    {
        public required SchemaExpression Item { get; init; }

        public required string At { get; init; }
    }

    /// <summary>Of objects: when the property is there, the condition holds. Other values always fit.</summary>
    public sealed class Dependent : SchemaExpression
    {
        public required string Property { get; init; }

        public required SchemaExpression Condition { get; init; }
    }

    /// <summary>Of objects: the properties are there, or for one: it is not. Other values always fit.</summary>
    public sealed class Presence : SchemaExpression
    {
        public required IReadOnlyList<string> Properties { get; init; }
    }
}

/// <summary>Makes expressions, each distinct one once.</summary>
internal sealed class SchemaExpressionPool
{
    private readonly Dictionary<string, SchemaExpression> _known = new(StringComparer.Ordinal);
    private int _count;

    public SchemaExpressionPool()
    {
        Always = new SchemaExpression.Always { Id = _count++ };
        Never = new SchemaExpression.Never { Id = _count++ };
    }

    public SchemaExpression Always { get; }

    public SchemaExpression Never { get; }

    public SchemaExpression At(SchemaPlace place) => place.Element.ValueKind switch
    {
        JsonValueKind.True => Always,
        JsonValueKind.False => Never,
        JsonValueKind.Object => Add($"p{place.Pointer}", id => new SchemaExpression.Place { Id = id, Schema = place }),
        _ => throw new GrammarException("A schema must be an object or a boolean.", place.Pointer),
    };

    public SchemaExpression Own(SchemaPlace place) => Add($"o{place.Pointer}", id => new SchemaExpression.Own { Id = id, Schema = place });

    /// <param name="key">What tells this list of values from others.</param>
    /// <param name="items">The values.</param>
    public SchemaExpression Values(string key, IReadOnlyList<JsonElement> items) =>
        items.Count == 0 ? Never : Add($"v{key}", id => new SchemaExpression.Values { Id = id, Items = items });

    public SchemaExpression Value(JsonElement item) => Values("=" + item.GetRawText(), [item]);

    public SchemaExpression And(params ReadOnlySpan<SchemaExpression> items)
    {
        var flat = new SortedDictionary<int, SchemaExpression>();
        foreach (SchemaExpression item in items)
        {
            if (item is SchemaExpression.Never)
            {
                return Never;
            }

            foreach (SchemaExpression part in item is SchemaExpression.All all ? all.Items : [item])
            {
                flat[part.Id] = part;
            }
        }

        flat.Remove(Always.Id);
        return flat.Count switch
        {
            0 => Always,
            1 => flat.First().Value,
            _ => Add($"&{string.Join(',', flat.Keys)}", id => new SchemaExpression.All { Id = id, Items = [.. flat.Values] }),
        };
    }

    public SchemaExpression Or(params ReadOnlySpan<SchemaExpression> items)
    {
        var flat = new List<SchemaExpression>();
        foreach (SchemaExpression item in items)
        {
            if (item is SchemaExpression.Always)
            {
                return Always;
            }

            foreach (SchemaExpression part in item is SchemaExpression.Any any ? any.Items : [item])
            {
                if (part is not SchemaExpression.Never && !flat.Contains(part))
                {
                    flat.Add(part);
                }
            }
        }

        return flat.Count switch
        {
            0 => Never,
            1 => flat[0],
            _ => Add($"|{string.Join(',', flat.Select(f => f.Id))}", id => new SchemaExpression.Any { Id = id, Items = flat }),
        };
    }

    public SchemaExpression One(IReadOnlyList<SchemaExpression> items, string pointer) => items.Count == 1 ? items[0]
        : Add($"1{pointer}", id => new SchemaExpression.One { Id = id, Items = items, At = pointer });

    public SchemaExpression Not(SchemaExpression item, string pointer) => item switch
    {
        SchemaExpression.Always => Never,
        SchemaExpression.Never => Always,
        SchemaExpression.Inverse inverse => inverse.Item,
        _ => Add($"!{item.Id}", id => new SchemaExpression.Inverse { Id = id, Item = item, At = pointer }),
    };

    public SchemaExpression Dependent(string property, SchemaExpression condition) =>
        Add($"d{condition.Id},{property}", id => new SchemaExpression.Dependent { Id = id, Property = property, Condition = condition });

    public SchemaExpression Presence(IReadOnlyList<string> properties) =>
        Add("r" + string.Join("", properties.Select(p => $"{p.Length},{p}")), id => new SchemaExpression.Presence { Id = id, Properties = properties });

    private SchemaExpression Add(string key, Func<int, SchemaExpression> make)
    {
        if (!_known.TryGetValue(key, out SchemaExpression? expression))
        {
            expression = make(_count++);
            _known.Add(key, expression);
        }

        return expression;
    }
}
