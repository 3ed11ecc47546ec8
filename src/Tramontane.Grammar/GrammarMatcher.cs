using Tramontane.Grammar.Matching;

namespace Tramontane.Grammar;

/// <summary>
/// Follows one text through a grammar, token by token. Cheap to make and to copy; one matcher is used by one thread at a time,
/// several matchers of a grammar by several threads. After a state was met once, no call allocates, except that the history grows.
/// </summary>
public sealed class GrammarMatcher
{
    private readonly CompiledGrammar _grammar;
    private readonly List<int> _tokens = [];
    private readonly List<int> _states = [];
    private int _state;
    private int _epoch;

    internal GrammarMatcher(CompiledGrammar grammar)
    {
        _grammar = grammar;
        lock (grammar.Gate)
        {
            _state = grammar.Machine.Start;
            _epoch = grammar.Epoch;
        }
    }

    private GrammarMatcher(GrammarMatcher other)
    {
        _grammar = other._grammar;
        _tokens.AddRange(other._tokens);
        _states.AddRange(other._states);
        (_state, _epoch, IsFinished) = (other._state, other._epoch, other.IsFinished);
    }

    /// <summary>The grammar that is followed.</summary>
    public CompiledGrammar Grammar => _grammar;

    /// <summary>Tokens consumed so far, an end token included.</summary>
    public int TokenCount => _tokens.Count;

    /// <summary>Whether an end token was consumed: nothing may follow.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>Whether the text may end here.</summary>
    public bool IsAccepting
    {
        get
        {
            lock (_grammar.Gate)
            {
                return _grammar.Machine.IsAccepting(Current());
            }
        }
    }

    /// <summary>
    /// Writes which tokens may come next: bit <c>t % 64</c> of word <c>t / 64</c> for token t, end tokens included where the text may end.
    /// </summary>
    /// <param name="mask">At least <see cref="TokenVocabulary.MaskWords"/> words; the rest is cleared.</param>
    /// <returns>Whether any token may come next; after an end token none may.</returns>
    public bool ComputeMask(Span<ulong> mask)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(mask.Length, _grammar.Vocabulary.MaskWords);
        mask[_grammar.Vocabulary.MaskWords..].Clear();
        mask = mask[.._grammar.Vocabulary.MaskWords];
        if (IsFinished)
        {
            mask.Clear();
            return false;
        }

        lock (_grammar.Gate)
        {
            _grammar.Trim();
            _grammar.Machine.Lexer.BeginWork();
            _grammar.Masks.Compute(Current(), mask);
        }

        return mask.ContainsAnyExcept(0UL);
    }

    /// <summary>Consumes a token if it fits; otherwise nothing changes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The vocabulary has no such token.</exception>
    public bool TryConsume(int token)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(token);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(token, _grammar.Vocabulary.TokenCount);
        if (IsFinished)
        {
            return false;
        }

        lock (_grammar.Gate)
        {
            int before = Current();
            _grammar.Machine.Lexer.BeginWork();
            bool ends = _grammar.Vocabulary.EndTokens.AsSpan().Contains(token) && _grammar.Machine.IsAccepting(before);
            int next = ends ? before : Walk(before, token);
            if (next == Machine.Dead)
            {
                return false;
            }

            _tokens.Add(token);
            _states.Add(before);
            _state = next;
            IsFinished = ends;
            return true;
        }
    }

    /// <summary>Takes back the last tokens.</summary>
    public void Rollback(int tokenCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tokenCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tokenCount, _tokens.Count);
        if (tokenCount == 0)
        {
            return;
        }

        lock (_grammar.Gate)
        {
            Current(); // states of this epoch
            int kept = _tokens.Count - tokenCount;
            _state = _states[kept];
            _tokens.RemoveRange(kept, tokenCount);
            _states.RemoveRange(kept, tokenCount);
            IsFinished = false;
        }
    }

    /// <summary>A second matcher at the same place.</summary>
    public GrammarMatcher Clone()
    {
        lock (_grammar.Gate)
        {
            return new GrammarMatcher(this);
        }
    }

    /// <summary>
    /// Writes the bytes that must come next, as far as there is exactly one way and the text may not end before them;
    /// up to the next control token.
    /// </summary>
    /// <returns>The number of bytes written; 0 when there is a choice.</returns>
    public int ForcedBytes(Span<byte> destination)
    {
        if (IsFinished)
        {
            return 0;
        }

        lock (_grammar.Gate)
        {
            int state = Current(), count = 0;
            _grammar.Machine.Lexer.BeginWork();
            while (count < destination.Length && !_grammar.Machine.IsAccepting(state) && _grammar.Machine.TryGetOnlyByte(state, out byte value)
                && value != TokenVocabulary.SpecialMarker)
            {
                state = _grammar.Machine.Step(state, value);
                if (state == Machine.Dead)
                {
                    break;
                }

                destination[count++] = value;
            }

            return count;
        }
    }

    // The state; when the machine has forgotten its states, they are found again from the tokens: each of them was found before.
    private int Current()
    {
        _grammar.Machine.Lexer.BeginWork();
        if (_epoch != _grammar.Epoch)
        {
            _epoch = _grammar.Epoch;
            int state = _grammar.Machine.Start;
            for (int i = 0; i < _tokens.Count; i++)
            {
                _states[i] = state;
                _grammar.Machine.Lexer.BeginWork();
                state = IsFinished && i == _tokens.Count - 1 ? state : Walk(state, _tokens[i]);
            }

            _state = state;
        }

        return _state;
    }

    private int Walk(int state, int token)
    {
        byte[]? bytes = _grammar.Vocabulary.Tokens[token];
        if (bytes is null)
        {
            return Machine.Dead;
        }

        foreach (byte value in bytes)
        {
            state = _grammar.Machine.Step(state, value);
            if (state == Machine.Dead)
            {
                break;
            }
        }

        return state;
    }
}
