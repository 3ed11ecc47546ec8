using System.Text.Json;
using Tramontane.Testing;
using Tramontane.Tokenization.Images;
using Xunit.Abstractions;

namespace Tramontane.Tokenization.Tests.Images;

/// <summary>Sizes, refusals and token layouts of image.json, and the sizes of the golden PNG files.</summary>
public sealed class GoldenImageTests(ITestOutputHelper output) : IDisposable
{
    private readonly JsonDocument _golden = JsonDocument.Parse(File.ReadAllBytes(Repository.Golden("tokenizer/image.json")));

    public void Dispose() => _golden.Dispose();

    [Fact]
    public void TryCreate_EveryGoldenSize_GivesTheReferenceGrid()
    {
        int count = 0;
        foreach (JsonElement item in _golden.RootElement.GetProperty("sizes").EnumerateArray())
        {
            Assert.True(ImageGrid.TryCreate(Size(item), ImageConfiguration.Default, out ImageGrid grid), item.GetRawText());
            int Field(string name) => item.GetProperty(name).GetInt32();
            Assert.True(
                (Field("grid_w"), Field("grid_h"), Field("total_tokens")) == (grid.Columns, grid.Rows, grid.TokenCount)
                    && new ImageSize(Field("resized_width"), Field("resized_height")) == grid.ResizedSize,
                $"{item.GetRawText()}: got {grid}");
            var tokens = new List<int>();
            grid.AppendTokens(tokens);
            Assert.Equal(Field("img_tokens"), tokens.Count(t => t == SpecialTokens.Image));
            Assert.Equal(Field("total_tokens"), tokens.Count);
            count++;
        }

        output.WriteLine($"image.json: {count} sizes passed");
        Assert.Equal(53, count);
    }

    [Fact]
    public void TryCreate_EveryGoldenRefusal_IsRefused()
    {
        int count = 0;
        foreach (JsonElement item in _golden.RootElement.GetProperty("refused").EnumerateArray())
        {
            Assert.False(ImageGrid.TryCreate(Size(item), ImageConfiguration.Default, out _), item.GetRawText());
            count++;
        }

        Assert.Equal(3, count);
    }

    [Fact]
    public void AppendTokens_EveryGoldenLayout_GivesTheReferenceTokens()
    {
        int count = 0;
        foreach (JsonElement item in _golden.RootElement.GetProperty("layouts").EnumerateArray())
        {
            Assert.True(ImageGrid.TryCreate(Size(item), ImageConfiguration.Default, out ImageGrid grid));
            var tokens = new List<int>();
            grid.AppendTokens(tokens);
            Assert.Equal(item.GetProperty("tokens").EnumerateArray().Select(t => t.GetInt32()), tokens);
            count++;
        }

        Assert.Equal(4, count);
    }

    [Fact]
    public void TryReadSize_EveryGoldenImage_IsTheSizeInItsName()
    {
        string[] files = Directory.GetFiles(Repository.Golden("tokenizer/images"), "*.png");
        foreach (string file in files)
        {
            string[] sides = Path.GetFileNameWithoutExtension(file).Split('_')[^1].Split('x');
            Assert.True(ImageHeader.TryReadSize(File.ReadAllBytes(file), out ImageSize size), file);
            Assert.Equal(new ImageSize(int.Parse(sides[0]), int.Parse(sides[1])), size);
        }

        Assert.Equal(15, files.Length);
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(10, 0)]
    [InlineData(-5, 10)]
    [InlineData(int.MinValue, int.MinValue)]
    public void TryCreate_NoPixels_IsRefused(int width, int height) =>
        Assert.False(ImageGrid.TryCreate(new ImageSize(width, height), ImageConfiguration.Default, out _));

    [Fact]
    public void TryCreate_HugestSize_IsTheLargestGrid()
    {
        Assert.True(ImageGrid.TryCreate(new ImageSize(int.MaxValue, int.MaxValue), ImageConfiguration.Default, out ImageGrid grid));
        Assert.Equal((55, 55, 3080), (grid.Columns, grid.Rows, grid.TokenCount));
    }

    private static ImageSize Size(JsonElement item) => new(item.GetProperty("width").GetInt32(), item.GetProperty("height").GetInt32());
}
