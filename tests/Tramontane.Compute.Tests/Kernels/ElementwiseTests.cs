using System.Runtime.Intrinsics;
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

    [Fact]
    public void Rope2D_AnyPatch_TurnsHalfOfThePairsByRowAndHalfByColumn()
    {
        const int HeadDim = 64;
        var rope = new Rope2D(HeadDim, 1e4, maxPatches: 110);
        var table = new float[HeadDim];
        foreach ((int row, int column) in (ReadOnlySpan<(int, int)>)[(0, 0), (3, 0), (0, 5), (109, 108)])
        {
            float[] x = new Random(row).Floats(2 * HeadDim), turned = [.. x];
            rope.Fill(row, column, table);
            rope.Apply(turned, table);
            for (int i = 0; i < x.Length; i += 2)
            {
                int pair = i % HeadDim / 2;
                double angle = pair < 16 ? row * Math.Pow(1e4, -4.0 * pair / HeadDim) : column * Math.Pow(1e4, -((4.0 * (pair - 16)) + 2) / HeadDim);
                Assert.Equal((x[i] * Math.Cos(angle)) - (x[i + 1] * Math.Sin(angle)), turned[i], 1e-5);
                Assert.Equal((x[i] * Math.Sin(angle)) + (x[i + 1] * Math.Cos(angle)), turned[i + 1], 1e-5);
            }
        }
    }

    [Fact]
    public void VectorExp_FromMinusInfinityTo88_LiesWithin3e7OfTheExponential()
    {
        var lanes = new float[16];
        for (float x = -90; x <= 88; x += 0.0137f)
        {
            VectorExp.Exp(Vector512.Create(x)).CopyTo(lanes);
            double expected = Math.Exp(Math.Max(x, -87));
            Assert.True(Math.Abs(lanes[0] - expected) <= 3e-7 * expected, $"{x}: {lanes[0]}, expected {expected}");
            Assert.All(lanes, lane => Assert.Equal(lanes[0], lane));
        }

        VectorExp.Exp(Vector512.Create(float.NegativeInfinity)).CopyTo(lanes);
        Assert.InRange(lanes[3], 0, 2e-38f);
        VectorExp.Exp(Vector512<float>.Zero).CopyTo(lanes);
        Assert.Equal(1, lanes[0]);
    }

    [Theory] // erf to 16 digits: DLMF 7.8 and any table
    [InlineData(0.1, 0.1124629160182849)]
    [InlineData(0.5, 0.5204998778130465)]
    [InlineData(1.0, 0.8427007929497149)]
    [InlineData(2.0, 0.9953222650189527)]
    [InlineData(3.5, 0.9999992569016276)]
    public void Erf_OfTabledValues_LiesWithin1e10(double x, double expected)
    {
        Assert.Equal(expected, Gelu.Erf(x), 1e-10);
        Assert.Equal(-expected, Gelu.Erf(-x), 1e-10);
    }

    [Fact]
    public void Gelu_OfAnyValue_IsTheExactForm()
    {
        float[] x = [-40, -3, -1, -0.5f, 0, 0.25f, 1, 3, 40], y = [.. x];
        Gelu.Apply(y);
        double[] expected = [0, -0.00404969409489031, -0.158655253931457, -0.154268769267857, 0, 0.149676535167612, 0.841344746068543, 2.99595030590511, 40];
        Assert.All(y.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-6));
    }
}
