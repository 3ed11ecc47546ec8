using System.Runtime.InteropServices;
using Tramontane.Compute.Kernels;
using Tramontane.Compute.Memory;
using Tramontane.Compute.Quantization;
using Tramontane.Compute.Threading;
using Tramontane.Testing;

namespace Tramontane.Compute.Tests.Kernels;

public sealed class MatMulTests
{
    private const int Columns = 768; // three super-blocks
    private const int Rows = 37; // no multiple of any tile

    public static TheoryData<TensorType> Types => [.. RandomWeights.AllTypes];

    /// <summary>The formats that are summed as integers.</summary>
    public static TheoryData<TensorType> BlockTypes => [.. RandomWeights.AllTypes.Where(type => TensorTypes.BlockElements(type) > 1)];

    public static TheoryData<TensorType> SmallBlockTypes => [.. RandomWeights.AllTypes.Where(type => TensorTypes.BlockElements(type) == 32)];

    [Theory, MemberData(nameof(Types))]
    public void Multiply_Exact_EqualsTheExpandedWeightsInDouble(TensorType type)
    {
        using var weights = new RandomWeights(type, Rows, Columns, seed: 1);
        float[][] w = weights.Expand();
        foreach (int tokens in (int[])[1, 2, 3, 4, 5, 9])
        {
            float[][] x = Inputs(tokens, seed: tokens);
            float[][] y = Run(weights.Matrix, x, ComputeMode.Exact, threads: 2);
            AssertClose(Reference(w, x), y, 3e-6, $"{type}, {tokens} tokens");
        }
    }

    [Theory, MemberData(nameof(Types))]
    public void Multiply_Fast_EqualsTheExpandedWeightsTimesRoundedInputs(TensorType type)
    {
        using var weights = new RandomWeights(type, Rows, Columns, seed: 2);
        float[][] w = weights.Expand();
        int block = TensorTypes.BlockElements(type) switch { 1 => 0, 256 when type != TensorType.IQ4_XS => 256, _ => 32 };
        foreach (int tokens in (int[])[1, 2, 3, 4, 7, 8, 11, 17])
        {
            float[][] x = Inputs(tokens, seed: tokens);
            float[][] y = Run(weights.Matrix, x, ComputeMode.Fast, threads: 2);
            float[][] rounded = block == 0 ? x : [.. x.Select(row => Round(row, block))];

            // Offsets are subtracted as floats from larger sums, so a little more than the unit roundoff is lost.
            AssertClose(Reference(w, rounded), y, 2e-5, $"{type}, {tokens} tokens");
            AssertClose(Reference(w, x), y, 2e-2, $"{type}, {tokens} tokens, rounding of the inputs");
        }
    }

    [Fact]
    public void SetInput_BeyondWhatItWasMadeFor_Throws()
    {
        using var team = new ThreadTeam(1);
        using var matMul = new MatMul(team, ComputeMode.Fast, maxTokens: 2, maxColumns: 256);
        using FloatMatrix fits = new(2, 256), tall = new(9, 256), wide = new(2, 512);
        matMul.SetInput(fits, 2);
        matMul.SetInput(tall, 2);
        Assert.Throws<ArgumentOutOfRangeException>(() => matMul.SetInput(fits, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => matMul.SetInput(fits, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => matMul.SetInput(tall, 9));
        Assert.Throws<ArgumentOutOfRangeException>(() => matMul.SetInput(wide, 2));
    }

    [Theory, MemberData(nameof(Types))]
    public void Multiply_AnyBatchOrThreads_GivesTheSameBits(TensorType type)
    {
        using var weights = new RandomWeights(type, Rows, Columns, seed: 3);
        float[][] x = Inputs(19, seed: 3);
        foreach (ComputeMode mode in Enum.GetValues<ComputeMode>())
        {
            float[][] alone = [.. x.Select(row => Run(weights.Matrix, [row], mode, threads: 1)[0])];
            foreach (int tokens in (int[])[2, 3, 4, 6, 8, 9, 10, 11, 16, 19])
            {
                foreach (int threads in (int[])[1, 2, 3])
                {
                    float[][] together = Run(weights.Matrix, x[..tokens], mode, threads);
                    for (int t = 0; t < tokens; t++)
                    {
                        Assert.True(
                            MemoryMarshal.AsBytes<float>(alone[t]).SequenceEqual(MemoryMarshal.AsBytes<float>(together[t])),
                            $"{type} {mode}: token {t} of {tokens} with {threads} threads");
                    }
                }
            }
        }
    }

    [Theory, MemberData(nameof(Types))]
    public void Multiply_ManyRowsAndTokens_GivesTheBitsOfEachAlone(TensorType type)
    {
        // More rows than are unpacked together, more tokens than a tile has, more columns than a piece.
        const int ManyRows = 133, ManyTokens = 70;
        using var weights = new RandomWeights(type, ManyRows, Columns, seed: 5);
        float[][] x = Inputs(ManyTokens, seed: 5);
        float[][] together = Run(weights.Matrix, x, ComputeMode.Fast, threads: 2);
        foreach (int token in (int[])[0, 15, 16, 31, 32, 47, 63, 64, 69])
        {
            float[] alone = Run(weights.Matrix, [x[token]], ComputeMode.Fast, threads: 1)[0];
            Assert.True(MemoryMarshal.AsBytes<float>(alone).SequenceEqual(MemoryMarshal.AsBytes<float>(together[token])), $"{type}: token {token}");
        }
    }

    [Theory, MemberData(nameof(BlockTypes))]
    public void Multiply_GreatestValuesEverywhere_OverflowsNowhere(TensorType type)
    {
        foreach (byte fill in (byte[])[0xFF, 0x7F, 0x80, 0x00])
        {
            using var weights = new RandomWeights(type, 5, Columns, seed: 6, fill);
            float[][] w = weights.Expand();
            foreach (float sign in (float[])[1, -1])
            {
                // All inputs of one magnitude round to ±127.
                float[][] x = [.. Enumerable.Range(0, 20).Select(t => Enumerable.Repeat(sign * (1 + t), Columns).ToArray())];
                foreach (int tokens in (int[])[1, 2, 4, 20])
                {
                    AssertClose(Reference(w, x[..tokens]), Run(weights.Matrix, x[..tokens], ComputeMode.Fast, threads: 1), 2e-5, $"{type}, {fill:X2}, {tokens} tokens");
                }
            }
        }
    }

    [Theory, MemberData(nameof(SmallBlockTypes))]
    public void Multiply_BlocksThatNoWiderStepTakes_AreAdded(TensorType type)
    {
        // One token goes by four blocks where it can: 1 to 5 blocks.
        foreach (int columns in (int[])[32, 64, 96, 128, 160])
        {
            using var weights = new RandomWeights(type, 6, columns, columns);
            float[][] x = [.. Enumerable.Range(0, 3).Select(t => new Random(t).Floats(columns))];
            AssertClose(Reference(weights.Expand(), [.. x.Select(row => Round(row, 32))]), Run(weights.Matrix, x, ComputeMode.Fast, 1), 2e-5, $"{type}, {columns} columns");
            AssertClose(Reference(weights.Expand(), [Round(x[0], 32)]), Run(weights.Matrix, x[..1], ComputeMode.Fast, 1), 2e-5, $"{type}, {columns} columns, one token");
        }
    }

    [Fact]
    public void Multiply_ColumnsBeyondTheVectors_AreAdded()
    {
        foreach (int columns in (int[])[1, 7, 15, 16, 17, 31, 33, 96])
        {
            using var weights = new RandomWeights(TensorType.F32, 5, columns, columns);
            float[][] x = [.. Enumerable.Range(0, 6).Select(t => new Random(t).Floats(columns))];
            AssertClose(Reference(weights.Expand(), x), Run(weights.Matrix, x, ComputeMode.Fast, 2), 3e-6, $"{columns} columns");
        }
    }

    [Fact]
    public void Multiply_ZeroInput_GivesZero()
    {
        using var weights = new RandomWeights(TensorType.Q4_K, Rows, Columns, seed: 4);
        float[][] y = Run(weights.Matrix, [new float[Columns]], ComputeMode.Fast, threads: 1);
        Assert.All(y[0], v => Assert.Equal(0, v));
    }

    private static float[][] Inputs(int tokens, int seed) =>
        [.. Enumerable.Range(0, tokens).Select(t => new Random((seed * 1000) + t).Floats(Columns, 1 + t))];

    private static float[][] Run(WeightMatrix weights, float[][] x, ComputeMode mode, int threads)
    {
        using var team = new ThreadTeam(threads);
        using var matMul = new MatMul(team, mode, x.Length, weights.Columns);
        using var input = new FloatMatrix(x.Length, weights.Columns);
        using var output = new FloatMatrix(x.Length, weights.Rows);
        for (int t = 0; t < x.Length; t++)
        {
            x[t].CopyTo(input.Row(t));
        }

        matMul.SetInput(input, x.Length);
        matMul.Multiply(weights, output);
        return [.. Enumerable.Range(0, x.Length).Select(t => output.Row(t).ToArray())];
    }

    private static float[][] Reference(float[][] w, float[][] x) =>
        [.. x.Select(input => w.Select(row => (float)row.Zip(input, (a, b) => (double)a * b).Sum()).ToArray())];

    /// <summary>What 8-bit activations with a scale per block stand for.</summary>
    private static float[] Round(float[] x, int block) => [.. x.Chunk(block).SelectMany(values =>
    {
        float scale = values.Max(MathF.Abs) / 127, inverse = 1 / scale;
        return values.Select(v => scale * MathF.Round(v * inverse));
    })];

    private static void AssertClose(float[][] expected, float[][] actual, double tolerance, string what)
    {
        double error = 0, norm = 0;
        for (int t = 0; t < expected.Length; t++)
        {
            error += expected[t].Zip(actual[t], (a, b) => Math.Pow((double)a - b, 2)).Sum();
            norm += expected[t].Sum(a => (double)a * a);
        }

        Assert.True(error <= tolerance * tolerance * norm, $"{what}: relative error {Math.Sqrt(error / norm):E1}, allowed {tolerance:E1}");
    }
}
