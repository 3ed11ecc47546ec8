using System.Diagnostics.Metrics;
using Tramontane.Inference.Engine;

namespace Tramontane.Server.Observability;

/// <summary>
/// The instruments of the server, named after OpenTelemetry's conventions for generative AI; the engine's own
/// counters are read when somebody asks.
/// </summary>
internal sealed class ServerMetrics
{
    internal const string MeterName = "Tramontane.Server";

    private readonly Histogram<double> _requestDuration;
    private readonly Histogram<double> _timeToFirstToken;
    private readonly Histogram<double> _timePerOutputToken;
    private readonly string _model;

    public ServerMetrics(IMeterFactory factory, IInferenceEngine engine)
    {
        Meter meter = factory.Create(MeterName);
        _model = engine.Model.Name;

        // Buckets as the conventions advise: powers of two from a cached answer to a long one; first token; pace.
        _requestDuration = CreateHistogram(meter, "gen_ai.server.request.duration", "Time from reading a request to the end of its answer.",
            [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]);
        _timeToFirstToken = CreateHistogram(meter, "gen_ai.server.time_to_first_token", "Time from reading a request to its first token.",
            [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]);
        _timePerOutputToken = CreateHistogram(meter, "gen_ai.server.time_per_output_token", "Mean time per token after the first.",
            [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5]);

        void Counter(string name, string description, Func<EngineStatistics, long> read) =>
            meter.CreateObservableCounter(name, () => read(engine.Statistics), description: description);
        void Gauge(string name, string description, Func<EngineStatistics, int> read) =>
            meter.CreateObservableGauge(name, () => read(engine.Statistics), description: description);

        Counter("tramontane.engine.prompt_tokens", "Prompt tokens evaluated.", s => s.PromptTokens);
        Counter("tramontane.engine.generated_tokens", "Tokens generated.", s => s.GeneratedTokens);
        Counter("tramontane.engine.steps", "Forward passes.", s => s.Steps);
        meter.CreateObservableCounter("tramontane.engine.step.time", () => engine.Statistics.StepSeconds, "s", "Time spent in forward passes.");
        Counter("tramontane.engine.finished_sequences", "Sequences that ended on their own.", s => s.FinishedSequences);
        Counter("tramontane.engine.cancelled_sequences", "Sequences that were cancelled.", s => s.CancelledSequences);
        Counter("tramontane.engine.cached_tokens", "Prompt tokens found in the cache instead of evaluated, of finished sequences.", s => s.CachedTokens);
        Counter("tramontane.engine.drafted_tokens", "Guessed tokens that were checked.", s => s.DraftedTokens);
        Counter("tramontane.engine.accepted_tokens", "Guessed tokens that were right.", s => s.AcceptedTokens);
        Counter("tramontane.engine.preemptions", "Sequences that lost their place and waited again.", s => s.Preemptions);
        Counter("tramontane.engine.encoded_images", "Images encoded.", s => s.EncodedImages);
        Counter("tramontane.engine.shared_images", "Images of prompts whose embeddings were there already.", s => s.SharedImages);
        Counter("tramontane.engine.cached_images", "Images of prompts found in the cache with all that stands before them.", s => s.CachedImages);
        meter.CreateObservableCounter("tramontane.engine.encoding.time", () => engine.Statistics.EncodingSeconds, "s", "Time spent on encoding images.");
        Gauge("tramontane.engine.running_sequences", "Sequences in the batch.", s => s.RunningSequences);
        Gauge("tramontane.engine.waiting_sequences", "Sequences waiting for a place.", s => s.WaitingSequences);
        Gauge("tramontane.engine.used_kv_blocks", "KV blocks that running sequences hold.", s => s.UsedKvBlocks);
        Gauge("tramontane.engine.cached_kv_blocks", "KV blocks kept for later prompts.", s => s.CachedKvBlocks);
        Gauge("tramontane.engine.total_kv_blocks", "KV blocks in all.", s => s.TotalKvBlocks);
    }

    internal void RequestEnded(string operation, string? error, double seconds) =>
        _requestDuration.Record(seconds, new("gen_ai.operation.name", operation), new("gen_ai.response.model", _model), new("error.type", error ?? ""));

    internal void FirstToken(string operation, double seconds) =>
        _timeToFirstToken.Record(seconds, new("gen_ai.operation.name", operation), new("gen_ai.response.model", _model));

    internal void OutputToken(string operation, double seconds) =>
        _timePerOutputToken.Record(seconds, new("gen_ai.operation.name", operation), new("gen_ai.response.model", _model));

    private static Histogram<double> CreateHistogram(Meter meter, string name, string description, double[] buckets) =>
        meter.CreateHistogram(name, "s", description, advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = buckets });
}
