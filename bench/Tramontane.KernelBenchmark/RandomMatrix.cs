using Tramontane.Compute.Memory;
using Tramontane.Compute.Quantization;

namespace Tramontane.KernelBenchmark;

/// <summary>Random weights whose scales are all 2⁻¹⁰, in memory of their own.</summary>
internal sealed class RandomMatrix : IDisposable
{
    private const ushort Scale = 0x1400; // 2^-10 in half precision

    private readonly AlignedBuffer<byte> _memory;

    public RandomMatrix(TensorType type, int rows, int columns)
    {
        long bytes = rows * TensorTypes.RowBytes(type, columns);
        _memory = new AlignedBuffer<byte>(bytes);
        var random = new Random(1);
        int blockBytes = TensorTypes.BlockBytes(type), rowBytes = (int)TensorTypes.RowBytes(type, columns);
        int[] scalesAt = type switch
        {
            TensorType.Q4_K or TensorType.Q5_K => [0, 2],
            TensorType.Q6_K => [208],
            _ => [0],
        };
        for (int row = 0; row < rows; row++)
        {
            Span<byte> data = _memory.Slice((long)row * rowBytes, rowBytes);
            random.NextBytes(data);
            for (int block = 0; block < data.Length; block += blockBytes)
            {
                foreach (int at in scalesAt)
                {
                    BitConverter.TryWriteBytes(data[(block + at)..], Scale);
                }
            }

            if (TensorTypes.BlockElements(type) == 1)
            {
                data.Clear(); // random floats hold infinities; the speed does not depend on the value
            }
        }

        Matrix = new WeightMatrix(type, rows, columns, _memory.Address, _memory);
    }

    public WeightMatrix Matrix { get; }

    public void Dispose() => _memory.Dispose();
}
