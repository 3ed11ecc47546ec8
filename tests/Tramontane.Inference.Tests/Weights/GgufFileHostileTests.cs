using Tramontane.Compute.Quantization;
using Tramontane.Inference.Weights;

namespace Tramontane.Inference.Tests.Weights;

/// <summary>Files that no sound writer writes: each must be refused with an error that says where and why.</summary>
public class GgufFileHostileTests
{
    // Name of the case, what is changed in a sound file, the place that the error names, a part of its message.
    private static readonly (string Name, Action<GgufBuilder> Break, string Place, string Message)[] s_cases =
    [
        ("magic", b => b.Magic = "GGML", "header", "found the bytes 47474D4C"),
        ("version 1", b => b.Version = 1, "header", "found version 1"),
        ("version 4", b => b.Version = 4, "header", "found version 4"),
        ("big-endian", b => b.Version = 0x03000000, "header", "found a big-endian file"),
        ("huge key count", b => b.KeyCount = ulong.MaxValue, "header", "metadata keys, as many as the rest of the header can hold"),
        ("huge tensor count", b => b.TensorCount = 1UL << 60, "header", "tensors, as many as the rest of the header can hold"),
        ("huge string", b => b.SetRaw("text", 8, BitConverter.GetBytes(1UL << 40)), "text", "bytes of text"),
        ("string of 2^64 - 1", b => b.SetRaw("text", 8, BitConverter.GetBytes(ulong.MaxValue)), "text", "found 18446744073709551615"),
        ("huge array", b => b.SetRaw("text", 9, GgufBuilder.Array(6, 1UL << 61, [])), "text", "numbers"),
        ("huge array of strings", b => b.SetRaw("text", 9, GgufBuilder.Array(8, 1UL << 61, [])), "text", "strings"),
        ("huge array of arrays", b => b.SetRaw("text", 9, GgufBuilder.Array(9, 1UL << 61, [])), "text", "arrays"),
        ("deep array", b => b.SetRaw("text", 9, Deep(9)), "text", "arrays nested at most 8 deep"),
        ("endless array", b => b.SetRaw("text", 9, Deep(5_000)), "text", "arrays nested at most 8 deep"),
        ("value type", b => b.SetRaw("text", 13, []), "text", "a value type from 0 to 12, found 13"),
        ("element type", b => b.SetRaw("text", 9, GgufBuilder.Array(99, 0, [])), "text", "an element type from 0 to 12, found 99"),
        ("boolean 2", b => b.SetRaw("flag", 7, [2]), "flag", "0 or 1 as a boolean, found 2"),
        ("key twice", b => b.Keys.Add(("general.name", 0, [1])), "general.name", "only once"),
        ("alignment 0", b => b.Set("general.alignment", 0u), "general.alignment", "a power of two as uint32, found 0"),
        ("alignment 48", b => b.Set("general.alignment", 48u), "general.alignment", "found 48"),
        ("alignment as text", b => b.Set("general.alignment", "32"), "general.alignment", "found 32 (String)"),
        ("tensor twice", b => b.Add("a", TensorType.F32, 8), "a", "only once"),
        ("no dimensions", b => b.Tensor("a").Dimensions = [], "a", "1 to 4 dimensions, found 0"),
        ("five dimensions", b => b.Tensor("a").Dimensions = [1, 1, 1, 1, 1], "a", "found 5"),
        ("dimension 0", b => b.Tensor("a").Dimensions = [8, 0], "a", "found 0 as dimension 1"),
        ("dimension 2^63", b => b.Tensor("a").Dimensions = [1UL << 63], "a", "found 9223372036854775808 as dimension 0"),
        ("product overflow", b => b.Tensor("a").Dimensions = [1UL << 32, 1UL << 32], "a", "a product below 2^63"),
        ("product of four", b => b.Tensor("a").Dimensions = [ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue], "a", "a product below 2^63"),
        ("bytes beyond the file", b => b.Tensor("a").Dimensions = [1UL << 62], "a", "data inside the file"),
        ("half a block", b => b.Tensor("q").Dimensions = [48], "q", "rows that are a multiple of 32, as Q8_0 needs, found rows of 48"),
        ("IQ1_S", b => b.Tensor("q").Type = 19, "q", "found IQ1_S (type 19)"),
        ("MXFP4", b => b.Tensor("q").Type = 39, "q", "found MXFP4 (type 39)"),
        ("integers", b => b.Tensor("q").Type = 26, "q", "found I32 (type 26)"),
        ("unheard-of type", b => b.Tensor("q").Type = 1_000, "q", "an unknown format (type 1000)"),
        ("type 2^32 - 1", b => b.Tensor("q").Type = uint.MaxValue, "q", "an unknown format (type 4294967295)"),
        ("misaligned", b => b.Tensor("q").Offset = 33, "q", "a multiple of 32, found 33"),
        ("offset beyond the file", b => b.Tensor("q").Offset = ulong.MaxValue - 31, "q", "data inside the file"),
        ("offset at the end", b => b.Tensor("q").Offset = 96, "q", "it is incomplete"),
        ("overlap", b => b.Tensor("q").Offset = 0, "q", "behind the tensor before it"),
        ("parts", b => b.SetRaw("split.count", 2, [3, 0]), "split.count", "one of 3 parts"),
    ];

    public static TheoryData<string> Cases => new(s_cases.Select(c => c.Name));

    [Theory, MemberData(nameof(Cases))]
    public void Open_BrokenFile_SaysWhereAndWhy(string name)
    {
        (_, Action<GgufBuilder> breakFile, string place, string message) = s_cases.Single(c => c.Name == name);
        GgufBuilder builder = Sound();
        breakFile(builder);
        using var temporary = new TemporaryFile(builder.Build());

        GgufException exception = Assert.Throws<GgufException>(() => new GgufFile(temporary.Path));

        Assert.Equal(place, exception.Place);
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
        Assert.StartsWith(temporary.Path, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_TruncatedAnywhere_IsRefused()
    {
        byte[] sound = Sound().Build();
        int padding = 64 - 34; // behind the last tensor; nothing needs it
        for (int length = 0; length < sound.Length - padding; length++)
        {
            using var temporary = new TemporaryFile(sound[..length]);
            Assert.True(Record.Exception(() => new GgufFile(temporary.Path)) is GgufException, $"length {length}");
        }
    }

    [Fact]
    public void Open_KeyThatIsNotUtf8_IsRefused()
    {
        byte[] content = Sound().Build();
        int key = content.AsSpan().IndexOf("general.name"u8);
        content[key] = 0xFF;
        using var temporary = new TemporaryFile(content);
        Assert.Contains("a name in UTF-8", Assert.Throws<GgufException>(() => new GgufFile(temporary.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NoTensors_NeedsNoData()
    {
        using var temporary = new TemporaryFile(new GgufBuilder().Set("a", 1u).Build()[..45]);
        using var file = new GgufFile(temporary.Path);
        Assert.Empty(file.Tensors);
    }

    private static GgufBuilder Sound()
    {
        var builder = new GgufBuilder();
        builder.Set("general.name", "sound");
        builder.Add("a", TensorType.F32, 8);
        builder.Add("q", TensorType.Q8_0, 32);
        return builder;
    }

    // An array of one array of one array …
    private static byte[] Deep(int depth)
    {
        var bytes = new List<byte>();
        for (int i = 1; i < depth; i++)
        {
            bytes.AddRange(GgufBuilder.Array(9, 1, []));
        }

        return [.. bytes, .. GgufBuilder.Array(0, 0, [])];
    }
}
