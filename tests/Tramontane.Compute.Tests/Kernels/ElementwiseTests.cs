using Tramontane.Compute.Kernels;
using Tramontane.Testing;

namespace Tramontane.Compute.Tests.Kernels;

public sealed class ElementwiseTests
{
    public static TheoryData<int> Lengths => [1, 7, 8, 15, 16, 17, 31, 32, 33, 63, 96, 1000, 1024, 1025, 5120, 32768];

    [Theory, MemberData(nameof(Lengths))]
    public void RmsNorm_AnyLength_MatchesScalar(int length)
    {
        var random = new Random(length);
        float[] x = random.Floats(length), gain = random.Floats(length), y = new float[length];
        float scale = 1 / MathF.Sqrt((RmsNorm.SumOfSquaresScalar(x) / length) + 1e-5f);
        RmsNorm.Apply(x, gain, 1e-5f, y);
        for (int i = 0; i < length; i++)
        {
            Assert.Equal(x[i] * scale * gain[i], y[i], 1e-5f * (1 + MathF.Abs(y[i])));
        }
    }

    [Theory, MemberData(nameof(Lengths))]
    public void SwiGlu_AnyLength_MatchesScalar(int length)
    {
        var random = new Random(length);
        float[] gate = random.Floats(length, 4), up = random.Floats(length), original = [.. gate];
        SwiGlu.Apply(gate, up);
        for (int i = 0; i < length; i++)
        {
            float expected = SwiGlu.Scalar(original[i], up[i]);
            Assert.Equal(expected, gate[i], 2e-6f * (1 + MathF.Abs(expected)));
        }
    }

    [Fact]
    public void Rope_AnyPosition_TurnsPairsByTheAngle()
    {
        const int HeadDim = 128;
        var rope = new Rope(HeadDim, 1e9);
        var table = new float[HeadDim];
        foreach (int position in (int[])[0, 1, 77, 32_000, 131_071])
        {
            float[] x = new Random(position).Floats(2 * HeadDim), turned = [.. x];
            rope.Fill(position, table);
            rope.Apply(turned, table);
            for (int i = 0; i < x.Length; i += 2)
            {
                double angle = position * Math.Pow(1e9, -(i % HeadDim) / (double)HeadDim);
                Assert.Equal((x[i] * Math.Cos(angle)) - (x[i + 1] * Math.Sin(angle)), turned[i], 1e-5);
                Assert.Equal((x[i] * Math.Sin(angle)) + (x[i + 1] * Math.Cos(angle)), turned[i + 1], 1e-5);
            }
        }
    }
}
