using System.Runtime.InteropServices;
using Tramontane.Compute.Kernels;
using Tramontane.Compute.Memory;
using Tramontane.Compute.Threading;
using Tramontane.Testing;

namespace Tramontane.Compute.Tests.Kernels;

public sealed class AttentionTests
{
    private const int QueryHeads = 8;
    private const int KeyValueHeads = 2;
    private const int HeadDim = 64;

    [Theory]
    [InlineData(KeyValueType.F32, 2e-6)]
    [InlineData(KeyValueType.F16, 1e-3)]
    [InlineData(KeyValueType.Q8_0, 2e-2)]
    public void Run_OneSequence_EqualsTheDefinition(KeyValueType type, double tolerance)
    {
        foreach (int length in (int[])[1, 2, 31, 32, 33, 64, 75])
        {
            var sequence = new RandomSequence(length, seed: length);
            float[][] output = Run([sequence], [length], type, threads: 2)[0];
            double error = 0, norm = 0;
            for (int p = 0; p < length; p++)
            {
                double[] expected = sequence.Definition(p);
                error += expected.Zip(output[p], (a, b) => Math.Pow(a - b, 2)).Sum();
                norm += expected.Sum(a => a * a);
            }

            Assert.True(Math.Sqrt(error / norm) <= tolerance, $"{type}, {length} tokens: {Math.Sqrt(error / norm):E1}");
        }
    }

    [Theory]
    [InlineData(KeyValueType.F32)]
    [InlineData(KeyValueType.F16)]
    [InlineData(KeyValueType.Q8_0)]
    public void Run_AnyBatchChunksOrThreads_GivesTheSameBits(KeyValueType type)
    {
        RandomSequence[] sequences = [new(75, 1), new(1, 2), new(40, 3)];
        float[][][] alone = [.. sequences.Select(s => Run([s], [s.Length], type, threads: 1)[0])];
        foreach (int chunk in (int[])[1, 7, 8, 32, 33, 74, 75])
        {
            foreach (int threads in (int[])[1, 2, 3])
            {
                float[][][] together = Run(sequences, [chunk, 1, chunk], type, threads);
                for (int s = 0; s < sequences.Length; s++)
                {
                    for (int p = 0; p < sequences[s].Length; p++)
                    {
                        Assert.True(
                            MemoryMarshal.AsBytes<float>(alone[s][p]).SequenceEqual(MemoryMarshal.AsBytes<float>(together[s][p])),
                            $"{type}: sequence {s}, position {p}, chunks of {chunk}, {threads} threads");
                    }
                }
            }
        }
    }

    [Fact]
    public void Run_CacheOfAnotherShapeOrForeignBlock_Throws()
    {
        using var team = new ThreadTeam(2);
        using var attention = new Attention(team, QueryHeads, KeyValueHeads, HeadDim, maxTokens: 8);
        using var rows = new FloatMatrix(8, QueryHeads * HeadDim);
        using var cache = new KeyValueBlocks(KeyValueType.F16, layerCount: 2, blockCount: 3, KeyValueHeads, HeadDim);
        using var wide = new KeyValueBlocks(KeyValueType.F16, layerCount: 2, blockCount: 3, KeyValueHeads, 2 * HeadDim);
        using var tall = new KeyValueBlocks(KeyValueType.F16, layerCount: 2, blockCount: 3, 2 * KeyValueHeads, HeadDim);
        void Attend(KeyValueBlocks blocks, int layer, int block) => attention.Run([new AttentionSpan(0, 1, 0, [block])], blocks, layer, rows, rows);

        Attend(cache, 1, 2);
        Assert.Throws<ArgumentOutOfRangeException>(() => Attend(cache, 2, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Attend(cache, -1, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Attend(cache, 1, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => Attend(cache, 1, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Attend(wide, 1, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Attend(tall, 1, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.Store(2, 0, 0, rows.Row(0), rows.Row(0)));
    }

    /// <summary>Runs sequences side by side, each in chunks of its own size; [sequence][position] → heads.</summary>
    private static float[][][] Run(RandomSequence[] sequences, int[] chunks, KeyValueType type, int threads)
    {
        using var team = new ThreadTeam(threads);
        int blocksEach = 4;
        using var cache = new KeyValueBlocks(type, layerCount: 2, blocksEach * sequences.Length, KeyValueHeads, HeadDim);
        using var attention = new Attention(team, QueryHeads, KeyValueHeads, HeadDim, maxTokens: 256);
        using var queries = new FloatMatrix(256, QueryHeads * HeadDim);
        using var output = new FloatMatrix(256, QueryHeads * HeadDim);

        // Blocks of different sequences lie interleaved.
        int[][] tables = [.. sequences.Select((_, s) => Enumerable.Range(0, blocksEach).Select(b => (b * sequences.Length) + s).ToArray())];
        int[] done = new int[sequences.Length];
        float[][][] result = [.. sequences.Select(s => new float[s.Length][])];
        while (sequences.Select((s, i) => s.Length - done[i]).Any(left => left > 0))
        {
            var spans = new List<AttentionSpan>();
            int row = 0;
            for (int s = 0; s < sequences.Length; s++)
            {
                int count = Math.Min(chunks[s], sequences[s].Length - done[s]);
                if (count == 0)
                {
                    continue;
                }

                spans.Add(new AttentionSpan(row, count, done[s], tables[s]));
                for (int i = 0; i < count; i++)
                {
                    int position = done[s] + i;
                    sequences[s].Queries[position].CopyTo(queries.Row(row + i));
                    cache.Store(1, tables[s][position / KeyValueBlocks.BlockTokens], position % KeyValueBlocks.BlockTokens, sequences[s].Keys[position], sequences[s].Values[position]);
                }

                row += count;
            }

            attention.Run(spans, cache, 1, queries, output);
            int spanIndex = 0;
            for (int s = 0; s < sequences.Length; s++)
            {
                int count = Math.Min(chunks[s], sequences[s].Length - done[s]);
                if (count == 0)
                {
                    continue;
                }

                for (int i = 0; i < count; i++)
                {
                    result[s][done[s] + i] = output.Row(spans[spanIndex].FirstRow + i).ToArray();
                }

                done[s] += count;
                spanIndex++;
            }
        }

        return result;
    }

    private sealed class RandomSequence(int length, int seed)
    {
        public int Length => length;

        public float[][] Queries { get; } = [.. Enumerable.Range(0, length).Select(p => new Random((seed * 10_000) + p).Floats(QueryHeads * HeadDim))];

        public float[][] Keys { get; } = [.. Enumerable.Range(0, length).Select(p => new Random((seed * 20_000) + p).Floats(KeyValueHeads * HeadDim))];

        public float[][] Values { get; } = [.. Enumerable.Range(0, length).Select(p => new Random((seed * 30_000) + p).Floats(KeyValueHeads * HeadDim))];

        /// <summary>softmax(q · K / sqrt(headDim)) · V in double; head h uses KV head h / 4.</summary>
        public double[] Definition(int position)
        {
            var output = new double[QueryHeads * HeadDim];
            for (int head = 0; head < QueryHeads; head++)
            {
                int keyValueHead = head / (QueryHeads / KeyValueHeads);
                double[] scores = [.. Enumerable.Range(0, position + 1).Select(p => Enumerable.Range(0, HeadDim)
                    .Sum(d => (double)Queries[position][(head * HeadDim) + d] * Keys[p][(keyValueHead * HeadDim) + d]) / Math.Sqrt(HeadDim))];
                double max = scores.Max(), sum = scores.Sum(s => Math.Exp(s - max));
                for (int d = 0; d < HeadDim; d++)
                {
                    output[(head * HeadDim) + d] = Enumerable.Range(0, position + 1).Sum(p => Math.Exp(scores[p] - max) / sum * Values[p][(keyValueHead * HeadDim) + d]);
                }
            }

            return output;
        }
    }
}
