using System.Globalization;
using System.Text;

namespace Tramontane.Server.Console.Usage;

/// <summary>One value per day.</summary>
/// <param name="Name">In the legend and the table.</param>
/// <param name="Colour">1 to 5.</param>
/// <param name="Values">In the order of the chart's days, none negative.</param>
internal sealed record ChartSeries(string Name, int Colour, IReadOnlyList<decimal> Values);

/// <summary>
/// Bars per day, stacked or side by side. The drawing is 100 high and 10 wide per day and is stretched by the page, which
/// writes the labels beside it, so that they keep their size.
/// </summary>
/// <param name="Id">Unique on the page.</param>
/// <param name="Title">What is counted.</param>
/// <param name="Total">Over all days, for people.</param>
/// <param name="Days">All of them, also without values.</param>
/// <param name="Series">From the bottom up.</param>
/// <param name="Format">A value for people.</param>
internal sealed record Chart(string Id, string Title, string Total, IReadOnlyList<DateOnly> Days, IReadOnlyList<ChartSeries> Series, Func<decimal, string> Format)
{
    /// <summary>Units of the drawing per day.</summary>
    internal const int DayWidth = 10;

    internal bool IsStacked { get; init; } = true;

    /// <summary>The value at the upper edge: 1, 2 or 5 times a power of ten, not below the highest bar.</summary>
    internal decimal Top => RoundUp(Days.Count == 0 || Series.Count == 0 ? 0 : Enumerable.Range(0, Days.Count).Max(day => IsStacked ? Series.Sum(s => s.Values[day]) : Series.Max(s => s.Values[day])));

    /// <summary>Whether values are whole, so that the middle of the axis has a label only when it is whole too.</summary>
    internal bool IsWhole { get; init; } = true;

    /// <summary>Whether a day has any.</summary>
    internal bool HasValues => Series.Any(s => s.Values.Any(v => v > 0));

    /// <summary>The label in the middle of the axis; null where it would have to be rounded.</summary>
    internal string? Middle => IsWhole && (Top / 2) % 1 != 0 ? null : Format(Top / 2);

    /// <summary>What the drawing shows, for who does not see it.</summary>
    internal string Summary
    {
        get
        {
            if (!HasValues)
            {
                return "No values.";
            }

            decimal[] sums = [.. Enumerable.Range(0, Days.Count).Select(day => IsStacked ? Series.Sum(s => s.Values[day]) : Series[0].Values[day])];
            decimal highest = sums.Max();
            return $"Per day from {UsageSelection.Text(Days[0])} to {UsageSelection.Text(Days[^1])}; highest on {UsageSelection.Text(Days[Array.IndexOf(sums, highest)])} with {Format(highest)}. The table below has every value.";
        }
    }

    /// <summary>The bars as SVG elements: numbers and encoded text alone.</summary>
    internal string Bars()
    {
        var svg = new StringBuilder();
        decimal top = Top;
        int columns = IsStacked ? 1 : Math.Max(Series.Count, 1);
        decimal width = 8m / columns;
        for (int day = 0; day < Days.Count; day++)
        {
            svg.Append("<g><title>").Append(System.Net.WebUtility.HtmlEncode(Tip(day))).Append("</title><rect class=\"hit\" x=\"").Append(day * DayWidth).Append("\" y=\"0\" width=\"10\" height=\"100\"/>");
            decimal from = 0;
            for (int i = 0; i < Series.Count; i++)
            {
                decimal value = Series[i].Values[day];
                if (value <= 0)
                {
                    continue;
                }

                decimal height = value / top * 100;
                decimal x = (day * DayWidth) + 1 + (IsStacked ? 0 : i * width);
                svg.Append("<rect class=\"bar-").Append(Series[i].Colour).Append("\" x=\"").Append(N(x)).Append("\" y=\"").Append(N(100 - from - height))
                    .Append("\" width=\"").Append(N(width)).Append("\" height=\"").Append(N(height)).Append("\"/>");
                from += IsStacked ? height : 0;
            }

            svg.Append("</g>");
        }

        return svg.ToString();
    }

    internal static decimal RoundUp(decimal value)
    {
        if (value <= 0)
        {
            return 1;
        }

        decimal unit = 1;
        for (; unit * 10 <= value; unit *= 10)
        {
        }

        for (; unit > value; unit /= 10)
        {
        }

        return value <= unit ? unit : value <= 2 * unit ? 2 * unit : value <= 5 * unit ? 5 * unit : 10 * unit;
    }

    private string Tip(int day) => $"{UsageSelection.Text(Days[day])}: " + string.Join(", ", Series.Where(s => s.Values[day] > 0).Select(s => $"{s.Name} {Format(s.Values[day])}").DefaultIfEmpty("nothing"));

    private static string N(decimal value) => value.ToString("0.###", CultureInfo.InvariantCulture);
}
