using Tramontane.Grammar.JsonSchema;
using Tramontane.Grammar.Matching;
using Tramontane.Grammar.Regex;

namespace Tramontane.Grammar.Masks;

/// <summary>Computes which tokens may follow in a state of a machine. Not safe for concurrent use.</summary>
internal sealed class MaskComputer
{
    private const int MaxWalked = 16;
    private readonly TokenVocabulary _vocabulary;
    private readonly Machine _machine;
    private readonly Lexer _lexer;
    private readonly JsonLexemes _lexemes;
    private readonly LexemeMaskBuilder _builder;
    private readonly Dictionary<int, LexemeMask> _masks = [];
    private readonly List<int> _walked = []; // lexemes whose masks others may be variants of
    private readonly CountedStates _counted;
    private readonly int[] _path;

    public MaskComputer(TokenVocabulary vocabulary, Machine machine, JsonLexemes lexemes, GrammarLimits limits)
    {
        _vocabulary = vocabulary;
        _machine = machine;
        _lexer = machine.Lexer;
        _lexemes = lexemes;
        _builder = new LexemeMaskBuilder(vocabulary, _lexer) { MaxLexerBytes = limits.CacheBytes * 2 };
        _counted = new CountedStates(_lexer, lexemes.Character, vocabulary.Trie.MaxDepth);
        _path = new int[vocabulary.Trie.MaxDepth + 1];
    }

    /// <summary>Bytes held, roughly.</summary>
    public long MemoryBytes { get; private set; }

    public void Reset()
    {
        _masks.Clear();
        _walked.Clear();
        _counted.Reset();
        MemoryBytes = 0;
    }

    /// <summary>Writes the mask: bit t of the span is set when token t may follow.</summary>
    public void Compute(int state, Span<ulong> mask)
    {
        mask.Clear();
        int threads = _machine.Threads(state).Length;
        for (int i = 0; i < threads; i += 2)
        {
            int lexeme = _machine.Threads(state)[i], frames = _machine.Threads(state)[i + 1];
            if (lexeme < 0)
            {
                WalkChildren(0, _machine.Single(lexeme, frames), mask);
            }
            else
            {
                LexemeMask own = MaskOf(lexeme);
                own.AddTo(mask);
                if (own.Exits.Length > 0)
                {
                    AddExits(own, _machine.Resumed(frames), mask);
                }
            }
        }

        if (_machine.IsAccepting(state))
        {
            foreach (int token in _vocabulary.EndTokens)
            {
                mask[token >> 6] |= 1UL << (token & 63);
            }
        }
    }

    private LexemeMask MaskOf(int lexeme)
    {
        if (!_masks.TryGetValue(lexeme, out LexemeMask? mask))
        {
            int standIn = _counted.StandIn(lexeme);
            mask = standIn == lexeme ? Build(lexeme) : MaskOf(standIn);
            _masks.Add(lexeme, mask);
            MemoryBytes += standIn == lexeme ? mask.MemoryBytes : 32;
        }

        return mask;
    }

    private LexemeMask Build(int lexeme)
    {
        int expression = _lexer.ExpressionOf(lexeme);
        if (expression == _lexemes.FreeStringTail)
        {
            return _vocabulary.Strings.Free;
        }

        if (_lexer.Arena.IsRepetition(expression, _lexemes.Character, _lexemes.Quote, out int minimum, out int maximum))
        {
            return _vocabulary.Strings.OfLength(minimum, maximum);
        }

        int canonical = _lexer.StateOf(_lexemes.StringTail);
        if (_vocabulary.Strings.Canonical.Dense is not null && _builder.IsVariant(lexeme, canonical))
        {
            return _builder.Vary(lexeme, canonical, _vocabulary.Strings.Canonical);
        }

        foreach (int walked in _walked)
        {
            if (_builder.IsVariant(lexeme, walked))
            {
                return _builder.Vary(lexeme, walked, _masks[walked]);
            }
        }

        LexemeMask mask = _builder.Walk(lexeme);
        if (mask.Dense is not null && _walked.Count < MaxWalked)
        {
            _walked.Add(lexeme);
        }

        return mask;
    }

    private void AddExits(LexemeMask own, int after, Span<ulong> mask)
    {
        for (int g = 0; g < own.ExitGroups.Length; g++)
        {
            (byte value, int start) = own.ExitGroups[g];
            if (!_machine.CanStep(after, value))
            {
                continue;
            }

            int next = _machine.Step(after, value);
            int end = g + 1 < own.ExitGroups.Length ? own.ExitGroups[g + 1].Start : own.Exits.Length;
            for (int i = start; next != Machine.Dead && i < end; i++)
            {
                AddToken(_vocabulary.Trie.Nodes[own.Exits[i]].Token, mask);
                WalkChildren(own.Exits[i], next, mask);
            }
        }
    }

    // Everything below a node whose own byte led to the state.
    private void WalkChildren(int root, int state, Span<ulong> mask)
    {
        ReadOnlySpan<TokenTrie.Node> nodes = _vocabulary.Trie.Nodes;
        int end = nodes[root].End;
        _path[nodes[root].Depth] = state;
        for (int i = root + 1; i < end;)
        {
            ref readonly TokenTrie.Node node = ref nodes[i];
            int before = _path[node.Depth - 1];
            int next = _machine.CanStep(before, node.Label) ? _machine.Step(before, node.Label) : Machine.Dead;
            if (next == Machine.Dead)
            {
                i = node.End;
                continue;
            }

            _path[node.Depth] = next;
            AddToken(node.Token, mask);
            i++;
        }
    }

    private void AddToken(int token, Span<ulong> mask)
    {
        for (; token >= 0; token = _vocabulary.Trie.NextSame(token))
        {
            mask[token >> 6] |= 1UL << (token & 63);
        }
    }
}
