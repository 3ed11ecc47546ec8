using System.Globalization;
using System.Text;

namespace Tramontane.Grammar.Regex;

/// <summary>A set of Unicode code points as sorted, disjoint ranges. Surrogates are no characters and are never in it.</summary>
internal sealed class CodePointSet
{
    private const int Last = 0x10FFFF;
    private static readonly Dictionary<string, CodePointSet> s_categories = [];
    private readonly (int First, int Last)[] _ranges;

    private CodePointSet(List<(int First, int Last)> ranges)
    {
        ranges.Sort();
        var merged = new List<(int First, int Last)>();
        foreach ((int first, int last) in ranges)
        {
            if (merged.Count > 0 && first <= merged[^1].Last + 1)
            {
                merged[^1] = (merged[^1].First, Math.Max(merged[^1].Last, last));
            }
            else
            {
                merged.Add((first, last));
            }
        }

        _ranges = [.. merged];
    }

    public static CodePointSet Empty { get; } = new([]);

    public static CodePointSet All { get; } = Of((0, 0xD7FF), (0xE000, Last));

    public static CodePointSet Digits { get; } = Of(('0', '9'));

    public static CodePointSet Word { get; } = Of(('0', '9'), ('A', 'Z'), ('a', 'z'), ('_', '_'));

    /// <summary>ECMA-262's white space and line terminators.</summary>
    public static CodePointSet Space { get; } = Of((9, 13), (' ', ' '), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A),
        (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF));

    public static CodePointSet LineEnds { get; } = Of((10, 10), (13, 13), (0x2028, 0x2029));

    public IReadOnlyList<(int First, int Last)> Ranges => _ranges;

    public bool IsEmpty => _ranges.Length == 0;

    public static CodePointSet Of(params ReadOnlySpan<(int First, int Last)> ranges) => new([.. ranges]);

    public static CodePointSet Of(int codePoint) => Of((codePoint, codePoint));

    /// <summary>The characters of a general category (<c>L</c>, <c>Lu</c>, <c>Letter</c>, …); null for an unknown name.</summary>
    public static CodePointSet? Category(string name)
    {
        lock (s_categories)
        {
            if (!s_categories.TryGetValue(name, out CodePointSet? set))
            {
                if (CategoryTest(name) is not Func<UnicodeCategory, bool> test)
                {
                    return null;
                }

                var ranges = new List<(int, int)>();
                foreach ((int first, int last) in All._ranges)
                {
                    for (int c = first; c <= last; c++)
                    {
                        if (test(CharUnicodeInfo.GetUnicodeCategory(c)))
                        {
                            int start = c;
                            while (c < last && test(CharUnicodeInfo.GetUnicodeCategory(c + 1)))
                            {
                                c++;
                            }

                            ranges.Add((start, c));
                        }
                    }
                }

                set = new CodePointSet(ranges);
                s_categories.Add(name, set);
            }

            return set;
        }
    }

    public bool Contains(int codePoint)
    {
        foreach ((int first, int last) in _ranges)
        {
            if (codePoint <= last)
            {
                return codePoint >= first;
            }
        }

        return false;
    }

    public CodePointSet Union(CodePointSet other) => new([.. _ranges, .. other._ranges]);

    public CodePointSet Complement()
    {
        var ranges = new List<(int, int)>();
        int next = 0;
        foreach ((int first, int last) in _ranges)
        {
            AddWithoutSurrogates(ranges, next, first - 1);
            next = last + 1;
        }

        AddWithoutSurrogates(ranges, next, Last);
        return new CodePointSet(ranges);
    }

    public CodePointSet Intersect(CodePointSet other) => Complement().Union(other.Complement()).Complement();

    public CodePointSet Except(CodePointSet other) => Complement().Union(other).Complement();

    /// <summary>With every character's simple upper and lower case.</summary>
    public CodePointSet IgnoringCase()
    {
        var ranges = new List<(int, int)>(_ranges);
        foreach ((int first, int last) in _ranges)
        {
            for (int c = first; c <= Math.Min(last, 0x1FFFF); c++)
            {
                if (Rune.IsValid(c))
                {
                    int upper = Rune.ToUpperInvariant(new Rune(c)).Value, lower = Rune.ToLowerInvariant(new Rune(c)).Value;
                    ranges.Add((upper, upper));
                    ranges.Add((lower, lower));
                }
            }
        }

        return new CodePointSet(ranges);
    }

    private static void AddWithoutSurrogates(List<(int, int)> ranges, int first, int last)
    {
        if (first <= Math.Min(last, 0xD7FF))
        {
            ranges.Add((first, Math.Min(last, 0xD7FF)));
        }

        if (Math.Max(first, 0xE000) <= last)
        {
            ranges.Add((Math.Max(first, 0xE000), last));
        }
    }

    private static Func<UnicodeCategory, bool>? CategoryTest(string name)
    {
        string code = name switch
        {
            "Letter" => "L",
            "Uppercase_Letter" => "Lu",
            "Lowercase_Letter" => "Ll",
            "Mark" => "M",
            "Number" => "N",
            "Decimal_Number" or "digit" => "Nd",
            "Punctuation" or "punct" => "P",
            "Symbol" => "S",
            "Separator" => "Z",
            "Other" => "C",
            _ => name,
        };
        string[] codes = ["Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Cn"];
        return code.Length is 1 or 2 && codes.Any(c => c.StartsWith(code, StringComparison.Ordinal))
            ? category => codes[(int)category].StartsWith(code, StringComparison.Ordinal)
            : null;
    }
}
