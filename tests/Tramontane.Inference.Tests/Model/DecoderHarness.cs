using Tramontane.Compute.Kernels;
using Tramontane.Compute.Memory;
using Tramontane.Compute.Threading;
using Tramontane.Inference.KvCache;
using Tramontane.Inference.Model;
using Tramontane.Inference.Weights;

namespace Tramontane.Inference.Tests.Model;

/// <summary>Drives a decoder by hand: sequences of known tokens, cut into batches at will, with the logits of every row.</summary>
internal sealed class DecoderHarness : IDisposable
{
    private readonly GgufFile _file;
    private readonly ThreadTeam _team;
    private readonly BlockPool _pool;
    private readonly RaggedBatch _batch = new();

    public DecoderHarness(string path, ComputeMode mode, KeyValueType keyValueType, int threads = 2)
    {
        _file = new GgufFile(path);
        _team = new ThreadTeam(threads);
        DecoderWeights weights = DecoderWeights.Load(_file);
        var options = new DecoderOptions
        {
            ComputeMode = mode,
            KeyValueType = keyValueType,
            KeyValueBlockCount = 128,
            MaxBatchTokens = 700,
            MaxLogitRows = 700,
        };
        Decoder = new Decoder(weights, options, _team);
        _pool = new BlockPool(options.KeyValueBlockCount);
    }

    public Decoder Decoder { get; }

    /// <summary>Image embeddings by position, for the sequences that follow; none when empty.</summary>
    public IReadOnlyDictionary<int, ReadOnlyMemory<float>> Images { get; set; } = new Dictionary<int, ReadOnlyMemory<float>>();

    /// <summary>Logits of every token of one sequence that is computed in pieces of the given sizes (the last size repeats).</summary>
    public float[][] Logits(int[] tokens, int[]? pieces = null, int angleOffset = 0) =>
        Logits([tokens], pieces ?? [tokens.Length], angleOffset)[0];

    /// <summary>The same for several sequences, a piece of each in every batch: [sequence][token] → [vocabulary].</summary>
    public float[][][] Logits(int[][] sequences, int[] pieces, int angleOffset = 0)
    {
        BlockTable[] tables = [.. sequences.Select(s => new BlockTable(_pool, BlockKey.Root(null, null), s.Length))];
        float[][][] logits = [.. sequences.Select(s => new float[s.Length][])];
        var done = new int[sequences.Length];
        for (int step = 0; sequences.Where((s, i) => done[i] < s.Length).Any(); step++)
        {
            int piece = pieces[Math.Min(step, pieces.Length - 1)];
            _batch.Clear();
            var added = new List<(int Sequence, int Count, int FirstLogit)>();
            for (int s = 0; s < sequences.Length; s++)
            {
                int count = Math.Min(piece, sequences[s].Length - done[s]);
                if (count > 0)
                {
                    Assert.True(tables[s].TryEnsureRoom(done[s] + count));
                    int firstRow = _batch.TokenCount;
                    added.Add((s, count, _batch.Add(sequences[s].AsSpan(done[s], count), done[s], tables[s].Blocks, count, angleOffset)));
                    for (int i = 0; i < count; i++)
                    {
                        if (Images.TryGetValue(done[s] + i, out ReadOnlyMemory<float> embedding))
                        {
                            _batch.SetEmbedding(firstRow + i, embedding);
                        }
                    }
                }
            }

            Decoder.Forward(_batch);
            foreach ((int s, int count, int firstLogit) in added)
            {
                for (int i = 0; i < count; i++)
                {
                    logits[s][done[s]++] = Decoder.Logits(firstLogit + i).ToArray();
                }
            }
        }

        foreach (BlockTable table in tables)
        {
            table.Release();
        }

        return logits;
    }

    public void Dispose()
    {
        Decoder.Dispose();
        _team.Dispose();
        _file.Dispose();
    }
}
