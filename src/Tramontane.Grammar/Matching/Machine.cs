using System.Runtime.InteropServices;
using Tramontane.Grammar.Regex;

namespace Tramontane.Grammar.Matching;

/// <summary>
/// The pushdown automaton of a grammar, made deterministic as it is used. A state is the set of everything that the text so far
/// can be in the middle of: threads, each a lexeme being read and the stacks that wait for its end. Stacks share their tails
/// and stacks with equal tops are one, as in a graph-structured stack; every distinct frame, set of frames and state is stored
/// once, so that a transition is computed once and then looked up. Not safe for concurrent use.
/// </summary>
internal sealed partial class Machine
{
    /// <summary>The state from which nothing is accepted.</summary>
    public const int Dead = 0;

    private readonly GrammarProgram _program;
    private readonly Lexer _lexer;
    private IntSequenceTable _frames = new();     // kind, a, b, c, next: a set of frames
    private IntSequenceTable _frameSets = new();  // frames in ascending order
    private IntSequenceTable _states = new();     // 1 when the text may end, then (lexeme, set of frames) per thread
    private PairMap _transitions = new();         // state, byte → state
    private PairMap _resumed = new();             // set of frames, 0 → state
    private readonly StateBuilder _builder;

    public Machine(GrammarProgram program)
    {
        _program = program;
        _lexer = program.Lexer;
        _builder = new StateBuilder(this);
        Reset();
    }

    private enum FrameKind
    {
        End,            // the text may end
        Item,           // a: item of a rule to go on with
        ObjectOpened,   // a: object
        ObjectKey,      // a: object, b: situation; the key is read by a key lexeme
        OtherKey,       // a: object, b: situation, c: index of the other key
        Colon,          // a: object, b: situation after the pair, c: node of the value
        Pair,           // a: object, b: situation
        NextKey,        // a: object, b: situation
        ArrayOpened,    // a: array
        Element,        // a: array, b: situation
        NextElement,    // a: array, b: situation
    }

    /// <summary>The state before the first byte.</summary>
    public int Start { get; private set; }

    public Lexer Lexer => _lexer;

    /// <summary>Bytes of what states are made of, roughly.</summary>
    public long CoreBytes => _frames.MemoryBytes + _frameSets.MemoryBytes + _states.MemoryBytes + ObjectMemoryBytes + _lexer.CoreBytes;

    /// <summary>Bytes of what can be found again, roughly.</summary>
    public long BulkBytes => _transitions.MemoryBytes + _resumed.MemoryBytes + _lexer.BulkBytes;

    /// <summary>States made so far.</summary>
    public int StateCount => _states.Count;

    /// <summary>Forgets transitions; states and their numbers stay.</summary>
    public void ForgetTransitions()
    {
        _transitions = new PairMap();
        _resumed = new PairMap();
        _lexer.ForgetTransitions();
    }

    /// <summary>Forgets all states. Numbers given out before are void.</summary>
    public void Reset()
    {
        _frames = new IntSequenceTable();
        _frameSets = new IntSequenceTable();
        _states = new IntSequenceTable();
        _transitions = new PairMap();
        _resumed = new PairMap();
        ResetObjects();
        _states.Add([0]); // Dead
        int end = Frame(FrameKind.End, 0, 0, 0, 0);
        _frameSets.Add([end]);
        _builder.Begin();
        _builder.StartSymbol(_program.Start, 0);
        Start = _builder.Finish();
    }

    /// <summary>Whether the text may end here.</summary>
    public bool IsAccepting(int state) => _states[state][0] == 1;

    /// <summary>The threads of a state: pairs of a lexeme and a set of frames. A lexeme below 0 is a key being read.</summary>
    public ReadOnlySpan<int> Threads(int state) => _states[state][1..];

    /// <summary>The state of one thread alone.</summary>
    public int Single(int lexeme, int frames) => _states.Add([0, lexeme, frames]);

    /// <summary>The state after the lexeme for which a set of frames waits has ended.</summary>
    public int Resumed(int frames)
    {
        if (!_resumed.TryGet(frames, 0, out int state))
        {
            _builder.Begin();
            _builder.ResumeAll(frames);
            state = _builder.Finish();
            _resumed.Set(frames, 0, state);
        }

        return state;
    }

    /// <summary>Whether a byte leads anywhere; cheaper than the step itself.</summary>
    public bool CanStep(int state, byte value)
    {
        ReadOnlySpan<int> threads = _states[state];
        for (int i = 1; i < threads.Length; i += 2)
        {
            if (threads[i] >= 0 ? _lexer.Next(threads[i], value) != Lexer.Dead : StepKey(threads[i], value) != 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Finds whether exactly one byte can follow.</summary>
    public bool TryGetOnlyByte(int state, out byte value)
    {
        value = 0;
        int found = 0;
        for (int candidate = 0; candidate < 256 && found < 2; candidate++)
        {
            if (CanStep(state, (byte)candidate) && Step(state, (byte)candidate) != Dead)
            {
                value = (byte)candidate;
                found++;
            }
        }

        return found == 1;
    }

    /// <summary>The state after one more byte; <see cref="Dead"/> when it does not fit.</summary>
    public int Step(int state, byte value)
    {
        if (!_transitions.TryGet(state, value, out int next))
        {
            next = ComputeStep(state, value);
            _transitions.Set(state, value, next);
        }

        return next;
    }

    private int ComputeStep(int state, byte value)
    {
        _builder.Begin();
        int count = _states[state].Length;
        for (int i = 1; i < count; i += 2)
        {
            int lexeme = _states[state][i], frames = _states[state][i + 1];
            if (lexeme < 0)
            {
                int key = StepKey(lexeme, value);
                if (key != 0)
                {
                    _builder.AdvanceKey(key, frames);
                }

                continue;
            }

            int next = _lexer.Next(lexeme, value);
            if (next != Lexer.Dead)
            {
                _builder.AdvanceLexeme(next, frames);
            }
        }

        return _builder.Finish();
    }

    private int Frame(FrameKind kind, int a, int b, int c, int next) => _frames.Add([(int)kind, a, b, c, next]);

    // Frames that differ only in what comes after them are one frame with all of that after it.
    private int FrameSet(List<int> frames)
    {
        if (frames.Count == 1)
        {
            return _frameSets.Add(CollectionsMarshal.AsSpan(frames));
        }

        frames.Sort((x, y) => _frames[x].SequenceCompareTo(_frames[y]));
        int count = 0;
        for (int i = 0; i < frames.Count;)
        {
            int end = i + 1;
            while (end < frames.Count && _frames[frames[end]][..4].SequenceEqual(_frames[frames[i]][..4]))
            {
                end++;
            }

            int merged = frames[i];
            for (int k = i + 1; k < end; k++)
            {
                if (frames[k] != merged)
                {
                    merged = Merge(merged, frames[k]);
                }
            }

            frames[count++] = merged;
            i = end;
        }

        Span<int> kept = CollectionsMarshal.AsSpan(frames)[..count];
        kept.Sort();
        return _frameSets.Add(kept);
    }

    private int Merge(int first, int second)
    {
        int[] a = _frames[first].ToArray();
        int nextA = a[4], nextB = _frames[second][4];
        if (nextA != nextB)
        {
            List<int> union = [.. _frameSets[nextA], .. _frameSets[nextB]];
            a[4] = FrameSet(union);
        }

        return _frames.Add(a);
    }
}
