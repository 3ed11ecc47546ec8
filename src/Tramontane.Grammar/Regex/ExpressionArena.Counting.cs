namespace Tramontane.Grammar.Regex;

/// <summary>Expressions with counted characters, such as <c>.{10,5000}</c>, brought to other counts.</summary>
internal sealed partial class ExpressionArena
{
    private const int LongestPlain = 32;

    /// <summary>
    /// Gives an expression other counts: those of the repetitions of single characters that count the whole rest of a text, alone or
    /// beside other conditions on it, up to a closing byte.
    /// </summary>
    /// <param name="id">The expression.</param>
    /// <param name="character">All characters, no one of which begins another: their number in a text is certain.</param>
    /// <param name="recount">From minimum and maximum to new ones.</param>
    /// <returns>The expression with new counts; the same one when it has no such repetition.</returns>
    public int Recount(int id, int character, Func<int, int, (int Minimum, int Maximum)> recount)
    {
        Node node = _nodes[id];
        if (node.Kind != Kind.Concat)
        {
            return RecountRest(id, character, recount);
        }

        if (PlainLength(node.A, LongestPlain) >= 0)
        {
            int rest = Recount(node.B, character, recount);
            return rest == node.B ? id : Concat(node.A, rest);
        }

        int counted = _nodes[node.B].Kind == Kind.Bytes ? RecountRest(node.A, character, recount) : node.A;
        return counted == node.A ? id : Concat(counted, node.B);
    }

    private int RecountRest(int id, int character, Func<int, int, (int Minimum, int Maximum)> recount)
    {
        Node node = _nodes[id];
        switch (node.Kind)
        {
            case Kind.Repeat when Includes(character, node.A):
                (int minimum, int maximum) = recount(node.B, node.C);
                return Repeat(node.A, minimum, maximum);
            case Kind.Concat when _nodes[node.B].Kind == Kind.Repeat && PlainLength(node.A, LongestPlain) >= 0:
                int rest = RecountRest(node.B, character, recount);
                return rest == node.B ? id : Concat(node.A, rest);
            case Kind.And:
                int[] parts = new int[node.B];
                for (int i = 0; i < parts.Length; i++)
                {
                    parts[i] = _children[node.A + i];
                    parts[i] = _nodes[parts[i]].Kind == Kind.And ? parts[i] : RecountRest(parts[i], character, recount);
                }

                return And(parts);
            default:
                return id;
        }
    }

    // Bytes of the longest text of a few plain bytes; -1 for anything else.
    private int PlainLength(int id, int most)
    {
        Node node = _nodes[id];
        int longest = -1;
        if (node.Kind == Kind.Bytes)
        {
            longest = 1;
        }
        else if (node.Kind == Kind.Concat && most > 0 && PlainLength(node.A, most - 1) is >= 0 and int first && PlainLength(node.B, most - first) is >= 0 and int second)
        {
            longest = first + second;
        }
        else if (node.Kind == Kind.Or)
        {
            for (int i = 0; i < node.B; i++)
            {
                int length = PlainLength(_children[node.A + i], most);
                if (length < 0)
                {
                    return -1;
                }

                longest = Math.Max(longest, length);
            }
        }

        return longest <= most ? longest : -1;
    }

    /// <summary>
    /// Roughly how many states an expression may come to: those of parts that are followed at once multiply. More than a billion count
    /// as that.
    /// </summary>
    public long EstimateStates(int id)
    {
        const long Many = 1_000_000_000;
        Node node = _nodes[id];
        long result = 1;
        switch (node.Kind)
        {
            case Kind.Concat:
                for (result = 0; node.Kind == Kind.Concat && result < Many; node = _nodes[id])
                {
                    result += EstimateStates(node.A);
                    id = node.B;
                }

                result += EstimateStates(id);
                break;
            case Kind.Or or Kind.And:
                for (int i = 0; i < node.B && result < Many; i++)
                {
                    long part = EstimateStates(_children[node.A + i]);
                    result = node.Kind == Kind.And ? result * part : result + part;
                }

                break;
            case Kind.Not:
                result = EstimateStates(node.A);
                break;
            case Kind.Repeat:
                result = EstimateStates(node.A) * Math.Max(1, node.C == Unbounded ? node.B : node.C);
                break;
            case Kind.Automaton:
                result = _automata[node.A].StateEstimate;
                break;
        }

        return Math.Min(result, Many);
    }
}
