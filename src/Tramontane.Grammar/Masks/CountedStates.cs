using Tramontane.Grammar.Regex;

namespace Tramontane.Grammar.Masks;

/// <summary>
/// States that differ in how many characters are counted, and in no mask. Not safe for concurrent use.
/// <para>
/// Let a text have to fit conditions without a count, as an automaton of n states, and to have from a to b further characters; a token
/// has at most t. Where a is more than t + n, it is as good as t + n + 1, and b as good as no bound where b − a and b − t are at least
/// n. For whatever follows a token: a rest of at least n characters goes through a state twice; so if there is one, there are
/// arbitrarily long ones (the way between is gone again), and a long one can be shortened by at most n characters at a time (the
/// way is left out), until it lies between what is left of a and n more, and so below what is left of b.
/// </para>
/// </summary>
internal sealed class CountedStates(Lexer lexer, int character, int longestToken)
{
    private const int MostStates = 512;
    private const int Slack = 64; // conditions may begin some bytes apart, see ExpressionArena.Recount
    private readonly Dictionary<int, int> _sizes = []; // of the automata without counts; 0: too large
    private readonly Dictionary<int, int> _standIns = [];

    /// <summary>A state with the same mask: one for all counts, as far as that is certain.</summary>
    public int StandIn(int state)
    {
        if (!_standIns.TryGetValue(state, out int standIn))
        {
            standIn = Find(state);
            _standIns.Add(state, standIn);
        }

        return standIn;
    }

    /// <summary>Forgets what it found.</summary>
    public void Reset()
    {
        _sizes.Clear();
        _standIns.Clear();
    }

    private int Find(int state)
    {
        ExpressionArena arena = lexer.Arena;
        int expression = lexer.ExpressionOf(state), a = 0, b = int.MaxValue;
        int free = arena.Recount(expression, character, (minimum, maximum) =>
        {
            a = Math.Max(a, minimum);
            b = Math.Min(b, maximum == ExpressionArena.Unbounded ? int.MaxValue : maximum);
            return (0, ExpressionArena.Unbounded);
        });
        if (free == expression || b - Slack < longestToken || b - Slack < a)
        {
            return state;
        }

        int n = SizeOf(lexer.StateOf(free));
        if (n == 0 || (b != int.MaxValue && (b - a - Slack < n || b - longestToken - Slack < n)))
        {
            return state;
        }

        int most = longestToken + n + Slack + 1;
        int alike = arena.Recount(expression, character, (minimum, _) => (Math.Min(minimum, most), ExpressionArena.Unbounded));
        int standIn = alike == expression ? state : lexer.StateOf(alike);
        return standIn == Lexer.Dead ? state : standIn;
    }

    private int SizeOf(int start)
    {
        if (!_sizes.TryGetValue(start, out int size))
        {
            var seen = new HashSet<int> { start };
            var open = new Stack<int>([start]);
            while (seen.Count <= MostStates && open.TryPop(out int state))
            {
                int before = Lexer.Dead;
                foreach (int next in lexer.Row(state))
                {
                    if (next != before && next != Lexer.Dead && seen.Add(next))
                    {
                        open.Push(next);
                    }

                    before = next;
                }
            }

            size = seen.Count <= MostStates ? seen.Count : 0;
            _sizes.Add(start, size);
        }

        return size;
    }
}
