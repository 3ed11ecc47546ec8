using System.Runtime.InteropServices;
using Tramontane.Compute.Kernels;
using Tramontane.Compute.Memory;
using Tramontane.Compute.Quantization;
using Tramontane.Compute.Threading;
using Tramontane.Testing;

namespace Tramontane.Compute.Tests.Kernels;

/// <summary>The float32 tile, products with packed weights, and attention without a mask.</summary>
public sealed unsafe class PanelTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(131)]
    public void Tile_AnyLength_GivesTheDefinitionsBits(int count)
    {
        const int AStride = 11, CStride = 37;
        var random = new Random(count);
        float[] a = random.Floats((count + 1) * AStride), b = random.Floats((count + 1) * PanelKernel.Columns);
        foreach (bool accumulate in (bool[])[false, true])
        {
            float[] c = random.Floats(PanelKernel.Rows * CStride), expected = [.. c];
            fixed (float* pa = a, pb = b, pc = c, pe = expected)
            {
                PanelKernel.TileScalar(pa, AStride, pb, count, pe, CStride, accumulate);
                PanelKernel.Tile(pa, AStride, pb, count, pc, CStride, accumulate);
            }

            Assert.True(MemoryMarshal.AsBytes<float>(expected).SequenceEqual(MemoryMarshal.AsBytes<float>(c)), $"{count}, accumulate {accumulate}");
        }
    }

    [Theory]
    [InlineData(TensorType.F32, 64, 128, 9)]
    [InlineData(TensorType.F32, 33, 588, 3)]
    [InlineData(TensorType.F16, 96, 300, 17)]
    [InlineData(TensorType.BF16, 1, 40, 8)]
    [InlineData(TensorType.Q8_0, 40, 96, 1)]
    [InlineData(TensorType.Q4_K, 32, 256, 20)]
    public void Multiply_AnyShape_MatchesTheDefinition(TensorType type, int rows, int columns, int tokens)
    {
        using var weights = new RandomWeights(type, rows, columns, seed: rows);
        float[][] expanded = weights.Expand();
        float[][] x = [.. Enumerable.Range(0, tokens).Select(t => new Random(t).Floats(columns))];
        float[][] y = Multiply(weights.Matrix, x, threads: 2);
        for (int t = 0; t < tokens; t++)
        {
            for (int r = 0; r < rows; r++)
            {
                double expected = 0, size = 0;
                for (int c = 0; c < columns; c++)
                {
                    expected += (double)expanded[r][c] * x[t][c];
                    size += Math.Abs((double)expanded[r][c] * x[t][c]);
                }

                Assert.True(Math.Abs(expected - y[t][r]) <= 1e-6 * size, $"{type} token {t} row {r}: {y[t][r]}, expected {expected}");
            }
        }
    }

    [Fact]
    public void Multiply_AnyBatchOrThreads_GivesTheSameBits()
    {
        using var weights = new RandomWeights(TensorType.F16, 70, 333, seed: 5);
        float[][] x = [.. Enumerable.Range(0, 19).Select(t => new Random(t).Floats(333))];
        float[][] together = Multiply(weights.Matrix, x, threads: 3);
        for (int t = 0; t < x.Length; t++)
        {
            Assert.Equal(together[t], Multiply(weights.Matrix, [x[t]], threads: 1)[0]);
        }
    }

    [Fact]
    public void Multiply_OtherShapes_Throws()
    {
        using var team = new ThreadTeam(1);
        using var small = new RandomWeights(TensorType.F32, 32, 16, seed: 1);
        using var large = new RandomWeights(TensorType.F32, 64, 16, seed: 1);
        using var memory = new AlignedBuffer<float>(WeightPanels.Length(32, 16));
        using var scratch = new AlignedBuffer<float>(16);
        var panels = new WeightPanels(memory, 0, memory.Length, scratch);
        Assert.Throws<ArgumentOutOfRangeException>(() => panels.Pack(large.Matrix, team));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WeightPanels(memory, 1, memory.Length, scratch));
        panels.Pack(small.Matrix, team);
        using var matMul = new PanelMatMul(team, maxTokens: 4, maxColumns: 16);
        using var x = new FloatMatrix(4, 16);
        using var narrow = new FloatMatrix(4, 31);
        using var y = new FloatMatrix(4, 32);
        Assert.Throws<ArgumentOutOfRangeException>(() => matMul.SetInput(x, 1, 4));
        matMul.SetInput(x, 0, 4);
        Assert.Throws<ArgumentOutOfRangeException>(() => matMul.Multiply(panels, narrow, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => matMul.Multiply(panels, y, 1));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 7)]
    [InlineData(129, 40)]
    [InlineData(300, 300)]
    public void Attention_AnyLength_EqualsTheDefinition(int tokens, int portion)
    {
        const int Heads = 2, HeadDim = 24;
        float[][] q = Rows(tokens, 1, 2), k = Rows(tokens, 2, 2), v = Rows(tokens, 3, 1);
        float[][] output = Attend(q, k, v, Heads, HeadDim, portion, threads: 2);
        for (int t = 0; t < tokens; t++)
        {
            for (int head = 0; head < Heads; head++)
            {
                double[] expected = Definition(q[t], k, v, head * HeadDim, HeadDim);
                for (int d = 0; d < HeadDim; d++)
                {
                    Assert.Equal(expected[d], output[t][(head * HeadDim) + d], 1e-5);
                }
            }
        }

        float[][] Rows(int count, int seed, float sigma) => [.. Enumerable.Range(0, count).Select(i => new Random((seed * 1000) + i).Floats(Heads * HeadDim, sigma))];
    }

    [Fact]
    public void Attention_AnyPortionOrThreads_GivesTheSameBits()
    {
        const int Heads = 3, HeadDim = 16, Tokens = 150;
        float[][] q = [.. Enumerable.Range(0, Tokens).Select(i => new Random(i).Floats(Heads * HeadDim, 2))];
        float[][] k = [.. q.Reverse()], v = [.. Enumerable.Range(0, Tokens).Select(i => new Random(~i).Floats(Heads * HeadDim))];
        float[][] whole = Attend(q, k, v, Heads, HeadDim, portion: Tokens, threads: 1);
        foreach ((int portion, int threads) in (ReadOnlySpan<(int, int)>)[(1, 2), (31, 3), (32, 2), (100, 2)])
        {
            float[][] other = Attend(q, k, v, Heads, HeadDim, portion, threads);
            for (int t = 0; t < Tokens; t++)
            {
                Assert.Equal(whole[t], other[t]);
            }
        }
    }

    private static float[][] Multiply(WeightMatrix weights, float[][] x, int threads)
    {
        using var team = new ThreadTeam(threads);
        using var memory = new AlignedBuffer<float>(WeightPanels.Length(weights.Rows, weights.Columns) + 32);
        using var scratch = new AlignedBuffer<float>(threads * weights.Columns);
        var panels = new WeightPanels(memory, 32, memory.Length - 32, scratch);
        panels.Pack(weights, team);
        using var matMul = new PanelMatMul(team, x.Length, weights.Columns);
        using var input = new FloatMatrix(x.Length + 1, weights.Columns);
        using var output = new FloatMatrix(x.Length + 2, weights.Rows + 1);
        for (int t = 0; t < x.Length; t++)
        {
            x[t].CopyTo(input.Row(t + 1));
        }

        matMul.SetInput(input, 1, x.Length);
        matMul.Multiply(panels, output, 2);
        for (int row = 0; row < output.Rows; row++)
        {
            Assert.Equal(0, output.Row(row)[^1]); // nothing is written beside the output
        }

        return [.. Enumerable.Range(2, x.Length).Select(row => output.Row(row)[..weights.Rows].ToArray())];
    }

    private static float[][] Attend(float[][] q, float[][] k, float[][] v, int heads, int headDim, int portion, int threads)
    {
        using var team = new ThreadTeam(threads);
        using var attention = new BidirectionalAttention(team, heads, headDim, maxTokens: k.Length);
        for (int t = 0; t < k.Length; t++)
        {
            attention.Store(t, k[t], v[t]);
        }

        using var queries = new FloatMatrix(portion, heads * headDim);
        using var output = new FloatMatrix(portion, heads * headDim);
        var results = new List<float[]>();
        for (int first = 0; first < q.Length; first += portion)
        {
            int count = Math.Min(portion, q.Length - first);
            for (int i = 0; i < count; i++)
            {
                q[first + i].CopyTo(queries.Row(i));
            }

            attention.Run(queries, count, k.Length, output);
            results.AddRange(Enumerable.Range(0, count).Select(i => output.Row(i).ToArray()));
        }

        return [.. results];
    }

    private static double[] Definition(float[] q, float[][] k, float[][] v, int first, int headDim)
    {
        double[] scores = [.. k.Select(key => Enumerable.Range(first, headDim).Sum(d => (double)q[d] * key[d]) / Math.Sqrt(headDim))];
        double max = scores.Max(), total = scores.Sum(s => Math.Exp(s - max));
        return [.. Enumerable.Range(first, headDim).Select(d => scores.Select((s, p) => Math.Exp(s - max) * v[p][d]).Sum() / total)];
    }
}
