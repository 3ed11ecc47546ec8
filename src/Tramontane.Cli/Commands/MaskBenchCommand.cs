using System.CommandLine;
using System.Text.Json;
using Tramontane.Cli.Benchmarking;
using Tramontane.Cli.CommandLine;
using Tramontane.Cli.Terminal;
using Tramontane.Cli.Tokens;

namespace Tramontane.Cli.Commands;

/// <summary><c>tramontane bench masks</c>: coverage and speed of constrained decoding on MaskBench's files.</summary>
internal static class MaskBenchCommand
{
    public static Command Create()
    {
        var vocabulary = new Option<string>("--vocab")
        {
            Description = "A tekken.json, or a GGUF file with its tokenizer inside.", HelpName = "FILE", Required = true,
        };
        var data = new Option<string>("--data") { Description = "A folder of MaskBench files.", HelpName = "DIR", Required = true };
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var command = new Command("masks", "Measure token masks of JSON Schemas: what is accepted rightly, and how fast.") { vocabulary, data, json };
        command.SetBody(result =>
        {
            string folder = result.GetValue(data)!;
            if (!Directory.Exists(folder))
            {
                throw new CommandFailure($"There is no folder {folder}.", CommandFailure.Usage);
            }

            MaskBenchReport report = new MaskBench(TokenizerFile.Load(result.GetValue(vocabulary)!)).Run(folder, Notices.Tell);
            if (result.GetValue(json))
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(report, MaskBenchJson.Default.MaskBenchReport));
            }
            else
            {
                Print(report, Console.Out);
            }
        });
        return command;
    }

    private static void Print(MaskBenchReport report, TextWriter output)
    {
        output.WriteLine($"{report.Passing} of {report.Schemas} schemas pass; {report.CompileErrors} are refused, {report.ValidationErrors} of {report.Instances} instances are "
            + $"refused wrongly, {report.InvalidationErrors} are accepted wrongly.");
        output.WriteLine($"{"µs",-12}{"avg",10}{"p50",10}{"p90",10}{"p99",10}{"p99.9",10}{"max",10}");
        foreach ((string name, Distribution times) in ((string, Distribution)[])[("mask", report.MaskMicroseconds), ("first mask", report.FirstMaskMicroseconds)])
        {
            output.WriteLine($"{name,-12}{times.Average,10:0.0}{times.P50,10:0.0}{times.P90,10:0.0}{times.P99,10:0.0}{times.P999,10:0.0}{times.Maximum,10:0.0}");
        }

        foreach (MaskBenchFailure failure in report.Failures)
        {
            output.WriteLine($"{failure.File}: {failure.Kind}: {failure.Reason}");
        }
    }
}
