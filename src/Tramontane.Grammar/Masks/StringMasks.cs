using Tramontane.Grammar.JsonSchema;
using Tramontane.Grammar.Regex;

namespace Tramontane.Grammar.Masks;

/// <summary>
/// The masks inside JSON strings: free ones, and ones of bounded length, which need no walk but a count of characters per token.
/// Made once per vocabulary; safe for concurrent use.
/// </summary>
internal sealed class StringMasks
{
    private readonly TokenVocabulary _vocabulary;
    private readonly ulong[]?[] _open;                           // by greatest number of characters: tokens that do not close the string
    private readonly List<(int Token, int Characters)> _inside = [];
    private readonly List<(int Token, int Characters)> _closing = [];
    private readonly List<(int Node, int Characters)> _exits = [];
    private readonly Lock _lock = new();

    public StringMasks(TokenVocabulary vocabulary)
    {
        _vocabulary = vocabulary;
        var arena = new ExpressionArena(GrammarLimits.Default.MaxExpressionNodes);
        var lexemes = new JsonLexemes(arena);
        var lexer = new Lexer(arena, GrammarLimits.Default.MaxEmptinessSteps);
        var builder = new LexemeMaskBuilder(vocabulary, lexer);
        Free = builder.Walk(lexer.StateOf(lexemes.FreeStringTail));
        Canonical = builder.Walk(lexer.StateOf(lexemes.StringTail));
        CountCharacters(lexer, lexer.StateOf(lexemes.StringTail));
        MaxCharacters = _inside.Concat(_closing).Select(t => t.Characters).DefaultIfEmpty().Max();
        _open = new ulong[]?[MaxCharacters + 1];
    }

    /// <summary>After the opening quote of a string without constraint.</summary>
    public LexemeMask Free { get; }

    /// <summary>The same where each character has one spelling.</summary>
    public LexemeMask Canonical { get; }

    /// <summary>The most characters in one token.</summary>
    public int MaxCharacters { get; }

    /// <summary>The mask where a string must have at least and may have at most so many further characters (or <see cref="ExpressionArena.Unbounded"/>).</summary>
    public LexemeMask OfLength(int minimum, int maximum)
    {
        if (maximum == ExpressionArena.Unbounded || maximum > MaxCharacters)
        {
            maximum = MaxCharacters;
        }

        if (minimum == 0 && maximum == MaxCharacters)
        {
            return Canonical;
        }

        var closing = new List<int>();
        foreach ((int token, int characters) in _closing)
        {
            if (characters >= minimum && characters <= maximum)
            {
                closing.Add(token);
            }
        }

        var exits = new List<int>();
        foreach ((int node, int characters) in _exits)
        {
            if (characters >= minimum && characters <= maximum)
            {
                exits.Add(node);
            }
        }

        (int[] exitNodes, (byte, int)[] groups) = LexemeMaskBuilder.Group(_vocabulary.Trie, exits);
        return new LexemeMask { Dense = Open(maximum), Sparse = [.. closing], Exits = exitNodes, ExitGroups = groups };
    }

    private ulong[] Open(int maximum)
    {
        lock (_lock)
        {
            if (_open[maximum] is not ulong[] mask)
            {
                mask = new ulong[_vocabulary.MaskWords];
                foreach ((int token, int characters) in _inside)
                {
                    if (characters <= maximum)
                    {
                        mask[token >> 6] |= 1UL << (token & 63);
                    }
                }

                _open[maximum] = mask;
            }

            return mask;
        }
    }

    // A character counts from its first byte on.
    private void CountCharacters(Lexer lexer, int start)
    {
        TokenTrie trie = _vocabulary.Trie;
        ReadOnlySpan<TokenTrie.Node> nodes = trie.Nodes;
        int[] path = new int[trie.MaxDepth + 1], characters = new int[trie.MaxDepth + 1];
        path[0] = start;
        for (int i = 1; i < nodes.Length;)
        {
            TokenTrie.Node node = nodes[i];
            int before = path[node.Depth - 1], next = lexer.Next(before, node.Label);
            if (next == Lexer.Dead)
            {
                i = node.End;
                continue;
            }

            bool closes = lexer.IsAccepting(next);
            path[node.Depth] = next;
            characters[node.Depth] = characters[node.Depth - 1] + (before == start && !closes ? 1 : 0);
            for (int token = node.Token; token >= 0; token = trie.NextSame(token))
            {
                (closes ? _closing : _inside).Add((token, characters[node.Depth]));
            }

            for (int child = i + 1; closes && child < node.End; child = nodes[child].End)
            {
                _exits.Add((child, characters[node.Depth]));
            }

            i++;
        }
    }
}
