namespace Tramontane.Grammar.JsonSchema;

/// <summary>
/// Brings what a schema says of objects, or of arrays, into disjunctive normal form: a list of alternatives, each a conjunction
/// without "or" and "not". The conditions on parts stay expressions and are brought into this form when their turn comes.
/// </summary>
internal abstract class AlternativeRules<TShape>(SchemaReader reader, GrammarLimits limits)
    where TShape : class
{
    private readonly Dictionary<(SchemaExpression, bool), IReadOnlyList<TShape>?> _results = [];
    private Func<SchemaExpression, bool> _isEmpty = _ => false;

    protected SchemaReader Reader => reader;

    protected SchemaExpressionPool Pool => reader.Pool;

    /// <summary>The alternative without any condition.</summary>
    protected abstract TShape Open { get; }

    /// <summary>Says how to find that no value fits an expression; a wrong "false" costs time only.</summary>
    public void UseEmptiness(Func<SchemaExpression, bool> isEmpty) => _isEmpty = isEmpty;

    /// <summary>The alternatives of an expression.</summary>
    /// <exception cref="GrammarException">There are too many, or one cannot be decided.</exception>
    public IReadOnlyList<TShape> Of(SchemaExpression schema, bool negated = false)
    {
        if (_results.TryGetValue((schema, negated), out IReadOnlyList<TShape>? known))
        {
            return known ?? throw new GrammarException("The schema refers to itself without going into a property or an item.", schema.Pointer);
        }

        _results[(schema, negated)] = null; // being computed
        try
        {
            IReadOnlyList<TShape> result = Compute(schema, negated);
            if (result.Count > limits.MaxAlternatives)
            {
                throw new GrammarException($"The schema has more than {limits.MaxAlternatives} alternatives here; write fewer anyOf, oneOf, not, if or dependencies.", schema.Pointer);
            }

            _results[(schema, negated)] = result;
            return result;
        }
        catch (GrammarException)
        {
            _results.Remove((schema, negated));
            throw;
        }
    }

    /// <summary>What a schema's own keywords say.</summary>
    protected abstract IReadOnlyList<TShape> Own(SchemaPlace place, bool negated);

    protected abstract IReadOnlyList<TShape> Values(SchemaExpression.Values values, bool negated);

    protected virtual IReadOnlyList<TShape> Dependent(SchemaExpression.Dependent dependent, bool negated) => negated ? [] : [Open];

    protected virtual IReadOnlyList<TShape> Presence(SchemaExpression.Presence presence, bool negated) => negated ? [] : [Open];

    /// <summary>Both shapes at once; null when they exclude each other.</summary>
    protected abstract TShape? Merge(TShape first, TShape second);

    /// <summary>Whether a value that fits certainly does not exist.</summary>
    protected bool IsEmpty(SchemaExpression schema) => schema is SchemaExpression.Never || _isEmpty(schema);

    protected IReadOnlyList<TShape> Both(IReadOnlyList<TShape> first, IReadOnlyList<TShape> second)
    {
        var result = new List<TShape>();
        foreach (TShape a in first)
        {
            foreach (TShape b in second)
            {
                if (Merge(a, b) is TShape both)
                {
                    result.Add(both);
                }
            }

            if (result.Count > limits.MaxAlternatives)
            {
                break; // Of refuses it
            }
        }

        return result;
    }

    private IReadOnlyList<TShape> Compute(SchemaExpression schema, bool negated) => schema switch
    {
        SchemaExpression.Always => negated ? [] : [Open],
        SchemaExpression.Never => negated ? [Open] : [],
        SchemaExpression.Place place => Of(reader.Expand(place), negated),
        SchemaExpression.Own own => Own(own.Schema, negated),
        SchemaExpression.Values values => Values(values, negated),
        SchemaExpression.Inverse inverse => Of(inverse.Item, !negated),
        SchemaExpression.All all => negated ? Union(all.Items, negated) : Intersection(all.Items, negated),
        SchemaExpression.Any any => negated ? Intersection(any.Items, negated) : Union(any.Items, negated),
        SchemaExpression.One one => ExactlyOne(one, negated),
        SchemaExpression.Dependent dependent => Dependent(dependent, negated),
        SchemaExpression.Presence presence => Presence(presence, negated),
        _ => throw new InvalidOperationException($"{schema.GetType().Name} has no alternatives."),
    };

    private List<TShape> Union(IReadOnlyList<SchemaExpression> items, bool negated)
    {
        var result = new List<TShape>();
        foreach (SchemaExpression item in items)
        {
            result.AddRange(Of(item, negated));
        }

        return result;
    }

    private IReadOnlyList<TShape> Intersection(IReadOnlyList<SchemaExpression> items, bool negated)
    {
        IReadOnlyList<TShape> result = [Open];
        foreach (SchemaExpression item in items)
        {
            if (result.Count > 0)
            {
                result = Both(result, Of(item, negated));
            }
        }

        return result;
    }

    // One item and none of those that overlap with it; negated: none, or two that overlap.
    private List<TShape> ExactlyOne(SchemaExpression.One one, bool negated)
    {
        IReadOnlyList<SchemaExpression> items = one.Items;
        var result = new List<TShape>();
        if (negated)
        {
            result.AddRange(Intersection(items, negated: true));
        }

        bool[,] overlap = new bool[items.Count, items.Count];
        for (int i = 0; i < items.Count; i++)
        {
            for (int k = i + 1; k < items.Count; k++)
            {
                overlap[i, k] = overlap[k, i] = Both(Of(items[i]), Of(items[k])).Count > 0;
                if (negated && overlap[i, k])
                {
                    result.AddRange(Both(Of(items[i]), Of(items[k])));
                }
            }
        }

        for (int i = 0; i < items.Count && !negated; i++)
        {
            IReadOnlyList<TShape> only = Of(items[i]);
            for (int k = 0; k < items.Count; k++)
            {
                only = overlap[i, k] ? Both(only, Of(items[k], negated: true)) : only;
                if (only.Count > limits.MaxAlternatives)
                {
                    throw new GrammarException($"oneOf has more than {limits.MaxAlternatives} alternatives; use anyOf, or make the branches exclude each other.", one.Pointer);
                }
            }

            result.AddRange(only);
        }

        return result;
    }
}
