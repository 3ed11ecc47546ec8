namespace Tramontane.Grammar;

/// <summary>What compiling and running one grammar may cost. Beyond a limit of compiling the grammar is refused.</summary>
public sealed record GrammarLimits
{
    /// <summary>The defaults.</summary>
    public static GrammarLimits Default { get; } = new();

    /// <summary>Characters of a regular expression or of a grammar's text.</summary>
    public int MaxTextLength { get; init; } = 1 << 20;

    /// <summary>Nesting of a schema, an expression or a grammar.</summary>
    public int MaxDepth { get; init; } = 256;

    /// <summary>Nodes of all expressions together after compiling; about 40 bytes each.</summary>
    public int MaxExpressionNodes { get; init; } = 2_000_000;

    /// <summary>Distinct value schemas after references and combinations are resolved.</summary>
    public int MaxSchemaNodes { get; init; } = 200_000;

    /// <summary>Alternatives that one place of a schema may expand to, by anyOf, oneOf, not and if.</summary>
    public int MaxAlternatives { get; init; } = 512;

    /// <summary>The largest count of a bounded repetition such as <c>{0,5000}</c>, maxLength or maxItems that is enforced.</summary>
    public int MaxRepeat { get; init; } = 1 << 30;

    /// <summary>Steps of one check whether an expression can match anything at all.</summary>
    public int MaxEmptinessSteps { get; init; } = 20_000;

    /// <summary>
    /// Transitions that compiling one condition, one mask or one token may have to make; half a million take about a quarter of a second. A
    /// grammar that would take more is refused when it is compiled, as far as trying it out shows; otherwise the call throws a
    /// <see cref="GrammarException"/>.
    /// </summary>
    public long MaxWork { get; init; } = 10_000_000;

    /// <summary>Bytes of states, transitions and masks that a grammar keeps; beyond it they are dropped and made again.</summary>
    public long CacheBytes { get; init; } = 64L << 20;
}
