using System.Diagnostics;
using Tramontane.Compute.Threading;
using Tramontane.Inference.Scheduling;
using Tramontane.Inference.Vision;
using Tramontane.Inference.Weights;

namespace Tramontane.Inference.Engine;

/// <summary>
/// Encodes the images that running sequences wait for, one at a time and a small step between two steps of the decoder, so
/// that nobody's answer stands still meanwhile. An image that nobody wants any more is given up at once. For the engine thread.
/// </summary>
internal sealed class ImageStage : IDisposable
{
    private readonly VisionEncoder _encoder;
    private readonly EmbeddingCache _cache;
    private readonly Func<Sequence, PreparedImage?> _missing = sequence => sequence.Images?.Missing(sequence.ComputedCount);
    private readonly Predicate<Sequence> _wantsCurrent;
    private ImageEncoding? _current;

    public ImageStage(VisionWeights weights, ThreadTeam team, EmbeddingCache cache)
    {
        (_encoder, _cache) = (new VisionEncoder(weights, team), cache);
        _wantsCurrent = sequence => sequence.Images?.Wants(_current!.Image.Digest, sequence.ComputedCount) ?? false;
    }

    /// <summary>Does one step of encoding, if an image is wanted.</summary>
    /// <param name="scheduler">The sequences.</param>
    /// <param name="counts">What was done.</param>
    /// <returns>False when there was nothing to do.</returns>
    public bool Advance(Scheduler<Sequence> scheduler, out EngineStatistics counts)
    {
        counts = default;
        if (_current is not null && !scheduler.Any(_wantsCurrent))
        {
            GiveUp();
        }

        if (_current is null)
        {
            if (scheduler.FirstOfRunning(_missing) is not { } image)
            {
                return false;
            }

            _current = _encoder.Begin(image);
        }

        long started = Stopwatch.GetTimestamp();
        bool isDone = !_current.Advance();
        counts = new EngineStatistics { EncodedImages = isDone ? 1 : 0, EncodingSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds };
        if (isDone)
        {
            (ImageDigest digest, float[] embeddings) = (_current.Image.Digest, _current.Embeddings);
            _current = null;
            _cache.Add(digest, embeddings);
            bool isFirst = true;
            scheduler.ForEachRunning(sequence => sequence.Images?.Give(digest, embeddings, sequence.ComputedCount, ref isFirst));
        }

        return true;
    }

    /// <summary>Gives up the image that could not be encoded; those that wait for it are to be ended.</summary>
    /// <returns>Which image it was; null when there is none under way.</returns>
    public ImageDigest? Fail()
    {
        ImageDigest? failed = _current?.Image.Digest;
        GiveUp();
        return failed;
    }

    /// <inheritdoc/>
    public void Dispose() => _encoder.Dispose();

    private void GiveUp()
    {
        _current?.Dispose();
        _current = null;
    }
}
