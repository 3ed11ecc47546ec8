using System.Runtime.InteropServices;
using Tramontane.Compute.Quantization;
using Tramontane.Testing;

namespace Tramontane.Compute.Tests;

/// <summary>Matrices of random, valid blocks in any format.</summary>
internal sealed unsafe class RandomWeights : IDisposable
{
    private byte* _memory;

    public RandomWeights(TensorType type, int rows, int columns, int seed, byte? fill = null)
    {
        var random = new Random(seed);
        long bytes = rows * TensorTypes.RowBytes(type, columns);
        _memory = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, 64);
        var data = new Span<byte>(_memory, (int)bytes);
        random.NextBytes(data);
        if (fill is byte value)
        {
            data.Fill(value); // every value the same; scales are random still
        }

        if (TensorTypes.BlockElements(type) == 1)
        {
            FillFloats(type, data, random.Floats(rows * columns, 0.5f));
        }
        else
        {
            int blockBytes = TensorTypes.BlockBytes(type);
            for (int block = 0; block < data.Length; block += blockBytes)
            {
                foreach (int offset in HalfFields(type))
                {
                    BitConverter.TryWriteBytes(data[(block + offset)..], (Half)(random.NextSingle() * 0.02f * (random.Next(4) == 0 ? -1 : 1)));
                }
            }
        }

        Matrix = new WeightMatrix(type, rows, columns, (nint)_memory, this);
    }

    public WeightMatrix Matrix { get; }

    public static IEnumerable<TensorType> AllTypes => Enum.GetValues<TensorType>();

    /// <summary>The weights as the definition of the format expands them, [row][column].</summary>
    public float[][] Expand() => [.. Enumerable.Range(0, Matrix.Rows).Select(row =>
    {
        var values = new float[Matrix.Columns];
        Dequantizer.Dequantize(Matrix.Type, Matrix.Row(row), values);
        return values;
    })];

    public void Dispose()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
    }

    private static void FillFloats(TensorType type, Span<byte> data, float[] values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            _ = type switch
            {
                TensorType.F32 => BitConverter.TryWriteBytes(data[(i * 4)..], values[i]),
                TensorType.F16 => BitConverter.TryWriteBytes(data[(i * 2)..], (Half)values[i]),
                _ => BitConverter.TryWriteBytes(data[(i * 2)..], (ushort)(BitConverter.SingleToUInt32Bits(values[i]) >> 16)),
            };
        }
    }

    private static int[] HalfFields(TensorType type) => type switch
    {
        TensorType.Q4_1 or TensorType.Q5_1 or TensorType.Q4_K or TensorType.Q5_K => [0, 2],
        TensorType.Q2_K => [80, 82],
        TensorType.Q3_K => [108],
        TensorType.Q6_K => [208],
        _ => [0],
    };
}
