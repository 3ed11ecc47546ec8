using Tramontane.Grammar.Matching;

namespace Tramontane.Grammar.Regex;

/// <summary>
/// Parts that other parts make superfluous. Without this a union keeps what it has already found (after <c>.*foo</c> everything
/// matches, and so does what still looks for foo), an intersection what no longer matters, and both grow into states that differ
/// in writing only; and an intersection with the complement of something wider is not seen to be empty.
/// </summary>
internal sealed partial class ExpressionArena
{
    /// <summary>Unions and intersections of more parts are left as they are: all pairs are compared.</summary>
    private const int MostCompared = 16;

    private const int Fuel = 200; // of one comparison; an undecided one counts as no
    private const int ItemFuel = 4000; // of the items of two repetitions, which are compared once for all their counts
    private PairMap _inclusions = new();

    /// <summary>
    /// Leaves out of a union the parts that lie in another, of an intersection the parts that another lies in.
    /// </summary>
    /// <returns>The parts that are left, at the front in their order; 0 when an intersection is empty.</returns>
    private int Absorb(Kind kind, Span<int> parts)
    {
        int kept = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            bool superfluous = false;
            for (int k = 0; k < parts.Length && !superfluous; k++)
            {
                // Of those before it, only what was kept counts: two that include each other must not both go.
                if (k == i || (k < i && k >= kept))
                {
                    continue;
                }

                (int wide, int narrow) = kind == Kind.Or ? (parts[k], parts[i]) : (parts[i], parts[k]);
                superfluous = Includes(wide, narrow);
                if (kind == Kind.And && _nodes[parts[i]].Kind == Kind.Not && Includes(_nodes[parts[i]].A, parts[k]))
                {
                    return 0;
                }
            }

            if (!superfluous)
            {
                parts[kept++] = parts[i];
            }
        }

        return kept;
    }

    /// <summary>Whether every text of one expression is known to be one of the other; false when it is not seen at once.</summary>
    private bool Includes(int wide, int narrow, int fuel = Fuel)
    {
        if (wide == narrow || wide == Everything || narrow == Nothing)
        {
            return true;
        }

        if (!_inclusions.TryGet(wide, narrow, out int known))
        {
            known = Includes(wide, narrow, ref fuel) ? 1 : 0;
            _inclusions.Set(wide, narrow, known);
        }

        return known == 1;
    }

    private bool Includes(int wide, int narrow, ref int fuel)
    {
        if (wide == narrow || wide == Everything || narrow == Nothing)
        {
            return true;
        }

        if (wide == Nothing || --fuel < 0)
        {
            return false;
        }

        Node x = _nodes[wide], y = _nodes[narrow];
        if (y.Nullable && !x.Nullable)
        {
            return false;
        }

        switch (y.Kind)
        {
            case Kind.Epsilon:
                return true; // x is nullable
            case Kind.Or:
                for (int i = 0; i < y.B; i++)
                {
                    if (!Includes(wide, _children[y.A + i], ref fuel))
                    {
                        return false;
                    }
                }

                return true;
        }

        switch (x.Kind)
        {
            case Kind.And:
                for (int i = 0; i < x.B; i++)
                {
                    if (!Includes(_children[x.A + i], narrow, ref fuel))
                    {
                        return false;
                    }
                }

                return true;
            case Kind.Or:
                for (int i = 0; i < x.B; i++)
                {
                    if (Includes(_children[x.A + i], narrow, ref fuel))
                    {
                        return true;
                    }
                }

                break;
            case Kind.Bytes:
                if (y.Kind == Kind.Bytes)
                {
                    ByteSet own = _sets[x.A], others = _sets[y.A];
                    return (own | others) == own;
                }

                break;
            case Kind.Not:
                if (y.Kind == Kind.Not)
                {
                    return Includes(y.A, x.A, ref fuel);
                }

                break;
            case Kind.Concat:
                if ((y.Kind == Kind.Concat && Includes(x.A, y.A, ref fuel) && Includes(x.B, y.B, ref fuel))
                    || (_nodes[x.A].Nullable && Includes(x.B, narrow, ref fuel)))
                {
                    return true;
                }

                break;
            case Kind.Repeat:
                if (RepeatIncludes(x, wide, y, narrow, ref fuel))
                {
                    return true;
                }

                break;
        }

        if (y.Kind == Kind.And)
        {
            for (int i = 0; i < y.B; i++)
            {
                if (Includes(wide, _children[y.A + i], ref fuel))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private bool RepeatIncludes(Node x, int wide, Node y, int narrow, ref int fuel)
    {
        if (y.Kind == Kind.Repeat && x.B <= y.B && (x.C == Unbounded || (y.C != Unbounded && y.C <= x.C)) && Includes(x.A, y.A, ItemFuel))
        {
            return true;
        }

        // One item is enough, or (of x*) a text of x* behind another.
        return (x.B <= 1 && Includes(x.A, narrow, ref fuel))
            || (x is { B: 0, C: Unbounded } && y.Kind == Kind.Concat && Includes(wide, y.A, ref fuel) && Includes(wide, y.B, ref fuel));
    }
}
