namespace Tramontane.Inference.Vision;

/// <summary>
/// Image embeddings by content, least recently used first to go. What is handed out stays valid after it has gone.
/// For one thread.
/// </summary>
/// <param name="capacityBytes">Bytes of embeddings that are kept.</param>
internal sealed class EmbeddingCache(long capacityBytes)
{
    private readonly Dictionary<ImageDigest, LinkedListNode<(ImageDigest Digest, float[] Embeddings)>> _byDigest = [];
    private readonly LinkedList<(ImageDigest Digest, float[] Embeddings)> _byUse = new(); // the most recently used first

    /// <summary>Bytes kept.</summary>
    public long Bytes { get; private set; }

    /// <summary>The embeddings of an image, [image tokens, dim]; null when they are not kept.</summary>
    public float[]? Find(ImageDigest digest)
    {
        if (!_byDigest.TryGetValue(digest, out LinkedListNode<(ImageDigest Digest, float[] Embeddings)>? node))
        {
            return null;
        }

        _byUse.Remove(node);
        _byUse.AddFirst(node);
        return node.Value.Embeddings;
    }

    /// <summary>Keeps embeddings and gives up the oldest until all fit; those larger than the whole cache are not kept.</summary>
    public void Add(ImageDigest digest, float[] embeddings)
    {
        long bytes = SizeOf(embeddings);
        if (bytes > capacityBytes || _byDigest.ContainsKey(digest))
        {
            return;
        }

        while (Bytes + bytes > capacityBytes)
        {
            (ImageDigest oldest, float[] old) = _byUse.Last!.Value;
            _byUse.RemoveLast();
            _byDigest.Remove(oldest);
            Bytes -= SizeOf(old);
        }

        _byDigest[digest] = _byUse.AddFirst((digest, embeddings));
        Bytes += bytes;
    }

    private static long SizeOf(float[] embeddings) => (long)embeddings.Length * sizeof(float);
}
