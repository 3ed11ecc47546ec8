namespace Tramontane.Compute.Quantization;

/// <summary>How a tensor's elements are stored. The values are GGUF's type codes.</summary>
public enum TensorType
{
    /// <summary>IEEE single precision.</summary>
    F32 = 0,

    /// <summary>IEEE half precision.</summary>
    F16 = 1,

    /// <summary>32 4-bit values with one scale.</summary>
    Q4_0 = 2,

    /// <summary>32 4-bit values with a scale and a minimum.</summary>
    Q4_1 = 3,

    /// <summary>32 5-bit values with one scale.</summary>
    Q5_0 = 6,

    /// <summary>32 5-bit values with a scale and a minimum.</summary>
    Q5_1 = 7,

    /// <summary>32 8-bit values with one scale.</summary>
    Q8_0 = 8,

    /// <summary>256 2-bit values, 16 sub-blocks with 4-bit scales and minimums.</summary>
    Q2_K = 10,

    /// <summary>256 3-bit values, 16 sub-blocks with 6-bit scales.</summary>
    Q3_K = 11,

    /// <summary>256 4-bit values, 8 sub-blocks with 6-bit scales and minimums.</summary>
    Q4_K = 12,

    /// <summary>256 5-bit values, 8 sub-blocks with 6-bit scales and minimums.</summary>
    Q5_K = 13,

    /// <summary>256 6-bit values, 16 sub-blocks with 8-bit scales.</summary>
    Q6_K = 14,

    /// <summary>32 values out of a table of 16 with one scale.</summary>
    IQ4_NL = 20,

    /// <summary>256 values out of a table of 16, 8 sub-blocks with 6-bit scales.</summary>
    IQ4_XS = 23,

    /// <summary>The upper half of IEEE single precision.</summary>
    BF16 = 30,
}

/// <summary>Sizes of the block formats (ggml-common.h of llama.cpp defines them).</summary>
public static class TensorTypes
{
    /// <summary>Whether this build can read the format.</summary>
    public static bool IsSupported(TensorType type) => BlockBytes(type) != 0;

    /// <summary>Elements per block: 1, 32 or 256.</summary>
    public static int BlockElements(TensorType type) => type switch
    {
        TensorType.F32 or TensorType.F16 or TensorType.BF16 => 1,
        TensorType.Q2_K or TensorType.Q3_K or TensorType.Q4_K or TensorType.Q5_K or TensorType.Q6_K or TensorType.IQ4_XS => 256,
        _ => 32,
    };

    /// <summary>Bytes per block; 0 for a format that is not supported.</summary>
    public static int BlockBytes(TensorType type) => type switch
    {
        TensorType.F32 => 4,
        TensorType.F16 or TensorType.BF16 => 2,
        TensorType.Q4_0 or TensorType.IQ4_NL => 18,
        TensorType.Q4_1 => 20,
        TensorType.Q5_0 => 22,
        TensorType.Q5_1 => 24,
        TensorType.Q8_0 => 34,
        TensorType.Q2_K => 84,
        TensorType.Q3_K => 110,
        TensorType.Q4_K => 144,
        TensorType.Q5_K => 176,
        TensorType.Q6_K => 210,
        TensorType.IQ4_XS => 136,
        _ => 0,
    };

    /// <summary>Bytes of a row; the column count must be a multiple of <see cref="BlockElements"/>.</summary>
    public static long RowBytes(TensorType type, long columns) => columns / BlockElements(type) * BlockBytes(type);
}
