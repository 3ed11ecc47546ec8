namespace Tramontane.Grammar.Regex;

/// <summary>
/// The deterministic automaton of all lexemes of one grammar: its states are expressions, its transitions derivatives, both made
/// when they are first needed. State 0 is dead: nothing can follow. Not safe for concurrent use.
/// </summary>
internal sealed class Lexer
{
    /// <summary>The state from which nothing matches.</summary>
    public const int Dead = 0;

    private readonly ExpressionArena _arena;
    private readonly int _maxEmptinessSteps;
    private readonly Dictionary<int, bool> _empty = [];
    private readonly List<int> _expressions = [];
    private int[] _stateOf = [];
    private int[] _rows = new int[16 * 256];   // row 0: nothing follows
    private int _rowCount = 1;
    private int[] _rowOf = new int[16];        // per state its row; 0: not made yet (or dead)
    private bool[] _accepting = new bool[16];

    public Lexer(ExpressionArena arena, int maxEmptinessSteps)
    {
        _arena = arena;
        _maxEmptinessSteps = maxEmptinessSteps;
        _expressions.Add(ExpressionArena.Nothing);
    }

    public ExpressionArena Arena => _arena;

    /// <summary>
    /// What to do when the check for emptiness is not decided within its steps: refuse, while compiling; afterwards take the
    /// state as live, which can end in a state without continuation and never in a wrong text.
    /// </summary>
    public bool IsCompiled { get; set; }

    /// <summary>States made so far.</summary>
    public int StateCount => _expressions.Count;

    /// <summary>Bytes held, roughly.</summary>
    public long MemoryBytes => CoreBytes + BulkBytes;

    /// <summary>Bytes of what states are made of.</summary>
    public long CoreBytes => _arena.CoreBytes + (_expressions.Count * 16L);

    /// <summary>Bytes of what can be found again: transitions and derivatives.</summary>
    public long BulkBytes => _arena.BulkBytes + (_rows.Length * 4L) + (_empty.Count * 24L);

    /// <summary>The expression whose texts lead from a state to acceptance.</summary>
    public int ExpressionOf(int state) => _expressions[state];

    /// <summary>The state that stands for an expression; <see cref="Dead"/> when it matches nothing.</summary>
    /// <exception cref="GrammarException">Whether it matches anything took more steps than the limit allows.</exception>
    public int StateOf(int expression)
    {
        if (expression == ExpressionArena.Nothing)
        {
            return Dead;
        }

        int state = expression < _stateOf.Length ? _stateOf[expression] : 0;
        if (state == 0)
        {
            state = IsEmpty(expression) ? -1 : Add(expression);
            SetState(expression, state);
        }

        return Math.Max(Dead, state);
    }

    /// <summary>Whether what was read to come to the state is a whole lexeme.</summary>
    public bool IsAccepting(int state) => _accepting[state];

    /// <summary>The state after one more byte.</summary>
    public int Next(int state, byte value) => Row(state)[value];

    /// <summary>The states after each byte value.</summary>
    public ReadOnlySpan<int> Row(int state)
    {
        int row = RowOf(state); // before the field is read: it may be replaced
        return _rows.AsSpan(row * 256, 256);
    }

    /// <summary>All transitions: in row r that of byte b is at r · 256 + b. Replaced when <see cref="RowOf"/> makes a row.</summary>
    public int[] Rows => _rows;

    /// <summary>The row of a state's transitions, made when it is missing.</summary>
    public int RowOf(int state)
    {
        if (_rowOf[state] == 0 && state != Dead)
        {
            Expand(state);
        }

        return _rowOf[state];
    }

    /// <summary>Whether anything can follow: some byte leads to a live state.</summary>
    public bool HasNext(int state) => Row(state).ContainsAnyExcept(Dead);

    /// <summary>Whether an expression matches no text at all.</summary>
    /// <exception cref="GrammarException">It took more steps than the limit allows.</exception>
    public bool IsEmpty(int expression)
    {
        if (!_arena.MayBeEmpty(expression))
        {
            return expression == ExpressionArena.Nothing;
        }

        if (_empty.TryGetValue(expression, out bool known))
        {
            return known;
        }

        if (_arena.IsNullable(expression))
        {
            return false;
        }

        // Search for an accepting derivative, nearest first. When there is none, everything seen is empty.
        var seen = new HashSet<int> { expression };
        var queue = new Queue<int>();
        queue.Enqueue(expression);
        while (queue.TryDequeue(out int current))
        {
            ByteSet edges = _arena.Edges(current).With(0);
            for (int value = 0; value < 256; value = edges.NextFrom(value + 1))
            {
                int next = _arena.Derivative(current, (byte)value);
                if (next != ExpressionArena.Nothing
                    && (!_arena.MayBeEmpty(next) || _arena.IsNullable(next) || (_empty.TryGetValue(next, out bool empty) && !empty)))
                {
                    _empty[expression] = false;
                    return false;
                }

                if (next != ExpressionArena.Nothing && seen.Add(next))
                {
                    queue.Enqueue(next);
                }
            }

            if (seen.Count > _maxEmptinessSteps)
            {
                if (IsCompiled)
                {
                    return false;
                }

                throw new GrammarException($"Whether the constraint can be met at all was not decided in {_maxEmptinessSteps} steps; use smaller counts or simpler combinations.");
            }
        }

        foreach (int id in seen)
        {
            _empty[id] = true;
        }

        return true;
    }

    /// <summary>Forgets transitions; states and their numbers stay.</summary>
    public void ForgetTransitions()
    {
        _arena.ForgetDerivatives();
        _empty.Clear();
        _rows = new int[16 * 256];
        _rowCount = 1;
        _rowOf.AsSpan().Clear();
    }

    /// <summary>Forgets the states and expressions that were made after there were so many; transitions of the others are found anew.</summary>
    public void Truncate(int expressionCount, int stateCount)
    {
        ForgetTransitions();
        _arena.Truncate(expressionCount);
        _expressions.RemoveRange(stateCount, _expressions.Count - stateCount);
        _stateOf = [];
        int length = Math.Max(16, stateCount);
        Array.Resize(ref _rowOf, length);
        Array.Resize(ref _accepting, length);
        for (int state = 1; state < stateCount; state++)
        {
            SetState(_expressions[state], state);
        }
    }

    private void SetState(int expression, int state)
    {
        if (expression >= _stateOf.Length)
        {
            Array.Resize(ref _stateOf, Math.Max(expression + 1, Math.Max(256, _stateOf.Length * 2)));
        }

        _stateOf[expression] = state;
    }

    private int Add(int expression)
    {
        int state = _expressions.Count;
        _expressions.Add(expression);
        if (state >= _rowOf.Length)
        {
            Array.Resize(ref _rowOf, state * 2);
            Array.Resize(ref _accepting, state * 2);
        }

        _accepting[state] = _arena.IsNullable(expression);
        return state;
    }

    private void Expand(int state)
    {
        if ((_rowCount + 1) * 256 > _rows.Length)
        {
            Array.Resize(ref _rows, _rows.Length * 2);
        }

        int row = _rowCount++;
        ByteSet edges = _arena.Edges(_expressions[state]);
        for (int first = 0; first < 256;)
        {
            int end = edges.NextFrom(first + 1);
            int next = StateOf(_arena.Derivative(_expressions[state], (byte)first));
            _rows.AsSpan((row * 256) + first, end - first).Fill(next);
            first = end;
        }

        _rowOf[state] = row;
    }
}
