using System.Runtime.CompilerServices;
using Tramontane.Compute.Memory;
using Tramontane.Compute.Quantization;
using Tramontane.Testing;

namespace Tramontane.Compute.Tests.Memory;

public sealed class MappedFileTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Slice_AnyPart_IsThePartOfTheFile()
    {
        byte[] content = new Random(1).Bytes(10_000);
        File.WriteAllBytes(_path, content);
        using var file = new MappedFile(_path);

        Assert.Equal(content.Length, file.Length);
        Assert.Equal(_path, file.Path);
        Assert.True(file.Slice(0, content.Length).SequenceEqual(content));
        Assert.True(file.Slice(4_097, 300).SequenceEqual(content.AsSpan(4_097, 300)));
        Assert.True(file.Slice(content.Length, 0).IsEmpty);
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, -1)]
    [InlineData(0, 101)]
    [InlineData(100, 1)]
    [InlineData(101, 0)]
    [InlineData(long.MaxValue, int.MaxValue)]
    public void Slice_OutsideTheFile_Throws(long offset, int length)
    {
        File.WriteAllBytes(_path, new byte[100]);
        using var file = new MappedFile(_path);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Slice(offset, length).Length);
    }

    [Fact]
    public void Slice_BehindTwoGibibytes_ReadsTheRightBytes()
    {
        long offset = (3L << 30) + 5;
        using (FileStream stream = File.OpenWrite(_path)) // sparse: takes a few blocks of disk
        {
            stream.Position = offset;
            stream.Write([1, 2, 3]);
        }

        using var file = new MappedFile(_path);
        Assert.Equal([1, 2, 3], file.Slice(offset, 3).ToArray());
        Assert.Equal([1, 2], file.Matrix(offset - 2, TensorType.F16, 2, 1).Row(1)[..2].ToArray());
    }

    [Fact]
    public void EmptyFile_HasNothingButAnEmptySlice()
    {
        using var file = new MappedFile(_path);
        Assert.Equal(0, file.Length);
        Assert.True(file.Slice(0, 0).IsEmpty);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Slice(0, 1).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Matrix(0, TensorType.F32, 1, 1));
    }

    [Fact]
    public void Constructor_NoSuchFile_Throws() =>
        Assert.Throws<FileNotFoundException>(() => new MappedFile(_path + ".missing"));

    [Fact]
    public void Matrix_RangeOutsideTheFile_Throws()
    {
        File.WriteAllBytes(_path, new byte[4 * 32]);
        using var file = new MappedFile(_path);
        Assert.Equal(4, file.Matrix(0, TensorType.F32, 4, 8).Rows);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Matrix(4, TensorType.F32, 4, 8));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Matrix(0, TensorType.F32, 5, 8));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Matrix(0, TensorType.F32, int.MaxValue, int.MaxValue));
        Assert.Throws<ArgumentException>(() => file.Matrix(0, TensorType.Q8_0, 1, 33));
    }

    [Fact]
    public void Matrix_FileDisposedAndCollected_StaysReadable()
    {
        byte[] content = new Random(2).Bytes(64);
        File.WriteAllBytes(_path, content);
        WeightMatrix matrix = MatrixOfForgottenFile();

        GC.Collect();
        GC.WaitForPendingFinalizers();

        Assert.Equal(content[32..], matrix.Row(1).ToArray());
        GC.KeepAlive(matrix);
    }

    [Fact]
    public void Use_AfterDispose_Throws()
    {
        File.WriteAllBytes(_path, new byte[4]);
        var file = new MappedFile(_path);
        file.Dispose();
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.Slice(0, 1).Length);
        Assert.Throws<ObjectDisposedException>(() => file.Matrix(0, TensorType.F32, 1, 1));
    }

    [Fact]
    public void Mapping_NoMatrixLeft_IsGivenBack()
    {
        if (!OperatingSystem.IsLinux())
        {
            return; // the list of mappings is Linux's
        }

        File.WriteAllBytes(_path, new byte[64]);
        bool mappedBefore = MapAndForget();
        GC.Collect();
        GC.WaitForPendingFinalizers();

        Assert.True(mappedBefore);
        Assert.DoesNotContain(_path, File.ReadAllText("/proc/self/maps"), StringComparison.Ordinal);
    }

    // Not inlined, so that no reference stays on the test's stack.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeightMatrix MatrixOfForgottenFile()
    {
        using var file = new MappedFile(_path);
        return file.Matrix(0, TensorType.F32, 2, 8);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool MapAndForget()
    {
        WeightMatrix matrix = MatrixOfForgottenFile();
        bool mapped = File.ReadAllText("/proc/self/maps").Contains(_path, StringComparison.Ordinal);
        GC.KeepAlive(matrix);
        return mapped;
    }
}
