using System.Text.Json;
using Tramontane.Compute.Kernels;
using Tramontane.Compute.Memory;
using Xunit.Abstractions;

namespace Tramontane.Inference.Tests.Model;

/// <summary>Logits, hidden states and greedy continuations against the float64 reference, within tests/Golden/model/tolerances.json.</summary>
public sealed class DecoderGoldenTests(ITestOutputHelper output)
{
    public static TheoryData<string> Files => [.. GoldenModel.Files.Select(f => f.File)];

    [Theory, MemberData(nameof(Files))]
    public void Logits_ExactWithF32Cache_LieWithinTheStrictTolerance(string file) =>
        CheckLogits(file, ComputeMode.Exact, KeyValueType.F32, new Deviation(3e-5, 1e-3, 1e-9), new Deviation(3e-5, 1e-3, 1e-9));

    [Theory, MemberData(nameof(Files))]
    public void Logits_ExactWithF16Cache_LieWithinTheF16Tolerance(string file) =>
        CheckLogits(file, ComputeMode.Exact, KeyValueType.F16, new Deviation(5e-3, 0.1, 6e-5), new Deviation(6e-3, 0.12, 6e-5));

    [Theory, MemberData(nameof(Files))]
    public void Logits_Fast_LieWithinTheInt8Tolerance(string file)
    {
        Deviation allowed = GoldenModel.GroupOf(file) switch
        {
            "exact" => new Deviation(5e-3, 0.1, 6e-5), // floating-point weights keep float32 activations
            "q8_0" or "q4_0" => new Deviation(8e-2, 1.5, 0.02),
            _ => new Deviation(9e-2, 1.5, 0.03),
        };
        CheckLogits(file, ComputeMode.Fast, KeyValueType.F16, allowed, allowed with { Relative = Math.Max(allowed.Relative, 6e-3), MaxAbsolute = Math.Max(allowed.MaxAbsolute, 0.12) });
    }

    [Fact]
    public void HiddenStates_Exact_LieWithinTheStrictTolerance()
    {
        int compared = 0;
        double worst = 0;
        foreach ((GoldenModel model, string file, string group) in GoldenModel.Files)
        {
            JsonElement golden = model.TextCase("short");
            int[] tokens = GoldenModel.Integers(golden.GetProperty("tokens"));
            var taps = new Dictionary<string, float[][]>();
            using var harness = new DecoderHarness(Path.Combine(model.Folder, file), ComputeMode.Exact, KeyValueType.F32);
            harness.Decoder.Tap = (name, values) => taps[name] = [.. Enumerable.Range(0, tokens.Length).Select(row => values.Row(row).ToArray())];
            harness.Logits(tokens);
            foreach (JsonProperty tap in golden.GetProperty("taps").GetProperty(group).EnumerateObject())
            {
                double relative = Deviation.Of(model.Floats(tap.Value), taps[tap.Name]).Relative;
                Assert.True(relative <= 3e-5, $"{file} {tap.Name}: {relative:E1}");
                worst = Math.Max(worst, relative);
                compared++;
            }
        }

        Assert.True(compared > 100);
        output.WriteLine($"{compared} hidden states compared, worst relative deviation {worst:E1}");
    }

    [Theory, MemberData(nameof(Files))]
    public void Greedy_ExactWithF32Cache_ContinuesAsTheReference(string file)
    {
        GoldenModel model = GoldenModel.ByFile(file);
        using var harness = new DecoderHarness(Path.Combine(model.Folder, file), ComputeMode.Exact, KeyValueType.F32);
        int equal = 0, beforeTie = 0;
        foreach (JsonElement golden in model.Manifest.GetProperty("greedy").EnumerateArray())
        {
            int[] prompt = GoldenModel.Integers(golden.GetProperty("prompt"));
            JsonElement expected = golden.GetProperty("formats").GetProperty(GoldenModel.GroupOf(file));
            int[] ids = GoldenModel.Integers(expected.GetProperty("ids"));
            double[] margins = [.. expected.GetProperty("margin").EnumerateArray().Select(m => m.GetDouble())];

            // The logits of the reference's own continuation, one token at a time after the prompt: equal choices up to the first
            // near tie mean the same continuation; after it the reference's tokens go on being fed.
            int[] fed = [.. prompt, .. ids[..^1]];
            float[][] logits = harness.Logits(fed, [prompt.Length, 1]);
            bool tied = false;
            for (int step = 0; step < ids.Length; step++)
            {
                tied |= margins[step] < 0.01;
                float[] row = logits[prompt.Length - 1 + step];
                int chosen = Array.IndexOf(row, row.Max());
                Assert.True(tied || chosen == ids[step], $"{file} {golden.GetProperty("id")}: step {step} gave {chosen}, expected {ids[step]} (margin {margins[step]})");
                equal += chosen == ids[step] ? 1 : 0;
                beforeTie += tied ? 0 : 1;
            }
        }

        output.WriteLine($"{file}: {equal} of 320 greedy steps equal; all {beforeTie} before a near tie");
    }

    [Theory, MemberData(nameof(Files))]
    public void Greedy_Fast_AgreesWithTheReferenceWhenTeacherForced(string file)
    {
        GoldenModel model = GoldenModel.ByFile(file);
        string group = GoldenModel.GroupOf(file);
        (double agreement, double shortfall) = group switch { "exact" => (0.98, 0.1), "q8_0" or "q4_0" => (0.85, 1.0), _ => (0.8, 1.2) };
        using var harness = new DecoderHarness(Path.Combine(model.Folder, file), ComputeMode.Fast, KeyValueType.F16);
        int steps = 0, agreed = 0;
        float worst = 0;
        foreach (JsonElement golden in model.Manifest.GetProperty("greedy").EnumerateArray())
        {
            int[] prompt = GoldenModel.Integers(golden.GetProperty("prompt")), ids = GoldenModel.Integers(golden.GetProperty("formats").GetProperty(group).GetProperty("ids"));
            float[][] logits = harness.Logits([.. prompt, .. ids[..^1]], [prompt.Length, 1]);
            for (int step = 0; step < ids.Length; step++, steps++)
            {
                float[] row = logits[prompt.Length - 1 + step];
                agreed += Array.IndexOf(row, row.Max()) == ids[step] ? 1 : 0;
                worst = Math.Max(worst, row.Max() - row[ids[step]]);
            }
        }

        output.WriteLine($"{file}: {agreed} of {steps} greedy tokens agree, largest shortfall {worst:F3}");
        Assert.True(agreed >= agreement * steps, $"{agreed} of {steps} agree");
        Assert.True(worst <= shortfall, $"shortfall {worst}");
    }

    private void CheckLogits(string file, ComputeMode mode, KeyValueType keyValueType, Deviation allowed, Deviation allowedShifted)
    {
        GoldenModel model = GoldenModel.ByFile(file);
        string group = GoldenModel.GroupOf(file);
        using var harness = new DecoderHarness(Path.Combine(model.Folder, file), mode, keyValueType);
        int cases = 0;
        Deviation worst = default;
        foreach (JsonElement golden in model.TextCases)
        {
            int[] tokens = GoldenModel.Integers(golden.GetProperty("tokens"));
            Check(golden, harness.Logits(tokens), allowed, golden.GetProperty("id").GetString()!);
        }

        Check(model.TextCase("long"), harness.Logits(GoldenModel.Integers(model.TextCase("long").GetProperty("tokens")), [1, 63, 64, 200, 312]), allowed, "long in pieces");
        Check(model.TextCase("decode"), harness.Logits(GoldenModel.Integers(model.TextCase("decode").GetProperty("tokens")), [20, 1]), allowed, "decode one by one");
        JsonElement shift = model.Manifest.GetProperty("shift"), shifted = model.TextCase(shift.GetProperty("of").GetString()!);
        foreach (int offset in GoldenModel.Integers(shift.GetProperty("first_positions")))
        {
            Check(shifted, harness.Logits(GoldenModel.Integers(shifted.GetProperty("tokens")), angleOffset: offset), allowedShifted, $"shifted by {offset}");
        }

        output.WriteLine($"{file} {mode}, {keyValueType} cache: {cases} cases within tolerance, worst {worst}");

        void Check(JsonElement golden, float[][] logits, Deviation limit, string what)
        {
            int[] positions = GoldenModel.Integers(golden.GetProperty("positions"));
            Deviation deviation = Deviation.Of(model.Floats(golden.GetProperty("logits").GetProperty(group)), [.. positions.Select(p => logits[p])]);
            Assert.True(
                deviation.Relative <= limit.Relative && deviation.MaxAbsolute <= limit.MaxAbsolute && deviation.MeanKl <= limit.MeanKl,
                $"{file} {mode} {keyValueType} {what}: {deviation}; allowed {limit}");
            worst = worst.Worst(deviation);
            cases++;
        }
    }
}
