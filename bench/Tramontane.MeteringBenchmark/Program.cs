using System.CommandLine;
using Tramontane.MeteringBenchmark;

// dotnet run -c Release --project bench/Tramontane.MeteringBenchmark -- --rate 200 --seconds 30
var database = new Option<string?>("--database") { Description = "A file or a PostgreSQL connection string; must be empty or from this benchmark. Default: a file in the temp folder." };
var rate = new Option<double>("--rate") { Description = "Requests per second, at random times.", DefaultValueFactory = _ => 200 };
var seconds = new Option<int>("--seconds") { Description = "How long to measure.", DefaultValueFactory = _ => 30 };
var warmup = new Option<int>("--warmup") { Description = "Seconds before that.", DefaultValueFactory = _ => 5 };
var generation = new Option<int>("--generation") { Description = "Milliseconds that a request is open, at most.", DefaultValueFactory = _ => 500 };
var command = new RootCommand("Measures how long admission and settlement take.") { database, rate, seconds, warmup, generation };
command.SetAction((result, cancellationToken) => Benchmark.RunAsync(
    result.GetValue(database), result.GetValue(rate), result.GetValue(seconds), result.GetValue(warmup), result.GetValue(generation), cancellationToken));
return await command.Parse(args).InvokeAsync();
