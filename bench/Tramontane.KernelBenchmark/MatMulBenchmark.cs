using BenchmarkDotNet.Attributes;
using Tramontane.Compute.Kernels;
using Tramontane.Compute.Memory;
using Tramontane.Compute.Quantization;
using Tramontane.Compute.Threading;

namespace Tramontane.KernelBenchmark;

/// <summary>Products of one matrix with a batch, one thread. Columns are the model's own; a product is rows · columns · tokens multiplications.</summary>
[MemoryDiagnoser]
public class MatMulBenchmark : IDisposable
{
    private readonly ThreadTeam _team = new(1);
    private RandomMatrix? _weights;
    private MatMul? _matMul;
    private FloatMatrix? _input;
    private FloatMatrix? _output;

    /// <summary>Stored format.</summary>
    [Params(TensorType.Q4_K, TensorType.Q5_K, TensorType.Q6_K, TensorType.Q8_0, TensorType.Q4_0, TensorType.BF16)]
    public TensorType Format { get; set; }

    /// <summary>Inputs: those of attention and of the feed-forward layer's last matrix.</summary>
    [Params(5120, 32768)]
    public int Columns { get; set; }

    /// <summary>One token reads weights as fast as it can; many are bound by multiplications.</summary>
    [Params(1, 4, 16, 512)]
    public int Tokens { get; set; }

    /// <summary>Makes weights that no cache holds for one token, fewer where multiplications count.</summary>
    [GlobalSetup]
    public void Setup()
    {
        int rows = (Tokens <= 16 ? 32 : 4) * (1 << 20) / Columns * 4;
        _weights = new RandomMatrix(Format, rows, Columns);
        _matMul = new MatMul(_team, ComputeMode.Fast, Tokens, Columns);
        _input = new FloatMatrix(Tokens, Columns);
        _output = new FloatMatrix(Tokens, rows);
        var random = new Random(1);
        for (int token = 0; token < Tokens; token++)
        {
            foreach (ref float value in _input.Row(token))
            {
                value = random.NextSingle() - 0.5f;
            }
        }
    }

    /// <summary>Rounding of the inputs included.</summary>
    [Benchmark]
    public void Multiply()
    {
        _matMul!.SetInput(_input!, Tokens);
        _matMul.Multiply(_weights!.Matrix, _output!);
    }

    /// <inheritdoc/>
    [GlobalCleanup]
    public void Dispose()
    {
        _weights?.Dispose();
        _matMul?.Dispose();
        _input?.Dispose();
        _output?.Dispose();
        GC.SuppressFinalize(this);
    }
}
