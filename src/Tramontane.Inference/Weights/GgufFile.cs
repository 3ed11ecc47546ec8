using System.Numerics;
using Tramontane.Compute.Memory;
using Tramontane.Compute.Quantization;

namespace Tramontane.Inference.Weights;

/// <summary>
/// A GGUF file: metadata and tensor directory, read and checked at once, and tensor data, mapped and read when it is
/// used. Immutable; any thread may use it. Matrices outlive it.
/// </summary>
public sealed class GgufFile : IDisposable
{
    // Vocabularies take about 10 MB. The limit bounds what a hostile file can make a reader allocate.
    private const int MaxHeaderBytes = 256 << 20;

    private readonly MappedFile _file;
    private readonly Dictionary<string, GgufTensor> _tensorsByName;

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="GgufException">The file is broken, incomplete, of another format or one of several parts.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public GgufFile(string path)
    {
        _file = new MappedFile(path);
        try
        {
            var reader = new GgufReader(path, _file.Slice(0, (int)Math.Min(_file.Length, MaxHeaderBytes)), _file.Length);
            reader.Read();
            Version = (int)reader.Version;
            Metadata = reader.Metadata;
            Tensors = reader.Tensors;
            _tensorsByName = reader.Tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
            if (FindInteger("split.count") is > 1 and int parts)
            {
                throw Error("split.count", "a whole model in one file (llama-gguf-split --merge joins the parts)", $"one of {parts} parts");
            }
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>As given to the constructor.</summary>
    public string Path => _file.Path;

    /// <summary>Bytes of the file.</summary>
    public long Length => _file.Length;

    /// <summary>2 or 3.</summary>
    public int Version { get; }

    /// <summary>All metadata: boxed numbers in their stored types, <see cref="bool"/>, <see cref="string"/>, and arrays of those.</summary>
    public IReadOnlyDictionary<string, object> Metadata { get; }

    /// <summary>All tensors, in the file's order.</summary>
    public IReadOnlyList<GgufTensor> Tensors { get; }

    /// <summary>The tensor of a name, or null.</summary>
    public GgufTensor? FindTensor(string name) => _tensorsByName.GetValueOrDefault(name);

    /// <summary>The tensor of a name.</summary>
    /// <exception cref="GgufException">There is none.</exception>
    public GgufTensor GetTensor(string name) => FindTensor(name) ?? throw Error(name, "such a tensor", "none");

    /// <summary>A tensor as a matrix, where it lies.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="rows">The rows (outputs) that it must have.</param>
    /// <param name="columns">The columns (inputs) that it must have.</param>
    /// <exception cref="GgufException">There is no such tensor, or its shape is another.</exception>
    public WeightMatrix Matrix(string name, int rows, int columns)
    {
        GgufTensor tensor = CheckedShape(name, columns, rows);
        return TensorTypes.RowBytes(tensor.Type, columns) <= int.MaxValue
            ? _file.Matrix(tensor.Offset, tensor.Type, rows, columns)
            : throw Error(name, "rows below 2 GiB", $"{tensor.Shape}");
    }

    /// <summary>The filters of a convolution over square patches as a matrix, where they lie: a row per filter, its columns ordered channel, row, column.</summary>
    /// <exception cref="GgufException">There is no such tensor, its shape is another, or it is quantised.</exception>
    public WeightMatrix Filters(string name, int filters, int channels, int side)
    {
        GgufTensor tensor = CheckedShape(name, side, side, channels, filters);
        return TensorTypes.BlockElements(tensor.Type) == 1
            ? _file.Matrix(tensor.Offset, tensor.Type, filters, channels * side * side)
            : throw Error(name, "F32, F16 or BF16", tensor.Shape);
    }

    /// <summary>A one-dimensional tensor as float32.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="length">The length that it must have.</param>
    /// <exception cref="GgufException">There is no such tensor, its length is another, or it is quantised.</exception>
    public float[] Vector(string name, int length)
    {
        GgufTensor tensor = CheckedShape(name, length);
        if (tensor.Type is not (TensorType.F32 or TensorType.F16 or TensorType.BF16) || tensor.ByteLength > int.MaxValue)
        {
            throw Error(name, "F32, F16 or BF16 below 2 GiB", tensor.Shape);
        }

        var values = new float[length];
        Dequantizer.Dequantize(tensor.Type, _file.Slice(tensor.Offset, (int)tensor.ByteLength), values);
        GC.KeepAlive(_file); // the span alone does not keep the file mapped
        return values;
    }

    /// <summary>A string of the metadata.</summary>
    /// <exception cref="GgufException">The key is missing or no string.</exception>
    public string GetString(string key) => FindString(key) ?? throw Missing(key, "a string");

    /// <summary>A string of the metadata, or null when the key is missing.</summary>
    /// <exception cref="GgufException">The value is no string.</exception>
    public string? FindString(string key) => Find(key) switch
    {
        null => null,
        string text => text,
        object other => throw Error(key, "a string", Describe(other)),
    };

    /// <summary>An integer of the metadata, whatever its stored width.</summary>
    /// <exception cref="GgufException">The key is missing, no integer, or beyond 32 bits.</exception>
    public int GetInteger(string key) => FindInteger(key) ?? throw Missing(key, "an integer");

    /// <summary>An integer of the metadata, whatever its stored width; null when the key is missing.</summary>
    /// <exception cref="GgufException">The value is no integer, or beyond 32 bits.</exception>
    public int? FindInteger(string key) => Find(key) switch
    {
        null => null,
        byte v => v,
        sbyte v => v,
        ushort v => v,
        short v => v,
        int v => v,
        uint v when v <= int.MaxValue => (int)v,
        ulong v when v <= int.MaxValue => (int)v,
        long v when v is >= int.MinValue and <= int.MaxValue => (int)v,
        object other => throw Error(key, "an integer of 32 bits", Describe(other)),
    };

    /// <summary>A floating-point number of the metadata.</summary>
    /// <exception cref="GgufException">The key is missing or no such number.</exception>
    public double GetFloat(string key) => FindFloat(key) ?? throw Missing(key, "a floating-point number");

    /// <summary>A floating-point number of the metadata; null when the key is missing.</summary>
    /// <exception cref="GgufException">The value is no such number.</exception>
    public double? FindFloat(string key) => Find(key) switch
    {
        null => null,
        float v => v,
        double v => v,
        object other => throw Error(key, "a floating-point number", Describe(other)),
    };

    /// <summary>A boolean of the metadata; null when the key is missing.</summary>
    /// <exception cref="GgufException">The value is no boolean.</exception>
    public bool? FindBoolean(string key) => Find(key) switch
    {
        null => null,
        bool v => v,
        object other => throw Error(key, "a boolean", Describe(other)),
    };

    /// <summary>An array of strings of the metadata.</summary>
    /// <exception cref="GgufException">The key is missing or no such array.</exception>
    public IReadOnlyList<string> GetStrings(string key) => Find(key) switch
    {
        string[] values => values,
        null => throw Missing(key, "an array of strings"),
        object other => throw Error(key, "an array of strings", Describe(other)),
    };

    /// <summary>An array of integers of the metadata, whatever their stored width.</summary>
    /// <exception cref="GgufException">The key is missing or no such array, or a value is beyond 32 bits.</exception>
    public IReadOnlyList<int> GetIntegers(string key)
    {
        object values = Find(key) ?? throw Missing(key, "an array of integers");
        // By exact element type: to a type pattern, uint[] is int[] too.
        return Type.GetTypeCode(values.GetType().GetElementType()) switch
        {
            TypeCode.Int32 => (int[])values,
            TypeCode.UInt32 => Narrow(key, (uint[])values),
            TypeCode.Int64 => Narrow(key, (long[])values),
            TypeCode.UInt64 => Narrow(key, (ulong[])values),
            TypeCode.Int16 => Narrow(key, (short[])values),
            TypeCode.UInt16 => Narrow(key, (ushort[])values),
            TypeCode.SByte => Narrow(key, (sbyte[])values),
            TypeCode.Byte => Narrow(key, (byte[])values),
            _ => throw Error(key, "an array of integers", Describe(values)),
        };
    }

    /// <summary>The first bytes of a tensor's data.</summary>
    internal ReadOnlySpan<byte> Beginning(GgufTensor tensor, int length) => _file.Slice(tensor.Offset, (int)Math.Min(length, tensor.ByteLength));

    /// <summary>Ends the use of this object; matrices that it handed out stay valid.</summary>
    public void Dispose() => _file.Dispose();

    /// <summary>An error that names this file.</summary>
    internal GgufException Error(string place, string expected, string found, Exception? innerException = null) =>
        new(Path, place, expected, found, innerException);

    private static string Describe(object value) => value switch
    {
        Array array => $"an array of {array.Length} {array.GetType().GetElementType()!.Name}",
        string text => $"the string '{(text.Length <= 64 ? text : text[..64] + "…")}'",
        _ => $"{value} ({value.GetType().Name})",
    };

    private object? Find(string key) => Metadata.GetValueOrDefault(key);

    private GgufException Missing(string key, string expected) => Error(key, expected, "no such key");

    private int[] Narrow<T>(string key, T[] values)
        where T : IBinaryInteger<T>
    {
        var narrowed = new int[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            narrowed[i] = int.CreateSaturating(values[i]);
            if (T.CreateTruncating(narrowed[i]) != values[i])
            {
                throw Error(key, "integers of 32 bits", $"{values[i]} at {i}");
            }
        }

        return narrowed;
    }

    // Writers may drop trailing dimensions of 1, so missing ones count as 1.
    private GgufTensor CheckedShape(string name, params ReadOnlySpan<long> expected)
    {
        GgufTensor tensor = GetTensor(name);
        bool matches = true;
        for (int i = 0; i < Math.Max(expected.Length, tensor.Dimensions.Count); i++)
        {
            long wanted = i < expected.Length ? expected[i] : 1, actual = i < tensor.Dimensions.Count ? tensor.Dimensions[i] : 1;
            matches &= wanted == actual;
        }

        return matches ? tensor : throw Error(name, $"the shape [{string.Join(", ", expected.ToArray())}]", tensor.Shape);
    }
}
