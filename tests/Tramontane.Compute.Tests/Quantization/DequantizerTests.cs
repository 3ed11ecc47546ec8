using System.Runtime.InteropServices;
using System.Text.Json;
using Tramontane.Compute.Quantization;
using Tramontane.Testing;

namespace Tramontane.Compute.Tests.Quantization;

public class DequantizerTests
{
    public static TheoryData<string> Formats => new(Golden().Select(entry => entry.Type));

    [Theory, MemberData(nameof(Formats))]
    public void Dequantize_GoldenBlocks_GivesTheSameBits(string format)
    {
        (_, byte[] blocks, float[] values) = Golden().Single(entry => entry.Type == format);
        float[] actual = new float[values.Length];

        Dequantizer.Dequantize(Enum.Parse<TensorType>(format), blocks, actual);

        Assert.Equal(values.Select(BitConverter.SingleToUInt32Bits), actual.Select(BitConverter.SingleToUInt32Bits));
    }

    [Fact]
    public void Golden_Formats_AreAllButThePlainOne()
    {
        IEnumerable<TensorType> covered = Golden().Select(entry => Enum.Parse<TensorType>(entry.Type));
        Assert.Equal(Enum.GetValues<TensorType>().Except([TensorType.F32]), covered.Order());
    }

    [Fact]
    public void Dequantize_F32_CopiesEveryBit()
    {
        float[] values = [0, -0f, 1, float.MinValue, float.Epsilon, float.PositiveInfinity, float.NaN];
        float[] actual = new float[values.Length];

        Dequantizer.Dequantize(TensorType.F32, MemoryMarshal.AsBytes<float>(values), actual);

        Assert.Equal(values.Select(BitConverter.SingleToUInt32Bits), actual.Select(BitConverter.SingleToUInt32Bits));
    }

    [Fact]
    public void Dequantize_EveryBlockOfSeveral_IsIndependentOfItsNeighbours()
    {
        var random = new Random(1);
        foreach (TensorType type in Enum.GetValues<TensorType>())
        {
            int elements = TensorTypes.BlockElements(type), bytes = TensorTypes.BlockBytes(type);
            byte[] blocks = random.Bytes(3 * bytes);
            float[] all = new float[3 * elements], one = new float[elements];
            Dequantizer.Dequantize(type, blocks, all);
            Dequantizer.Dequantize(type, blocks.AsSpan(bytes, bytes), one);
            Assert.Equal(one.Select(BitConverter.SingleToUInt32Bits), all[elements..(2 * elements)].Select(BitConverter.SingleToUInt32Bits));
        }
    }

    [Theory]
    [InlineData(TensorType.Q4_K, 144, 255)]
    [InlineData(TensorType.Q4_K, 143, 256)]
    [InlineData(TensorType.Q4_K, 144, 512)]
    [InlineData(TensorType.F16, 3, 1)]
    [InlineData((TensorType)19, 0, 0)]
    public void Dequantize_LengthsThatDoNotBelongTogether_Throws(TensorType type, int bytes, int values) =>
        Assert.Throws<ArgumentException>(() => Dequantizer.Dequantize(type, new byte[bytes], new float[values]));

    private static IEnumerable<(string Type, byte[] Blocks, float[] Values)> Golden()
    {
        byte[] data = File.ReadAllBytes(Repository.Golden("dequantization/golden.bin"));
        using JsonDocument manifest = JsonDocument.Parse(File.ReadAllBytes(Repository.Golden("dequantization/manifest.json")));
        foreach (JsonElement entry in manifest.RootElement.EnumerateArray())
        {
            byte[] values = Part(data, entry.GetProperty("values"));
            yield return (entry.GetProperty("type").GetString()!, Part(data, entry.GetProperty("blocks")), MemoryMarshal.Cast<byte, float>(values).ToArray());
        }
    }

    private static byte[] Part(byte[] data, JsonElement range) => data.AsSpan(range[0].GetInt32(), range[1].GetInt32()).ToArray();
}
