namespace Tramontane.Grammar.Matching;

/// <summary>What the numbers of items so far, and of those that count as contained, allow in an array.</summary>
internal sealed class ArrayCounts(ArrayNode array)
{
    private Dictionary<(int, int), bool>? _prefix;

    /// <summary>Whether the array may end here.</summary>
    public bool CanClose(int items, int contained) => array.IsDistinct ? items >= array.Minimum && items <= array.Maximum
        : items >= array.Minimum && items <= array.Maximum && contained >= array.MinimumContained && contained <= array.MaximumContained;

    /// <summary>Whether the array can come to an end from here.</summary>
    public bool CanFinish(int items, int contained)
    {
        if (CanClose(items, contained))
        {
            return true;
        }

        if (items >= array.Maximum || (!array.IsDistinct && contained > array.MaximumContained))
        {
            return false;
        }

        return items < array.Prefix.Length ? CanFinishPrefix(items, contained) : CanFinishTail(items, contained);
    }

    /// <summary>The situation after one more item; null when it may not come.</summary>
    public (int Items, int Contained)? After(int items, int contained, ItemOption option)
    {
        if (option.Mark < 0)
        {
            return Clamp(items + 1, contained + (option.Counts ? 1 : 0));
        }

        int bit = 1 << option.Mark;
        return (contained & bit) != 0 ? null : (items + 1, contained | bit);
    }

    /// <summary>
    /// Counts as far as they still matter: beyond what every bound asks for, more is the same. Keeps the number of different situations small.
    /// </summary>
    private (int Items, int Contained) Clamp(int items, int contained)
    {
        int itemsEnough = Math.Max(Math.Max(1, array.Prefix.Length), array.Maximum == int.MaxValue ? array.Minimum : array.Maximum); // 1: not the first
        int containedEnough = array.MaximumContained == int.MaxValue ? array.MinimumContained : array.MaximumContained + 1;
        return (Math.Min(items, itemsEnough), Math.Min(contained, containedEnough));
    }

    private bool CanFinishPrefix(int items, int contained)
    {
        _prefix ??= [];
        if (!_prefix.TryGetValue((items, contained), out bool result))
        {
            foreach (ItemOption option in array.Prefix[items])
            {
                result |= option.Mark < 0 ? CanFinish(items + 1, contained + (option.Counts ? 1 : 0)) : After(items, contained, option) is var (next, used) && CanFinish(next, used);
            }

            _prefix[(items, contained)] = result;
        }

        return result;
    }

    // All further items have the same options: find a number of counted and of other items that meets all bounds.
    private bool CanFinishTail(int items, int contained)
    {
        if (array.IsDistinct)
        {
            return items + array.Items.Count(option => (contained & (1 << option.Mark)) == 0) >= array.Minimum;
        }

        bool hasCounted = false, hasOther = false;
        foreach (ItemOption option in array.Items)
        {
            hasCounted |= option.Counts;
            hasOther |= !option.Counts;
        }

        int missing = Math.Max(0, array.Minimum - items), room = array.Maximum - items;
        int counted = Math.Max(0, array.MinimumContained - contained);
        if (!hasOther)
        {
            counted = Math.Max(counted, missing);
        }

        return (counted == 0 || hasCounted) && counted <= array.MaximumContained - contained && Math.Max(counted, missing) <= room;
    }
}
