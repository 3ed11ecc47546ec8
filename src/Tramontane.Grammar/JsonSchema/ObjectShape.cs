namespace Tramontane.Grammar.JsonSchema;

/// <summary>Keys beyond the declared ones, and what their values must fit.</summary>
/// <param name="Keys">Expression of the keys' content; <see cref="Regex.ExpressionArena.Everything"/> for all.</param>
/// <param name="Value">The condition on the value.</param>
internal readonly record struct KeyClass(int Keys, SchemaExpression Value);

/// <summary>
/// One alternative of what an object may be: a conjunction in normal form. Each declared property has one condition, all other
/// keys fall into classes that do not overlap; a key in no class may not occur.
/// </summary>
internal sealed class ObjectShape
{
    /// <summary>Conditions of declared properties in the order of declaration.</summary>
    public OrderedDictionary<string, SchemaExpression> Properties { get; init; } = new(StringComparer.Ordinal);

    public HashSet<string> Required { get; init; } = new(StringComparer.Ordinal);

    public List<KeyClass> Others { get; init; } = [];

    /// <summary>Whether nothing was said about other keys.</summary>
    public bool OthersAreDefault { get; init; }

    /// <summary>Whether a schema lists properties, be it none.</summary>
    public bool DeclaresProperties { get; init; }

    public int Minimum { get; init; }

    public int Maximum { get; init; } = int.MaxValue;

    /// <summary>Of each class here some other key must be there with a value that fits.</summary>
    public List<KeyClass> Witnesses { get; init; } = [];
}

/// <summary>One alternative of what an array may be: a conjunction in normal form.</summary>
internal sealed class ArrayShape
{
    /// <summary>Conditions of the first items.</summary>
    public List<SchemaExpression> Prefix { get; init; } = [];

    /// <summary>The condition of all further items.</summary>
    public required SchemaExpression Items { get; init; }

    public int Minimum { get; init; }

    public int Maximum { get; init; } = int.MaxValue;

    /// <summary>How many items must and may fit a condition.</summary>
    public List<ItemCount> Contains { get; init; } = [];

    /// <summary>Where <c>uniqueItems</c> asks that no two items are equal; null when nothing does.</summary>
    public string? UniquePointer { get; init; }

    public SchemaExpression ItemAt(int index) => index < Prefix.Count ? Prefix[index] : Items;
}

/// <summary>A condition with the least and the greatest number of items that fit it.</summary>
internal readonly record struct ItemCount(SchemaExpression Item, int Minimum, int Maximum, string Pointer);
