using Tramontane.Compute.Quantization;
using Tramontane.Inference.Weights;

namespace Tramontane.Inference.Tests.Weights;

public class GgufFileTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Open_EveryValueType_GivesTypedValues(uint version)
    {
        var builder = new GgufBuilder { Version = version };
        builder.SetRaw("u8", 0, [200]).SetRaw("i8", 1, [0xFF]).SetRaw("u16", 2, BitConverter.GetBytes((ushort)60_000))
            .SetRaw("i16", 3, BitConverter.GetBytes((short)-2)).Set("u32", 7u).SetRaw("i32", 5, BitConverter.GetBytes(-5))
            .Set("f32", 0.5f).Set("bool", true).Set("text", "Größe ✓").SetRaw("u64", 10, BitConverter.GetBytes(9UL))
            .SetRaw("i64", 11, BitConverter.GetBytes(-9L)).SetRaw("f64", 12, BitConverter.GetBytes(0.1))
            .Set("texts", ["a", "", "ü"]).Set("numbers", [3, -1, 2])
            .SetRaw("bytes", 9, GgufBuilder.Array(0, 3, [1, 2, 3]))
            .SetRaw("longs", 9, GgufBuilder.Array(11, 1, BitConverter.GetBytes(-1L)))
            .SetRaw("flags", 9, GgufBuilder.Array(7, 2, [1, 0]))
            .SetRaw("nested", 9, GgufBuilder.Array(9, 2, [.. GgufBuilder.Array(0, 1, [5]), .. GgufBuilder.Array(8, 0, [])]));
        using var temporary = new TemporaryFile(builder.Build());
        using var file = new GgufFile(temporary.Path);

        Assert.Equal((int)version, file.Version);
        Assert.Equal((200, -1, 60_000, -2, 7), (file.GetInteger("u8"), file.GetInteger("i8"), file.GetInteger("u16"), file.GetInteger("i16"), file.GetInteger("u32")));
        Assert.Equal((-5, 9, -9), (file.GetInteger("i32"), file.GetInteger("u64"), file.GetInteger("i64")));
        Assert.Equal((0.5, 0.1, true, "Größe ✓"), (file.GetFloat("f32"), file.GetFloat("f64"), file.FindBoolean("bool"), file.GetString("text")));
        Assert.Equal(["a", "", "ü"], file.GetStrings("texts"));
        Assert.Equal([3, -1, 2], file.GetIntegers("numbers"));
        Assert.Equal([1, 2, 3], file.GetIntegers("bytes"));
        Assert.Equal([-1], file.GetIntegers("longs"));
        Assert.Equal(new[] { true, false }, file.Metadata["flags"]);
        Assert.Equal(new object[] { new byte[] { 5 }, Array.Empty<string>() }, file.Metadata["nested"]);
        Assert.Equal(18, file.Metadata.Count);
        Assert.Null(file.FindString("missing") ?? (object?)file.FindInteger("missing") ?? file.FindFloat("missing") ?? (object?)file.FindBoolean("missing"));
    }

    [Fact]
    public void Accessors_MissingOrOfAnotherType_NameTheKey()
    {
        using var temporary = new TemporaryFile(new GgufBuilder().Set("text", "x").SetRaw("u64", 10, BitConverter.GetBytes(1UL << 40))
            .SetRaw("longs", 9, GgufBuilder.Array(10, 2, [.. BitConverter.GetBytes(1UL), .. BitConverter.GetBytes(ulong.MaxValue)])).Build());
        using var file = new GgufFile(temporary.Path);

        (string Key, Action Access, string Message)[] cases =
        [
            ("none", () => file.GetString("none"), "no such key"),
            ("none", () => file.GetInteger("none"), "no such key"),
            ("none", () => file.GetFloat("none"), "no such key"),
            ("none", () => file.GetStrings("none"), "no such key"),
            ("none", () => file.GetIntegers("none"), "no such key"),
            ("none", () => file.GetTensor("none"), "none"),
            ("text", () => file.GetInteger("text"), "the string 'x'"),
            ("text", () => file.FindFloat("text"), "the string 'x'"),
            ("text", () => file.FindBoolean("text"), "the string 'x'"),
            ("text", () => file.GetStrings("text"), "the string 'x'"),
            ("u64", () => file.GetString("u64"), "1099511627776 (UInt64)"),
            ("u64", () => file.GetInteger("u64"), "1099511627776 (UInt64)"),
            ("longs", () => file.GetStrings("longs"), "an array of 2 UInt64"),
            ("longs", () => file.GetIntegers("longs"), "18446744073709551615 at 1"),
        ];
        foreach ((string key, Action access, string message) in cases)
        {
            GgufException exception = Assert.Throws<GgufException>(access);
            Assert.Equal((temporary.Path, key), (exception.File, exception.Place));
            Assert.Contains(message, exception.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(32)]
    [InlineData(64)]
    [InlineData(4096)]
    public void Open_Tensors_LieWhereTheyWereWritten(uint alignment)
    {
        var builder = new GgufBuilder { Alignment = alignment };
        builder.Set("general.alignment", alignment);
        byte[] matrixData = builder.Add("m", TensorType.Q8_0, 64, 3).Data;
        byte[] vectorData = builder.Add("v", TensorType.F32, 5).Data;
        builder.Add("last", TensorType.Q4_K, 256, 1);
        using var temporary = new TemporaryFile(builder.Build());
        using var file = new GgufFile(temporary.Path);

        Assert.Equal(["m", "v", "last"], file.Tensors.Select(tensor => tensor.Name));
        Assert.All(file.Tensors, tensor => Assert.Equal(0, tensor.Offset % alignment));
        Assert.Equal((TensorType.Q8_0, 192L, 204L, "Q8_0 [64, 3]"), (file.Tensors[0].Type, file.Tensors[0].ElementCount, file.Tensors[0].ByteLength, file.Tensors[0].Shape));
        WeightMatrix matrix = file.Matrix("m", rows: 3, columns: 64);
        Assert.Equal(matrixData[136..], matrix.Row(2).ToArray());
        float[] expected = new float[5];
        Buffer.BlockCopy(vectorData, 0, expected, 0, 20);
        Assert.Equal(expected, file.Vector("v", 5));
        Assert.Equal(1, file.Matrix("last", 1, 256).Rows);
    }

    [Fact]
    public void Open_TensorBehindTwoGibibytes_IsReadWhereItLies()
    {
        var builder = new GgufBuilder();
        GgufBuilder.TensorEntry far = builder.Add("far", TensorType.F32, 2);
        far.Offset = 3UL << 30;
        far.Data = [];
        using var temporary = new TemporaryFile(builder.Build());
        long dataStart = new FileInfo(temporary.Path).Length;
        using (FileStream stream = File.OpenWrite(temporary.Path)) // sparse: takes a few blocks of disk
        {
            stream.Position = dataStart + (3L << 30);
            stream.Write([0, 0, 0x80, 0x3F, 0, 0, 0, 0x40]);
        }

        using var file = new GgufFile(temporary.Path);
        Assert.Equal(dataStart + (3L << 30), file.GetTensor("far").Offset);
        Assert.Equal([1f, 2f], file.Vector("far", 2));
        Assert.Equal([0, 0, 0, 0x40], file.Matrix("far", rows: 1, columns: 2).Row(0)[4..].ToArray());
    }

    [Fact]
    public void MatrixAndVector_AnotherShapeOrType_NameTheTensor()
    {
        var builder = new GgufBuilder();
        builder.Add("m", TensorType.F32, 8, 3);
        builder.Add("q", TensorType.Q8_0, 32);
        using var temporary = new TemporaryFile(builder.Build());
        using var file = new GgufFile(temporary.Path);

        GgufException exception = Assert.Throws<GgufException>(() => file.Matrix("m", rows: 8, columns: 3));
        Assert.Equal(("m", "the shape [3, 8]", "F32 [8, 3]"), (exception.Place, exception.Expected, exception.Found));
        Assert.Throws<GgufException>(() => file.Matrix("m", rows: 3, columns: 9));
        Assert.Throws<GgufException>(() => file.Vector("m", 8));
        Assert.Equal("F32, F16 or BF16 below 2 GiB", Assert.Throws<GgufException>(() => file.Vector("q", 32)).Expected);
        Assert.Equal(32, file.Matrix("q", rows: 1, columns: 32).Columns); // a dropped dimension of 1
    }

    [Fact]
    public void Dispose_MatricesHandedOut_StayReadable()
    {
        var builder = new GgufBuilder();
        byte[] data = builder.Add("m", TensorType.F32, 8, 3).Data;
        using var temporary = new TemporaryFile(builder.Build());
        WeightMatrix matrix;
        using (var file = new GgufFile(temporary.Path))
        {
            matrix = file.Matrix("m", 3, 8);
        }

        Assert.Equal(data[32..64], matrix.Row(1).ToArray());
    }
}
