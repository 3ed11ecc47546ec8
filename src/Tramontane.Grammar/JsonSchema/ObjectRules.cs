using System.Text.Json;
using Tramontane.Grammar.Regex;

namespace Tramontane.Grammar.JsonSchema;

/// <summary>What a schema says of objects.</summary>
internal sealed class ObjectRules(SchemaReader reader, ScalarRules scalars, JsonLexemes lexemes, Lexer lexer, GrammarLimits limits)
    : AlternativeRules<ObjectShape>(reader, limits)
{
    private const int MaxKeyClasses = 64;
    private readonly ExpressionArena _arena = lexer.Arena;

    protected override ObjectShape Open => new() { Others = [new KeyClass(ExpressionArena.Everything, Pool.Always)], OthersAreDefault = true };

    /// <summary>The condition on the value of a key; <see cref="SchemaExpressionPool.Never"/> when the key may not occur.</summary>
    public SchemaExpression ValueOf(ObjectShape shape, string key)
    {
        if (shape.Properties.TryGetValue(key, out SchemaExpression? declared))
        {
            return declared;
        }

        foreach (KeyClass other in shape.Others)
        {
            if (Matches(other.Keys, key))
            {
                return other.Value;
            }
        }

        return Pool.Never;
    }

    /// <summary>Whether the content of a key matches an expression.</summary>
    public bool Matches(int expression, string key)
    {
        foreach (byte value in expression == ExpressionArena.Everything ? [] : lexemes.Strings.Encode(key))
        {
            expression = _arena.Derivative(expression, value);
        }

        return _arena.IsNullable(expression);
    }

    protected override IReadOnlyList<ObjectShape> Own(SchemaPlace place, bool negated)
    {
        if (!SchemaReader.Admits(place, "object"))
        {
            return negated ? [Open] : [];
        }

        ObjectShape shape = Read(place);
        return negated ? Inverse(shape) : IsPossible(shape) ? [shape] : [];
    }

    protected override IReadOnlyList<ObjectShape> Values(SchemaExpression.Values values, bool negated)
    {
        IReadOnlyList<ObjectShape> result = negated ? [Open] : [];
        foreach (JsonElement item in values.Items)
        {
            if (item.ValueKind == JsonValueKind.Object)
            {
                var shape = new ObjectShape();
                foreach (JsonProperty member in item.EnumerateObject())
                {
                    shape.Properties[member.Name] = Pool.Value(member.Value);
                    shape.Required.Add(member.Name);
                }

                result = negated ? Both(result, Inverse(shape)) : [.. result, shape];
            }
        }

        return result;
    }

    protected override IReadOnlyList<ObjectShape> Dependent(SchemaExpression.Dependent dependent, bool negated)
    {
        ObjectShape present = Require(dependent.Property), absent = Forbid(dependent.Property);
        IReadOnlyList<ObjectShape> with = Both([present], Of(dependent.Condition, negated));
        return negated ? with : [.. with, absent];
    }

    protected override IReadOnlyList<ObjectShape> Presence(SchemaExpression.Presence presence, bool negated)
    {
        if (negated)
        {
            return [.. presence.Properties.Select(Forbid)];
        }

        ObjectShape shape = Open;
        shape.Required.UnionWith(presence.Properties);
        return [shape];
    }

    protected override ObjectShape? Merge(ObjectShape first, ObjectShape second)
    {
        var merged = new ObjectShape
        {
            Required = new HashSet<string>(first.Required.Concat(second.Required), StringComparer.Ordinal),
            Others = first.OthersAreDefault ? second.Others : second.OthersAreDefault ? first.Others : Split(first.Others, second.Others),
            OthersAreDefault = first.OthersAreDefault && second.OthersAreDefault,
            DeclaresProperties = first.DeclaresProperties || second.DeclaresProperties,
            Minimum = Math.Max(first.Minimum, second.Minimum),
            Maximum = Math.Min(first.Maximum, second.Maximum),
            Witnesses = [.. first.Witnesses, .. second.Witnesses],
        };
        foreach (string key in first.Properties.Keys.Concat(second.Properties.Keys))
        {
            if (!merged.Properties.ContainsKey(key))
            {
                merged.Properties.Add(key, Pool.And(ValueOf(first, key), ValueOf(second, key)));
            }
        }

        return IsPossible(merged) ? merged : null;
    }

    private bool IsPossible(ObjectShape shape) => shape.Minimum <= shape.Maximum && shape.Required.Count <= shape.Maximum
        && !shape.Required.Any(key => IsEmpty(ValueOf(shape, key)));

    private ObjectShape Require(string key)
    {
        ObjectShape shape = Open;
        shape.Required.Add(key);
        return shape;
    }

    private ObjectShape Forbid(string key)
    {
        ObjectShape shape = Open;
        shape.Properties[key] = Pool.Never;
        return shape;
    }

    private ObjectShape Read(SchemaPlace place)
    {
        var patterns = new List<(int Keys, SchemaExpression Value)>();
        foreach ((string pattern, SchemaExpression value) in Reader.Map(place, "patternProperties"))
        {
            patterns.Add((scalars.Search(pattern, $"{place.Pointer}/patternProperties"), value));
        }

        SchemaExpression? additional = Reader.Schema(place, "additionalProperties") ?? Reader.Schema(place, "unevaluatedProperties");
        int names = Reader.Schema(place, "propertyNames") is SchemaExpression nameSchema ? scalars.Strings(nameSchema) : ExpressionArena.Everything;
        var classes = new List<(int Keys, List<SchemaExpression> Values)> { (names, []) };
        foreach ((int keys, SchemaExpression value) in patterns)
        {
            var next = new List<(int Keys, List<SchemaExpression> Values)>();
            foreach ((int before, List<SchemaExpression> values) in classes)
            {
                AddIfPossible(next, _arena.And(before, keys), [.. values, value]);
                AddIfPossible(next, _arena.And(before, _arena.Not(keys)), values);
            }

            classes = next.Count <= MaxKeyClasses ? next : throw new GrammarException($"The patterns overlap in more than {MaxKeyClasses} ways; use fewer patterns.", $"{place.Pointer}/patternProperties");
        }

        var shape = new ObjectShape
        {
            Required = new HashSet<string>(SchemaReader.Required(place), StringComparer.Ordinal),
            Others = [.. classes.Select(c => new KeyClass(c.Keys, c.Values.Count > 0 ? Pool.And([.. c.Values]) : additional ?? Pool.Always)).Where(c => c.Value is not SchemaExpression.Never)],
            OthersAreDefault = additional is null && patterns.Count == 0 && names == ExpressionArena.Everything,
            DeclaresProperties = SchemaReader.TryGet(place, "properties", out _),
            Minimum = SchemaReader.Count(place, "minProperties") ?? 0,
            Maximum = SchemaReader.Count(place, "maxProperties") ?? int.MaxValue,
        };
        foreach ((string key, SchemaExpression value) in Reader.Map(place, "properties"))
        {
            SchemaExpression condition = value;
            foreach ((int keys, SchemaExpression patternValue) in patterns)
            {
                condition = Matches(keys, key) ? Pool.And(condition, patternValue) : condition;
            }

            shape.Properties[key] = Matches(names, key) ? condition : Pool.Never;
        }

        return shape;
    }

    private List<KeyClass> Split(List<KeyClass> first, List<KeyClass> second)
    {
        var result = new List<KeyClass>();
        foreach (KeyClass a in first)
        {
            foreach (KeyClass b in second)
            {
                int keys = _arena.And(a.Keys, b.Keys);
                SchemaExpression value = Pool.And(a.Value, b.Value);
                if (value is not SchemaExpression.Never && (first.Count * second.Count == 1 || !IsEmptyKey(keys)))
                {
                    result.Add(new KeyClass(keys, value));
                }
            }
        }

        return result;
    }

    private void AddIfPossible(List<(int Keys, List<SchemaExpression> Values)> classes, int keys, List<SchemaExpression> values)
    {
        if (!IsEmptyKey(keys))
        {
            classes.Add((keys, values));
        }
    }

    private bool IsEmptyKey(int keys) => lexer.IsEmpty(_arena.And(keys, lexemes.StringContent));

    // Not (a and b and …) is (not a) or (not b) or …: one alternative for each thing that can fail.
    private List<ObjectShape> Inverse(ObjectShape shape)
    {
        var result = new List<ObjectShape>();
        result.AddRange(shape.Required.Select(Forbid));
        foreach ((string key, SchemaExpression value) in shape.Properties)
        {
            if (value is not SchemaExpression.Always)
            {
                ObjectShape failing = Require(key);
                failing.Properties[key] = Pool.Not(value, value.Pointer);
                if (IsPossible(failing))
                {
                    result.Add(failing);
                }
            }
        }

        // Some other key whose value does not fit its class, or that is in no class.
        int declared = shape.Properties.Count == 0 ? ExpressionArena.Nothing : lexemes.OneOf([.. shape.Properties.Keys]);
        int unclassed = _arena.Not(declared);
        foreach (KeyClass other in shape.Others)
        {
            unclassed = _arena.And(unclassed, _arena.Not(other.Keys));
            if (other.Value is not SchemaExpression.Always)
            {
                AddWitness(result, _arena.And(other.Keys, _arena.Not(declared)), Pool.Not(other.Value, other.Value.Pointer));
            }
        }

        AddWitness(result, unclassed, Pool.Always);
        foreach (KeyClass witness in shape.Witnesses)
        {
            throw new GrammarException("The negation of a negated condition on unnamed properties is not supported.", witness.Value.Pointer);
        }

        if (shape.Minimum > 0)
        {
            result.Add(new ObjectShape { Others = Open.Others, OthersAreDefault = true, Maximum = shape.Minimum - 1 });
        }

        if (shape.Maximum < int.MaxValue)
        {
            result.Add(new ObjectShape { Others = Open.Others, OthersAreDefault = true, Minimum = shape.Maximum + 1 });
        }

        return result;
    }

    private void AddWitness(List<ObjectShape> result, int keys, SchemaExpression value)
    {
        if (!IsEmptyKey(keys))
        {
            result.Add(new ObjectShape { Others = Open.Others, OthersAreDefault = true, Witnesses = [new KeyClass(keys, value)] });
        }
    }
}
