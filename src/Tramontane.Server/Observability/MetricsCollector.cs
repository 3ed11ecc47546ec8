using System.Diagnostics.Metrics;

namespace Tramontane.Server.Observability;

/// <summary>Listens to one meter factory's instruments and keeps their sums, so that they can be read at any time.</summary>
internal sealed class MetricsCollector : IDisposable
{
    /// <summary>Series per instrument; measurements of further label sets are dropped, so that no label can fill the memory.</summary>
    private const int MaxSeries = 256;

    private readonly MeterListener _listener = new();
    private readonly SortedDictionary<string, InstrumentSeries> _instruments = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    public MetricsCollector(IMeterFactory factory)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == ServerMetrics.MeterName && ReferenceEquals(instrument.Meter.Scope, factory))
            {
                lock (_lock)
                {
                    _instruments[instrument.Name] = new InstrumentSeries(instrument);
                }

                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>Asks the observable instruments, then writes everything.</summary>
    internal string Render()
    {
        _listener.RecordObservableInstruments();
        lock (_lock)
        {
            return PrometheusText.Write(_instruments.Values);
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string labels = PrometheusText.Labels(tags);
        lock (_lock)
        {
            InstrumentSeries series = _instruments[instrument.Name];
            if (!series.ByLabels.TryGetValue(labels, out Series? one))
            {
                if (series.ByLabels.Count == MaxSeries)
                {
                    return;
                }

                series.ByLabels[labels] = one = new Series(series.Buckets.Count);
            }

            one.Record(value, series);
        }
    }
}

/// <summary>An instrument and its values by label set.</summary>
internal sealed class InstrumentSeries(Instrument instrument)
{
    internal Instrument Instrument { get; } = instrument;

    internal bool IsHistogram { get; } = instrument is Histogram<double>;

    /// <summary>Observable counters report their total, so the last value counts; only histograms add up here.</summary>
    internal bool IsCounter { get; } = instrument is ObservableCounter<long> or ObservableCounter<double>;

    /// <summary>Upper bounds of a histogram's buckets, ascending.</summary>
    internal IReadOnlyList<double> Buckets { get; } = (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries ?? [];

    internal SortedDictionary<string, Series> ByLabels { get; } = new(StringComparer.Ordinal);
}

/// <summary>The values of one label set.</summary>
internal sealed class Series(int bucketCount)
{
    /// <summary>Measurements per bucket, not cumulative; the last is for those above every bound.</summary>
    internal long[] Counts { get; } = new long[bucketCount + 1];

    internal double Sum { get; private set; }

    internal double Last { get; private set; }

    internal void Record(double value, InstrumentSeries of)
    {
        Last = value;
        if (of.IsHistogram)
        {
            int bucket = 0;
            while (bucket < of.Buckets.Count && value > of.Buckets[bucket])
            {
                bucket++;
            }

            Counts[bucket]++;
            Sum += value;
        }
    }
}
