using System.CommandLine;
using System.Text.Json;
using Tramontane.Cli.Benchmarking;
using Tramontane.Cli.CommandLine;
using Tramontane.Cli.Models;
using Tramontane.Cli.Terminal;

namespace Tramontane.Cli.Commands;

/// <summary><c>tramontane bench</c>: tokens per second, with llama-bench's vocabulary, and what the memory would allow.</summary>
internal static class BenchCommand
{
    public static (Command Command, IReadOnlyList<string> Examples) Create()
    {
        Option<int> prompt = Arguments.Integer("--n-prompt", "Tokens of a prompt; 0 leaves prefill out.", 512, 0, 1 << 20);
        prompt.Aliases.Add("-p");
        Option<int> generate = Arguments.Integer("--n-gen", "Tokens to generate; 0 leaves decoding out.", 128, 0, 1 << 20);
        generate.Aliases.Add("-n");
        Option<int> depth = Arguments.Integer("--n-depth", "Tokens that stand in each sequence before what is measured.", 0, 0, 1 << 20);
        depth.Aliases.Add("-d");
        Option<int[]> batches = Arguments.IntegerList("--batch", "-b", "Sequences computed together, one run for each number.", [1], 1, 512);
        Option<int> repetitions = Arguments.Integer("--repetitions", "Samples of each figure.", 5, 1, 1000);
        repetitions.Aliases.Add("-r");
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var command = new Command("bench", "Measure prefill and decode speed, and how much of the memory's bandwidth decoding uses.")
        {
            prompt, generate, depth, batches, repetitions, json,
        };
        command.Subcommands.Add(VisionBenchCommand.Create());
        command.Subcommands.Add(MaskBenchCommand.Create());
        var engine = new EngineArguments();
        engine.AddComputeTo(command);
        command.SetBody(result =>
        {
            var plan = new BenchPlan(engine.Read(result), result.GetValue(prompt), result.GetValue(generate), result.GetValue(depth), result.GetValue(batches)!, result.GetValue(repetitions));
            if (plan is { PromptTokens: 0, GeneratedTokens: 0 })
            {
                throw new CommandFailure("bench has nothing to measure: -p and -n are both 0.", CommandFailure.Usage);
            }

            BenchReport report = plan.Run(what => Notices.Tell($"Measuring {what} …"));
            if (result.GetValue(json))
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(report, BenchJson.Default.BenchReport));
            }
            else
            {
                Print(report, Console.Out);
            }
        });
        return (command,
        [
            "tramontane bench --model model.gguf",
            "tramontane bench --model model.gguf -p 512 -n 128 -b 1,8 -t 2 --json",
            "tramontane bench vision --size 1540x1540,512x512     images, with random weights of the real shape",
            "tramontane bench masks --vocab tekken.json --data maskbench --json",
        ]);
    }

    private static void Print(BenchReport report, TextWriter output)
    {
        output.WriteLine($"{report.ModelFileName}: {Sizes.Bytes(report.ModelSize)}, {Sizes.Count(report.ParameterCount)} parameters; "
            + $"{report.ThreadCount} threads, {report.VectorBits}-bit vectors, {report.Compute}, {report.KeyValueType} cache");
        output.WriteLine($"Memory reads {report.ReadBandwidth / 1e9:0.0} GB/s; a decode step reads {report.WeightBytesPerStep / 1e9:0.000} GB of weights.");
        output.WriteLine();
        output.WriteLine($"{"test",-10}{"batch",6}{"t/s",12}{"±",10}{"cpu ms/token",14}{"bandwidth",12}");
        foreach (BenchResult result in report.Results)
        {
            string share = result.BandwidthShare is double value ? $"{100 * value:0.0} %" : "";
            output.WriteLine($"{result.Test,-10}{result.Batch,6}{result.AverageTokensPerSecond,12:0.00}{result.StandardDeviation,10:0.00}{1000 * result.ProcessorSecondsPerToken,14:0.00}{share,12}");
        }
    }
}
