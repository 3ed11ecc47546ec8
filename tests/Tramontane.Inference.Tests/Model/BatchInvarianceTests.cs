using System.Runtime.InteropServices;
using Tramontane.Compute.Kernels;
using Tramontane.Compute.Memory;

namespace Tramontane.Inference.Tests.Model;

/// <summary>A sequence's logits are the same bytes alone, among others, in pieces and on any number of threads.</summary>
public sealed class BatchInvarianceTests
{
    public static TheoryData<string, ComputeMode, KeyValueType> Configurations
    {
        get
        {
            var data = new TheoryData<string, ComputeMode, KeyValueType>();
            foreach (string file in GoldenModel.Files.Select(f => f.File))
            {
                data.Add(file, ComputeMode.Exact, KeyValueType.F32);
                data.Add(file, ComputeMode.Fast, KeyValueType.F16);
                data.Add(file, ComputeMode.Fast, KeyValueType.Q8_0);
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(Configurations))]
    public void Logits_AloneAmongOthersOrInPieces_AreTheSameBytes(string file, ComputeMode mode, KeyValueType keyValueType)
    {
        GoldenModel model = GoldenModel.ByFile(file);
        string path = Path.Combine(model.Folder, file);
        int[][] sequences = [.. ((string[])["batch-7", "batch-130", "batch-1", "batch-33"]).Select(id => GoldenModel.Integers(model.TextCase(id).GetProperty("tokens")))];
        using var one = new DecoderHarness(path, mode, keyValueType, threads: 1);
        float[][][] alone = [.. sequences.Select(s => one.Logits(s))];

        AssertSame(alone, one.Logits(sequences, [130]), "together");
        using var three = new DecoderHarness(path, mode, keyValueType, threads: 3);
        AssertSame(alone, three.Logits(sequences, [130]), "together on three threads");
        foreach (int piece in (int[])[1, 5, 32, 33, 64])
        {
            AssertSame(alone, three.Logits(sequences, [piece]), $"together in pieces of {piece}");
        }
    }

    [Fact]
    public void Logits_CutAtEveryPlace_AreTheSameBytes()
    {
        GoldenModel model = GoldenModel.TinyK;
        int[] tokens = GoldenModel.Integers(model.TextCase("medium").GetProperty("tokens"));
        using var harness = new DecoderHarness(Path.Combine(model.Folder, "tiny-k.q4_k_m.gguf"), ComputeMode.Fast, KeyValueType.F16);
        float[][] whole = harness.Logits(tokens);
        for (int cut = 1; cut < tokens.Length; cut++)
        {
            AssertSame([whole], [harness.Logits(tokens, [cut, tokens.Length])], $"cut at {cut}");
        }
    }

    private static void AssertSame(float[][][] expected, float[][][] actual, string what)
    {
        for (int s = 0; s < expected.Length; s++)
        {
            for (int t = 0; t < expected[s].Length; t++)
            {
                Assert.True(
                    MemoryMarshal.AsBytes<float>(expected[s][t]).SequenceEqual(MemoryMarshal.AsBytes<float>(actual[s][t])),
                    $"{what}: sequence {s}, token {t}");
            }
        }
    }
}
