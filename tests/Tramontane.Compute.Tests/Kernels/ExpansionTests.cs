using System.Runtime.InteropServices;
using Tramontane.Compute.Kernels;
using Tramontane.Compute.Quantization;

namespace Tramontane.Compute.Tests.Kernels;

public sealed unsafe class ExpansionTests
{
    public static TheoryData<TensorType> Types => [.. RandomWeights.AllTypes.Where(type => type != TensorType.F32)];

    [Theory, MemberData(nameof(Types))]
    public void Row_RandomBlocks_HasTheBitsOfTheDefinition(TensorType type)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            using var weights = new RandomWeights(type, rows: 3, columns: 512, seed);
            float[][] expected = weights.Expand();
            var actual = new float[512];
            for (int row = 0; row < 3; row++)
            {
                fixed (float* destination = actual)
                {
                    Expansion.Row(weights.Matrix, row, destination);
                }

                Assert.True(
                    MemoryMarshal.Cast<float, uint>(expected[row]).SequenceEqual(MemoryMarshal.Cast<float, uint>(actual)),
                    $"{type}: seed {seed}, row {row}");
            }
        }
    }
}
