using System.Numerics.Tensors;
using Tramontane.Compute.Kernels;
using Tramontane.Compute.Memory;
using Tramontane.Compute.Quantization;
using Tramontane.Compute.Threading;
using Tramontane.Inference.Weights;

namespace Tramontane.Inference.Vision;

/// <summary>
/// The Pixtral vision encoder and its projector: patches to image embeddings, in float32 for every weight format. One image
/// is encoded at a time and alone, so images never attend to each other and an embedding depends on its image only. All
/// scratch is allocated once, for the largest image; pages that no image needs are never touched. Owned by one thread.
/// </summary>
public sealed class VisionEncoder : IDisposable
{
    /// <summary>Patches that one step of an encoding computes when nothing else is asked for: with the model's shape at full size 40 GFLOP.</summary>
    public const int DefaultPatchesPerStep = 512;

    private readonly VisionWeights _weights;
    private readonly ThreadTeam _team;
    private readonly Rope2D _rope;
    private readonly PanelMatMul _matMul;
    private readonly BidirectionalAttention _attention;
    private readonly RowJob _rows;
    private readonly AlignedBuffer<float> _panelMemory;
    private readonly AlignedBuffer<float> _expansionScratch;
    private readonly WeightPanels[] _panels; // of a layer: query, key, value, output, gate, up, down
    private readonly WeightPanels _wholePanels; // all of that memory for one matrix

    private readonly FloatMatrix _hidden; // [patches, dim], the residual stream
    private readonly FloatMatrix _normed; // [step, dim]
    private readonly FloatMatrix _queries; // [step, dim]
    private readonly FloatMatrix _keys; // [step, dim]
    private readonly FloatMatrix _attended; // [step, dim]
    private readonly FloatMatrix _projected; // [step, dim]
    private readonly FloatMatrix _gate; // [step, hidden dim]
    private readonly FloatMatrix _up; // [step, hidden dim]
    private readonly FloatMatrix _angles; // [step, head dim]
    private readonly FloatMatrix _pixels; // [step, patch length]
    private readonly FloatMatrix _merged; // [step, dim · merge²]
    private readonly FloatMatrix _adapted; // [step, output dim]

    // What the row-wise work is about now.
    private PreparedImage? _image;
    private LayerWeights? _layer;
    private int _first;

    /// <summary>Allocates.</summary>
    /// <param name="weights">The encoder's weights.</param>
    /// <param name="team">Threads.</param>
    /// <param name="patchesPerStep">Most patches that one step computes. Fewer: more often time for others. It changes no result.</param>
    public VisionEncoder(VisionWeights weights, ThreadTeam team, int patchesPerStep = DefaultPatchesPerStep)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(team);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(patchesPerStep);
        (_weights, _team, PatchesPerStep) = (weights, team, patchesPerStep);
        VisionConfig c = Config;
        int step = patchesPerStep, patches = c.MaxSide * c.MaxSide;
        _rope = new Rope2D(c.HeadDim, c.RopeTheta, c.MaxSide);
        _matMul = new PanelMatMul(team, step, MaxColumns(c));
        _attention = new BidirectionalAttention(team, c.Heads, c.HeadDim, patches);
        _rows = new RowJob(team);
        _panelMemory = new AlignedBuffer<float>(PanelFloats(c));
        _expansionScratch = new AlignedBuffer<float>((long)team.WorkerCount * MaxColumns(c));
        _wholePanels = new WeightPanels(_panelMemory, 0, _panelMemory.Length, _expansionScratch);
        long start = 0;
        _panels = [.. LayerShapes(c).Select(shape =>
        {
            long length = WeightPanels.Length(shape.Rows, shape.Columns);
            start += length;
            return new WeightPanels(_panelMemory, start - length, length, _expansionScratch);
        })];
        _hidden = new FloatMatrix(patches, c.Dim);
        _normed = new FloatMatrix(step, c.Dim);
        _queries = new FloatMatrix(step, c.Dim);
        _keys = new FloatMatrix(step, c.Dim);
        _attended = new FloatMatrix(step, c.Dim);
        _projected = new FloatMatrix(step, c.Dim);
        _gate = new FloatMatrix(step, c.HiddenDim);
        _up = new FloatMatrix(step, c.HiddenDim);
        _angles = new FloatMatrix(step, c.HeadDim);
        _pixels = new FloatMatrix(step, c.PatchLength);
        _merged = new FloatMatrix(step, c.Dim * c.MergeSize * c.MergeSize);
        _adapted = new FloatMatrix(step, c.OutputDim);
    }

    /// <summary>The shape.</summary>
    public VisionConfig Config => _weights.Config;

    /// <summary>Most patches, and most embeddings, that one step of an encoding computes.</summary>
    public int PatchesPerStep { get; }

    /// <summary>Called with each intermediate result that the golden data names, and its first row; for tests. Costs nothing when null.</summary>
    internal Action<string, FloatMatrix, int, int>? Tap { get; set; }

    /// <summary>The encoding under way; null when none is.</summary>
    internal ImageEncoding? Current { get; set; }

    /// <summary>Bytes of scratch for images of up to so many patches; the largest image when none are given.</summary>
    public static long ScratchBytes(VisionConfig config, int workerCount, int? patchCount = null, int patchesPerStep = DefaultPatchesPerStep)
    {
        ArgumentNullException.ThrowIfNull(config);
        VisionConfig c = config;
        int patches = patchCount ?? (c.MaxSide * c.MaxSide);
        long perStep = (5L * c.Dim) + (2L * c.HiddenDim) + c.HeadDim + c.PatchLength + (c.Dim * c.MergeSize * c.MergeSize) + c.OutputDim;
        long floats = ((long)patches * c.Dim) + (patchesPerStep * perStep) + PanelFloats(c) + ((long)workerCount * MaxColumns(c));
        return (floats * sizeof(float)) + PanelMatMul.ScratchBytes(patchesPerStep, MaxColumns(c))
            + BidirectionalAttention.Bytes(workerCount, c.Heads, c.HeadDim, patches);
    }

    /// <summary>Begins to encode an image. One encoding at a time: it ends when it is complete or disposed of.</summary>
    /// <exception cref="ArgumentException">The image was prepared for another shape of encoder.</exception>
    /// <exception cref="InvalidOperationException">Another encoding is under way.</exception>
    public ImageEncoding Begin(PreparedImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (Current is not null)
        {
            throw new InvalidOperationException("Another image is being encoded.");
        }

        if (image.PatchSize != Config.PatchSize || Math.Max(image.PatchColumns, image.PatchRows) > Config.MaxSide || image.PatchColumns % Config.MergeSize != 0)
        {
            throw new ArgumentException($"{image.PatchColumns} x {image.PatchRows} patches of {image.PatchSize} pixels do not fit an encoder of {Config.MaxSide} patches of {Config.PatchSize} per side.", nameof(image));
        }

        return Current = new ImageEncoding(this, image);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _matMul.Dispose();
        _attention.Dispose();
        _panelMemory.Dispose();
        _expansionScratch.Dispose();
        foreach (FloatMatrix matrix in (FloatMatrix[])[_hidden, _normed, _queries, _keys, _attended, _projected, _gate, _up, _angles, _pixels, _merged, _adapted])
        {
            matrix.Dispose();
        }
    }

    // x = norm(conv(pixels))
    internal void PackPatchEmbedding() => _wholePanels.Pack(_weights.PatchEmbedding, _team);

    internal void EmbedPatches(PreparedImage image, int first, int count)
    {
        (_image, _first) = (image, first);
        _rows.Run(count, row => _image.Patches.Span.Slice((_first + row) * Config.PatchLength, Config.PatchLength).CopyTo(_pixels.Row(row)));
        _matMul.SetInput(_pixels, 0, count);
        _matMul.Multiply(_wholePanels, _hidden, first);
        Tap?.Invoke("patch_conv", _hidden, first, count);
        _rows.Run(count, row => RmsNorm.Apply(_hidden.Row(_first + row), _weights.InputNorm, Config.NormEpsilon, _hidden.Row(_first + row)));
        Tap?.Invoke("ln_pre", _hidden, first, count);
    }

    internal void PackLayer(int layer)
    {
        LayerWeights w = _weights.Layers[layer];
        WeightMatrix[] matrices = [w.Query, w.Key, w.Value, w.Output, w.Gate, w.Up, w.Down];
        for (int i = 0; i < matrices.Length; i++)
        {
            _panels[i].Pack(matrices[i], _team);
        }
    }

    // Keys and values of some patches, for all queries of the layer.
    internal void StoreKeys(PreparedImage image, int layer, int first, int count)
    {
        NormForAttention(image, layer, first, count);
        _matMul.Multiply(_panels[1], _keys, 0);
        _matMul.Multiply(_panels[2], _attended, 0); // room for the values, not needed for anything else yet
        _rows.Run(count, row =>
        {
            _rope.Apply(_keys.Row(row), _angles.Row(row));
            _attention.Store(_first + row, _keys.Row(row), _attended.Row(row));
        });
        Tap?.Invoke($"layer{layer}.k_rope", _keys, 0, count);
    }

    // x += Wo · attention; x += W2 · (silu(W1 h) · W3 h) with h = norm(x), for some patches.
    internal void AttendAndFeedForward(PreparedImage image, int layer, int first, int count)
    {
        NormForAttention(image, layer, first, count);
        _matMul.Multiply(_panels[0], _queries, 0);
        _rows.Run(count, row => _rope.Apply(_queries.Row(row), _angles.Row(row)));
        Tap?.Invoke($"layer{layer}.q_rope", _queries, 0, count);

        _attention.Run(_queries, count, image.PatchCount, _attended);
        _matMul.SetInput(_attended, 0, count);
        _matMul.Multiply(_panels[3], _projected, 0);
        _rows.Run(count, row =>
        {
            Span<float> hidden = _hidden.Row(_first + row);
            TensorPrimitives.Add(hidden, _projected.Row(row), hidden);
            RmsNorm.Apply(hidden, _layer!.FfnNorm, Config.NormEpsilon, _normed.Row(row));
        });

        _matMul.SetInput(_normed, 0, count);
        _matMul.Multiply(_panels[4], _gate, 0);
        _matMul.Multiply(_panels[5], _up, 0);
        _rows.Run(count, row => SwiGlu.Apply(_gate.Row(row), _up.Row(row)));
        _matMul.SetInput(_gate, 0, count);
        _matMul.Multiply(_panels[6], _projected, 0);
        _rows.Run(count, row => TensorPrimitives.Add(_hidden.Row(_first + row), _projected.Row(row), _hidden.Row(_first + row)));
        Tap?.Invoke($"layer{layer}.out", _hidden, first, count);
    }

    internal void PackMerger() => _wholePanels.Pack(_weights.Merger, _team);

    internal void PackProjectorIn() => _wholePanels.Pack(_weights.ProjectorIn, _team);

    internal void PackProjectorOut() => _wholePanels.Pack(_weights.ProjectorOut, _team);

    // Squares of neighbouring patches, normalised, become one vector ordered channel, row, column.
    internal void Merge(PreparedImage image, float[] merged, int first, int count)
    {
        (_image, _first) = (image, first);
        _rows.Run(count, MergeRow);
        Tap?.Invoke("merged", _merged, 0, count);
        _matMul.SetInput(_merged, 0, count);
        _matMul.Multiply(_wholePanels, _projected, 0);
        Tap?.Invoke("patch_merger", _projected, 0, count);
        _rows.Run(count, row => _projected.Row(row).CopyTo(merged.AsSpan((first + row) * Config.Dim, Config.Dim)));
    }

    internal void ProjectIn(float[] merged, float[] output, int first, int count)
    {
        _rows.Run(count, row => merged.AsSpan((first + row) * Config.Dim, Config.Dim).CopyTo(_normed.Row(row)));
        _matMul.SetInput(_normed, 0, count);
        _matMul.Multiply(_wholePanels, _adapted, 0);
        _rows.Run(count, row =>
        {
            Gelu.Apply(_adapted.Row(row));
            _adapted.Row(row).CopyTo(output.AsSpan((first + row) * Config.OutputDim, Config.OutputDim));
        });
        Tap?.Invoke("linear_1_gelu", _adapted, 0, count);
    }

    internal void ProjectOut(float[] output, int first, int count)
    {
        // In place: the rows are copied before any is written.
        _rows.Run(count, row => output.AsSpan((first + row) * Config.OutputDim, Config.OutputDim).CopyTo(_adapted.Row(row)));
        _matMul.SetInput(_adapted, 0, count);
        _matMul.Multiply(_wholePanels, _adapted, 0);
        _rows.Run(count, row => _adapted.Row(row).CopyTo(output.AsSpan((first + row) * Config.OutputDim, Config.OutputDim)));
    }

    private void NormForAttention(PreparedImage image, int layer, int first, int count)
    {
        (_image, _layer, _first) = (image, _weights.Layers[layer], first);
        _rows.Run(count, row =>
        {
            int patch = _first + row;
            RmsNorm.Apply(_hidden.Row(patch), _layer.AttentionNorm, Config.NormEpsilon, _normed.Row(row));
            _rope.Fill(patch / _image.PatchColumns, patch % _image.PatchColumns, _angles.Row(row));
        });
        _matMul.SetInput(_normed, 0, count);
    }

    private void MergeRow(int row)
    {
        int side = Config.MergeSize, columns = _image!.PatchColumns / side, index = _first + row;
        Span<float> merged = _merged.Row(row), normed = _normed.Row(row);
        for (int part = 0; part < side * side; part++)
        {
            int patch = (((index / columns * side) + (part / side)) * _image.PatchColumns) + (index % columns * side) + (part % side);
            RmsNorm.Apply(_hidden.Row(patch), _weights.ProjectorNorm, Config.NormEpsilon, normed);
            for (int channel = 0; channel < normed.Length; channel++)
            {
                merged[(channel * side * side) + part] = normed[channel];
            }
        }
    }

    private static (int Rows, int Columns)[] LayerShapes(VisionConfig c) =>
        [(c.Dim, c.Dim), (c.Dim, c.Dim), (c.Dim, c.Dim), (c.Dim, c.Dim), (c.HiddenDim, c.Dim), (c.HiddenDim, c.Dim), (c.Dim, c.HiddenDim)];

    private static long PanelFloats(VisionConfig c)
    {
        int mergedDim = c.Dim * c.MergeSize * c.MergeSize;
        long layer = LayerShapes(c).Sum(shape => WeightPanels.Length(shape.Rows, shape.Columns));
        long projector = Math.Max(WeightPanels.Length(c.OutputDim, c.OutputDim), Math.Max(WeightPanels.Length(c.OutputDim, c.Dim), WeightPanels.Length(c.Dim, mergedDim)));
        return Math.Max(layer, Math.Max(projector, WeightPanels.Length(c.Dim, c.PatchLength)));
    }

    private static int MaxColumns(VisionConfig c) =>
        Math.Max(Math.Max(c.PatchLength, c.Dim * c.MergeSize * c.MergeSize), Math.Max(c.HiddenDim, c.OutputDim));
}
