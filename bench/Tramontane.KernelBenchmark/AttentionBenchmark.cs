using BenchmarkDotNet.Attributes;
using Tramontane.Compute.Kernels;
using Tramontane.Compute.Memory;
using Tramontane.Compute.Threading;

namespace Tramontane.KernelBenchmark;

/// <summary>Attention of one layer of Mistral Small 3.2 (32 query heads, 8 heads of keys and values, 128 dimensions), one thread.</summary>
[MemoryDiagnoser]
public class AttentionBenchmark : IDisposable
{
    private const int QueryHeads = 32, KeyValueHeads = 8, HeadDim = 128;

    private readonly ThreadTeam _team = new(1);
    private KeyValueBlocks? _cache;
    private Attention? _attention;
    private FloatMatrix? _queries;
    private FloatMatrix? _output;
    private AttentionSpan[] _spans = [];

    /// <summary>How keys and values are stored.</summary>
    [Params(KeyValueType.F16, KeyValueType.Q8_0)]
    public KeyValueType Stored { get; set; }

    /// <summary>Tokens before those of the batch.</summary>
    [Params(0, 4096, 32768)]
    public int Context { get; set; }

    /// <summary>Tokens of the batch, one sequence.</summary>
    [Params(1, 512)]
    public int Tokens { get; set; }

    /// <summary>Fills the cache.</summary>
    [GlobalSetup]
    public void Setup()
    {
        int blocks = (Context + Tokens + KeyValueBlocks.BlockTokens - 1) / KeyValueBlocks.BlockTokens;
        _cache = new KeyValueBlocks(Stored, 1, blocks, KeyValueHeads, HeadDim);
        _attention = new Attention(_team, QueryHeads, KeyValueHeads, HeadDim, Tokens);
        _queries = new FloatMatrix(Tokens, QueryHeads * HeadDim);
        _output = new FloatMatrix(Tokens, QueryHeads * HeadDim);
        var random = new Random(1);
        float[] row = new float[KeyValueHeads * HeadDim];
        for (int p = 0; p < Context + Tokens; p++)
        {
            row[p % row.Length] = random.NextSingle() - 0.5f;
            _cache.Store(0, p / KeyValueBlocks.BlockTokens, p % KeyValueBlocks.BlockTokens, row, row);
        }

        _spans = [new AttentionSpan(0, Tokens, Context, [.. Enumerable.Range(0, blocks)])];
    }

    /// <summary>All heads of all tokens.</summary>
    [Benchmark]
    public void Run() => _attention!.Run(_spans, _cache!, 0, _queries!, _output!);

    /// <inheritdoc/>
    [GlobalCleanup]
    public void Dispose()
    {
        _cache?.Dispose();
        _attention?.Dispose();
        _queries?.Dispose();
        _output?.Dispose();
        GC.SuppressFinalize(this);
    }
}
