namespace Tramontane.Grammar.Regex;

/// <summary>
/// The deterministic automaton of all lexemes of one grammar: its states are expressions, its transitions derivatives, both made
/// when they are first needed. State 0 is dead: nothing can follow. Not safe for concurrent use.
/// </summary>
internal sealed class Lexer
{
    /// <summary>The state from which nothing matches.</summary>
    public const int Dead = 0;

    private const long TriedStates = 20_000; // lexemes of fewer states need no trial
    private const int TriedTexts = 4;
    private const int TriedLength = 64;
    private readonly ExpressionArena _arena;
    private readonly int _maxEmptinessSteps;
    private readonly long _maxWork;
    private readonly Dictionary<int, bool> _empty = [];
    private readonly List<(int Expression, int From)> _search = []; // of one check for emptiness
    private readonly HashSet<int> _searched = [];
    private readonly List<int> _expressions = [];
    private int[] _stateOf = [];
    private int[] _rows = new int[16 * 256];   // row 0: nothing follows
    private int _rowCount = 1;
    private bool _isTried; // a trial is under way
    private int[] _rowOf = new int[16];        // per state its row; 0: not made yet (or dead)
    private bool[] _accepting = new bool[16];

    /// <param name="arena">Its expressions.</param>
    /// <param name="maxEmptinessSteps">Steps of one check for emptiness.</param>
    /// <param name="maxWork">Transitions to follow or look for in one piece of work, see <see cref="BeginWork"/>.</param>
    public Lexer(ExpressionArena arena, int maxEmptinessSteps, long maxWork = long.MaxValue)
    {
        _arena = arena;
        _maxEmptinessSteps = maxEmptinessSteps;
        _maxWork = maxWork;
        _expressions.Add(ExpressionArena.Nothing);
    }

    public ExpressionArena Arena => _arena;

    /// <summary>
    /// What to do when the check for emptiness is not decided within its steps: refuse, while compiling; afterwards take the
    /// state as live, which can end in a state without continuation and never in a wrong text.
    /// </summary>
    public bool IsCompiled { get; set; }

    /// <summary>Transitions that were made or looked for since <see cref="BeginWork"/>: what the time goes into.</summary>
    public long Work { get; private set; }

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

    /// <summary>
    /// The state of a lexeme. One that combines conditions is tried out on a few texts: what would cost too much to follow is refused
    /// now instead of in the middle of an answer.
    /// </summary>
    /// <exception cref="GrammarException">It takes too many steps to follow, or to decide whether it matches anything.</exception>
    public int StateOfLexeme(int expression)
    {
        int start = StateOf(expression);
        if (start == Dead || _arena.EstimateStates(expression) < TriedStates)
        {
            return start;
        }

        BeginWork();
        _isTried = true;
        try
        {
            Try(start);
        }
        finally
        {
            _isTried = false;
        }

        return start;
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

        if (!IsCompiled && !_isTried)
        {
            BeginWork();
        }

        // Search for an accepting derivative, nearest first. When there is none, everything seen is empty; otherwise everything on the
        // way to it is not, so that the next search in its neighbourhood ends where it meets this way.
        _search.Clear();
        _searched.Clear();
        _search.Add((expression, -1));
        _searched.Add(expression);
        for (int at = 0; at < _search.Count; at++)
        {
            int current = _search[at].Expression;
            ByteSet edges = _arena.Edges(current).With(0);
            for (int value = 0; value < 256; value = edges.NextFrom(value + 1))
            {
                Spend();
                int next = _arena.Derivative(current, (byte)value);
                if (next == ExpressionArena.Nothing || !_searched.Add(next))
                {
                    continue;
                }

                bool isKnown = _empty.TryGetValue(next, out bool empty);
                if (!_arena.MayBeEmpty(next) || _arena.IsNullable(next) || (isKnown && !empty))
                {
                    for (int way = at; way >= 0; way = _search[way].From)
                    {
                        _empty[_search[way].Expression] = false;
                    }

                    return false;
                }

                if (!isKnown)
                {
                    _search.Add((next, at));
                }
            }

            if (_search.Count > _maxEmptinessSteps)
            {
                if (IsCompiled)
                {
                    return false;
                }

                throw new GrammarException($"Whether the constraint can be met at all was not decided in {_maxEmptinessSteps} steps; use smaller counts or simpler combinations.");
            }
        }

        foreach ((int id, _) in _search)
        {
            _empty[id] = true;
        }

        return true;
    }

    /// <summary>Begins a piece of work that has a limit of its own.</summary>
    public void BeginWork() => Work = 0;

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

        int row = _rowCount; // taken when it is whole: a limit may end it before
        ByteSet edges = _arena.Edges(_expressions[state]);
        for (int first = 0; first < 256;)
        {
            Spend();
            int end = edges.NextFrom(first + 1);
            int next = StateOf(_arena.Derivative(_expressions[state], (byte)first));
            _rows.AsSpan((row * 256) + first, end - first).Fill(next);
            first = end;
        }

        _rowCount++;
        _rowOf[state] = row;
    }

    private void Try(int start)
    {
        uint random = 1;
        for (int text = 0; text < TriedTexts; text++)
        {
            int state = start;
            for (int length = 0; length < TriedLength && state != Dead; length++)
            {
                ReadOnlySpan<int> row = Row(state);
                random = (random * 1664525) + 1013904223; // Numerical Recipes' generator: the same texts every time
                int value = (int)(random >> 24);
                for (int others = 0; others < 256 && row[value] == Dead; others++)
                {
                    value = (value + 1) & 255;
                }

                state = row[value];
            }
        }
    }

    private void Spend()
    {
        if (++Work > _maxWork)
        {
            throw new GrammarException($"It has too many states to follow: one step took more than {_maxWork} transitions.");
        }
    }
}
