using Tramontane.Compute.Memory;

namespace Tramontane.Compute.Tests.Memory;

public class AlignedBufferTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(5120)]
    public void Span_New_IsAlignedZeroAndWritable(int length)
    {
        using var floats = new AlignedBuffer<float>(length);
        using var bytes = new AlignedBuffer<sbyte>(length);

        Assert.True(floats.Address % 64 == 0 && bytes.Address % 64 == 0);
        Assert.Equal(length, floats.Span.Length);
        Assert.False(floats.Span.ContainsAnyExcept(0f) || bytes.Span.ContainsAnyExcept((sbyte)0));
        floats.Span.Fill(1);
        bytes.Span.Fill(-1);
        Assert.False(floats.Span.ContainsAnyExcept(1f) || bytes.Span.ContainsAnyExcept((sbyte)-1));
    }

    [Fact]
    public void LargeBuffer_TouchedInTwoPlaces_TakesLittleMemory()
    {
        long before = Environment.WorkingSet, length = 1L << 28; // 1 GiB of floats
        using var buffer = new AlignedBuffer<float>(length);
        buffer[length - 1] = 1;
        buffer.Slice(length - 2, 2)[0] = 2;

        Assert.Equal(2, buffer[length - 2]);
        Assert.Equal(1, buffer[length - 1]);
        Assert.Equal(0, buffer[length / 2]);
        Assert.InRange(Environment.WorkingSet - before, long.MinValue, 1L << 29);
    }

    [Fact]
    public void Access_OutsideTheBuffer_Throws()
    {
        using var buffer = new AlignedBuffer<float>(8);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer[8]);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer[-1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Slice(4, 5).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Slice(9, 0).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Slice(0, -1).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => new AlignedBuffer<float>(-1));
        Assert.Throws<OverflowException>(() => new AlignedBuffer<double>(long.MaxValue));
    }

    [Fact]
    public void Access_AfterDispose_Throws()
    {
        var buffer = new AlignedBuffer<float>(8);
        buffer.Dispose();
        buffer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => buffer.Span.Length);
        Assert.Throws<ObjectDisposedException>(() => buffer[0]);
    }
}
