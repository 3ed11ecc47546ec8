using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Tramontane.Compute.Quantization;

namespace Tramontane.Compute.Kernels;

/// <summary>Rows of stored weights as float32, bit for bit as <see cref="Dequantizer"/> defines them for finite scales, sixteen at a time.</summary>
internal static unsafe class Expansion
{
    /// <summary>Expands one row.</summary>
    /// <param name="weights">[rows, columns] in any format but F32.</param>
    /// <param name="row">Which row.</param>
    /// <param name="destination">Receives the row's columns.</param>
    public static void Row(WeightMatrix weights, int row, float* destination)
    {
        byte* source = weights.RowPointer(row);
        switch (weights.Type)
        {
            case TensorType.F16: Halves((ushort*)source, weights.Columns, destination); break;
            case TensorType.BF16: BFloats((ushort*)source, weights.Columns, destination); break;
            case TensorType.Q2_K: SuperBlocks<Q2KFormat>(source, weights.Columns, destination); break;
            case TensorType.Q3_K: SuperBlocks<Q3KFormat>(source, weights.Columns, destination); break;
            case TensorType.Q4_K: SuperBlocks<Q4KFormat>(source, weights.Columns, destination); break;
            case TensorType.Q5_K: SuperBlocks<Q5KFormat>(source, weights.Columns, destination); break;
            case TensorType.Q6_K: SuperBlocks<Q6KFormat>(source, weights.Columns, destination); break;
            case TensorType.Q4_0: Blocks32<Q40Format>(source, weights.Columns, destination); break;
            case TensorType.Q4_1: Blocks32<Q41Format>(source, weights.Columns, destination); break;
            case TensorType.Q5_0: Blocks32<Q50Format>(source, weights.Columns, destination); break;
            case TensorType.Q5_1: Blocks32<Q51Format>(source, weights.Columns, destination); break;
            case TensorType.Q8_0: Blocks32<Q80Format>(source, weights.Columns, destination); break;
            case TensorType.IQ4_NL: Blocks32<IQ4NLFormat>(source, weights.Columns, destination); break;
            case TensorType.IQ4_XS: Blocks32<IQ4XSFormat>(source, weights.Columns, destination); break;
            default: throw new InvalidOperationException($"No expansion for {weights.Type}.");
        }
    }

    private static void Halves(ushort* source, int columns, float* destination)
    {
        int c = 0;
        for (; c + 16 <= columns; c += 16)
        {
            Lanes.HalfToSingle(Vector256.Load(source + c)).Store(destination + c);
        }

        for (; c < columns; c++)
        {
            destination[c] = Lanes.HalfToSingle(source[c]);
        }
    }

    private static void BFloats(ushort* source, int columns, float* destination)
    {
        int c = 0;
        for (; c + 16 <= columns; c += 16)
        {
            (Lanes.Widen(Vector256.Load(source + c)) << 16).AsSingle().Store(destination + c);
        }

        for (; c < columns; c++)
        {
            destination[c] = BitConverter.UInt32BitsToSingle((uint)source[c] << 16);
        }
    }

    private static void SuperBlocks<TFormat>(byte* block, int columns, float* destination)
        where TFormat : struct, ISuperBlockFormat
    {
        for (int done = 0; done < columns; done += 256, block += TFormat.Bytes, destination += 256)
        {
            TFormat.Values(block, out Vector512<byte> q0, out Vector512<byte> q1, out Vector512<byte> q2, out Vector512<byte> q3);
            TFormat.Scales(block, out Vector256<short> scales, out Vector256<short> minimums, out float scale, out float minimumScale);
            Four<TFormat>(q0, scales, minimums, 0, scale, minimumScale, destination);
            Four<TFormat>(q1, scales, minimums, 4, scale, minimumScale, destination + 64);
            Four<TFormat>(q2, scales, minimums, 8, scale, minimumScale, destination + 128);
            Four<TFormat>(q3, scales, minimums, 12, scale, minimumScale, destination + 192);
        }
    }

    // Four sub-blocks of 16. Product and difference are rounded apart, as the definition has it: no fused operation here.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four<TFormat>(
        Vector512<byte> q, Vector256<short> scales, Vector256<short> minimums, int first, float scale, float minimumScale, float* destination)
        where TFormat : struct, ISuperBlockFormat
    {
        for (int i = 0; i < 4; i++)
        {
            Vector256<byte> half = i < 2 ? q.GetLower() : q.GetUpper();
            Vector128<byte> bytes = i % 2 == 0 ? half.GetLower() : half.GetUpper();
            Vector512<int> integers = Lanes.Widen(Lanes.Widen(bytes).AsUInt16()).AsInt32();
            float subScale = scale * scales.GetElement(first + i);
            Vector512<float> values = Vector512.ConvertToSingle(integers - Vector512.Create(TFormat.Offset)) * Vector512.Create(subScale);
            if (TFormat.Offset == 0)
            {
                values -= Vector512.Create(minimumScale * minimums.GetElement(first + i));
            }

            values.Store(destination + (i * 16));
        }
    }

    private static void Blocks32<TFormat>(byte* row, int columns, float* destination)
        where TFormat : struct, IBlock32Format
    {
        for (int b = 0; b < columns / 32; b++, destination += 32)
        {
            TFormat.Unpack(row, b, out Vector512<short> q);
            TFormat.Scale(row, b, out float scale, out float minimum);
            Half<TFormat>(q.GetLower(), scale, minimum, destination);
            Half<TFormat>(q.GetUpper(), scale, minimum, destination + 16);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Half<TFormat>(Vector256<short> q, float scale, float minimum, float* destination)
        where TFormat : struct, IBlock32Format
    {
        Vector512<int> integers = (Lanes.Widen(q.AsUInt16()).AsInt32() << 16) >> 16;
        Vector512<float> values = Vector512.ConvertToSingle(integers) * Vector512.Create(scale);
        if (TFormat.HasMinimum)
        {
            values += Vector512.Create(minimum);
        }

        values.Store(destination);
    }
}
