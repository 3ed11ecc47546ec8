using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Tramontane.Cli.Benchmarking;
using Tramontane.Cli.CommandLine;
using Tramontane.Cli.Terminal;
using Tramontane.Inference.Weights;
using Tramontane.Tokenization.Images;

namespace Tramontane.Cli.Commands;

/// <summary><c>tramontane bench vision</c>: how long images take and how much memory.</summary>
internal static class VisionBenchCommand
{
    public static Command Create()
    {
        var mmproj = new Option<string?>("--mmproj") { Description = "The encoder; left out: random weights of Mistral Small 3.2's shape, 0.9 GB.", HelpName = "FILE" };
        var sizes = new Option<string>("--size")
        {
            Description = "Images, width x height in pixels.", HelpName = "WxH,WxH", DefaultValueFactory = _ => "1540x1540,1024x1024,512x512",
        };
        Option<int?> threads = Arguments.OptionalInteger("--threads", "Compute threads. Left out: one per physical core.", 1, 1024, "-t");
        Option<int> repetitions = Arguments.Integer("--repetitions", "Samples of each size; the best is printed.", 1, 1, 1000);
        repetitions.Aliases.Add("-r");
        var json = new Option<bool>("--json") { Description = "Print one JSON object." };
        var command = new Command("vision", "Measure the encoding of images, and the memory it takes beside the weights.") { mmproj, sizes, threads, repetitions, json };
        command.SetBody(result =>
        {
            ImageSize[] images = [.. result.GetValue(sizes)!.Split(',').Select(ReadSize)];
            VisionReport Measure(VisionWeights weights, string name) =>
                VisionBench.Run(weights, name, images, result.GetValue(threads), result.GetValue(repetitions), what => Notices.Tell($"Measuring {what} …"));

            VisionReport report;
            if (result.GetValue(mmproj) is { } path)
            {
                using var file = new GgufFile(path);
                report = Measure(VisionWeights.Load(file), Path.GetFileName(path));
            }
            else
            {
                using var random = new RandomVision();
                report = Measure(random.Weights, "random F16 weights of Mistral Small 3.2's shape");
            }

            if (result.GetValue(json))
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(report, BenchJson.Default.VisionReport));
            }
            else
            {
                Print(report, Console.Out);
            }
        });
        return command;
    }

    private static ImageSize ReadSize(string text) =>
        text.Split('x') is [string width, string height]
        && int.TryParse(width, NumberStyles.None, CultureInfo.InvariantCulture, out int w) && w is > 0 and <= 10_000
        && int.TryParse(height, NumberStyles.None, CultureInfo.InvariantCulture, out int h) && h is > 0 and <= 10_000
            ? new ImageSize(w, h)
            : throw new CommandFailure($"--size takes sizes such as 1540x1540 up to 10000 per side, found '{text}'.", CommandFailure.Usage);

    private static void Print(VisionReport report, TextWriter output)
    {
        output.WriteLine($"{report.Weights}; {(report.ThreadCount == 1 ? "1 thread" : $"{report.ThreadCount} threads")}");
        output.WriteLine();
        output.WriteLine($"{"size",-12}{"patches",9}{"tokens",8}{"prepare s",11}{"encode s",10}{"CPU s",9}{"GFLOP/s",9}{"longest step s",16}{"peak extra",12}{"scratch",12}");
        foreach (VisionResult r in report.Results)
        {
            string peak = r.PeakExtraBytes is { } bytes ? Sizes.Bytes(bytes) : "unknown";
            output.WriteLine($"{r.Size,-12}{r.Patches,9}{r.Tokens,8}{r.PrepareSeconds,11:0.000}{r.EncodeSeconds,10:0.00}{r.ProcessorSeconds,9:0.0}{r.Gigaflops,9:0}{r.LongestStepSeconds,16:0.000}{peak,12}{Sizes.Bytes(r.ScratchBytes),12}");
        }
    }
}
