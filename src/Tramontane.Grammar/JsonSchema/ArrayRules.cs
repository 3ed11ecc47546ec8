using System.Text.Json;

namespace Tramontane.Grammar.JsonSchema;

/// <summary>What a schema says of arrays.</summary>
internal sealed class ArrayRules(SchemaReader reader, GrammarLimits limits) : AlternativeRules<ArrayShape>(reader, limits)
{
    private const int MaxPrefix = 4096;

    protected override ArrayShape Open => new() { Items = Pool.Always };

    protected override IReadOnlyList<ArrayShape> Own(SchemaPlace place, bool negated)
    {
        if (!SchemaReader.Admits(place, "array"))
        {
            return negated ? [Open] : [];
        }

        ArrayShape shape = Read(place);
        return negated ? Inverse(shape) : IsPossible(shape) ? [shape] : [];
    }

    protected override IReadOnlyList<ArrayShape> Values(SchemaExpression.Values values, bool negated)
    {
        IReadOnlyList<ArrayShape> result = negated ? [Open] : [];
        foreach (JsonElement item in values.Items)
        {
            if (item.ValueKind == JsonValueKind.Array)
            {
                int count = item.GetArrayLength();
                var shape = new ArrayShape { Prefix = [.. item.EnumerateArray().Select(Pool.Value)], Items = Pool.Never, Minimum = count, Maximum = count };
                result = negated ? Both(result, Inverse(shape)) : [.. result, shape];
            }
        }

        return result;
    }

    protected override ArrayShape? Merge(ArrayShape first, ArrayShape second)
    {
        int prefix = Math.Max(first.Prefix.Count, second.Prefix.Count);
        var merged = new ArrayShape
        {
            Prefix = [.. Enumerable.Range(0, prefix).Select(i => Pool.And(first.ItemAt(i), second.ItemAt(i)))],
            Items = Pool.And(first.Items, second.Items),
            Minimum = Math.Max(first.Minimum, second.Minimum),
            Maximum = Math.Min(first.Maximum, second.Maximum),
            Contains = [.. first.Contains, .. second.Contains],
            UniquePointer = first.UniquePointer ?? second.UniquePointer,
        };
        return IsPossible(merged) ? merged : null;
    }

    private bool IsPossible(ArrayShape shape)
    {
        if (shape.Minimum > shape.Maximum)
        {
            return false;
        }

        for (int i = 0; i < Math.Min(shape.Minimum, shape.Prefix.Count + 1); i++)
        {
            if (IsEmpty(shape.ItemAt(i)))
            {
                return false;
            }
        }

        return true;
    }

    private ArrayShape Read(SchemaPlace place)
    {
        var prefix = new List<SchemaExpression>(Reader.List(place, "prefixItems"));
        SchemaExpression? items = null;
        if (SchemaReader.TryGet(place, "items", out JsonElement element))
        {
            if (element.ValueKind == JsonValueKind.Array)
            {
                prefix = [.. Reader.List(place, "items")]; // up to 2019-09
                items = Reader.Schema(place, "additionalItems");
            }
            else
            {
                items = Reader.Schema(place, "items");
            }
        }

        if (prefix.Count > MaxPrefix)
        {
            throw new GrammarException($"More than {MaxPrefix} items are described one by one.", place.Pointer);
        }

        var contains = new List<ItemCount>();
        if (Reader.Schema(place, "contains") is SchemaExpression contained)
        {
            int minimum = SchemaReader.Count(place, "minContains") ?? 1, maximum = SchemaReader.Count(place, "maxContains") ?? int.MaxValue;
            if (minimum > 0 || maximum < int.MaxValue)
            {
                contains.Add(new ItemCount(contained, minimum, maximum, $"{place.Pointer}/contains"));
            }
        }

        bool unique = false;
        if (SchemaReader.TryGet(place, "uniqueItems", out JsonElement flag))
        {
            unique = flag.ValueKind is JsonValueKind.True or JsonValueKind.False ? flag.GetBoolean() : throw SchemaReader.Malformed(place, "uniqueItems", "a boolean");
        }

        return new ArrayShape
        {
            Prefix = prefix,
            Items = items ?? Reader.Schema(place, "unevaluatedItems") ?? Pool.Always,
            Minimum = SchemaReader.Count(place, "minItems") ?? 0,
            Maximum = SchemaReader.Count(place, "maxItems") ?? int.MaxValue,
            Contains = contains,
            UniquePointer = unique ? $"{place.Pointer}/uniqueItems" : null,
        };
    }

    private List<ArrayShape> Inverse(ArrayShape shape)
    {
        if (shape.UniquePointer is string pointer)
        {
            throw new GrammarException("The negation of 'uniqueItems' is not supported.", pointer);
        }

        var result = new List<ArrayShape>();
        if (shape.Minimum > 0)
        {
            result.Add(new ArrayShape { Items = Pool.Always, Maximum = shape.Minimum - 1 });
        }

        if (shape.Maximum < int.MaxValue)
        {
            result.Add(new ArrayShape { Items = Pool.Always, Minimum = shape.Maximum + 1 });
        }

        for (int i = 0; i < shape.Prefix.Count; i++)
        {
            if (shape.Prefix[i] is not SchemaExpression.Always)
            {
                SchemaExpression[] failing = [.. Enumerable.Repeat(Pool.Always, i), Pool.Not(shape.Prefix[i], shape.Prefix[i].Pointer)];
                result.Add(new ArrayShape { Prefix = [.. failing], Items = Pool.Always, Minimum = i + 1 });
            }
        }

        if (shape.Items is SchemaExpression.Never)
        {
            result.Add(new ArrayShape { Items = Pool.Always, Minimum = shape.Prefix.Count + 1 });
        }
        else if (shape.Items is not SchemaExpression.Always)
        {
            if (shape.Prefix.Count > 0)
            {
                throw new GrammarException("The negation of 'items' after 'prefixItems' is not supported.", shape.Items.Pointer);
            }

            result.Add(new ArrayShape { Items = Pool.Always, Contains = [new ItemCount(Pool.Not(shape.Items, shape.Items.Pointer), 1, int.MaxValue, shape.Items.Pointer)] });
        }

        foreach (ItemCount count in shape.Contains)
        {
            if (count.Minimum > 0)
            {
                result.Add(new ArrayShape { Items = Pool.Always, Contains = [count with { Minimum = 0, Maximum = count.Minimum - 1 }] });
            }

            if (count.Maximum < int.MaxValue)
            {
                result.Add(new ArrayShape { Items = Pool.Always, Contains = [count with { Minimum = count.Maximum + 1, Maximum = int.MaxValue }] });
            }
        }

        return result;
    }
}
