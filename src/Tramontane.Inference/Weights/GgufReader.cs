using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Tramontane.Compute.Quantization;

namespace Tramontane.Inference.Weights;

/// <summary>
/// Reads the header of a GGUF file, versions 2 and 3 (docs/gguf.md of ggml defines it): counts, metadata, tensor
/// directory. Trusts nothing: every count is held against the bytes that are left before anything is allocated for it.
/// </summary>
internal ref struct GgufReader
{
    private const int MaxArrayDepth = 8;
    private const int MaxDimensions = 4;
    private const int MaxNameBytes = 65_535;
    private const uint DefaultAlignment = 32;
    private const string AlignmentKey = "general.alignment";

    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly string _file;
    private readonly long _fileLength;
    private readonly ReadOnlySpan<byte> _header;
    private int _position;
    private string _place = "header"; // what is being read, for messages

    /// <summary>Prepares to read.</summary>
    /// <param name="file">What error messages call the file.</param>
    /// <param name="header">The beginning of the file, as much as may be read.</param>
    /// <param name="fileLength">Bytes of the whole file.</param>
    public GgufReader(string file, ReadOnlySpan<byte> header, long fileLength)
    {
        _file = file;
        _header = header;
        _fileLength = fileLength;
    }

    public uint Version { get; private set; }

    public uint Alignment { get; private set; } = DefaultAlignment;

    /// <summary>Boxed numbers, booleans and strings by key; arrays as arrays of those.</summary>
    public Dictionary<string, object> Metadata { get; } = new(StringComparer.Ordinal);

    /// <summary>The tensors in the file's order.</summary>
    public List<GgufTensor> Tensors { get; } = [];

    public void Read()
    {
        ReadMagicAndVersion();
        ulong tensorCount = Number<ulong>(), keyCount = Number<ulong>();
        CheckCount(keyCount, smallestBytes: 13, "metadata keys"); // an empty key, a type and one byte
        CheckCount(tensorCount, smallestBytes: 32, "tensors"); // an empty name, one dimension, a type and an offset
        for (ulong i = 0; i < keyCount; i++)
        {
            _place = $"metadata key {i}";
            string key = Name();
            _place = key;
            if (!Metadata.TryAdd(key, Value(Number<uint>(), depth: 0)))
            {
                throw Error("a key only once", "it twice");
            }
        }

        ReadAlignment();
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (ulong i = 0; i < tensorCount; i++)
        {
            _place = $"tensor {i}";
            GgufTensor tensor = Tensor();
            if (!names.Add(tensor.Name))
            {
                throw Error("a tensor only once", "it twice");
            }

            Tensors.Add(tensor);
        }

        PlaceTensors();
    }

    private void ReadMagicAndVersion()
    {
        ReadOnlySpan<byte> magic = Take(4);
        if (!magic.SequenceEqual("GGUF"u8))
        {
            throw Error("the letters GGUF at the beginning of the file", $"the bytes {Convert.ToHexString(magic)}");
        }

        Version = Number<uint>();
        if (Version is not (2 or 3))
        {
            bool bigEndian = BinaryPrimitives.ReverseEndianness(Version) is 2 or 3;
            throw Error("version 2 or 3, little-endian", bigEndian ? "a big-endian file" : $"version {Version}");
        }
    }

    private void ReadAlignment()
    {
        _place = AlignmentKey;
        if (Metadata.TryGetValue(AlignmentKey, out object? value))
        {
            Alignment = value is uint alignment && uint.IsPow2(alignment)
                ? alignment
                : throw Error("a power of two as uint32", $"{value} ({value.GetType().Name})");
        }
    }

    private GgufTensor Tensor()
    {
        string name = Name();
        _place = name;
        uint dimensionCount = Number<uint>();
        if (dimensionCount is 0 or > MaxDimensions)
        {
            throw Error($"1 to {MaxDimensions} dimensions", $"{dimensionCount}");
        }

        var dimensions = new long[dimensionCount];
        UInt128 elements = 1;
        for (int i = 0; i < dimensions.Length; i++)
        {
            ulong dimension = Number<ulong>();
            // The product is kept below 2^63, so that the next one cannot exceed 128 bits.
            if (dimension == 0 || (elements *= dimension) > long.MaxValue)
            {
                throw Error("positive dimensions with a product below 2^63", $"{dimension} as dimension {i}");
            }

            dimensions[i] = (long)dimension;
        }

        uint typeCode = Number<uint>();
        var type = (TensorType)typeCode;
        if (typeCode > int.MaxValue || !TensorTypes.IsSupported(type))
        {
            throw Error("a format that can be read", $"{GgufTypeNames.Of(typeCode)} (type {typeCode})");
        }

        int blockElements = TensorTypes.BlockElements(type);
        if (dimensions[0] % blockElements != 0)
        {
            throw Error($"rows that are a multiple of {blockElements}, as {type} needs", $"rows of {dimensions[0]}");
        }

        UInt128 bytes = elements / (ulong)blockElements * (ulong)TensorTypes.BlockBytes(type);
        ulong offset = Number<ulong>();
        if (bytes > (ulong)_fileLength || offset > (ulong)_fileLength)
        {
            throw Error($"data inside the file's {_fileLength} bytes", $"{bytes} bytes at offset {offset} of the data");
        }

        if (offset % Alignment != 0)
        {
            throw Error($"an offset that is a multiple of {Alignment}", $"{offset}");
        }

        return new GgufTensor(name, type, dimensions, (long)offset, (long)bytes);
    }

    // Offsets in the file count from the end of the header, rounded up; from here on from the beginning of the file.
    private void PlaceTensors()
    {
        long dataStart = (_position + (long)Alignment - 1) / Alignment * Alignment;
        for (int i = 0; i < Tensors.Count; i++)
        {
            GgufTensor tensor = Tensors[i] with { Offset = dataStart + Tensors[i].Offset };
            _place = tensor.Name;
            if (tensor.ByteLength > _fileLength - tensor.Offset)
            {
                throw Error($"a file of at least {tensor.Offset + tensor.ByteLength} bytes", $"{_fileLength} bytes: it is incomplete");
            }

            Tensors[i] = tensor;
        }

        long end = 0;
        foreach (GgufTensor tensor in Tensors.OrderBy(tensor => tensor.Offset))
        {
            _place = tensor.Name;
            if (tensor.Offset < end)
            {
                throw Error($"data from byte {end} on, behind the tensor before it", $"byte {tensor.Offset}");
            }

            end = tensor.Offset + tensor.ByteLength;
        }
    }

    private object Value(uint type, int depth) => type switch
    {
        0 => Number<byte>(),
        1 => Number<sbyte>(),
        2 => Number<ushort>(),
        3 => Number<short>(),
        4 => Number<uint>(),
        5 => Number<int>(),
        6 => Number<float>(),
        7 => Boolean(),
        8 => Text(),
        9 => Array(depth + 1),
        10 => Number<ulong>(),
        11 => Number<long>(),
        12 => Number<double>(),
        _ => throw Error("a value type from 0 to 12", $"{type}"),
    };

    private object Array(int depth)
    {
        if (depth > MaxArrayDepth)
        {
            throw Error($"arrays nested at most {MaxArrayDepth} deep", "deeper ones");
        }

        uint type = Number<uint>();
        ulong count = Number<ulong>();
        return type switch
        {
            0 => Numbers<byte>(count),
            1 => Numbers<sbyte>(count),
            2 => Numbers<ushort>(count),
            3 => Numbers<short>(count),
            4 => Numbers<uint>(count),
            5 => Numbers<int>(count),
            6 => Numbers<float>(count),
            7 => Booleans(count),
            8 => Texts(count),
            9 => Arrays(count, depth),
            10 => Numbers<ulong>(count),
            11 => Numbers<long>(count),
            12 => Numbers<double>(count),
            _ => throw Error("an element type from 0 to 12", $"{type}"),
        };
    }

    private bool Boolean()
    {
        byte value = Number<byte>();
        return value <= 1 ? value == 1 : throw Error("0 or 1 as a boolean", $"{value}");
    }

    private bool[] Booleans(ulong count)
    {
        var values = new bool[CheckCount(count, smallestBytes: 1, "booleans")];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Boolean();
        }

        return values;
    }

    private string[] Texts(ulong count)
    {
        var values = new string[CheckCount(count, smallestBytes: sizeof(ulong), "strings")];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Text();
        }

        return values;
    }

    private object[] Arrays(ulong count, int depth)
    {
        var values = new object[CheckCount(count, smallestBytes: sizeof(uint) + sizeof(ulong), "arrays")];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Array(depth + 1);
        }

        return values;
    }

    private T[] Numbers<T>(ulong count)
        where T : unmanaged
    {
        int size = Unsafe.SizeOf<T>();
        int length = CheckCount(count, size, "numbers");
        return MemoryMarshal.Cast<byte, T>(Take(length * size)).ToArray();
    }

    private T Number<T>()
        where T : unmanaged => MemoryMarshal.Read<T>(Take(Unsafe.SizeOf<T>()));

    // Values need not be sound text (a vocabulary may hold anything); names must be, as they are compared.
    private string Text() => Encoding.UTF8.GetString(TextBytes());

    private string Name()
    {
        ReadOnlySpan<byte> bytes = TextBytes();
        if (bytes.Length > MaxNameBytes)
        {
            throw Error($"a name of at most {MaxNameBytes} bytes", $"{bytes.Length}");
        }

        try
        {
            return s_strictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException exception)
        {
            throw new GgufException(_file, _place, "a name in UTF-8", Convert.ToHexString(bytes[..Math.Min(bytes.Length, 64)]), exception);
        }
    }

    private ReadOnlySpan<byte> TextBytes() => Take(CheckCount(Number<ulong>(), smallestBytes: 1, "bytes of text"));

    private readonly int CheckCount(ulong count, int smallestBytes, string what)
    {
        int most = (_header.Length - _position) / smallestBytes;
        return count <= (ulong)most
            ? (int)count
            : throw Error($"at most {most} {what}, as many as the rest of the header can hold", $"{count}");
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _header.Length - _position)
        {
            string found = _header.Length < _fileLength ? $"a header of more than {_header.Length >> 20} MiB" : "the end of the file: it is incomplete";
            throw Error($"{count} more bytes at byte {_position}", found);
        }

        ReadOnlySpan<byte> bytes = _header.Slice(_position, count);
        _position += count;
        return bytes;
    }

    private readonly GgufException Error(string expected, string found) => new(_file, _place, expected, found);
}
