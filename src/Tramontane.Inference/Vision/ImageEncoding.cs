namespace Tramontane.Inference.Vision;

/// <summary>
/// The encoding of one image, in steps, so that whoever owns the encoder can do other work in between or give up. A step
/// computes at most <see cref="VisionEncoder.PatchesPerStep"/> patches of one layer. Disposing of an unfinished encoding
/// makes the encoder free.
/// </summary>
public sealed class ImageEncoding : IDisposable
{
    private readonly VisionEncoder _encoder;
    private readonly IEnumerator<bool> _steps;

    internal ImageEncoding(VisionEncoder encoder, PreparedImage image)
    {
        (_encoder, Image) = (encoder, image);
        Embeddings = new float[image.Grid.Columns * image.Grid.Rows * encoder.Config.OutputDim];
        _steps = Steps().GetEnumerator();
        int patchSteps = StepsFor(image.PatchCount), tokenSteps = StepsFor(image.Grid.Columns * image.Grid.Rows);
        StepCount = 4 + patchSteps + (encoder.Config.LayerCount * (1 + (2 * patchSteps))) + (3 * tokenSteps);
    }

    /// <summary>What is being encoded.</summary>
    public PreparedImage Image { get; }

    /// <summary>Steps in all.</summary>
    public int StepCount { get; }

    /// <summary>[image tokens, output dim], row by row of the grid; whole once <see cref="Advance"/> has returned false.</summary>
    public float[] Embeddings { get; }

    /// <summary>Does one step.</summary>
    /// <returns>False when there is none left: the embeddings are whole and the encoder is free.</returns>
    public bool Advance()
    {
        if (_steps.MoveNext())
        {
            return true;
        }

        Dispose();
        return false;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_encoder.Current == this)
        {
            _encoder.Current = null;
        }
    }

    private int StepsFor(int count) => (count + _encoder.PatchesPerStep - 1) / _encoder.PatchesPerStep;

    private IEnumerable<(int First, int Count)> Portions(int total)
    {
        for (int first = 0; first < total; first += _encoder.PatchesPerStep)
        {
            yield return (first, Math.Min(_encoder.PatchesPerStep, total - first));
        }
    }

    // Weights are expanded once per layer and then met by all patches.
    private IEnumerable<bool> Steps()
    {
        int patches = Image.PatchCount, tokens = Image.Grid.Columns * Image.Grid.Rows;
        _encoder.PackPatchEmbedding();
        yield return true;
        foreach ((int first, int count) in Portions(patches))
        {
            _encoder.EmbedPatches(Image, first, count);
            yield return true;
        }

        for (int layer = 0; layer < _encoder.Config.LayerCount; layer++)
        {
            _encoder.PackLayer(layer);
            yield return true;
            foreach ((int first, int count) in Portions(patches))
            {
                _encoder.StoreKeys(Image, layer, first, count);
                yield return true;
            }

            foreach ((int first, int count) in Portions(patches))
            {
                _encoder.AttendAndFeedForward(Image, layer, first, count);
                yield return true;
            }
        }

        var merged = new float[tokens * _encoder.Config.Dim];
        _encoder.PackMerger();
        yield return true;
        foreach ((int first, int count) in Portions(tokens))
        {
            _encoder.Merge(Image, merged, first, count);
            yield return true;
        }

        _encoder.PackProjectorIn();
        yield return true;
        foreach ((int first, int count) in Portions(tokens))
        {
            _encoder.ProjectIn(merged, Embeddings, first, count);
            yield return true;
        }

        _encoder.PackProjectorOut();
        yield return true;
        foreach ((int first, int count) in Portions(tokens))
        {
            _encoder.ProjectOut(Embeddings, first, count);
            yield return true;
        }
    }
}
