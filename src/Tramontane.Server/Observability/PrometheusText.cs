using System.Globalization;
using System.Text;

namespace Tramontane.Server.Observability;

/// <summary>Writes metrics in Prometheus' text exposition format 0.0.4.</summary>
internal static class PrometheusText
{
    internal const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    internal static string Write(IEnumerable<InstrumentSeries> instruments)
    {
        var text = new StringBuilder();
        foreach (InstrumentSeries instrument in instruments)
        {
            string name = Name(instrument);
            string type = instrument.IsHistogram ? "histogram" : instrument.IsCounter ? "counter" : "gauge";
            text.Append($"# HELP {name} {Escape(instrument.Instrument.Description ?? "", quotes: false)}\n# TYPE {name} {type}\n");
            foreach ((string labels, Series series) in instrument.ByLabels)
            {
                if (instrument.IsHistogram)
                {
                    WriteHistogram(text, name, labels, instrument.Buckets, series);
                }
                else
                {
                    text.Append($"{name}{Braces(labels)} {Number(series.Last)}\n");
                }
            }
        }

        return text.ToString();
    }

    /// <summary>The label set of a measurement; labels without a value are left out.</summary>
    internal static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new List<string>(tags.Length);
        foreach ((string key, object? value) in tags)
        {
            if (value?.ToString() is { Length: > 0 } text)
            {
                labels.Add($"{key.Replace('.', '_')}=\"{Escape(text, quotes: true)}\"");
            }
        }

        labels.Sort(StringComparer.Ordinal);
        return string.Join(',', labels);
    }

    private static void WriteHistogram(StringBuilder text, string name, string labels, IReadOnlyList<double> buckets, Series series)
    {
        string prefix = labels.Length == 0 ? "" : labels + ",";
        long cumulative = 0;
        for (int i = 0; i <= buckets.Count; i++)
        {
            cumulative += series.Counts[i];
            string bound = i < buckets.Count ? Number(buckets[i]) : "+Inf";
            text.Append($"{name}_bucket{{{prefix}le=\"{bound}\"}} {cumulative}\n");
        }

        text.Append($"{name}_sum{Braces(labels)} {Number(series.Sum)}\n{name}_count{Braces(labels)} {cumulative}\n");
    }

    /// <summary>Dots become underscores; seconds and totals are named as such.</summary>
    private static string Name(InstrumentSeries instrument) =>
        instrument.Instrument.Name.Replace('.', '_')
        + (instrument.Instrument.Unit == "s" ? "_seconds" : "")
        + (instrument.IsCounter ? "_total" : "");

    private static string Braces(string labels) => labels.Length == 0 ? "" : $"{{{labels}}}";

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Escape(string text, bool quotes)
    {
        string escaped = text.Replace("\\", "\\\\").Replace("\n", "\\n");
        return quotes ? escaped.Replace("\"", "\\\"") : escaped;
    }
}
