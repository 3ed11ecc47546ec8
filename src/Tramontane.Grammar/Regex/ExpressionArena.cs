using System.Runtime.InteropServices;
using Tramontane.Grammar.Matching;

namespace Tramontane.Grammar.Regex;

/// <summary>
/// Regular expressions over bytes with intersection and complement, each distinct one stored once and named by a number, with
/// Brzozowski's derivatives (J. Brzozowski, Derivatives of Regular Expressions, 1964): the derivative of an expression by a byte
/// matches what may follow that byte. Equal expressions have equal numbers, so derivatives are the states of an automaton that
/// is built only as far as it is used (S. Owens, J. Reppy, A. Turon, Regular-expression derivatives re-examined, 2009).
/// Not safe for concurrent use.
/// </summary>
internal sealed partial class ExpressionArena
{
    /// <summary>Matches nothing.</summary>
    public const int Nothing = 0;

    /// <summary>Matches the empty text alone.</summary>
    public const int Epsilon = 1;

    /// <summary>Matches every text.</summary>
    public const int Everything = 2;

    /// <summary>As a maximum: no bound.</summary>
    public const int Unbounded = -1;

    private readonly List<Node> _nodes = [];
    private readonly List<ByteSet> _sets = [];
    private readonly Dictionary<ByteSet, int> _setIds = [];
    private readonly List<ByteAutomaton> _automata = [];
    private readonly List<int> _children = [];
    private readonly List<int> _scratch = [];
    private readonly int _maxNodes;
    private PairMap _derivatives = new();
    private int[] _table = new int[1024];
    private long _bytes;

    public ExpressionArena(int maxNodes)
    {
        _maxNodes = maxNodes;
        _table.AsSpan().Fill(-1);
        _nodes.Add(new Node(Kind.Nothing, 0, 0, 0, Nullable: false, Suspect: false));
        _nodes.Add(new Node(Kind.Epsilon, 0, 0, 0, Nullable: true, Suspect: false));
        _nodes.Add(new Node(Kind.Not, Nothing, 0, 0, Nullable: true, Suspect: false));
    }

    private enum Kind : byte
    {
        Nothing,
        Epsilon,
        Bytes,      // A: set
        Concat,     // A then B; nested to the right
        Or,         // A: first child, B: count
        And,        // A: first child, B: count
        Not,        // A
        Repeat,     // A, B: minimum, C: maximum or Unbounded
        Automaton,  // A: automaton, B: state
    }

    /// <summary>Expressions stored so far.</summary>
    public int Count => _nodes.Count;

    /// <summary>Bytes held, roughly.</summary>
    public long CoreBytes => _bytes;

    /// <summary>Bytes of the derivatives and comparisons that are remembered.</summary>
    public long BulkBytes => _derivatives.MemoryBytes + _inclusions.MemoryBytes;

    /// <summary>Whether the empty text matches.</summary>
    public bool IsNullable(int id) => _nodes[id].Nullable;

    /// <summary>Whether the expression may match nothing without being <see cref="Nothing"/>: it holds an intersection or complement.</summary>
    public bool MayBeEmpty(int id) => _nodes[id].Suspect;

    public int Bytes(ByteSet set)
    {
        if (set.IsEmpty)
        {
            return Nothing;
        }

        if (!_setIds.TryGetValue(set, out int id))
        {
            id = _sets.Count;
            _sets.Add(set);
            _setIds.Add(set, id);
        }

        return Intern(new Node(Kind.Bytes, id, 0, 0, Nullable: false, Suspect: false));
    }

    public int Byte(byte value) => Bytes(ByteSet.Of(value));

    public int Literal(ReadOnlySpan<byte> text)
    {
        int result = Epsilon;
        for (int i = text.Length - 1; i >= 0; i--)
        {
            result = Concat(Byte(text[i]), result);
        }

        return result;
    }

    public int Automaton(ByteAutomaton automaton)
    {
        if (automaton.Start == ByteAutomaton.Dead)
        {
            return Nothing;
        }

        _automata.Add(automaton);
        _bytes += automaton.MemoryBytes;
        return AutomatonState(_automata.Count - 1, automaton.Start);
    }

    public int Concat(int first, int second)
    {
        if (first == Nothing || second == Nothing)
        {
            return Nothing;
        }

        if (first == Epsilon)
        {
            return second;
        }

        if (second == Epsilon)
        {
            return first;
        }

        Node a = _nodes[first];
        if (a.Kind == Kind.Concat)
        {
            return Concat(a.A, Concat(a.B, second));
        }

        Node b = _nodes[second];
        return Intern(new Node(Kind.Concat, first, second, 0, a.Nullable && b.Nullable, a.Suspect || b.Suspect));
    }

    public int Concat(params ReadOnlySpan<int> parts)
    {
        int result = Epsilon;
        for (int i = parts.Length - 1; i >= 0; i--)
        {
            result = Concat(parts[i], result);
        }

        return result;
    }

    public int Optional(int id) => Or(Epsilon, id);

    public int Star(int id) => Repeat(id, 0, Unbounded);

    public int Repeat(int id, int minimum, int maximum)
    {
        if (maximum == 0 || id == Epsilon)
        {
            return Epsilon;
        }

        if (id == Nothing)
        {
            return minimum == 0 ? Epsilon : Nothing;
        }

        if (minimum == 1 && maximum == 1)
        {
            return id;
        }

        Node node = _nodes[id];
        if (node.Nullable)
        {
            minimum = 0;
        }

        if (node.Kind == Kind.Repeat && node is { B: 0, C: Unbounded } && minimum <= 1)
        {
            return id; // (x*)* = x*
        }

        return Intern(new Node(Kind.Repeat, id, minimum, maximum, minimum == 0, node.Suspect));
    }

    public int Not(int id)
    {
        if (id == Nothing)
        {
            return Everything;
        }

        Node node = _nodes[id];
        return node.Kind == Kind.Not ? node.A : Intern(new Node(Kind.Not, id, 0, 0, !node.Nullable, Suspect: true));
    }

    public int Or(int first, int second) => first == second || second == Nothing ? first : first == Nothing ? second : Or([first, second]);

    public int Or(ReadOnlySpan<int> parts) => Join(Kind.Or, parts);

    public int And(int first, int second) => first == second || second == Everything ? first : first == Everything ? second : And([first, second]);

    public int And(ReadOnlySpan<int> parts) => Join(Kind.And, parts);

    /// <summary>What may follow <paramref name="value"/> in the texts of an expression.</summary>
    public int Derivative(int id, byte value)
    {
        Node node = _nodes[id];
        switch (node.Kind)
        {
            case Kind.Nothing or Kind.Epsilon:
                return Nothing;
            case Kind.Bytes:
                return _sets[node.A].Contains(value) ? Epsilon : Nothing;
            case Kind.Automaton:
                int next = _automata[node.A].Next(node.B, value);
                return next == ByteAutomaton.Dead ? Nothing : AutomatonState(node.A, next);
        }

        if (!_derivatives.TryGet(id, value, out int result))
        {
            result = ComputeDerivative(id, node, value);
            _derivatives.Set(id, value, result);
        }

        return result;
    }

    private int ComputeDerivative(int id, Node node, byte value)
    {
        switch (node.Kind)
        {
            case Kind.Concat:
                return ConcatDerivative(id, value);
            case Kind.Or or Kind.And:
                int[] parts = new int[node.B];
                for (int i = 0; i < parts.Length; i++)
                {
                    parts[i] = Derivative(_children[node.A + i], value);
                    if (parts[i] == Nothing && node.Kind == Kind.And)
                    {
                        return Nothing;
                    }
                }

                return Join(node.Kind, parts);
            case Kind.Not:
                return Not(Derivative(node.A, value));
            case Kind.Repeat:
                int rest = Repeat(node.A, Math.Max(0, node.B - 1), node.C == Unbounded ? Unbounded : node.C - 1);
                return Concat(Derivative(node.A, value), rest);
            default:
                return Nothing;
        }
    }

    /// <summary>The byte values whose derivative may differ from that of the value before them.</summary>
    public ByteSet Edges(int id)
    {
        ByteSet edges = default;
        while (true)
        {
            Node node = _nodes[id];
            switch (node.Kind)
            {
                case Kind.Bytes:
                    return edges | _sets[node.A].Edges;
                case Kind.Concat:
                    edges |= Edges(node.A);
                    if (!_nodes[node.A].Nullable)
                    {
                        return edges;
                    }

                    id = node.B;
                    continue;
                case Kind.Or or Kind.And:
                    for (int i = 0; i < node.B; i++)
                    {
                        edges |= Edges(_children[node.A + i]);
                    }

                    return edges;
                case Kind.Not or Kind.Repeat:
                    id = node.A;
                    continue;
                case Kind.Automaton:
                    return edges | _automata[node.A].Edges(node.B);
                default:
                    return edges;
            }
        }
    }

    /// <summary>Whether an expression is a bounded or unbounded repetition of <paramref name="item"/> and then <paramref name="last"/>.</summary>
    public bool IsRepetition(int id, int item, int last, out int minimum, out int maximum)
    {
        Node node = _nodes[id];
        (minimum, maximum) = (1, 1);
        if (node.Kind != Kind.Concat || node.B != last)
        {
            return false;
        }

        Node head = _nodes[node.A];
        if (head.Kind == Kind.Repeat && head.A == item)
        {
            (minimum, maximum) = (head.B, head.C);
            return true;
        }

        return node.A == item;
    }

    /// <summary>Forgets derivatives; they are computed again.</summary>
    public void ForgetDerivatives() => (_derivatives, _inclusions) = (new PairMap(), new PairMap());

    /// <summary>Forgets every expression from number <paramref name="count"/> on.</summary>
    public void Truncate(int count)
    {
        if (count >= _nodes.Count)
        {
            return;
        }

        CollectionsMarshal.SetCount(_nodes, count);
        int children = 0;
        foreach (Node node in _nodes)
        {
            if (node.Kind is Kind.Or or Kind.And)
            {
                children = Math.Max(children, node.A + node.B);
            }
        }

        CollectionsMarshal.SetCount(_children, children);
        _bytes = _automata.Sum(a => a.MemoryBytes) + (count * 40L) + (children * 4L);
        ForgetDerivatives();
        Rehash(_table.Length);
    }

    private int ConcatDerivative(int id, byte value)
    {
        // a·b·c …: the derivative of the head before the tail and, while heads may be empty, that of the tails too.
        int result = Nothing;
        while (true)
        {
            Node node = _nodes[id];
            if (node.Kind != Kind.Concat)
            {
                return Or(result, Derivative(id, value));
            }

            int head = Derivative(node.A, value);
            if (head != Nothing)
            {
                result = Or(result, Concat(head, node.B));
            }

            if (!_nodes[node.A].Nullable)
            {
                return result;
            }

            id = node.B;
        }
    }

    private int AutomatonState(int automaton, int state) =>
        Intern(new Node(Kind.Automaton, automaton, state, 0, _automata[automaton].Accepts(state), Suspect: false));

    // Or and And are flat, sorted and without repetition; what decides or does not matter is left out; single bytes are one set.
    private int Join(Kind kind, ReadOnlySpan<int> parts)
    {
        int neutral = kind == Kind.Or ? Nothing : Everything;
        int absorbing = kind == Kind.Or ? Everything : Nothing;
        List<int> flat = _scratch;
        flat.Clear();
        ByteSet? set = null;
        foreach (int part in parts)
        {
            Node node = _nodes[part];
            int count = node.Kind == kind ? node.B : 1;
            for (int i = 0; i < count; i++)
            {
                int child = node.Kind == kind ? _children[node.A + i] : part;
                if (child == absorbing)
                {
                    return absorbing;
                }

                if (_nodes[child].Kind == Kind.Bytes)
                {
                    ByteSet bytes = _sets[_nodes[child].A];
                    set = set is not ByteSet before ? bytes : kind == Kind.Or ? before | bytes : before & bytes;
                }
                else if (child != neutral)
                {
                    flat.Add(child);
                }
            }
        }

        if (set is ByteSet joined)
        {
            int bytes = Bytes(joined);
            if (bytes == absorbing)
            {
                return absorbing;
            }

            if (bytes != neutral)
            {
                flat.Add(bytes);
            }
        }

        if (kind == Kind.And)
        {
            IntersectAutomata(flat);
        }

        flat.Sort();
        int distinct = 0;
        for (int i = 0; i < flat.Count; i++)
        {
            if (distinct == 0 || flat[distinct - 1] != flat[i])
            {
                flat[distinct++] = flat[i];
            }
        }

        if (distinct is > 1 and <= MostCompared)
        {
            distinct = Absorb(kind, CollectionsMarshal.AsSpan(flat)[..distinct]);
            if (distinct == 0)
            {
                return absorbing;
            }
        }

        ReadOnlySpan<int> children = CollectionsMarshal.AsSpan(flat)[..distinct];
        if (distinct < 2)
        {
            return distinct == 0 ? neutral : children[0];
        }

        bool nullable = kind == Kind.And, suspect = kind == Kind.And;
        foreach (int child in children)
        {
            Node node = _nodes[child];
            nullable = kind == Kind.Or ? nullable || node.Nullable : nullable && node.Nullable;
            suspect |= node.Suspect;
            if (node.Kind == Kind.Not && children.BinarySearch(node.A) >= 0)
            {
                return absorbing; // x and not x, x or not x
            }
        }

        return InternList(kind, children, nullable, suspect);
    }

    // Automata that have read nothing yet, where one can stand for two.
    private void IntersectAutomata(List<int> parts)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            Node first = _nodes[parts[i]];
            for (int k = i + 1; k < parts.Count && first.Kind == Kind.Automaton && first.B == _automata[first.A].Start; k++)
            {
                Node second = _nodes[parts[k]];
                if (second.Kind == Kind.Automaton && second.A != first.A && second.B == _automata[second.A].Start
                    && _automata[first.A].Intersect(_automata[second.A]) is { } both)
                {
                    parts[i] = Automaton(both);
                    parts.RemoveAt(k--);
                    first = _nodes[parts[i]];
                }
            }
        }
    }

    private int InternList(Kind kind, ReadOnlySpan<int> children, bool nullable, bool suspect)
    {
        int slot = HashOf(kind, children) & (_table.Length - 1);
        for (; _table[slot] >= 0; slot = (slot + 1) & (_table.Length - 1))
        {
            Node node = _nodes[_table[slot]];
            if (node.Kind == kind && node.B == children.Length && CollectionsMarshal.AsSpan(_children).Slice(node.A, node.B).SequenceEqual(children))
            {
                return _table[slot];
            }
        }

        int first = _children.Count;
        _children.AddRange(children);
        _bytes += children.Length * 4;
        return Append(new Node(kind, first, children.Length, 0, nullable, suspect), slot);
    }

    private int Intern(Node node)
    {
        int slot = HashOf(node) & (_table.Length - 1);
        for (; _table[slot] >= 0; slot = (slot + 1) & (_table.Length - 1))
        {
            if (_nodes[_table[slot]].IsSame(node))
            {
                return _table[slot];
            }
        }

        return Append(node, slot);
    }

    private int Append(Node node, int slot)
    {
        if (_nodes.Count >= _maxNodes)
        {
            throw new GrammarException($"The expressions need more than {_maxNodes} nodes; use smaller counts or fewer alternatives.");
        }

        int id = _nodes.Count;
        _nodes.Add(node);
        _bytes += 40;
        _table[slot] = id;
        if (_nodes.Count * 2 > _table.Length)
        {
            Rehash(_table.Length * 2);
        }

        return id;
    }

    private void Rehash(int length)
    {
        _table = new int[length];
        _table.AsSpan().Fill(-1);
        for (int id = 3; id < _nodes.Count; id++)
        {
            int slot = HashOf(_nodes[id]) & (length - 1);
            while (_table[slot] >= 0)
            {
                slot = (slot + 1) & (length - 1);
            }

            _table[slot] = id;
        }
    }

    private int HashOf(Node node)
    {
        if (node.Kind is not (Kind.Or or Kind.And))
        {
            uint code = ((uint)node.A * 0x9E3779B1) ^ ((uint)node.B * 0x85EBCA77) ^ ((uint)node.C * 0xC2B2AE3D) ^ (uint)node.Kind;
            return (int)(code ^ (code >> 15));
        }

        return HashOf(node.Kind, CollectionsMarshal.AsSpan(_children).Slice(node.A, node.B));
    }

    private static int HashOf(Kind kind, ReadOnlySpan<int> children)
    {
        uint code = (uint)kind;
        foreach (int child in children)
        {
            code = (code ^ (uint)child) * 0x9E3779B1;
            code ^= code >> 15;
        }

        return (int)code;
    }

    private readonly record struct Node(Kind Kind, int A, int B, int C, bool Nullable, bool Suspect)
    {
        /// <summary>The rest follows from these.</summary>
        public bool IsSame(Node other) => A == other.A && B == other.B && C == other.C && Kind == other.Kind;
    }
}
