namespace Tramontane.Grammar.Matching;

/// <summary>
/// Removes left recursion from rules without changing their language (M. Paull's algorithm; Aho, Sethi, Ullman, Compilers, 4.3):
/// A → A b | c becomes A → c R, R → ε | b R, after rules that begin with each other have been put into each other.
/// </summary>
internal static class LeftRecursion
{
    /// <exception cref="GrammarException">The recursion is behind parts that may be empty, or the result would be too large.</exception>
    public static void Remove(List<List<Symbol[]>> rules, int maxItems)
    {
        bool[] nullable = Nullable(rules);
        int count = rules.Count;
        int[] component = Components(rules, nullable);
        for (int i = 0; i < count; i++)
        {
            for (int k = 0; k < i; k++)
            {
                if (component[k] == component[i])
                {
                    PutInto(rules, i, k, maxItems);
                }
            }

            RemoveDirect(rules, i, nullable);
        }
    }

    // In the alternatives of one rule that begin with another, what the other stands for takes its place.
    private static void PutInto(List<List<Symbol[]>> rules, int rule, int other, int maxItems)
    {
        var replaced = new List<Symbol[]>();
        int size = 0;
        foreach (Symbol[] alternative in rules[rule])
        {
            if (alternative.Length > 0 && alternative[0] == new Symbol(SymbolKind.Rule, other))
            {
                replaced.AddRange(rules[other].Select(beginning => (Symbol[])[.. beginning, .. alternative[1..]]));
            }
            else
            {
                replaced.Add(alternative);
            }

            size += replaced[^1].Length;
            if (size > maxItems || replaced.Count > maxItems)
            {
                throw new GrammarException("The grammar's left recursion is too tangled; let rules call themselves at their end.");
            }
        }

        rules[rule] = replaced;
    }

    private static void RemoveDirect(List<List<Symbol[]>> rules, int rule, bool[] nullable)
    {
        var self = new Symbol(SymbolKind.Rule, rule);
        rules[rule].RemoveAll(a => a.Length == 1 && a[0] == self); // A → A says nothing
        List<Symbol[]> recursive = rules[rule].FindAll(a => a.Length > 0 && a[0] == self);
        if (recursive.Count == 0)
        {
            if (rules[rule].Any(a => BeginsWith(a, self, nullable)))
            {
                throw new GrammarException("A rule calls itself behind parts that may be empty; let it call itself at its end.");
            }

            return;
        }

        var rest = new Symbol(SymbolKind.Rule, rules.Count);
        rules.Add([[], .. recursive.Select(a => (Symbol[])[.. a[1..], rest])]);
        rules[rule] = [.. rules[rule].Where(a => a.Length == 0 || a[0] != self).Select(a => (Symbol[])[.. a, rest])];
    }

    private static bool BeginsWith(Symbol[] alternative, Symbol rule, bool[] nullable)
    {
        foreach (Symbol symbol in alternative)
        {
            if (symbol == rule)
            {
                return true;
            }

            if (symbol.Kind != SymbolKind.Rule || symbol.Index >= nullable.Length || !nullable[symbol.Index])
            {
                return false;
            }
        }

        return false;
    }

    private static bool[] Nullable(List<List<Symbol[]>> rules)
    {
        bool[] nullable = new bool[rules.Count];
        for (bool changed = true; changed;)
        {
            changed = false;
            for (int rule = 0; rule < rules.Count; rule++)
            {
                if (!nullable[rule] && rules[rule].Any(a => a.All(s => s.Kind == SymbolKind.Rule && nullable[s.Index])))
                {
                    nullable[rule] = changed = true;
                }
            }
        }

        return nullable;
    }

    // Rules that can begin with each other share a number; others have one of their own. (Tarjan's algorithm without recursion.)
    private static int[] Components(List<List<Symbol[]>> rules, bool[] nullable)
    {
        List<int>[] first = [.. rules.Select(alternatives => FirstRules(alternatives, nullable))];
        int[] order = new int[rules.Count], low = new int[rules.Count], component = new int[rules.Count];
        component.AsSpan().Fill(-1);
        int counter = 0, components = 0;
        var open = new Stack<int>();
        var work = new Stack<(int Rule, int Next)>();
        for (int root = 0; root < rules.Count; root++)
        {
            if (order[root] == 0)
            {
                work.Push((root, 0));
            }

            while (work.TryPop(out (int Rule, int Next) at))
            {
                (int rule, int next) = at;
                if (next == 0)
                {
                    order[rule] = low[rule] = ++counter;
                    open.Push(rule);
                }
                else
                {
                    low[rule] = Math.Min(low[rule], low[first[rule][next - 1]]);
                }

                bool descends = false;
                for (; next < first[rule].Count && !descends; next++)
                {
                    int other = first[rule][next];
                    if (order[other] == 0)
                    {
                        work.Push((rule, next + 1));
                        work.Push((other, 0));
                        descends = true;
                    }
                    else if (component[other] < 0)
                    {
                        low[rule] = Math.Min(low[rule], order[other]);
                    }
                }

                if (!descends && low[rule] == order[rule])
                {
                    int member;
                    do
                    {
                        member = open.Pop();
                        component[member] = components;
                    }
                    while (member != rule);
                    components++;
                }
            }
        }

        return component;
    }

    private static List<int> FirstRules(List<Symbol[]> alternatives, bool[] nullable)
    {
        var result = new List<int>();
        foreach (Symbol[] alternative in alternatives)
        {
            foreach (Symbol symbol in alternative)
            {
                if (symbol.Kind != SymbolKind.Rule)
                {
                    break;
                }

                result.Add(symbol.Index);
                if (!nullable[symbol.Index])
                {
                    break;
                }
            }
        }

        return result;
    }
}
