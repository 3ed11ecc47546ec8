using Tramontane.Cli.CommandLine;

namespace Tramontane.Cli.Models;

/// <summary>Finds the file that <c>--model</c> means.</summary>
internal static class ModelLocator
{
    /// <summary>The small model that comes with the program.</summary>
    public static string DemoPath { get; } = Path.Combine(AppContext.BaseDirectory, "models", "tramontane-demo.gguf");

    /// <summary>Folders in which a bare name is looked up, in this order.</summary>
    public static IReadOnlyList<string> Folders { get; } =
    [
        "models",
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "tramontane", "models"),
    ];

    private static readonly string[] s_visionFormats = ["bf16", "f16", "f32", "q8_0"];

    /// <summary>The GGUF file that is meant.</summary>
    /// <param name="model">A file, a folder with one model, or a name in one of <see cref="Folders"/>; null for the demo model.</param>
    /// <exception cref="CommandFailure">There is none, or more than one.</exception>
    public static string Find(string? model)
    {
        if (model is null)
        {
            return File.Exists(DemoPath) ? DemoPath : throw new CommandFailure($"There is no demo model at {DemoPath}: name a model with --model.");
        }

        if (File.Exists(model))
        {
            return model;
        }

        if (Directory.Exists(model))
        {
            return FindIn(model);
        }

        bool isName = model.Length > 0 && model.AsSpan().IndexOfAny('/', '\\') < 0;
        if (isName)
        {
            foreach (string folder in Folders)
            {
                foreach (string path in (string[])[Path.Combine(folder, model), Path.Combine(folder, model + ".gguf")])
                {
                    if (File.Exists(path))
                    {
                        return path;
                    }
                }
            }
        }

        string looked = isName ? $", and none of that name in {string.Join(" or ", Folders)}" : "";
        throw new CommandFailure($"There is no model file or folder '{model}'{looked}: give --model the path of a GGUF file.");
    }

    /// <summary>The vision encoder that goes with a model; null for none.</summary>
    /// <param name="model">The model's file.</param>
    /// <param name="mmproj">A file, <c>none</c>, or null for what lies beside the model.</param>
    /// <exception cref="CommandFailure">There is no such file.</exception>
    public static string? FindVision(string model, string? mmproj)
    {
        if (mmproj is not null)
        {
            return mmproj == "none" ? null
                : File.Exists(mmproj) ? mmproj
                : throw new CommandFailure($"There is no vision encoder '{mmproj}': give --mmproj the path of an mmproj GGUF file, or none.");
        }

        // Several are formats of one encoder: the fewest bytes that lose nothing of the published weights first.
        string[] beside = [.. Directory.EnumerateFiles(Path.GetDirectoryName(Path.GetFullPath(model))!, "mmproj*.gguf").Order(StringComparer.Ordinal)];
        return s_visionFormats.Select(format => beside.FirstOrDefault(path => Path.GetFileName(path).Contains(format, StringComparison.OrdinalIgnoreCase)))
            .FirstOrDefault(path => path is not null) ?? beside.FirstOrDefault();
    }

    private static string FindIn(string folder)
    {
        string[] files = [.. Directory.EnumerateFiles(folder, "*.gguf")
            .Where(path => !Path.GetFileName(path).StartsWith("mmproj", StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal)];
        return files.Length switch
        {
            1 => files[0],
            0 => throw new CommandFailure($"The folder '{folder}' holds no GGUF model: give --model the path of a GGUF file."),
            _ => throw new CommandFailure($"The folder '{folder}' holds {files.Length} models ({string.Join(", ", files.Select(Path.GetFileName))}): give --model the path of one."),
        };
    }
}
