using System.CommandLine;
using System.Text.Json;
using Tramontane.Cli.CommandLine;
using Tramontane.Cli.Inspection;
using Tramontane.Cli.Models;
using Tramontane.Inference.Engine;

namespace Tramontane.Cli.Commands;

/// <summary><c>tramontane inspect</c>: what a GGUF file holds and what running it would take.</summary>
internal static class InspectCommand
{
    public static (Command Command, IReadOnlyList<string> Examples) Create()
    {
        var file = new Argument<string?>("FILE") { Description = "As --model takes it; left out: the demo model.", Arity = ArgumentArity.ZeroOrOne };
        file.RefuseOptions();
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var command = new Command("inspect", "Show a model's metadata, tensors and the memory that it needs.") { file, json };
        var engine = new EngineArguments();
        engine.AddSizesTo(command);
        command.SetBody(result =>
        {
            EngineOptions options = engine.Read(result, ModelLocator.Find(result.GetValue(file)));
            ModelReport report = ModelInspector.Inspect(options);
            if (result.GetValue(json))
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(report, InspectionJson.Default.ModelReport));
            }
            else
            {
                Print(report, Console.Out);
            }
        });
        return (command,
        [
            "tramontane inspect model.gguf",
            "tramontane inspect model.gguf --ctx 32768 --max-batch 8 --kv-type q8_0",
            "tramontane inspect model.gguf --json",
        ]);
    }

    private static void Print(ModelReport report, TextWriter output)
    {
        void Line(string name, string value) => output.WriteLine($"{name,-12}{value}");

        Line("File", $"{report.File} ({Sizes.Bytes(report.FileBytes)}, GGUF v{report.GgufVersion})");
        Line("Name", (report.Name ?? "none given") + (report.IsDemo ? " — the bundled demo model" : ""));
        Line("Parameters", $"{report.Parameters:N0}");
        if (report.Decoder is { } decoder)
        {
            Line("Decoder", $"{decoder.Layers} layers, dim {decoder.Dim}, {decoder.QueryHeads} query and {decoder.KeyValueHeads} key-value heads × {decoder.HeadDim}, feed-forward {decoder.HiddenDim}");
            Line("Vocabulary", $"{decoder.Vocabulary:N0}");
            Line("Positions", $"{decoder.MaxPositions:N0}");
        }

        if (report.Memory is { } memory)
        {
            long total = memory.WeightBytes + memory.CacheBytes + memory.ScratchBytes;
            Line("Memory", $"{Sizes.Bytes(total)}: weights {Sizes.Bytes(memory.WeightBytes)} (mapped), {memory.KeyValueType} cache {Sizes.Bytes(memory.CacheBytes)} "
                + $"({memory.MaxBatch} × {memory.Context} tokens), scratch {Sizes.Bytes(memory.ScratchBytes)}");
        }

        Line("Runs here", report.Refusal is null ? "yes" : $"no: {report.Refusal}");
        output.WriteLine();
        output.WriteLine("Tensors");
        foreach (TensorTypeReport type in report.TensorTypes)
        {
            output.WriteLine($"  {type.Type,-8}{type.Tensors,6} tensors{type.Parameters,18:N0} parameters{Sizes.Bytes(type.Bytes),12}");
        }

        output.WriteLine();
        output.WriteLine("Metadata");
        foreach ((string key, string value) in report.Metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            string line = value.ReplaceLineEndings(" ");
            output.WriteLine($"  {key,-44}{(line.Length <= 100 ? line : line[..100] + "…")}");
        }
    }
}
