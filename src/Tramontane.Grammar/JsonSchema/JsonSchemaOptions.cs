namespace Tramontane.Grammar.JsonSchema;

/// <summary>How a schema is read where a validator and a generator want different things.</summary>
public sealed record JsonSchemaOptions
{
    /// <summary>A text is accepted exactly when a validator of the schema's dialect accepts it. Formats are asserted.</summary>
    public static JsonSchemaOptions Exact { get; } = new();

    /// <summary>
    /// For text that a model writes: properties come in the order in which they are declared, objects with declared properties take no
    /// others unless <c>additionalProperties</c> says so, integers have no fraction, numbers few digits, divisors are small, and what would be slow to follow is refused. Every accepted text also fits the schema.
    /// </summary>
    public static JsonSchemaOptions Generation { get; } = new() { ClosesObjects = true, DeclaredOrder = true, PlainIntegers = true, ShortNumbers = true, LargestDivisor = 10_000, IsTried = true };

    /// <summary>Whether <c>format</c> is enforced; otherwise it is an annotation.</summary>
    public bool AssertsFormats { get; init; } = true;

    /// <summary>Whether objects that declare properties and say nothing of additional ones take none.</summary>
    public bool ClosesObjects { get; init; }

    /// <summary>Whether declared properties must come in the order of their declaration.</summary>
    public bool DeclaredOrder { get; init; }

    /// <summary>Whether the whole text is an object, whatever the schema says: as the arguments of a function are.</summary>
    public bool ObjectsOnly { get; init; }

    /// <summary>
    /// Largest <c>multipleOf</c>, without its decimal point: there is a state for each remainder, and a mask follows thousands of
    /// numbers through them.
    /// </summary>
    public int LargestDivisor { get; init; } = int.MaxValue;

    /// <summary>
    /// Whether numbers have at most 19 digits before and 17 behind the point and an exponent of at most two, as far as the schema has such
    /// a number: a model cannot go on with digits for ever, and every number is finite as a double.
    /// </summary>
    public bool ShortNumbers { get; init; }

    /// <summary>Whether integers are written without a fraction of zeros.</summary>
    public bool PlainIntegers { get; init; }

    /// <summary>
    /// Whether combined conditions are tried out on a few texts when they are compiled: those that are slow to follow, or that may lead
    /// to where nothing fits, are refused at once instead of in the middle of a text.
    /// </summary>
    public bool IsTried { get; init; }
}
