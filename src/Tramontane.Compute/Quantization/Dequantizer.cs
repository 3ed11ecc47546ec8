using System.Buffers.Binary;

namespace Tramontane.Compute.Quantization;

/// <summary>
/// The definition of every stored format: what float32 values its bytes mean. Scalar, and bit for bit what llama.cpp's
/// dequantize_row functions give (ggml-quants.c; block layouts in ggml-common.h): each product and difference is
/// rounded to float32 in the order written here. Kernels are held to these values.
/// </summary>
public static partial class Dequantizer
{
    /// <summary>Expands whole blocks.</summary>
    /// <param name="type">How <paramref name="blocks"/> are stored.</param>
    /// <param name="blocks">The stored bytes: <see cref="TensorTypes.RowBytes"/> of the destination's length.</param>
    /// <param name="destination">Receives the values; its length is a multiple of the format's block.</param>
    /// <exception cref="ArgumentException">The lengths do not belong together, or the format is unknown.</exception>
    public static void Dequantize(TensorType type, ReadOnlySpan<byte> blocks, Span<float> destination)
    {
        int blockBytes = TensorTypes.BlockBytes(type), blockElements = TensorTypes.BlockElements(type);
        if (blockBytes == 0)
        {
            throw new ArgumentException($"{type} is not a format that can be read.", nameof(type));
        }

        if (destination.Length % blockElements != 0 || blocks.Length != TensorTypes.RowBytes(type, destination.Length))
        {
            throw new ArgumentException($"{blocks.Length} bytes of {type} are not {destination.Length} values.", nameof(blocks));
        }

        switch (type)
        {
            case TensorType.F32: F32(blocks, destination); return;
            case TensorType.F16: F16(blocks, destination); return;
            case TensorType.BF16: BF16(blocks, destination); return;
        }

        for (; !destination.IsEmpty; blocks = blocks[blockBytes..], destination = destination[blockElements..])
        {
            ReadOnlySpan<byte> block = blocks[..blockBytes];
            Span<float> y = destination[..blockElements];
            switch (type)
            {
                case TensorType.Q4_0: Q4_0(block, y); break;
                case TensorType.Q4_1: Q4_1(block, y); break;
                case TensorType.Q5_0: Q5_0(block, y); break;
                case TensorType.Q5_1: Q5_1(block, y); break;
                case TensorType.Q8_0: Q8_0(block, y); break;
                case TensorType.Q2_K: Q2_K(block, y); break;
                case TensorType.Q3_K: Q3_K(block, y); break;
                case TensorType.Q4_K: Q4_K(block, y); break;
                case TensorType.Q5_K: Q5_K(block, y); break;
                case TensorType.Q6_K: Q6_K(block, y); break;
                case TensorType.IQ4_NL: IQ4_NL(block, y); break;
                case TensorType.IQ4_XS: IQ4_XS(block, y); break;
            }
        }
    }

    private static float Half(ReadOnlySpan<byte> block, int offset) => (float)BinaryPrimitives.ReadHalfLittleEndian(block[offset..]);
}
