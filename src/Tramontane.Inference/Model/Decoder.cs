using System.Numerics.Tensors;
using Tramontane.Compute.Kernels;
using Tramontane.Compute.Memory;
using Tramontane.Compute.Quantization;
using Tramontane.Compute.Threading;
using Tramontane.Inference.Weights;

namespace Tramontane.Inference.Model;

/// <summary>
/// The text decoder of Mistral Small 3.2: embeddings, pre-norm blocks of grouped-query attention and a SwiGLU
/// feed-forward layer, an untied output head. The shape is data (<see cref="DecoderConfig"/>).
/// A row's result is the same bits whatever else is in the batch and however its sequence was cut into batches.
/// Owned by one thread.
/// </summary>
public sealed class Decoder : IDisposable
{
    private readonly DecoderConfig _config;
    private readonly DecoderWeights _weights;
    private readonly ThreadTeam _team;
    private readonly DecoderOptions _options;
    private readonly KeyValueBlocks _cache;
    private readonly MatMul _matMul;
    private readonly Attention _attention;
    private readonly Rope _rope;
    private readonly RowJob _rows;

    // What is done row by row, as delegates made once: a forward pass allocates nothing.
    private readonly Action<int> _embedRow;
    private readonly Action<int> _normForAttentionRow;
    private readonly Action<int> _rotateAndStoreRow;
    private readonly Action<int> _addAndNormForFeedForwardRow;
    private readonly Action<int> _gateRow;
    private readonly Action<int> _addRow;
    private readonly Action<int> _finalNormRow;

    // The pass under way.
    private RaggedBatch _batch = new();
    private LayerWeights _layer;
    private int _layerIndex;

    private readonly FloatMatrix _hidden; // [tokens, dim], the residual stream
    private readonly FloatMatrix _normed; // [tokens, dim]
    private readonly FloatMatrix _projected; // [tokens, dim]
    private readonly FloatMatrix _queries; // [tokens, queryHeads · headDim]
    private readonly FloatMatrix _keys; // [tokens, keyValueHeads · headDim]
    private readonly FloatMatrix _values; // [tokens, keyValueHeads · headDim]
    private readonly FloatMatrix _attended; // [tokens, queryHeads · headDim]
    private readonly FloatMatrix _gate; // [tokens, hiddenDim]
    private readonly FloatMatrix _up; // [tokens, hiddenDim]
    private readonly FloatMatrix _angles; // [tokens, headDim]: cosines, then sines
    private readonly FloatMatrix _final; // [logit rows, dim]
    private readonly FloatMatrix _logits; // [logit rows, vocabulary]

    /// <summary>Allocates the cache and all scratch for batches of up to the sizes in <paramref name="options"/>.</summary>
    public Decoder(DecoderWeights weights, DecoderOptions options, ThreadTeam team)
    {
        (_weights, _options, _team) = (weights, options, team);
        DecoderConfig c = _config = weights.Config;
        int tokens = options.MaxBatchTokens, queryWidth = c.QueryHeads * c.HeadDim, keyValueWidth = c.KeyValueHeads * c.HeadDim;
        _cache = new KeyValueBlocks(options.KeyValueType, c.LayerCount, options.KeyValueBlockCount, c.KeyValueHeads, c.HeadDim);
        _matMul = new MatMul(team, options.ComputeMode, Math.Max(tokens, options.MaxLogitRows), MaxColumns(c));
        _attention = new Attention(team, c.QueryHeads, c.KeyValueHeads, c.HeadDim, tokens);
        _rope = new Rope(c.HeadDim, c.RopeTheta);
        _rows = new RowJob(team);
        _layer = weights.Layers[0];
        _embedRow = EmbedRow;
        _normForAttentionRow = row => RmsNorm.Apply(_hidden!.Row(row), _layer.AttentionNorm, _config.NormEpsilon, _normed!.Row(row));
        _rotateAndStoreRow = RotateAndStoreRow;
        _addAndNormForFeedForwardRow = AddAndNormForFeedForwardRow;
        _gateRow = row => SwiGlu.Apply(_gate!.Row(row), _up!.Row(row));
        _addRow = row => TensorPrimitives.Add(_hidden!.Row(row), _projected!.Row(row), _hidden.Row(row));
        _finalNormRow = i => RmsNorm.Apply(_hidden!.Row(_batch.LogitRows[i]), _weights.OutputNorm, _config.NormEpsilon, _final!.Row(i));
        _hidden = new FloatMatrix(tokens, c.Dim);
        _normed = new FloatMatrix(tokens, c.Dim);
        _projected = new FloatMatrix(tokens, c.Dim);
        _queries = new FloatMatrix(tokens, queryWidth);
        _keys = new FloatMatrix(tokens, keyValueWidth);
        _values = new FloatMatrix(tokens, keyValueWidth);
        _attended = new FloatMatrix(tokens, queryWidth);
        _gate = new FloatMatrix(tokens, c.HiddenDim);
        _up = new FloatMatrix(tokens, c.HiddenDim);
        _angles = new FloatMatrix(tokens, c.HeadDim);
        _final = new FloatMatrix(options.MaxLogitRows, c.Dim);
        _logits = new FloatMatrix(options.MaxLogitRows, c.VocabularySize);
    }

    /// <summary>Called with each intermediate result that the golden data names; for tests. Costs nothing when null.</summary>
    internal Action<string, FloatMatrix>? Tap { get; set; }

    /// <summary>Bytes that a decoder of this shape takes beside its weights: the full KV cache and all scratch.</summary>
    public static DecoderMemory Memory(DecoderConfig config, DecoderOptions options, int workerCount)
    {
        int tokens = options.MaxBatchTokens;
        long attentionWidth = 2L * (config.QueryHeads + config.KeyValueHeads) * config.HeadDim;
        long rows = (3L * config.Dim) + attentionWidth + (2L * config.HiddenDim) + config.HeadDim;
        long scratch = (tokens * rows * sizeof(float))
            + ((long)options.MaxLogitRows * (config.Dim + config.VocabularySize) * sizeof(float))
            + MatMul.ScratchBytes(workerCount, Math.Max(tokens, options.MaxLogitRows), MaxColumns(config))
            + Attention.ScratchBytes(workerCount, config.QueryHeads, config.KeyValueHeads, config.HeadDim);
        long cache = KeyValueBlocks.Bytes(options.KeyValueType, config.LayerCount, options.KeyValueBlockCount, config.KeyValueHeads, config.HeadDim);
        return new DecoderMemory(cache, scratch);
    }

    /// <summary>Logits of entry <paramref name="index"/> of the last batch's <see cref="RaggedBatch.LogitRows"/>; [vocabulary].</summary>
    public Span<float> Logits(int index) => _logits.Row(index);

    /// <summary>Keys and values of all layers.</summary>
    public KeyValueBlocks Cache => _cache;

    /// <summary>
    /// Step 7: runs a batch through all layers, stores its keys and values in the cache and computes the wanted logits.
    /// </summary>
    public void Forward(RaggedBatch batch)
    {
        int tokens = batch.TokenCount;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tokens, _options.MaxBatchTokens, nameof(batch));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(batch.LogitRows.Count, _options.MaxLogitRows, nameof(batch));

        _batch = batch;
        _rows.Run(tokens, _embedRow);
        Tap?.Invoke("embed", _hidden);
        for (_layerIndex = 0; _layerIndex < _config.LayerCount; _layerIndex++)
        {
            _layer = _weights.Layers[_layerIndex];
            Attend(tokens);
            FeedForward(tokens);
        }

        ComputeLogits();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cache.Dispose();
        _matMul.Dispose();
        _attention.Dispose();
        foreach (FloatMatrix matrix in (FloatMatrix[])[_hidden, _normed, _projected, _queries, _keys, _values, _attended, _gate, _up, _angles, _final, _logits])
        {
            matrix.Dispose();
        }
    }

    private static int MaxColumns(DecoderConfig c) => Math.Max(c.Dim, Math.Max(c.HiddenDim, c.QueryHeads * c.HeadDim));

    private void EmbedRow(int row)
    {
        ReadOnlyMemory<float> embedding = _batch.Embeddings[row];
        if (embedding.IsEmpty)
        {
            WeightMatrix table = _weights.TokenEmbedding;
            Dequantizer.Dequantize(table.Type, table.Row(_batch.Tokens[row]), _hidden.Row(row));
        }
        else
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(embedding.Length, _config.Dim, nameof(RaggedBatch.Embeddings));
            embedding.Span.CopyTo(_hidden.Row(row));
        }

        _rope.Fill(_batch.Positions[row], _angles.Row(row));
    }

    // x += Wo · attention(RoPE(Wq h), RoPE(Wk h), Wv h) with h = norm(x); the addition is left to FeedForward.
    private void Attend(int tokens)
    {
        _rows.Run(tokens, _normForAttentionRow);
        Report("attn_norm", _normed);

        _matMul.SetInput(_normed, tokens);
        _matMul.Multiply(_layer.Query, _queries);
        _matMul.Multiply(_layer.Key, _keys);
        _matMul.Multiply(_layer.Value, _values);
        _rows.Run(tokens, _rotateAndStoreRow);
        Report("q_rope", _queries);
        Report("k_rope", _keys);
        Report("v", _values);

        _attention.Run(_batch.Spans, _cache, _layerIndex, _queries, _attended);
        _matMul.SetInput(_attended, tokens);
        _matMul.Multiply(_layer.Output, _projected);
        Report("attn_out", _projected);
    }

    private void RotateAndStoreRow(int row)
    {
        AttentionSpan span = _batch.Spans[_batch.SpanOfRow[row]];
        int position = span.FirstPosition + row - span.FirstRow;
        _rope.Apply(_queries.Row(row), _angles.Row(row));
        _rope.Apply(_keys.Row(row), _angles.Row(row));
        int block = span.BlockTable[position / KeyValueBlocks.BlockTokens];
        _cache.Store(_layerIndex, block, position % KeyValueBlocks.BlockTokens, _keys.Row(row), _values.Row(row));
    }

    // x += W2 · (silu(W1 h) · W3 h) with h = norm(x)
    private void FeedForward(int tokens)
    {
        _rows.Run(tokens, _addAndNormForFeedForwardRow);
        _matMul.SetInput(_normed, tokens);
        _matMul.Multiply(_layer.Gate, _gate);
        _matMul.Multiply(_layer.Up, _up);
        _rows.Run(tokens, _gateRow);
        _matMul.SetInput(_gate, tokens);
        _matMul.Multiply(_layer.Down, _projected);
        Report("ffn_out", _projected);

        _rows.Run(tokens, _addRow);
        Report("out", _hidden);
    }

    private void AddAndNormForFeedForwardRow(int row)
    {
        TensorPrimitives.Add(_hidden.Row(row), _projected.Row(row), _hidden.Row(row));
        RmsNorm.Apply(_hidden.Row(row), _layer.FfnNorm, _config.NormEpsilon, _normed.Row(row));
    }

    private void ComputeLogits()
    {
        int count = _batch.LogitRows.Count;
        if (count == 0)
        {
            return;
        }

        _rows.Run(count, _finalNormRow);
        Tap?.Invoke("final_norm", _final);
        _matMul.SetInput(_final, count);
        _matMul.Multiply(_weights.OutputHead, _logits);
    }

    private void Report(string name, FloatMatrix values)
    {
        if (Tap is not null)
        {
            Tap($"layer{_layerIndex}.{name}", values);
        }
    }
}

/// <summary>Memory of a decoder beside its weights.</summary>
/// <param name="CacheBytes">Keys and values when every block is in use.</param>
/// <param name="ScratchBytes">Activations, logits and the kernels' scratch.</param>
public readonly record struct DecoderMemory(long CacheBytes, long ScratchBytes);
