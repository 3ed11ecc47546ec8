using System.Text.Json;
using Tramontane.Compute.Kernels;
using Tramontane.Compute.Memory;
using Tramontane.Inference.Tests.Model;
using Tramontane.Inference.Vision;
using Tramontane.Tokenization;
using Tramontane.Tokenization.Images;
using Xunit.Abstractions;

namespace Tramontane.Inference.Tests.Vision;

/// <summary>Logits of prompts with images, from pixels to the last layer, against the float64 reference: the mm- cases of every file of tiny-s.</summary>
public sealed class ImagePromptGoldenTests(ITestOutputHelper output)
{
    public static TheoryData<string> Files => [.. GoldenModel.Files.Where(f => f.Model == GoldenModel.TinyS).Select(f => f.File)];

    [Theory, MemberData(nameof(Files))]
    public void Logits_ExactWithF32Cache_LieWithinTheStrictTolerance(string file) =>
        Check(file, ComputeMode.Exact, KeyValueType.F32, new Deviation(3e-5, 1e-3, 1e-9));

    [Theory, MemberData(nameof(Files))]
    public void Logits_ExactWithF16Cache_LieWithinTheF16Tolerance(string file) =>
        Check(file, ComputeMode.Exact, KeyValueType.F16, new Deviation(5e-3, 0.1, 6e-5));

    [Theory, MemberData(nameof(Files))]
    public void Logits_Fast_LieWithinTheInt8Tolerance(string file) =>
        Check(file, ComputeMode.Fast, KeyValueType.F16, GoldenModel.GroupOf(file) == "exact" ? new Deviation(5e-3, 0.1, 6e-5) : new Deviation(8e-2, 1.5, 0.02));

    private void Check(string file, ComputeMode mode, KeyValueType keyValueType, Deviation allowed)
    {
        GoldenModel model = GoldenModel.TinyS;
        using var vision = new VisionHarness("mmproj-tiny-s.f16.gguf", threads: 2);
        using var decoder = new DecoderHarness(Path.Combine(model.Folder, file), mode, keyValueType);
        int cases = 0;
        Deviation worst = default;
        foreach (JsonElement golden in model.Manifest.GetProperty("text").EnumerateArray().Where(c => c.TryGetProperty("images", out _)))
        {
            int[] tokens = GoldenModel.Integers(golden.GetProperty("tokens")), positions = GoldenModel.Integers(golden.GetProperty("positions"));
            decoder.Images = Embeddings(model, vision, golden, tokens);
            float[] expected = model.Floats(golden.GetProperty("logits").GetProperty(GoldenModel.GroupOf(file)));
            foreach (int[] pieces in (int[][])[[tokens.Length], [9, 3, 1]]) // an image cut in the middle too
            {
                float[][] logits = decoder.Logits(tokens, pieces);
                Deviation deviation = Deviation.Of(expected, [.. positions.Select(p => logits[p])]);
                Assert.True(
                    deviation.Relative <= allowed.Relative && deviation.MaxAbsolute <= allowed.MaxAbsolute && deviation.MeanKl <= allowed.MeanKl,
                    $"{file} {mode} {keyValueType} {golden.GetProperty("id")}: {deviation}; allowed {allowed}");
                worst = worst.Worst(deviation);
            }

            cases++;
        }

        output.WriteLine($"{file} {mode}, {keyValueType} cache: {cases} image prompts within tolerance, worst {worst}");
        Assert.Equal(2, cases);
    }

    // Every [IMG] of the prompt, in order, takes the next embedding of its image.
    private static Dictionary<int, ReadOnlyMemory<float>> Embeddings(GoldenModel model, VisionHarness vision, JsonElement golden, int[] tokens)
    {
        var found = new Dictionary<int, ReadOnlyMemory<float>>();
        foreach (JsonElement placed in golden.GetProperty("images").EnumerateArray())
        {
            JsonElement source = model.Manifest.GetProperty("vision").GetProperty("images").EnumerateArray()
                .First(i => i.GetProperty("id").GetString() == placed.GetProperty("image").GetString());
            var size = new ImageSize(source.GetProperty("width").GetInt32(), source.GetProperty("height").GetInt32());
            Assert.True(PreparedImage.TryCreate(model.Bytes(source.GetProperty("u8_hwc")), size, ImageConfiguration.Default, out PreparedImage? image));
            float[] embeddings = vision.Encode(image);
            int width = vision.Encoder.Config.OutputDim, used = 0;
            for (int position = placed.GetProperty("start").GetInt32(); used < embeddings.Length / width; position++)
            {
                if (tokens[position] == SpecialTokens.Image)
                {
                    found[position] = embeddings.AsMemory(used++ * width, width);
                }
            }
        }

        Assert.Equal(tokens.Count(t => t == SpecialTokens.Image), found.Count);
        return found;
    }
}
