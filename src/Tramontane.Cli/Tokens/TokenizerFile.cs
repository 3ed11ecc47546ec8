using Tramontane.Inference.Weights;
using Tramontane.Tokenization;

namespace Tramontane.Cli.Tokens;

/// <summary>Opens a tokenizer from whatever file carries one.</summary>
internal static class TokenizerFile
{
    /// <summary>Loads a <c>tekken.json</c> or the vocabulary of a GGUF file; the first bytes tell which it is.</summary>
    /// <exception cref="IOException">The file is missing or broken; the message names it.</exception>
    public static Tokenizer Load(string path)
    {
        if (!IsGguf(path))
        {
            return Tokenizer.FromTekken(path);
        }

        using var file = new GgufFile(path);
        return GgufTokenizer.Load(file);
    }

    private static bool IsGguf(string path)
    {
        using FileStream stream = File.OpenRead(path);
        Span<byte> magic = stackalloc byte[4];
        return stream.ReadAtLeast(magic, 4, throwOnEndOfStream: false) == 4 && magic.SequenceEqual("GGUF"u8);
    }
}
