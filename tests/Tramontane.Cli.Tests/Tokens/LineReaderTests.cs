using System.Text;
using Tramontane.Cli.Tokens;

namespace Tramontane.Cli.Tests.Tokens;

public sealed class LineReaderTests
{
    [Fact]
    public void TryRead_AnySplitOfAnyLines_GivesTheLines()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            string[] lines = [.. Enumerable.Range(0, random.Next(1, 20)).Select(_ => new string('x', random.Next(3) == 0 ? random.Next(200_000) : random.Next(40)) + "é")];
            bool closed = random.Next(2) == 0; // whether the last line ends with a line feed
            byte[] bytes = Encoding.UTF8.GetBytes(string.Join('\n', lines) + (closed ? "\n" : ""));
            var reader = new LineReader(new Dribble(bytes, random), () => { });
            var read = new List<string>();
            while (reader.TryRead(out Span<byte> line))
            {
                read.Add(Encoding.UTF8.GetString(line));
            }

            Assert.True(lines.SequenceEqual(read), $"seed {seed}");
        }
    }

    [Fact]
    public void TryRead_EmptyLines_AreLinesButTheEndIsNone()
    {
        var reader = new LineReader(new MemoryStream("\n\na\n"u8.ToArray()), () => { });
        var lengths = new List<int>();
        while (reader.TryRead(out Span<byte> line))
        {
            lengths.Add(line.Length);
        }

        Assert.Equal([0, 0, 1], lengths);
    }

    // Gives a few bytes per read.
    private sealed class Dribble(byte[] bytes, Random random) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, random.Next(1, 50_000)));
    }
}
