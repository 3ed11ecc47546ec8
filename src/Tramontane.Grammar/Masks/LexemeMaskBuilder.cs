using System.Numerics;
using Tramontane.Grammar.Regex;

namespace Tramontane.Grammar.Masks;

/// <summary>Makes the masks of lexemes by walking the tree of tokens with the lexer.</summary>
internal sealed class LexemeMaskBuilder(TokenVocabulary vocabulary, Lexer lexer)
{
    private const int FewTokens = 1024;
    private const int SharedBytesOfVariant = 128;
    private readonly TokenTrie _trie = vocabulary.Trie;
    private readonly int[] _path = new int[vocabulary.Trie.MaxDepth + 1];
    private readonly int[] _basePath = new int[vocabulary.Trie.MaxDepth + 1];
    private readonly ulong[] _bits = new ulong[vocabulary.MaskWords];
    private readonly List<int> _exits = [];
    private readonly HashSet<int> _replaced = [];
    private int _tokenCount;

    /// <summary>The lexer may use so many bytes; beyond it, tokens that would need more states are left out of the mask.</summary>
    public long MaxLexerBytes { get; init; } = long.MaxValue;

    /// <summary>The mask of a lexer state, from the whole tree.</summary>
    public LexemeMask Walk(int state)
    {
        ReadOnlySpan<TokenTrie.Node> nodes = _trie.Nodes;
        _bits.AsSpan().Clear();
        _tokenCount = 0;
        _exits.Clear();
        _path[0] = lexer.RowOf(state); // rows, not states: one look-up less per node
        int[] rows = lexer.Rows;
        for (int i = 1; i < nodes.Length;)
        {
            ref readonly TokenTrie.Node node = ref nodes[i];
            int next = rows[(_path[node.Depth - 1] << 8) | node.Label];
            if (next == Lexer.Dead)
            {
                i = node.End;
                continue;
            }

            if (node.End > i + 1)
            {
                if (lexer.MemoryBytes > MaxLexerBytes)
                {
                    i = node.End;
                    continue;
                }

                _path[node.Depth] = lexer.RowOf(next);
                rows = lexer.Rows;
            }

            if (node.Token >= 0)
            {
                AddTokens(node.Token);
            }

            if (lexer.IsAccepting(next) && node.End > i + 1)
            {
                AddExits(i);
            }

            i++;
        }

        return Create(null);
    }

    /// <summary>Whether a state differs from another so little that its mask is best made as a variant of the other's.</summary>
    public bool IsVariant(int state, int baseState)
    {
        _ = lexer.RowOf(baseState); // making it later would move the other
        ReadOnlySpan<int> row = lexer.Row(state), baseRow = lexer.Row(baseState);
        int shared = 0;
        for (int value = 0; value < 256; value++)
        {
            shared += row[value] == baseRow[value] && row[value] != Lexer.Dead ? 1 : 0;
        }

        return shared >= SharedBytesOfVariant;
    }

    /// <summary>
    /// The mask of a state that soon becomes another whose mask is known, such as a string that is none of a few: where both have
    /// come to the same state, what follows is the same, so only the other paths are walked.
    /// </summary>
    public LexemeMask Vary(int state, int baseState, LexemeMask baseMask)
    {
        ReadOnlySpan<TokenTrie.Node> nodes = _trie.Nodes;
        ulong[] dense = (ulong[])baseMask.Dense!.Clone();
        foreach (int token in baseMask.Sparse)
        {
            dense[token >> 6] |= 1UL << (token & 63);
        }

        _exits.Clear();
        _replaced.Clear();
        _path[0] = state;
        _basePath[0] = baseState;
        for (int i = 1; i < nodes.Length;)
        {
            TokenTrie.Node node = nodes[i];
            int next = lexer.Next(_path[node.Depth - 1], node.Label), baseNext = lexer.Next(_basePath[node.Depth - 1], node.Label);
            if (next == baseNext)
            {
                i = node.End;
                continue;
            }

            (_path[node.Depth], _basePath[node.Depth]) = (next, baseNext);
            for (int token = node.Token; token >= 0; token = _trie.NextSame(token))
            {
                ulong bit = 1UL << (token & 63);
                dense[token >> 6] = next != Lexer.Dead ? dense[token >> 6] | bit : dense[token >> 6] & ~bit;
            }

            bool accepts = lexer.IsAccepting(next), baseAccepts = lexer.IsAccepting(baseNext);
            if (accepts && !baseAccepts)
            {
                AddExits(i);
            }
            else if (baseAccepts && !accepts)
            {
                for (int child = i + 1; child < node.End; child = nodes[child].End)
                {
                    _replaced.Add(child);
                }
            }

            i++;
        }

        if (_exits.Count == 0 && _replaced.Count == 0)
        {
            return new LexemeMask { Dense = dense, Sparse = [], Exits = baseMask.Exits, ExitGroups = baseMask.ExitGroups };
        }

        foreach (int exit in baseMask.Exits)
        {
            if (!_replaced.Contains(exit))
            {
                _exits.Add(exit);
            }
        }

        return Create(dense);
    }

    /// <summary>Groups exits by their byte.</summary>
    public static (int[] Exits, (byte Value, int Start)[] Groups) Group(TokenTrie trie, List<int> exits)
    {
        long[] keys = new long[exits.Count];
        for (int i = 0; i < keys.Length; i++)
        {
            keys[i] = ((long)trie.Nodes[exits[i]].Label << 32) | (uint)exits[i];
        }

        Array.Sort(keys);
        for (int i = 0; i < keys.Length; i++)
        {
            exits[i] = (int)keys[i];
        }

        var groups = new List<(byte, int)>();
        for (int i = 0; i < exits.Count; i++)
        {
            if (i == 0 || trie.Nodes[exits[i]].Label != trie.Nodes[exits[i - 1]].Label)
            {
                groups.Add((trie.Nodes[exits[i]].Label, i));
            }
        }

        return ([.. exits], [.. groups]);
    }

    private void AddTokens(int token)
    {
        for (; token >= 0; token = _trie.NextSame(token))
        {
            _bits[token >> 6] |= 1UL << (token & 63);
            _tokenCount++;
        }
    }

    private void AddExits(int node)
    {
        ReadOnlySpan<TokenTrie.Node> nodes = _trie.Nodes;
        for (int child = node + 1; child < nodes[node].End; child = nodes[child].End)
        {
            _exits.Add(child);
        }
    }

    private LexemeMask Create(ulong[]? dense)
    {
        int[] sparse = [];
        if (dense is null && _tokenCount > FewTokens)
        {
            dense = (ulong[])_bits.Clone();
        }
        else if (dense is null)
        {
            sparse = new int[_tokenCount];
            int count = 0;
            for (int word = 0; word < _bits.Length; word++)
            {
                for (ulong bits = _bits[word]; bits != 0; bits &= bits - 1)
                {
                    sparse[count++] = (word << 6) + BitOperations.TrailingZeroCount(bits);
                }
            }
        }

        (int[] exits, (byte, int)[] groups) = Group(_trie, _exits);
        return new LexemeMask { Dense = dense, Sparse = sparse, Exits = exits, ExitGroups = groups };
    }
}
