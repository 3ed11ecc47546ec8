using Tramontane.Compute.Kernels;

namespace Tramontane.Inference.Model;

/// <summary>
/// The rows of one forward pass: any mix of prompts, pieces of prompts and single decoded tokens of different
/// sequences, one behind the other. Reused from step to step.
/// </summary>
public sealed class RaggedBatch
{
    private readonly List<int> _tokens = [];
    private readonly List<int> _positions = [];
    private readonly List<AttentionSpan> _spans = [];
    private readonly List<int> _spanOfRow = [];
    private readonly List<int> _logitRows = [];
    private readonly List<ReadOnlyMemory<float>> _embeddings = [];

    /// <summary>Token id of each row.</summary>
    public IReadOnlyList<int> Tokens => _tokens;

    /// <summary>Position that RoPE turns each row by: that in its sequence.</summary>
    public IReadOnlyList<int> Positions => _positions;

    /// <summary>The sequences.</summary>
    public IReadOnlyList<AttentionSpan> Spans => _spans;

    /// <summary>Index in <see cref="Spans"/> of the sequence that each row belongs to.</summary>
    public IReadOnlyList<int> SpanOfRow => _spanOfRow;

    /// <summary>Rows whose logits are wanted, ascending; entry i of the decoder's logits belongs to row LogitRows[i].</summary>
    public IReadOnlyList<int> LogitRows => _logitRows;

    /// <summary>What each row begins with in place of its token's embedding: [dim]; empty where the token's is used.</summary>
    public IReadOnlyList<ReadOnlyMemory<float>> Embeddings => _embeddings;

    /// <summary>Number of rows.</summary>
    public int TokenCount => _tokens.Count;

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _tokens.Clear();
        _positions.Clear();
        _spans.Clear();
        _spanOfRow.Clear();
        _logitRows.Clear();
        _embeddings.Clear();
    }

    /// <summary>Puts an image embedding in place of a token's, [dim]; it must stay as it is until the batch has run.</summary>
    /// <param name="row">A row that has been added.</param>
    /// <param name="embedding">What the row begins with.</param>
    public void SetEmbedding(int row, ReadOnlyMemory<float> embedding) => _embeddings[row] = embedding;

    /// <summary>Adds consecutive tokens of a sequence.</summary>
    /// <param name="tokens">Their ids, at least one.</param>
    /// <param name="firstPosition">Position of the first of them; all before it are in the cache already.</param>
    /// <param name="blockTable">The sequence's cache blocks, with room for these tokens.</param>
    /// <param name="logitCount">How many of the last of these rows want logits.</param>
    /// <returns>Index of the first wanted row among the decoder's logits.</returns>
    public int Add(ReadOnlySpan<int> tokens, int firstPosition, int[] blockTable, int logitCount) =>
        Add(tokens, firstPosition, blockTable, logitCount, angleOffset: 0);

    /// <summary>
    /// The same, with RoPE's angles taken <paramref name="angleOffset"/> positions later. Only differences of angles matter to
    /// attention, so this shows, without a long context, what large positions do to the arithmetic.
    /// </summary>
    internal int Add(ReadOnlySpan<int> tokens, int firstPosition, int[] blockTable, int logitCount, int angleOffset)
    {
        int firstRow = _tokens.Count, firstLogit = _logitRows.Count;
        _spans.Add(new AttentionSpan(firstRow, tokens.Length, firstPosition, blockTable));
        for (int i = 0; i < tokens.Length; i++)
        {
            _tokens.Add(tokens[i]);
            _embeddings.Add(default);
            _spanOfRow.Add(_spans.Count - 1);
            _positions.Add(firstPosition + i + angleOffset);
            if (i >= tokens.Length - logitCount)
            {
                _logitRows.Add(firstRow + i);
            }
        }

        return firstLogit;
    }
}
