using Tramontane.Grammar.Regex;

namespace Tramontane.Grammar.Matching;

/// <summary>What one place of a grammar asks for.</summary>
internal enum SymbolKind
{
    /// <summary>A lexeme; the index is a lexer state.</summary>
    Lexeme,

    /// <summary>A rule of the context-free part.</summary>
    Rule,

    /// <summary>A JSON value.</summary>
    Value,
}

/// <summary>A part of a rule.</summary>
internal readonly record struct Symbol(SymbolKind Kind, int Index);

/// <summary>A JSON value: any of a scalar, an array or an object.</summary>
/// <param name="Scalars">Lexer state of the scalars; <see cref="Lexer.Dead"/> for none.</param>
/// <param name="Arrays">Alternatives among <see cref="GrammarProgram.Arrays"/>.</param>
/// <param name="Objects">Alternatives among <see cref="GrammarProgram.Objects"/>.</param>
internal sealed record ValueNode(int Scalars, int[] Arrays, int[] Objects);

/// <summary>A key beyond the declared ones.</summary>
/// <param name="Lexeme">Lexer state of the key with its quotes.</param>
/// <param name="Value">The value's node.</param>
/// <param name="Witness">Bit of the witness that the pair is, or 0.</param>
internal readonly record struct OtherKey(int Lexeme, int Value, int Witness);

/// <summary>One alternative of an object. Properties are sorted by the bytes of their keys.</summary>
internal sealed class ObjectNode
{
    /// <summary>Keys with their quotes, as bytes, in ascending order.</summary>
    public required byte[][] Keys { get; init; }

    /// <summary>Per key the node of its value.</summary>
    public required int[] Values { get; init; }

    /// <summary>Per key its place in the order of declaration, from 0 without gaps.</summary>
    public required int[] Rank { get; init; }

    public required bool[] Required { get; init; }

    public required OtherKey[] Others { get; init; }

    /// <summary>All witness bits that must be set at the end.</summary>
    public int Witnesses { get; init; }

    public int Minimum { get; init; }

    public int Maximum { get; init; }

    /// <summary>Whether properties come in the order of declaration, and other keys after them.</summary>
    public bool IsOrdered { get; init; }
}

/// <summary>One way to continue an array.</summary>
/// <param name="Value">The item's node.</param>
/// <param name="Counts">Whether the item counts as one that is contained.</param>
/// <param name="Mark">In an array of distinct items the number of its one value; -1 in others.</param>
internal readonly record struct ItemOption(int Value, bool Counts, int Mark = -1);

/// <summary>One alternative of an array.</summary>
internal sealed class ArrayNode
{
    /// <summary>Options of the first items.</summary>
    public required ItemOption[][] Prefix { get; init; }

    /// <summary>Options of all further items.</summary>
    public required ItemOption[] Items { get; init; }

    public int Minimum { get; init; }

    public int Maximum { get; init; }

    public int MinimumContained { get; init; }

    public int MaximumContained { get; init; }

    /// <summary>Whether no two items may be equal: each option is one value, and what counts as contained is the set of those that have come.</summary>
    public bool IsDistinct { get; init; }

    public ItemOption[] OptionsAt(int index) => index < Prefix.Length ? Prefix[index] : Items;
}

/// <summary>A compiled grammar without its caches: what the <see cref="Machine"/> runs.</summary>
internal sealed class GrammarProgram
{
    public required Lexer Lexer { get; init; }

    public Symbol Start { get; set; }

    /// <summary>The parts of all alternatives one after the other; null ends an alternative.</summary>
    public List<Symbol?> Items { get; } = [];

    /// <summary>Per rule where each of its alternatives begins in <see cref="Items"/>.</summary>
    public List<int[]> Rules { get; } = [];

    public List<ValueNode> Values { get; } = [];

    public List<ArrayNode> Arrays { get; } = [];

    public List<ObjectNode> Objects { get; } = [];

    /// <summary>Lexer states of the punctuation of JSON.</summary>
    public JsonPunctuation Punctuation { get; set; }
}

/// <summary>Lexer states of the punctuation of JSON.</summary>
internal readonly record struct JsonPunctuation(int OpenObject, int CloseObject, int OpenArray, int CloseArray, int Comma, int Colon);
