using Tramontane.Tokenization;

namespace Tramontane.Inference.Weights;

/// <summary>The tokenizer that a GGUF file carries in its metadata.</summary>
public static class GgufTokenizer
{
    /// <summary>Reads the vocabulary.</summary>
    /// <exception cref="GgufException">The file carries no tokenizer, another kind than Tekken, or a broken vocabulary.</exception>
    public static Tokenizer Load(GgufFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        Require(file, "tokenizer.ggml.model", "gpt2");
        Require(file, "tokenizer.ggml.pre", "tekken");
        try
        {
            return Tokenizer.FromGguf(file.GetStrings("tokenizer.ggml.tokens"), file.GetIntegers("tokenizer.ggml.token_type"));
        }
        catch (TokenizerFileException exception)
        {
            throw file.Error(exception.File, exception.Expected, exception.Found, exception);
        }
    }

    private static void Require(GgufFile file, string key, string expected)
    {
        if (file.GetString(key) is string found && found != expected)
        {
            throw file.Error(key, $"'{expected}', a Tekken tokenizer", $"'{found}'");
        }
    }
}
