namespace Tramontane.Grammar.Masks;

/// <summary>
/// All tokens as a tree of bytes, its nodes in the order of a depth-first walk: a node's first child follows it, and what follows
/// its whole subtree is stored, so that a walk reads memory forward and skips what does not fit. Node 0 is the root.
/// </summary>
internal sealed class TokenTrie
{
    private readonly Node[] _nodes;
    private readonly int[] _nextSame;

    /// <param name="tokens">Bytes by token id; null tokens are left out.</param>
    public TokenTrie(byte[]?[] tokens)
    {
        int[] order = [.. Enumerable.Range(0, tokens.Length).Where(id => tokens[id] is not null)];
        Array.Sort(order, (a, b) =>
        {
            int bytes = tokens[a].AsSpan().SequenceCompareTo(tokens[b]);
            return bytes != 0 ? bytes : a.CompareTo(b);
        });
        _nextSame = new int[tokens.Length];
        _nextSame.AsSpan().Fill(-1);
        var nodes = new List<Node> { new(0, 0, -1, 0) };
        var path = new Stack<int>([0]);
        byte[] previous = [];
        int previousToken = -1;
        foreach (int id in order)
        {
            byte[] bytes = tokens[id]!;
            int shared = previous.AsSpan().CommonPrefixLength(bytes);
            if (shared == bytes.Length && previousToken >= 0)
            {
                _nextSame[previousToken] = id; // the same bytes once more
                previousToken = id;
                continue;
            }

            while (path.Count > shared + 1)
            {
                Close(nodes, path.Pop());
            }

            for (int i = shared; i < bytes.Length; i++)
            {
                path.Push(nodes.Count);
                nodes.Add(new Node(bytes[i], 0, i == bytes.Length - 1 ? id : -1, i + 1));
            }

            (previous, previousToken) = (bytes, id);
            MaxDepth = Math.Max(MaxDepth, bytes.Length);
        }

        while (path.Count > 0)
        {
            Close(nodes, path.Pop());
        }

        _nodes = [.. nodes];
    }

    public int Count => _nodes.Length;

    /// <summary>Bytes of the longest token.</summary>
    public int MaxDepth { get; }

    public ReadOnlySpan<Node> Nodes => _nodes;

    /// <summary>The next token with the same bytes, or -1.</summary>
    public int NextSame(int token) => _nextSame[token];

    private static void Close(List<Node> nodes, int index) => nodes[index] = nodes[index] with { End = nodes.Count };

    /// <param name="Label">The byte that leads here.</param>
    /// <param name="End">The node after this one's subtree.</param>
    /// <param name="Token">The token that ends here, or -1.</param>
    /// <param name="Depth">Bytes from the root.</param>
    internal readonly record struct Node(byte Label, int End, int Token, int Depth);
}
