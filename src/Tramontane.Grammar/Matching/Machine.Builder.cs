using System.Runtime.InteropServices;
using Tramontane.Grammar.Regex;

namespace Tramontane.Grammar.Matching;

internal sealed partial class Machine
{
    /// <summary>Collects the threads of one new state.</summary>
    private sealed class StateBuilder(Machine machine)
    {
        private readonly List<(int Lexeme, int Frame)> _waiting = [];
        private readonly List<(int Lexeme, int FrameSet)> _threads = [];
        private readonly HashSet<int> _resumed = [];
        private readonly HashSet<(int, int)> _started = [];
        private readonly List<int> _frames = [];
        private readonly List<int> _state = [];
        private bool _accepting;
        private int _depth;

        public void Begin()
        {
            _waiting.Clear();
            _threads.Clear();
            _resumed.Clear();
            _started.Clear();
            _accepting = false;
        }

        /// <summary>A lexeme has come to a new state: it may go on, and when it is whole, its frames resume.</summary>
        public void AdvanceLexeme(int lexeme, int frames)
        {
            if (machine._lexer.HasNext(lexeme))
            {
                _threads.Add((lexeme, frames));
            }

            if (machine._lexer.IsAccepting(lexeme))
            {
                ResumeAll(frames);
            }
        }

        /// <summary>A key has come to a new state; of its frames those stay that may take one of the keys that begin so.</summary>
        public void AdvanceKey(int key, int frames)
        {
            int count = machine._frameSets[frames].Length, kept = 0;
            for (int i = 0; i < count; i++)
            {
                int frame = machine._frameSets[frames][i];
                if (machine.AllowsKey(frame, key))
                {
                    _waiting.Add((key, frame));
                    kept++;
                }

                if (machine.EndsKey(frame, key, out int property))
                {
                    machine.ResumeKey(this, frame, property);
                }
            }

            if (kept == count)
            {
                _waiting.RemoveRange(_waiting.Count - kept, kept);
                _threads.Add((key, frames));
            }
        }

        public void ResumeAll(int frames)
        {
            int count = machine._frameSets[frames].Length;
            for (int i = 0; i < count; i++)
            {
                Resume(machine._frameSets[frames][i]);
            }
        }

        public void Resume(int frame)
        {
            if (_resumed.Add(frame))
            {
                Enter();
                machine.Resume(this, frame);
                _depth--;
            }
        }

        public void Accept() => _accepting = true;

        public void StartLexeme(int lexeme, int frame)
        {
            if (lexeme == Lexer.Dead)
            {
                return;
            }

            _waiting.Add((lexeme, frame));
            if (machine._lexer.IsAccepting(lexeme))
            {
                Resume(frame);
            }
        }

        public void StartKeys(int key, int frame) => _waiting.Add((key, frame));

        /// <summary>Begins a symbol after which a set of frames goes on.</summary>
        public void StartSymbol(Symbol symbol, int frames)
        {
            switch (symbol.Kind)
            {
                case SymbolKind.Lexeme:
                    int count = machine._frameSets[frames].Length;
                    for (int i = 0; i < count; i++)
                    {
                        StartLexeme(symbol.Index, machine._frameSets[frames][i]);
                    }

                    break;
                case SymbolKind.Value:
                    machine.StartValue(this, symbol.Index, frames);
                    break;
                default:
                    if (_started.Add((symbol.Index, frames)))
                    {
                        Enter();
                        foreach (int item in machine._program.Rules[symbol.Index])
                        {
                            machine.StartItem(this, item, frames);
                        }

                        _depth--;
                    }

                    break;
            }
        }

        public int Finish()
        {
            _depth = 0;
            foreach ((int lexeme, int frame) in _waiting)
            {
                _threads.Add((lexeme, ~frame)); // a frame alone, to be told from a set
            }

            CollectionsMarshal.AsSpan(_threads).Sort();
            _state.Clear();
            _state.Add(_accepting ? 1 : 0);
            for (int i = 0; i < _threads.Count;)
            {
                int end = i + 1;
                while (end < _threads.Count && _threads[end].Lexeme == _threads[i].Lexeme)
                {
                    end++;
                }

                if (end == i + 1 && _threads[i].FrameSet >= 0)
                {
                    _state.Add(_threads[i].Lexeme);
                    _state.Add(_threads[i].FrameSet);
                }
                else
                {
                    _frames.Clear();
                    for (int k = i; k < end; k++)
                    {
                        int set = _threads[k].FrameSet;
                        if (set < 0)
                        {
                            _frames.Add(~set);
                        }
                        else
                        {
                            _frames.AddRange(machine._frameSets[set]);
                        }
                    }

                    _state.Add(_threads[i].Lexeme);
                    _state.Add(machine.FrameSet(_frames));
                }

                i = end;
            }

            return machine._states.Add(CollectionsMarshal.AsSpan(_state));
        }

        private void Enter()
        {
            if (++_depth > 2000)
            {
                throw new GrammarException("Rules call each other deeper than 2000 without reading anything.");
            }
        }
    }

    private void StartItem(StateBuilder builder, int item, int frames)
    {
        // The last part of an alternative needs no frame of its own: what follows the rule follows it.
        if (_program.Items[item] is not Symbol symbol)
        {
            builder.ResumeAll(frames);
        }
        else if (_program.Items[item + 1] is null)
        {
            builder.StartSymbol(symbol, frames);
        }
        else
        {
            int frame = Frame(FrameKind.Item, item + 1, 0, 0, frames);
            builder.StartSymbol(symbol, _frameSets.Add([frame]));
        }
    }

    private void Resume(StateBuilder builder, int frame)
    {
        ReadOnlySpan<int> f = _frames[frame];
        (var kind, int a, int b, int c, int next) = ((FrameKind)f[0], f[1], f[2], f[3], f[4]);
        switch (kind)
        {
            case FrameKind.End:
                builder.Accept();
                break;
            case FrameKind.Item:
                StartItem(builder, a, next);
                break;
            case FrameKind.ObjectOpened:
                ResumeObject(builder, a, StartSituation(a), next, afterComma: false);
                break;
            case FrameKind.OtherKey:
                OtherKey other = _program.Objects[a].Others[c];
                builder.StartLexeme(_program.Punctuation.Colon, Frame(FrameKind.Colon, a, AfterOther(a, b), other.Value, next));
                break;
            case FrameKind.Colon:
                StartValue(builder, c, _frameSets.Add([Frame(FrameKind.Pair, a, b, 0, next)]));
                break;
            case FrameKind.Pair:
                ResumeObject(builder, a, b, next, afterComma: false);
                break;
            case FrameKind.NextKey:
                ResumeObject(builder, a, b, next, afterComma: true);
                break;
            case FrameKind.ArrayOpened:
                ResumeArray(builder, a, 0, 0, next, afterComma: false);
                break;
            case FrameKind.Element:
                ResumeArray(builder, a, b, c, next, afterComma: false);
                break;
            case FrameKind.NextElement:
                ResumeArray(builder, a, b, c, next, afterComma: true);
                break;
            default:
                throw new InvalidOperationException($"A frame of kind {kind} is resumed by a key.");
        }
    }

    private void StartValue(StateBuilder builder, int node, int frames)
    {
        ValueNode value = _program.Values[node];
        if (value.Scalars != Lexer.Dead)
        {
            builder.StartSymbol(new Symbol(SymbolKind.Lexeme, value.Scalars), frames);
        }

        foreach (int array in value.Arrays)
        {
            builder.StartLexeme(_program.Punctuation.OpenArray, Frame(FrameKind.ArrayOpened, array, 0, 0, frames));
        }

        foreach (int obj in value.Objects)
        {
            builder.StartLexeme(_program.Punctuation.OpenObject, Frame(FrameKind.ObjectOpened, obj, 0, 0, frames));
        }
    }

    private void ResumeArray(StateBuilder builder, int array, int items, int contained, int next, bool afterComma)
    {
        ArrayNode node = _program.Arrays[array];
        ArrayCounts counts = CountsOf(array);
        if (!afterComma && counts.CanClose(items, contained))
        {
            CloseWith(builder, _program.Punctuation.CloseArray, next);
        }

        if (items >= node.Maximum)
        {
            return;
        }

        bool any = false;
        foreach (ItemOption option in node.OptionsAt(items))
        {
            if (counts.After(items, contained, option) is not var (itemsAfter, containedAfter) || !counts.CanFinish(itemsAfter, containedAfter))
            {
                continue;
            }

            any = true;
            if (afterComma || items == 0)
            {
                StartValue(builder, option.Value, _frameSets.Add([Frame(FrameKind.Element, array, itemsAfter, containedAfter, next)]));
            }
        }

        if (any && !afterComma && items > 0)
        {
            builder.StartLexeme(_program.Punctuation.Comma, Frame(FrameKind.NextElement, array, items, contained, next));
        }
    }

    private void CloseWith(StateBuilder builder, int lexeme, int next)
    {
        int count = _frameSets[next].Length;
        for (int i = 0; i < count; i++)
        {
            builder.StartLexeme(lexeme, _frameSets[next][i]);
        }
    }
}
