using System.Text.Json;
using Tramontane.Compute.Threading;
using Tramontane.Inference.Tests.Model;
using Tramontane.Inference.Vision;
using Tramontane.Inference.Weights;
using Tramontane.Tokenization.Images;
using Xunit.Abstractions;

namespace Tramontane.Inference.Tests.Vision;

/// <summary>Image embeddings and hidden states against the float64 reference, within tests/Golden/model/tolerances.json (float activations).</summary>
public sealed class VisionEncoderGoldenTests(ITestOutputHelper output)
{
    public static TheoryData<string> Files => ["mmproj-tiny-s.f32.gguf", "mmproj-tiny-s.f16.gguf"];

    private static GoldenModel Model => GoldenModel.TinyS;

    private static JsonElement[] Images => [.. Model.Manifest.GetProperty("vision").GetProperty("images").EnumerateArray()];

    [Theory, MemberData(nameof(Files))]
    public void Encode_EveryGoldenImage_LiesWithinTheStrictTolerance(string file)
    {
        using var harness = new VisionHarness(file, threads: 2);
        int states = 0;
        Deviation worst = default;
        foreach (JsonElement golden in Images)
        {
            Dictionary<string, float[][]> taps = harness.CollectTaps();
            float[] embeddings = harness.Encode(Prepare(golden));
            Check("output", Rows(embeddings, harness.Encoder.Config.OutputDim), golden.GetProperty("output"), maxAbsolute: 5e-4);
            taps["projector_norm"] = Unmerge(taps["merged"], golden, harness.Encoder.Config.MergeSize);
            foreach (JsonProperty tap in golden.GetProperty("taps").EnumerateObject())
            {
                Check(tap.Name, taps[tap.Name], tap.Value, double.PositiveInfinity);
                states++;
            }

            void Check(string name, float[][] actual, JsonElement expected, double maxAbsolute)
            {
                Deviation deviation = Deviation.Of(Model.Floats(expected), actual);
                Assert.True(deviation.Relative <= 3e-5 && deviation.MaxAbsolute <= maxAbsolute, $"{file} {golden.GetProperty("id")} {name}: {deviation}");
                worst = worst.Worst(deviation);
            }
        }

        output.WriteLine($"{file}: {Images.Length} image embeddings and {states} hidden states within tolerance, worst {worst}");
        Assert.Equal((4, 21), (Images.Length, states));
    }

    [Fact]
    public void TryCreate_GoldenImages_AreTheReferencePixels()
    {
        int compared = 0;
        foreach (JsonElement golden in Images.Where(i => i.TryGetProperty("pixels_chw", out _)))
        {
            PreparedImage image = Prepare(golden);
            (int height, int width) = (golden.GetProperty("height").GetInt32(), golden.GetProperty("width").GetInt32());
            float[] pixels = Model.Floats(golden.GetProperty("pixels_chw"));
            for (int i = 0; i < pixels.Length; i++)
            {
                Assert.Equal(pixels[i], image.Sample(i / (height * width), i / width % height, i % width), 1e-6f);
            }

            compared++;
        }

        Assert.Equal(2, compared);
    }

    [Fact]
    public void Encode_OneImageAfterAnother_GivesTheBatchGoldenAndTheBitsOfEachAlone()
    {
        // The reference encodes three images in one call with block-diagonal attention: the same outputs as one by one.
        string[] batch = [.. Model.Manifest.GetProperty("vision").GetProperty("batch").GetProperty("images").EnumerateArray().Select(n => n.GetString()!)];
        using var together = new VisionHarness("mmproj-tiny-s.f32.gguf", threads: 2);
        foreach (JsonElement golden in Images.Where(i => batch.Contains(i.GetProperty("id").GetString())))
        {
            using var alone = new VisionHarness("mmproj-tiny-s.f32.gguf", threads: 2);
            Assert.Equal(alone.Encode(Prepare(golden)), together.Encode(Prepare(golden)));
        }
    }

    [Theory]
    [InlineData(1, 512)]
    [InlineData(3, 512)]
    [InlineData(2, 40)]
    [InlineData(2, 7)]
    public void Encode_AnyThreadsAndStepSize_GivesTheSameBits(int threads, int patchesPerStep)
    {
        using var usual = new VisionHarness("mmproj-tiny-s.f16.gguf", threads: 2);
        using var other = new VisionHarness("mmproj-tiny-s.f16.gguf", threads, patchesPerStep);
        foreach (JsonElement golden in Images)
        {
            Assert.Equal(usual.Encode(Prepare(golden)), other.Encode(Prepare(golden)));
        }
    }

    [Fact]
    public void Advance_UntilTheEnd_TakesTheStatedStepsAndFreesTheEncoder()
    {
        using var harness = new VisionHarness("mmproj-tiny-s.f32.gguf", threads: 2, patchesPerStep: 50);
        PreparedImage image = Prepare(Images[2]);
        using ImageEncoding encoding = harness.Encoder.Begin(image);
        Assert.Throws<InvalidOperationException>(() => harness.Encoder.Begin(image));
        int steps = 0;
        while (encoding.Advance())
        {
            steps++;
        }

        Assert.Equal(encoding.StepCount, steps);
        using ImageEncoding abandoned = harness.Encoder.Begin(image);
        Assert.True(abandoned.Advance() && abandoned.Advance() && abandoned.Advance());
        abandoned.Dispose();
        Assert.Equal(encoding.Embeddings, harness.Encode(image)); // what was abandoned leaves no trace
    }

    private static PreparedImage Prepare(JsonElement golden)
    {
        var size = new ImageSize(golden.GetProperty("width").GetInt32(), golden.GetProperty("height").GetInt32());
        Assert.True(PreparedImage.TryCreate(Model.Bytes(golden.GetProperty("u8_hwc")), size, ImageConfiguration.Default, out PreparedImage? image));
        Assert.Equal(GoldenModel.Integers(golden.GetProperty("grid")), new[] { image.PatchRows, image.PatchColumns });
        var tokens = new List<int>();
        image.Grid.AppendTokens(tokens);
        Assert.Equal(GoldenModel.Integers(golden.GetProperty("placeholder_ids")), tokens);
        return image;
    }

    private static float[][] Rows(float[] values, int width) => [.. values.Chunk(width)];

    // From squares of patches, ordered channel, row, column, back to patches row by row.
    private static float[][] Unmerge(float[][] merged, JsonElement golden, int side)
    {
        int[] grid = GoldenModel.Integers(golden.GetProperty("grid"));
        int dim = merged[0].Length / side / side;
        return [.. from y in Enumerable.Range(0, grid[0])
                   from x in Enumerable.Range(0, grid[1])
                   let square = merged[(y / side * (grid[1] / side)) + (x / side)]
                   select Enumerable.Range(0, dim).Select(c => square[(c * side * side) + (y % side * side) + (x % side)]).ToArray()];
    }
}

/// <summary>An encoder over a golden mmproj file.</summary>
internal sealed class VisionHarness : IDisposable
{
    private readonly GgufFile _file;
    private readonly ThreadTeam _team;

    public VisionHarness(string file, int threads, int patchesPerStep = VisionEncoder.DefaultPatchesPerStep)
    {
        _file = new GgufFile(Path.Combine(GoldenModel.TinyS.Folder, file));
        _team = new ThreadTeam(threads);
        Encoder = new VisionEncoder(VisionWeights.Load(_file), _team, patchesPerStep);
    }

    public VisionEncoder Encoder { get; }

    /// <summary>Gathers the rows of each intermediate result from the next image on.</summary>
    public Dictionary<string, float[][]> CollectTaps()
    {
        var taps = new Dictionary<string, float[][]>();
        Encoder.Tap = (name, values, first, count) =>
            taps[name] = [.. taps.GetValueOrDefault(name, []), .. Enumerable.Range(first, count).Select(row => values.Row(row).ToArray())];
        return taps;
    }

    public float[] Encode(PreparedImage image)
    {
        using ImageEncoding encoding = Encoder.Begin(image);
        while (encoding.Advance())
        {
        }

        return encoding.Embeddings;
    }

    public void Dispose()
    {
        Encoder.Dispose();
        _team.Dispose();
        _file.Dispose();
    }
}
