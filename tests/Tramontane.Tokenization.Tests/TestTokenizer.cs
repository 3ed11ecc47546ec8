using Tramontane.Testing;

namespace Tramontane.Tokenization.Tests;

/// <summary>The model's vocabulary, loaded once for all tests.</summary>
internal static class TestTokenizer
{
    private static readonly Lazy<Tokenizer> s_instance = new(() =>
    {
        using FileStream stream = File.OpenRead(Repository.Golden("tokenizer/tekken_vocab.bin.br"));
        return Tokenizer.FromCompact(stream);
    });

    public static Tokenizer Instance => s_instance.Value;

    /// <summary>The vocabulary's bytes by rank.</summary>
    public static byte[][] Ranks() => [.. Enumerable.Range(SpecialTokens.Count, Instance.VocabularySize - SpecialTokens.Count)
        .Select(id => Instance.TokenBytes(id).ToArray())];
}
