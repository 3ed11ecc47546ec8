using BenchmarkDotNet.Running;
using Tramontane.KernelBenchmark;

// dotnet run -c Release --project bench/Tramontane.KernelBenchmark -- --filter '*MatMul*' [BenchmarkDotNet's own options]
BenchmarkSwitcher.FromAssembly(typeof(MatMulBenchmark).Assembly).Run(args);
