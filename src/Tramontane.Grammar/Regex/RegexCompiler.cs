namespace Tramontane.Grammar.Regex;

/// <summary>
/// Turns parsed expressions into byte expressions. Anchors and look-aheads speak about the rest of the text, so each part is
/// compiled together with the expression of everything that follows it.
/// </summary>
internal sealed class RegexCompiler(CharacterEncoder encoder, int maxUnrolled = 64)
{
    private readonly ExpressionArena _arena = encoder.Arena;

    private int AnyText => _arena.Star(encoder.Encode(CodePointSet.All));

    /// <summary>The texts that match as a whole.</summary>
    public int Whole(RegexNode node) => Before(node, ExpressionArena.Epsilon, atStart: true);

    /// <summary>The texts in which a match is found somewhere, as JSON Schema's <c>pattern</c> asks.</summary>
    public int Search(RegexNode node)
    {
        int anyCharacter = encoder.Encode(CodePointSet.All);
        int fromStart = Before(node, AnyText, atStart: true);
        int later = Before(node, AnyText, atStart: false);
        return _arena.Or(fromStart, _arena.Concat(anyCharacter, _arena.Concat(AnyText, later)));
    }

    // The texts of node followed by those of rest; atStart: nothing stands before node.
    private int Before(RegexNode node, int rest, bool atStart)
    {
        if (!node.HasAssertion)
        {
            return _arena.Concat(Plain(node), rest);
        }

        switch (node)
        {
            case RegexNode.StartAnchor:
                return atStart ? rest : ExpressionArena.Nothing;
            case RegexNode.EndAnchor:
                return _arena.IsNullable(rest) ? ExpressionArena.Epsilon : ExpressionArena.Nothing;
            case RegexNode.LookAhead look:
                int ahead = Before(look.Item, AnyText, atStart);
                return _arena.And(rest, look.IsNegative ? _arena.Not(ahead) : ahead);
            case RegexNode.Choice choice:
                int result = ExpressionArena.Nothing;
                foreach (RegexNode item in choice.Items)
                {
                    result = _arena.Or(result, Before(item, rest, atStart));
                }

                return result;
            case RegexNode.Sequence sequence:
                return Sequence(sequence.Items, 0, rest, atStart);
            case RegexNode.Repetition repetition:
                return Repetition(repetition, rest, atStart);
            default:
                return _arena.Concat(Plain(node), rest);
        }
    }

    private int Sequence(IReadOnlyList<RegexNode> items, int index, int rest, bool atStart)
    {
        if (index == items.Count)
        {
            return rest;
        }

        RegexNode item = items[index];
        bool needsStart = atStart && items.Skip(index + 1).Any(NamesStart);
        if (!needsStart)
        {
            return Before(item, Sequence(items, index + 1, rest, atStart: atStart && IsAssertion(item)), atStart);
        }

        // A later part asks whether anything stands before it: with this part empty, and with it not empty.
        if (IsAssertion(item))
        {
            return Before(item, Sequence(items, index + 1, rest, atStart: true), atStart);
        }

        if (item.HasAssertion)
        {
            throw new GrammarException("regular expression: an anchor ^ after a group with anchors is not supported.");
        }

        int plain = Plain(item);
        int notEmpty = _arena.Concat(_arena.IsNullable(plain) ? _arena.And(plain, _arena.Not(ExpressionArena.Epsilon)) : plain,
            Sequence(items, index + 1, rest, atStart: false));
        return _arena.IsNullable(plain) ? _arena.Or(notEmpty, Sequence(items, index + 1, rest, atStart: true)) : notEmpty;
    }

    private int Repetition(RegexNode.Repetition repetition, int rest, bool atStart)
    {
        if (repetition.Maximum == ExpressionArena.Unbounded || repetition.Maximum > maxUnrolled || (atStart && NamesStart(repetition.Item) && repetition.Maximum > 1))
        {
            throw new GrammarException("regular expression: a repeated group may not hold anchors or look-aheads.");
        }

        int result = rest;
        for (int i = repetition.Maximum; i >= 1; i--)
        {
            int more = Before(repetition.Item, result, atStart && i == 1);
            result = i > repetition.Minimum ? _arena.Or(rest, more) : more;
        }

        return result;
    }

    private static bool IsAssertion(RegexNode node) => node is RegexNode.StartAnchor or RegexNode.LookAhead or RegexNode.EndAnchor
        || (node is RegexNode.Sequence sequence && sequence.Items.All(IsAssertion))
        || (node is RegexNode.Choice choice && choice.Items.All(IsAssertion));

    private static bool NamesStart(RegexNode node) => node switch
    {
        RegexNode.StartAnchor => true,
        RegexNode.Sequence s => s.Items.Any(NamesStart),
        RegexNode.Choice c => c.Items.Any(NamesStart),
        RegexNode.Repetition r => NamesStart(r.Item),
        RegexNode.LookAhead l => NamesStart(l.Item),
        _ => false,
    };

    private int Plain(RegexNode node)
    {
        switch (node)
        {
            case RegexNode.Characters characters:
                return encoder.Encode(characters.Set);
            case RegexNode.Sequence sequence:
                int result = ExpressionArena.Epsilon;
                for (int i = sequence.Items.Count - 1; i >= 0; i--)
                {
                    result = _arena.Concat(Plain(sequence.Items[i]), result);
                }

                return result;
            case RegexNode.Choice choice:
                return _arena.Or(choice.Items.Select(Plain).ToArray());
            case RegexNode.Repetition repetition:
                return _arena.Repeat(Plain(repetition.Item), repetition.Minimum, repetition.Maximum);
            default:
                throw new InvalidOperationException($"{node.GetType().Name} is no plain part.");
        }
    }
}
