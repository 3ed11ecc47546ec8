using Tramontane.Inference.KvCache;
using Tramontane.Inference.Scheduling;

namespace Tramontane.Inference.Tests.Scheduling;

/// <summary>A sequence without a model: it answers with as many tokens as it is told to.</summary>
internal sealed class FakeSequence(int[] prompt, int answer) : ISchedulable
{
    private readonly List<int> _tokens = [.. prompt];

    public string? Tenant { get; init; }

    public int Priority { get; init; }

    public bool WantsPromptLogits { get; init; }

    public int Drafts { get; set; }

    public bool IsPaused { get; set; }

    public int TokenCount => _tokens.Count;

    public int ComputedCount { get; private set; }

    public int CachedCount { get; private set; }

    public int FullLogitsCount => WantsPromptLogits ? Math.Max(0, prompt.Length - ComputedCount) : 0;

    /// <summary>Tokens from this one on wait for an image.</summary>
    public int ReadyCount { get; set; } = int.MaxValue;

    public bool IsDecoding { get; private set; }

    public int DraftCount => IsDecoding ? Drafts : 0;

    public BlockTable? Blocks { get; private set; }

    public BlockKey CacheRoot => BlockKey.Root(Tenant, null);

    public int Pending => TokenCount - ComputedCount;

    public int AnsweredCount => TokenCount - prompt.Length;

    public void CopyContents(int first, Span<ulong> destination)
    {
        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] = (ulong)_tokens[first + i];
        }
    }

    public void Admit(BlockTable blocks) => Blocks = blocks;

    public void Reuse(int computedCount)
    {
        CachedCount += computedCount - ComputedCount;
        ComputedCount = computedCount;
    }

    public void Preempt() => (Blocks, ComputedCount, IsDecoding) = (null, 0, false);

    /// <summary>Takes over a step; true when the answer has ended.</summary>
    public bool Advance(int tokenCount)
    {
        ComputedCount += tokenCount;
        if (Pending > 0)
        {
            return false;
        }

        IsDecoding = true;
        if (AnsweredCount == answer)
        {
            return true;
        }

        _tokens.Add(1000 + AnsweredCount);
        return false;
    }
}
