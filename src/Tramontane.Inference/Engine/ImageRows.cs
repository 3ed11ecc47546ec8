using System.Numerics;
using Tramontane.Inference.Model;
using Tramontane.Inference.Vision;

namespace Tramontane.Inference.Engine;

/// <summary>
/// The images of one sequence: which of its rows can be computed, and what those of images begin with. Embeddings are held
/// from when they are there until their rows are in the cache. For the engine thread.
/// </summary>
internal sealed class ImageRows
{
    // How far ahead of the next row images are asked for: enough for the next step and for one image to be encoded meanwhile.
    private const int Horizon = 4096;

    private readonly Slot[] _slots;
    private readonly EmbeddingCache _cache;
    private readonly int _dim;

    /// <param name="images">In order of position.</param>
    /// <param name="cache">Where embeddings are found.</param>
    /// <param name="dim">Elements of an embedding.</param>
    public ImageRows(IReadOnlyList<PromptImage> images, EmbeddingCache cache, int dim)
    {
        _slots = [.. images.Select(image => new Slot(image))];
        (_cache, _dim) = (cache, dim);
    }

    /// <summary>Tokens from this one on wait for an image.</summary>
    /// <param name="computedCount">The first so many tokens have been computed.</param>
    public int ReadyCount(int computedCount) =>
        FindMissing(computedCount) is { } slot ? Math.Max(slot.Image.Start, computedCount) : int.MaxValue;

    /// <summary>The image that is needed next; null when none is.</summary>
    /// <param name="computedCount">The first so many tokens have been computed.</param>
    public PreparedImage? Missing(int computedCount) =>
        FindMissing(computedCount) is { } slot && slot.Image.Start < computedCount + Horizon ? slot.Image.Image : null;

    /// <summary>Whether rows of an image are still to be computed and its embeddings are not there.</summary>
    public bool Wants(ImageDigest digest, int computedCount)
    {
        foreach (Slot slot in _slots)
        {
            if (slot.Image.End > computedCount && slot.Embeddings is null && slot.Image.Image.Digest == digest)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Takes embeddings that have been encoded for this sequence, even if the cache does not keep them.</summary>
    public void Give(ImageDigest digest, float[] embeddings, int computedCount, ref bool isFirst)
    {
        foreach (Slot slot in _slots)
        {
            if (slot.Image.End > computedCount && slot.Embeddings is null && slot.Image.Image.Digest == digest)
            {
                slot.Embeddings = embeddings;
                slot.Source = isFirst ? Source.Encoded : Source.Shared; // one use pays for the encoding
                isFirst = false;
            }
        }
    }

    /// <summary>Puts embeddings in place of placeholders.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="firstRow">Row of the batch where the sequence's tokens begin.</param>
    /// <param name="firstPosition">Their position in the sequence.</param>
    /// <param name="count">How many.</param>
    public void Place(RaggedBatch batch, int firstRow, int firstPosition, int count)
    {
        foreach (Slot slot in _slots)
        {
            // Empty for images before and behind these rows.
            int end = Math.Min(slot.Image.End, firstPosition + count);
            for (int position = Math.Max(slot.Image.Start, firstPosition); position < end; position++)
            {
                if (slot.Image.EmbeddingAt(position) is { } index)
                {
                    batch.SetEmbedding(firstRow + position - firstPosition, slot.Embeddings.AsMemory(index * _dim, _dim));
                }
            }
        }
    }

    /// <summary>Replaces the contents of image rows by numbers made from image and row; see <see cref="KvCache.IPositions"/>.</summary>
    public void CopyContents(int first, Span<ulong> destination)
    {
        foreach (Slot slot in _slots)
        {
            int end = Math.Min(slot.Image.End, first + destination.Length);
            for (int position = Math.Max(slot.Image.Start, first); position < end; position++)
            {
                if (slot.Image.EmbeddingAt(position) is { } index)
                {
                    destination[position - first] = Content(slot.Image.Image.Digest, index);
                }
            }
        }
    }

    /// <summary>Lets go of embeddings whose rows have been computed, and counts where they came from.</summary>
    public EngineStatistics Retire(int computedCount)
    {
        var counts = default(EngineStatistics);
        foreach (Slot slot in _slots)
        {
            if (slot.Image.End > computedCount)
            {
                continue;
            }

            slot.Embeddings = null; // in any case: a sequence that lost its place may have got them once more
            if (slot.IsCounted)
            {
                continue;
            }

            slot.IsCounted = true;
            counts = counts with
            {
                SharedImages = counts.SharedImages + (slot.Source == Source.Shared ? 1 : 0),
                CachedImages = counts.CachedImages + (slot.Source == Source.None ? 1 : 0),
            };
        }

        return counts;
    }

    /// <summary>The sequence has lost its place: its rows may have to be computed again.</summary>
    public void Release()
    {
        foreach (Slot slot in _slots)
        {
            slot.Embeddings = null;
        }
    }

    private Slot? FindMissing(int computedCount)
    {
        foreach (Slot slot in _slots)
        {
            if (slot.Image.End <= computedCount || slot.Embeddings is not null)
            {
                continue;
            }

            if (slot.Image.Start >= computedCount + Horizon || (slot.Embeddings = _cache.Find(slot.Image.Image.Digest)) is null)
            {
                return slot;
            }

            slot.Source = slot.Source == Source.None ? Source.Shared : slot.Source;
        }

        return null;
    }

    // Never a token id: the highest bit is set. Rows differ by an odd step, images by 256 bits of which rows take turns.
    private static ulong Content(ImageDigest digest, int index)
    {
        ulong word = (index & 3) switch { 0 => digest.First, 1 => digest.Second, 2 => digest.Third, _ => digest.Fourth };
        return (1ul << 63) | (BitOperations.RotateLeft(word, 17) + ((ulong)index * 0x9E3779B97F4A7C15));
    }

    private enum Source
    {
        None, // found with the prompt's beginning
        Shared, // from the cache of embeddings, or encoded for another place
        Encoded,
    }

    private sealed class Slot(PromptImage image)
    {
        public PromptImage Image { get; } = image;

        public float[]? Embeddings { get; set; }

        public Source Source { get; set; }

        public bool IsCounted { get; set; }
    }
}
