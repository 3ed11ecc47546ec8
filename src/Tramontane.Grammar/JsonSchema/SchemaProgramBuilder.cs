using System.Text.Json;
using Tramontane.Grammar.Matching;
using Tramontane.Grammar.Regex;

namespace Tramontane.Grammar.JsonSchema;

/// <summary>
/// Compiles schemas into the value nodes of a program. Every node that can be reached is made here, so that whatever cannot be
/// enforced is refused before the first token; then nodes that no finite value fits are cut away, so that no way leads into one.
/// </summary>
internal sealed class SchemaProgramBuilder
{
    private readonly Lexer _lexer;
    private readonly ExpressionArena _arena;
    private readonly JsonLexemes _lexemes;
    private readonly JsonSchemaOptions _options;
    private readonly GrammarLimits _limits;

    public SchemaProgramBuilder(Lexer lexer, JsonLexemes lexemes, JsonSchemaOptions options, GrammarLimits limits)
    {
        (_lexer, _arena, _lexemes, _options, _limits) = (lexer, lexer.Arena, lexemes, options, limits);
    }

    /// <summary>Adds a schema to a program and answers the node of its values.</summary>
    /// <exception cref="GrammarException">The schema is wrong, cannot be enforced, or no value fits it.</exception>
    public int Add(GrammarProgram program, JsonElement schema)
    {
        program.Punctuation = new JsonPunctuation(
            _lexer.StateOf(_lexemes.OpenObject), _lexer.StateOf(_lexemes.CloseObject), _lexer.StateOf(_lexemes.OpenArray),
            _lexer.StateOf(_lexemes.CloseArray), _lexer.StateOf(_lexemes.Comma), _lexer.StateOf(_lexemes.Colon));
        return new Compilation(this, program, schema).Run();
    }

    private sealed class Compilation
    {
        private const int MaxDistinctPrefix = 8;
        private const int MaxEmptinessDepth = 24;
        private static readonly SchemaPlace s_object = new(JsonDocument.Parse("""{"type":"object"}""").RootElement.Clone(), "(object)", "");
        private readonly SchemaProgramBuilder _builder;
        private readonly GrammarProgram _program;
        private readonly SchemaExpressionPool _pool = new();
        private readonly SchemaExpression _root;
        private readonly ScalarRules _scalars;
        private readonly ArrayRules _arrays;
        private readonly ObjectRules _objects;
        private readonly SchemaReader _reader;
        private readonly FiniteValues _finite;
        private readonly Dictionary<ArrayShape, List<JsonElement>> _distinct = [];
        private readonly List<(SchemaExpression Expression, int Scalars, IReadOnlyList<ArrayShape> Arrays, IReadOnlyList<ObjectShape> Objects)> _nodes = [];
        private readonly Dictionary<SchemaExpression, int> _nodeOf = [];
        private readonly Dictionary<SchemaExpression, bool> _empty = [];
        private int _emptinessDepth;

        public Compilation(SchemaProgramBuilder builder, GrammarProgram program, JsonElement schema)
        {
            _builder = builder;
            _program = program;
            var document = new SchemaDocument(schema, builder._limits.MaxDepth);
            _reader = new SchemaReader(document, _pool);
            _root = builder._options.ObjectsOnly ? _pool.And(_pool.At(document.Root), _pool.At(s_object)) : _pool.At(document.Root);
            _scalars = new ScalarRules(_reader, builder._lexemes, builder._lexer, builder._options, builder._limits);
            _finite = new FiniteValues(_reader);
            _arrays = new ArrayRules(_reader, builder._limits);
            _objects = new ObjectRules(_reader, _scalars, builder._lexemes, builder._lexer, builder._limits);
            _arrays.UseEmptiness(IsEmpty);
            _objects.UseEmptiness(IsEmpty);
        }

        public int Run()
        {
            int root = NodeOf(_root);
            var children = new List<int[]>();
            for (int node = 0; node < _nodes.Count; node++)
            {
                (SchemaExpression expression, int scalars, IReadOnlyList<ArrayShape> arrays, IReadOnlyList<ObjectShape> objects) = _nodes[node];
                scalars = GrammarException.At(expression.Pointer, () => StateOf(_scalars.Lexeme(expression)));
                arrays = _arrays.Of(expression);
                objects = _builder._options.ClosesObjects ? [.. _objects.Of(expression).Select(Close)] : _objects.Of(expression);
                _nodes[node] = (expression, scalars, arrays, objects);
                foreach (ArrayShape shape in arrays)
                {
                    Reach(shape);
                }

                foreach (ObjectShape shape in objects)
                {
                    Reach(shape, expression.Pointer);
                }
            }

            bool[] productive = FindProductive();
            if (!productive[root])
            {
                throw new GrammarException("No value fits this schema.", FindContradiction(_root));
            }

            int first = _program.Values.Count;
            for (int node = 0; node < _nodes.Count; node++)
            {
                Emit(node, first, productive);
            }

            return first + root;
        }

        // Other keys of an object that declares some and leaves the rest open.
        private static ObjectShape Close(ObjectShape shape) => !shape.OthersAreDefault || !shape.DeclaresProperties || shape.Witnesses.Count > 0
            || shape.Minimum > shape.Properties.Count || shape.Required.Any(key => !shape.Properties.ContainsKey(key)) ? shape
            : new ObjectShape { Properties = shape.Properties, Required = shape.Required, Minimum = shape.Minimum, Maximum = shape.Maximum };

        private int NodeOf(SchemaExpression expression)
        {
            if (!_nodeOf.TryGetValue(expression, out int node))
            {
                node = _nodes.Count;
                if (node >= _builder._limits.MaxSchemaNodes)
                {
                    throw new GrammarException($"The schema expands to more than {_builder._limits.MaxSchemaNodes} different conditions; simplify its combinations.", "");
                }

                _nodes.Add((expression, Lexer.Dead, [], []));
                _nodeOf.Add(expression, node);
            }

            return node;
        }

        private void Reach(ArrayShape shape)
        {
            if (IsDistinct(shape))
            {
                foreach ((SchemaExpression item, _) in Enumerable.Range(0, Math.Min(shape.Prefix.Count + 1, shape.Maximum)).SelectMany(i => DistinctOptions(shape, i)))
                {
                    NodeOf(item);
                }

                return;
            }

            if (shape.Contains.Count > 1)
            {
                throw new GrammarException("More than one 'contains' for the same array is not supported.", shape.Contains[1].Pointer);
            }

            for (int i = 0; i < Math.Min(shape.Prefix.Count + 1, shape.Maximum); i++)
            {
                foreach ((SchemaExpression item, _) in Options(shape, i))
                {
                    NodeOf(item);
                }
            }
        }

        private static bool IsDistinct(ArrayShape shape) => shape.UniquePointer is not null && shape.Maximum > 1;

        // Each value for itself with its number among all that any item may have; those that do not fit here left out.
        private List<(SchemaExpression Item, int Mark)> DistinctOptions(ArrayShape shape, int index)
        {
            if (!_distinct.TryGetValue(shape, out List<JsonElement>? values))
            {
                var items = new List<SchemaExpression>(shape.Prefix.Take(shape.Maximum));
                if (shape.Maximum > shape.Prefix.Count)
                {
                    items.Add(shape.Items);
                }

                values = shape.Contains.Count > 0 || shape.Prefix.Count > MaxDistinctPrefix ? null : _finite.Of(_pool.Or([.. items]));
                _distinct[shape] = values ?? throw new GrammarException(
                    $"'uniqueItems' is only supported where at most one item is allowed, or where items are of at most {FiniteValues.Most} values by enum, const, boolean, null or a range of integers, without 'contains' and with at most {MaxDistinctPrefix} items in 'prefixItems'.",
                    shape.UniquePointer!);
            }

            SchemaExpression item = shape.ItemAt(index);
            return [.. values.Select((value, mark) => (Item: _pool.And(item, _pool.Value(value)), mark)).Where(option => !IsEmpty(option.Item))];
        }

        // With a greatest number an item either counts or does not; with a least number alone it may be left uncounted.
        private IEnumerable<(SchemaExpression Item, bool Counts)> Options(ArrayShape shape, int index)
        {
            SchemaExpression item = shape.ItemAt(index);
            if (shape.Contains.Count == 0)
            {
                return [(item, false)];
            }

            ItemCount count = shape.Contains[0];
            SchemaExpression uncounted = count.Maximum == int.MaxValue ? item : _pool.And(item, _pool.Not(count.Item, count.Pointer));
            return [(_pool.And(item, count.Item), true), (uncounted, false)];
        }

        private void Reach(ObjectShape shape, string pointer)
        {
            if (shape.Required.Count < shape.Minimum && shape.Minimum > 1 && shape.Others.Count > 0)
            {
                throw new GrammarException("'minProperties' above 1 is only supported where the keys that may occur are all declared: add additionalProperties: false, or require properties by name.", pointer);
            }

            if (shape.Witnesses.Count > 0)
            {
                throw new GrammarException("A condition that some unnamed property must fail (the negation of additionalProperties or patternProperties) is not supported.", pointer);
            }

            foreach (SchemaExpression value in shape.Properties.Values)
            {
                NodeOf(value);
            }

            foreach (string key in shape.Required)
            {
                NodeOf(_objects.ValueOf(shape, key));
            }

            foreach (KeyClass other in shape.Others)
            {
                NodeOf(other.Value);
            }
        }

        // A node is productive when a finite value fits it: the least fixed point. Children mostly have higher numbers.
        private bool[] FindProductive()
        {
            bool[] productive = new bool[_nodes.Count];
            for (bool changed = true; changed;)
            {
                changed = false;
                for (int node = _nodes.Count - 1; node >= 0; node--)
                {
                    if (!productive[node])
                    {
                        (_, int scalars, IReadOnlyList<ArrayShape> arrays, IReadOnlyList<ObjectShape> objects) = _nodes[node];
                        productive[node] = scalars != Lexer.Dead || arrays.Any(a => IsProductive(a, productive)) || objects.Any(o => IsProductive(o, productive));
                        changed |= productive[node];
                    }
                }
            }

            return productive;
        }

        private int StateOf(int lexeme) => _builder._options.IsTried ? _builder._lexer.StateOfLexeme(lexeme) : _builder._lexer.StateOf(lexeme);

        // Where nothing fits: the schema itself, or the innermost place that it demands and that nothing fits.
        private string FindContradiction(SchemaExpression schema)
        {
            string pointer = schema.Pointer;
            for (int depth = 0; depth < MaxEmptinessDepth && schema is SchemaExpression.Place { Schema: SchemaPlace place }; depth++)
            {
                IEnumerable<SchemaExpression> demanded = _reader.Map(place, "properties").Where(p => SchemaReader.Required(place).Contains(p.Name, StringComparer.Ordinal)).Select(p => p.Schema);
                if (SchemaReader.Count(place, "minItems") > 0 && !SchemaReader.TryGet(place, "prefixItems", out _) && _reader.Schema(place, "items") is { } items)
                {
                    demanded = [.. demanded, items];
                }

                if (demanded.FirstOrDefault(d => d.Pointer.Length > 0 && IsEmpty(d)) is not { } inner)
                {
                    break;
                }

                (schema, pointer) = (inner, inner.Pointer);
            }

            return pointer;
        }

        private bool IsProductive(ArrayShape shape, bool[] productive) => new ArrayCounts(Build(shape, 0, productive)).CanFinish(0, 0);

        private bool IsProductive(ObjectShape shape, bool[] productive) => Properties(shape, productive) is { } properties
            && shape.Required.Count <= shape.Maximum
            && (properties.Count >= shape.Minimum || shape.Others.Any(other => productive[_nodeOf[other.Value]]));

        // The properties that may occur; null when a required one may not.
        private List<(string Key, int Value, bool Required)>? Properties(ObjectShape shape, bool[] productive)
        {
            var result = new List<(string, int, bool)>();
            foreach (string key in shape.Properties.Keys.Concat(shape.Required.Where(key => !shape.Properties.ContainsKey(key))))
            {
                int node = _nodeOf[_objects.ValueOf(shape, key)];
                bool required = shape.Required.Contains(key);
                if (productive[node])
                {
                    result.Add((key, node, required));
                }
                else if (required)
                {
                    return null;
                }
            }

            return result;
        }

        private void Emit(int node, int first, bool[] productive)
        {
            (_, int scalars, IReadOnlyList<ArrayShape> arrays, IReadOnlyList<ObjectShape> objects) = _nodes[node];
            var arrayIds = new List<int>();
            foreach (ArrayShape shape in arrays.Where(a => IsProductive(a, productive)))
            {
                arrayIds.Add(_program.Arrays.Count);
                _program.Arrays.Add(Build(shape, first, productive));
            }

            var objectIds = new List<int>();
            foreach (ObjectShape shape in objects.Where(o => IsProductive(o, productive)))
            {
                objectIds.Add(_program.Objects.Count);
                _program.Objects.Add(Build(shape, first, productive));
            }

            _program.Values.Add(new ValueNode(scalars, [.. arrayIds], [.. objectIds]));
        }

        private ArrayNode Build(ArrayShape shape, int first, bool[] productive)
        {
            ItemOption[] OptionsAt(int index) => index >= shape.Maximum ? []
                : IsDistinct(shape) ? [.. DistinctOptions(shape, index).Where(o => productive[_nodeOf[o.Item]]).Select(o => new ItemOption(first + _nodeOf[o.Item], false, o.Mark))]
                : [.. Options(shape, index).Where(o => productive[_nodeOf[o.Item]]).Select(o => new ItemOption(first + _nodeOf[o.Item], o.Counts))];
            return new ArrayNode
            {
                Prefix = [.. Enumerable.Range(0, shape.Prefix.Count).Select(OptionsAt)],
                Items = OptionsAt(shape.Prefix.Count),
                Minimum = shape.Minimum,
                Maximum = shape.Maximum,
                IsDistinct = IsDistinct(shape),
                MinimumContained = shape.Contains.Count > 0 ? shape.Contains[0].Minimum : 0,
                MaximumContained = shape.Contains.Count > 0 ? shape.Contains[0].Maximum : int.MaxValue,
            };
        }

        private ObjectNode Build(ObjectShape shape, int first, bool[] productive)
        {
            List<(string Key, int Value, bool Required)> properties = Properties(shape, productive)!;
            var sorted = properties.Select((p, rank) => (Bytes: (byte[])[(byte)'"', .. _builder._lexemes.Strings.Encode(p.Key), (byte)'"'], p.Value, p.Required, Rank: rank)).ToList();
            sorted.Sort((a, b) => a.Bytes.AsSpan().SequenceCompareTo(b.Bytes));
            return new ObjectNode
            {
                Keys = [.. sorted.Select(p => p.Bytes)],
                Values = [.. sorted.Select(p => first + p.Value)],
                Rank = [.. sorted.Select(p => p.Rank)],
                Required = [.. sorted.Select(p => p.Required)],
                Others = [.. OtherKeys(shape, first, productive)],
                Minimum = shape.Required.Count >= shape.Minimum ? 0 : shape.Minimum,
                Maximum = shape.Maximum,
                IsOrdered = _builder._options.DeclaredOrder,
            };
        }

        private IEnumerable<OtherKey> OtherKeys(ObjectShape shape, int first, bool[] productive)
        {
            ExpressionArena arena = _builder._arena;
            string[] declared = [.. shape.Properties.Keys.Concat(shape.Required).Distinct(StringComparer.Ordinal)];
            int undeclared = declared.Length == 0 ? ExpressionArena.Everything : arena.Not(_builder._lexemes.OneOf(declared));
            foreach (KeyClass other in shape.Others)
            {
                int keys = arena.And([other.Keys, undeclared, _builder._lexemes.StringContent]);
                int state = productive[_nodeOf[other.Value]] ? StateOf(_builder._lexemes.Quoted(keys)) : Lexer.Dead;
                if (state != Lexer.Dead)
                {
                    yield return new OtherKey(state, first + _nodeOf[other.Value], 0);
                }
            }
        }

        // For pruning combinations early: certain emptiness only. What is being asked already counts as not empty.
        private bool IsEmpty(SchemaExpression expression)
        {
            if (expression is SchemaExpression.Always or SchemaExpression.Never || _emptinessDepth >= MaxEmptinessDepth)
            {
                return expression is SchemaExpression.Never;
            }

            if (!_empty.TryGetValue(expression, out bool empty))
            {
                _empty[expression] = false;
                _emptinessDepth++;
                try
                {
                    empty = _builder._lexer.IsEmpty(_scalars.Lexeme(expression)) && _arrays.Of(expression).Count == 0 && _objects.Of(expression).Count == 0;
                }
                catch (GrammarException)
                {
                    return false; // undecided, or asked for while it is being computed: if it matters, it is refused later
                }
                finally
                {
                    _emptinessDepth--;
                    _empty.Remove(expression);
                }

                _empty[expression] = empty;
            }

            return empty;
        }
    }
}
