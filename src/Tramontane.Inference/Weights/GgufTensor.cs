using Tramontane.Compute.Quantization;

namespace Tramontane.Inference.Weights;

/// <summary>An entry of a GGUF file's tensor directory, checked: its data lies inside the file and belongs to it alone.</summary>
/// <param name="Name">The tensor's name, such as <c>blk.0.attn_q.weight</c>.</param>
/// <param name="Type">How its elements are stored.</param>
/// <param name="Dimensions">One to four sizes, the fastest-varying first: a matrix is [columns, rows].</param>
/// <param name="Offset">Bytes from the beginning of the file.</param>
/// <param name="ByteLength">Bytes of data.</param>
public sealed record GgufTensor(string Name, TensorType Type, IReadOnlyList<long> Dimensions, long Offset, long ByteLength)
{
    /// <summary>Number of elements.</summary>
    public long ElementCount => Dimensions.Aggregate(1L, (product, dimension) => product * dimension);

    /// <summary>The type and sizes for people: <c>Q4_K [5120, 4096]</c>.</summary>
    public string Shape => $"{Type} [{string.Join(", ", Dimensions)}]";
}
