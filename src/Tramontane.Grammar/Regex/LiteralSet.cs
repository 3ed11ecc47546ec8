namespace Tramontane.Grammar.Regex;

/// <summary>
/// One of a fixed set of byte strings. The literals lie sorted, so that all that share a prefix are neighbours: a state is
/// such a range and the length of the prefix.
/// </summary>
internal sealed class LiteralSet : ByteAutomaton
{
    private readonly byte[][] _literals;
    private readonly List<(int First, int End, int Length)> _states = [];
    private readonly Dictionary<(int First, int End, int Length), int> _stateOf = [];

    /// <param name="literals">In any order; repeated ones count once.</param>
    public LiteralSet(IEnumerable<byte[]> literals)
    {
        byte[][] sorted = [.. literals];
        Array.Sort(sorted, static (a, b) => a.AsSpan().SequenceCompareTo(b));
        int count = 0;
        foreach (byte[] literal in sorted)
        {
            if (count == 0 || !sorted[count - 1].AsSpan().SequenceEqual(literal))
            {
                sorted[count++] = literal;
            }
        }

        _literals = sorted[..count];
        Start = count == 0 ? Dead : StateOf(0, count, 0);
        MemoryBytes = _literals.Sum(literal => (long)literal.Length + 32);
    }

    public override int Start { get; }

    public override long MemoryBytes { get; }

    public override long StateEstimate => _literals.Length;

    public override int Next(int state, byte value)
    {
        (int first, int end, int length) = _states[state];
        first = LowerBound(first, end, length, value);
        end = LowerBound(first, end, length, value + 1);
        return first == end ? Dead : StateOf(first, end, length + 1);
    }

    public override bool Accepts(int state) => _literals[_states[state].First].Length == _states[state].Length;

    public override ByteSet Edges(int state)
    {
        (int first, int end, int length) = _states[state];
        ByteSet edges = default;
        for (int i = first; i < end; i++)
        {
            if (_literals[i].Length > length)
            {
                byte value = _literals[i][length];
                edges = edges.With(value).With(value + 1);
                i = LowerBound(i, end, length, value + 1) - 1;
            }
        }

        return edges;
    }

    // The first literal of the range whose byte at the position is at least the value; a literal that ends there has none.
    private int LowerBound(int first, int end, int position, int value)
    {
        while (first < end)
        {
            int middle = (first + end) >> 1;
            byte[] literal = _literals[middle];
            if ((literal.Length > position ? literal[position] : -1) < value)
            {
                first = middle + 1;
            }
            else
            {
                end = middle;
            }
        }

        return first;
    }

    private int StateOf(int first, int end, int length)
    {
        var key = (first, end, length);
        if (!_stateOf.TryGetValue(key, out int state))
        {
            state = _states.Count;
            _states.Add(key);
            _stateOf.Add(key, state);
        }

        return state;
    }
}
