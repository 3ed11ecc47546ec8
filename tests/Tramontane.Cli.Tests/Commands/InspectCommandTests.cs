using System.Text.Json;
using Tramontane.Testing;

namespace Tramontane.Cli.Tests.Commands;

public sealed class InspectCommandTests
{
    [Fact]
    public async Task Json_OfATinyModel_TellsShapeTensorsAndMemory()
    {
        Outcome outcome = await Cli.RunAsync("inspect", Cli.TinyModel, "--json", "--ctx", "64", "--max-batch", "2", "--kv-type", "f32");
        using JsonDocument report = JsonDocument.Parse(outcome.Succeeded());
        JsonElement root = report.RootElement, decoder = root.GetProperty("decoder"), memory = root.GetProperty("memory");
        Assert.Equal(new FileInfo(Cli.TinyModel).Length, root.GetProperty("file_bytes").GetInt64());
        Assert.Equal((96, 6, 2), (decoder.GetProperty("dim").GetInt32(), decoder.GetProperty("query_heads").GetInt32(), decoder.GetProperty("key_value_heads").GetInt32()));
        Assert.False(root.GetProperty("is_demo").GetBoolean());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("refusal").ValueKind);

        // Keys and values of two full sequences in float32.
        int width = decoder.GetProperty("key_value_heads").GetInt32() * decoder.GetProperty("head_dim").GetInt32();
        Assert.Equal(2L * 64 * 2 * width * sizeof(float) * decoder.GetProperty("layers").GetInt32(), memory.GetProperty("cache_bytes").GetInt64());
        long parameters = root.GetProperty("tensor_types").EnumerateArray().Sum(t => t.GetProperty("parameters").GetInt64());
        Assert.Equal(root.GetProperty("parameters").GetInt64(), parameters);
    }

    [Fact]
    public async Task Text_OfAQuantisedModel_ListsItsFormats()
    {
        string output = (await Cli.RunAsync("inspect", Repository.Golden("model/tiny-k/tiny-k.q4_k_m.gguf"))).Succeeded();
        Assert.Contains("Q4_K", output, StringComparison.Ordinal);
        Assert.Contains("Runs here   yes", output, StringComparison.Ordinal);
        Assert.Contains("general.architecture", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task File_NotGguf_IsRefusedInOneLine()
    {
        string path = Repository.Golden("tokenizer/decode.json");
        (await Cli.RunAsync("inspect", path)).AssertFailure(1, path);
    }

    [Fact]
    public async Task File_Missing_IsRefusedInOneLine() => (await Cli.RunAsync("inspect", "none.gguf")).AssertFailure(1, "none.gguf");
}
