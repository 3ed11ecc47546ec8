namespace Tramontane.Tokenization;

/// <summary>A tokenizer's file or vocabulary is broken: names the file, what was expected and what was found.</summary>
public sealed class TokenizerFileException : IOException
{
    /// <summary>Describes one mismatch.</summary>
    /// <param name="file">Path, or a name for people when there is no file.</param>
    /// <param name="expected">What a sound file has.</param>
    /// <param name="found">What this one has.</param>
    /// <param name="innerException">The reader's own complaint, if any.</param>
    public TokenizerFileException(string file, string expected, string found, Exception? innerException = null)
        : base($"{file}: expected {expected}, found {found}.", innerException)
    {
        File = file;
        Expected = expected;
        Found = found;
    }

    /// <summary>Path, or a name for people when there is no file.</summary>
    public string File { get; }

    /// <summary>What a sound file has.</summary>
    public string Expected { get; }

    /// <summary>What this one has.</summary>
    public string Found { get; }
}
