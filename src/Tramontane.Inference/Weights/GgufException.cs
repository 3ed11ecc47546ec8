namespace Tramontane.Inference.Weights;

/// <summary>A GGUF file is broken or is not one that this engine runs: names the place, what was expected and what was found.</summary>
public sealed class GgufException : IOException
{
    /// <summary>Describes one mismatch.</summary>
    /// <param name="file">Path of the file.</param>
    /// <param name="place">The tensor, key or part of the file.</param>
    /// <param name="expected">What a sound file has there.</param>
    /// <param name="found">What this one has.</param>
    /// <param name="innerException">The cause, if another part of the program found the mismatch.</param>
    public GgufException(string file, string place, string expected, string found, Exception? innerException = null)
        : base($"{file}: {place}: expected {expected}, found {found}.", innerException)
    {
        File = file;
        Place = place;
        Expected = expected;
        Found = found;
    }

    /// <summary>Path of the file.</summary>
    public string File { get; }

    /// <summary>The tensor, key or part of the file.</summary>
    public string Place { get; }

    /// <summary>What a sound file has there.</summary>
    public string Expected { get; }

    /// <summary>What this one has.</summary>
    public string Found { get; }
}
