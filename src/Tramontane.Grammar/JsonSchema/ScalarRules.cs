using System.Text.Json;
using Tramontane.Grammar.Regex;

namespace Tramontane.Grammar.JsonSchema;

/// <summary>The JSON types whose values are one lexeme.</summary>
internal enum ScalarType
{
    Null,
    True,
    False,
    Number,
    String,
}

/// <summary>
/// What a schema says of scalars, as expressions: and, or, not of schemas are intersection, union and complement of expressions,
/// so these are exact. An answer of <see cref="ExpressionArena.Everything"/> means no constraint at all; strings are given by what
/// stands between their quotes.
/// </summary>
internal sealed class ScalarRules(SchemaReader reader, JsonLexemes lexemes, Lexer lexer, JsonSchemaOptions options, GrammarLimits limits)
{
    private readonly ExpressionArena _arena = lexer.Arena;
    private readonly RegexCompiler _patterns = new(lexemes.Strings);
    private readonly Dictionary<(SchemaExpression, ScalarType), int> _results = [];
    private readonly Dictionary<string, int> _searches = new(StringComparer.Ordinal);

    /// <summary>The scalars that a schema admits, as one expression over whole JSON texts.</summary>
    public int Lexeme(SchemaExpression schema)
    {
        int strings = Of(schema, ScalarType.String), numbers = Of(schema, ScalarType.Number);
        return _arena.Or([
            Of(schema, ScalarType.Null) == ExpressionArena.Everything ? lexemes.Null : ExpressionArena.Nothing,
            Of(schema, ScalarType.True) == ExpressionArena.Everything ? lexemes.True : ExpressionArena.Nothing,
            Of(schema, ScalarType.False) == ExpressionArena.Everything ? lexemes.False : ExpressionArena.Nothing,
            numbers != ExpressionArena.Everything ? Short(Spelled(Within(numbers, lexemes.PlainNumber))) : options.ShortNumbers ? lexemes.ShortNumber : lexemes.Number,
            strings == ExpressionArena.Everything ? lexemes.FreeString : lexemes.Quoted(Within(strings, lexemes.StringContent)),
        ]);
    }

    /// <summary>The content of the strings that a schema admits; <see cref="ExpressionArena.Everything"/> for all.</summary>
    public int Strings(SchemaExpression schema) => Of(schema, ScalarType.String);

    /// <summary>The expression of contents in which an ECMA pattern is found.</summary>
    public int Search(string pattern, string pointer)
    {
        if (!_searches.TryGetValue(pattern, out int result))
        {
            result = GrammarException.At(pointer, () => _patterns.Search(RegexParser.Parse(pattern, limits)));
            _searches.Add(pattern, result);
        }

        return result;
    }

    // Integers with and without a fraction of zeros: both are integers to a schema, and must be to its negation.
    private int Integer => _arena.Concat(lexemes.PlainInteger, lexemes.ZeroFraction);

    // Where only integers fit, they are written without fraction if so wished.
    private int Spelled(int numbers) => options.PlainIntegers && numbers != ExpressionArena.Nothing && lexer.IsEmpty(_arena.And(numbers, _arena.Not(Integer)))
        ? _arena.And(numbers, lexemes.PlainInteger) : numbers;

    // A schema that wants longer numbers gets them.
    private int Short(int numbers)
    {
        int result = options.ShortNumbers ? _arena.And(numbers, lexemes.ShortPlainNumber) : numbers;
        return result != numbers && lexer.IsEmpty(result) ? numbers : result;
    }

    // Complements and intersections may reach beyond JSON; plain patterns do not.
    private int Within(int expression, int universe) => _arena.MayBeEmpty(expression) ? _arena.And(expression, universe) : expression;

    private int Of(SchemaExpression schema, ScalarType type)
    {
        if (_results.TryGetValue((schema, type), out int known))
        {
            return known >= 0 ? known : throw new GrammarException("The schema refers to itself without going into a property or an item.", schema.Pointer);
        }

        _results[(schema, type)] = -1; // being computed
        try
        {
            int result = Compute(schema, type);
            _results[(schema, type)] = result;
            return result;
        }
        catch (GrammarException)
        {
            _results.Remove((schema, type));
            throw;
        }
    }

    private int Compute(SchemaExpression schema, ScalarType type)
    {
        switch (schema)
        {
            case SchemaExpression.Never:
                return ExpressionArena.Nothing;
            case SchemaExpression.Place place:
                return GrammarException.At(place.Pointer, () => Of(reader.Expand(place), type));
            case SchemaExpression.Own own:
                return Own(own.Schema, type);
            case SchemaExpression.Values values:
                return Values(values.Items, type);
            case SchemaExpression.All all:
                int both = ExpressionArena.Everything;
                foreach (SchemaExpression item in all.Items)
                {
                    both = both == ExpressionArena.Nothing ? both : _arena.And(both, Of(item, type));
                }

                return both;
            case SchemaExpression.Any any:
                return _arena.Or(any.Items.Select(item => Of(item, type)).ToArray());
            case SchemaExpression.One one:
                return ExactlyOne([.. one.Items.Select(item => Of(item, type))], type, one.Pointer);
            case SchemaExpression.Inverse inverse:
                return _arena.Not(Of(inverse.Item, type));
            default:
                return ExpressionArena.Everything; // no constraint, or one of objects
        }
    }

    private int ExactlyOne(int[] items, ScalarType type, string pointer)
    {
        int once = ExpressionArena.Nothing, any = ExpressionArena.Nothing;
        foreach (int item in items)
        {
            if (AreDisjoint(any, item, type, pointer))
            {
                once = _arena.Or(once, item);
            }
            else
            {
                once = _arena.Or(_arena.And(once, _arena.Not(item)), _arena.And(item, _arena.Not(any)));
            }

            any = _arena.Or(any, item);
        }

        return once;
    }

    private bool AreDisjoint(int a, int b, ScalarType type, string pointer)
    {
        int universe = type switch { ScalarType.String => lexemes.StringContent, ScalarType.Number => lexemes.PlainNumber, _ => ExpressionArena.Everything };
        return GrammarException.At(pointer, () => lexer.IsEmpty(_arena.And([a, b, universe])));
    }

    private int Own(SchemaPlace place, ScalarType type) => type switch
    {
        ScalarType.Null => SchemaReader.Admits(place, "null") ? ExpressionArena.Everything : ExpressionArena.Nothing,
        ScalarType.True or ScalarType.False => SchemaReader.Admits(place, "boolean") ? ExpressionArena.Everything : ExpressionArena.Nothing,
        ScalarType.Number => OwnNumber(place),
        _ => OwnString(place),
    };

    private int OwnString(SchemaPlace place)
    {
        if (!SchemaReader.Admits(place, "string"))
        {
            return ExpressionArena.Nothing;
        }

        int result = ExpressionArena.Everything;
        if (SchemaReader.TryGetString(place, "pattern", out string pattern))
        {
            result = _arena.And(result, Search(pattern, $"{place.Pointer}/pattern"));
        }

        int minimum = SchemaReader.Count(place, "minLength") ?? 0;
        int maximum = SchemaReader.Count(place, "maxLength") ?? int.MaxValue;
        if (minimum > 0 || maximum < int.MaxValue)
        {
            int character = lexemes.Strings.Encode(CodePointSet.All);
            result = maximum < minimum ? ExpressionArena.Nothing
                : _arena.And(result, _arena.Repeat(character, minimum, maximum == int.MaxValue ? ExpressionArena.Unbounded : maximum));
        }

        if (options.AssertsFormats && SchemaReader.TryGet(place, "format", out JsonElement format) && format.ValueKind == JsonValueKind.String)
        {
            string name = format.GetString()!;
            if (StringFormats.Find(name) is RegexNode node)
            {
                result = _arena.And(result, _patterns.Whole(node));
            }
            else if (StringFormats.Undecided.Contains(name))
            {
                throw new GrammarException($"The format '{name}' is not supported; leave it out or use a pattern.", $"{place.Pointer}/format");
            }
        }

        return result;
    }

    private int OwnNumber(SchemaPlace place)
    {
        bool integer = !SchemaReader.Admits(place, "number");
        if (integer && !SchemaReader.Admits(place, "integer"))
        {
            return ExpressionArena.Nothing;
        }

        int result = ExpressionArena.Everything;
        if (integer)
        {
            result = Integer;
        }

        result = Bounded(result, place, "minimum", "exclusiveMinimum", isUpper: false);
        result = Bounded(result, place, "maximum", "exclusiveMaximum", isUpper: true);
        if (SchemaReader.Number(place, "multipleOf") is ExactDecimal divisor)
        {
            if (divisor.Digits.Sign <= 0)
            {
                throw SchemaReader.Malformed(place, "multipleOf", "a number above 0");
            }

            result = GrammarException.At($"{place.Pointer}/multipleOf", () => _arena.And(result, _arena.And(lexemes.PlainNumber, _arena.Automaton(new NumberMultiple(divisor, options.LargestDivisor)))));
        }

        return result;
    }

    private int Bounded(int result, SchemaPlace place, string inclusive, string exclusive, bool isUpper)
    {
        bool isExclusive = SchemaReader.TryGet(place, exclusive, out JsonElement flag) && flag.ValueKind == JsonValueKind.True; // draft 4
        if (SchemaReader.Number(place, inclusive) is ExactDecimal bound)
        {
            result = _arena.And(result, Bound(bound, isUpper, isExclusive));
        }

        return flag.ValueKind is not (JsonValueKind.True or JsonValueKind.False) && SchemaReader.Number(place, exclusive) is ExactDecimal open
            ? _arena.And(result, Bound(open, isUpper, isExclusive: true)) : result;
    }

    private int Bound(ExactDecimal bound, bool isUpper, bool isExclusive) =>
        _arena.And(lexemes.PlainNumber, _arena.Automaton(new NumberBound(bound, isUpper, isExclusive)));

    private int Values(IReadOnlyList<JsonElement> items, ScalarType type)
    {
        JsonValueKind kind = type switch
        {
            ScalarType.Null => JsonValueKind.Null,
            ScalarType.True => JsonValueKind.True,
            ScalarType.False => JsonValueKind.False,
            ScalarType.Number => JsonValueKind.Number,
            _ => JsonValueKind.String,
        };
        List<JsonElement> found = [.. items.Where(item => item.ValueKind == kind)];
        if (found.Count == 0 || type is ScalarType.Null or ScalarType.True or ScalarType.False)
        {
            return found.Count == 0 ? ExpressionArena.Nothing : ExpressionArena.Everything;
        }

        return type == ScalarType.String
            ? lexemes.OneOf([.. found.Select(item => item.GetString()!)])
            : lexemes.OneOf([.. found.Select(item => ExactDecimal.TryRead(item, out ExactDecimal value) ? value : throw new GrammarException("A number in enum or const has too many digits."))]);
    }
}
