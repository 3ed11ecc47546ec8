using System.Runtime.InteropServices;
using System.Text.Json;
using Tramontane.Testing;

namespace Tramontane.Inference.Tests.Model;

/// <summary>A model of <c>tests/Golden/model</c> with the float64 reference's values; see the README there.</summary>
internal sealed class GoldenModel
{
    private readonly byte[] _blob;

    private GoldenModel(string name)
    {
        Folder = Repository.Golden($"model/{name}");
        Manifest = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, "manifest.json"))).RootElement;
        _blob = File.ReadAllBytes(Path.Combine(Folder, "golden.bin"));
    }

    public static GoldenModel TinyS { get; } = new("tiny-s");

    public static GoldenModel TinyK { get; } = new("tiny-k");

    public string Folder { get; }

    public JsonElement Manifest { get; }

    /// <summary>Every GGUF file of both models with the group of golden values that it is held to.</summary>
    public static IEnumerable<(GoldenModel Model, string File, string Group)> Files =>
        from model in (GoldenModel[])[TinyS, TinyK]
        from grouped in model.Manifest.GetProperty("groups").EnumerateObject()
        from file in grouped.Value.EnumerateArray()
        let name = file.GetString()!
        where name.EndsWith(".gguf", StringComparison.Ordinal)
        select (model, name, grouped.Name);

    public static GoldenModel ByFile(string file) => file.StartsWith("tiny-k", StringComparison.Ordinal) ? TinyK : TinyS;

    public static string GroupOf(string file) => Files.First(f => f.File == file).Group;

    /// <summary>Text cases; those with images are left to the vision tests.</summary>
    public IEnumerable<JsonElement> TextCases => Manifest.GetProperty("text").EnumerateArray().Where(c => !c.TryGetProperty("images", out _));

    public JsonElement TextCase(string id) => TextCases.First(c => c.GetProperty("id").GetString() == id);

    /// <summary>A float array of the golden data, row-major.</summary>
    public float[] Floats(JsonElement entry)
    {
        int count = entry.GetProperty("shape").EnumerateArray().Aggregate(1, (product, n) => product * n.GetInt32());
        return MemoryMarshal.Cast<byte, float>(_blob.AsSpan(entry.GetProperty("offset").GetInt32(), count * 4)).ToArray();
    }

    /// <summary>A byte array of the golden data.</summary>
    public byte[] Bytes(JsonElement entry)
    {
        int count = entry.GetProperty("shape").EnumerateArray().Aggregate(1, (product, n) => product * n.GetInt32());
        return _blob.AsSpan(entry.GetProperty("offset").GetInt32(), count).ToArray();
    }

    public static int[] Integers(JsonElement array) => [.. array.EnumerateArray().Select(n => n.GetInt32())];
}
