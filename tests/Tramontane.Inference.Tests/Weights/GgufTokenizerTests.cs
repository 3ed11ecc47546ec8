using System.Text;
using Tramontane.Inference.Weights;
using Tramontane.Tokenization;

namespace Tramontane.Inference.Tests.Weights;

public class GgufTokenizerTests
{
    [Fact]
    public void Load_ByteVocabulary_EncodesAndDecodes()
    {
        Tokenizer tokenizer = Load(GgufBuilder.Decoder());
        Assert.Equal((264, 8), (tokenizer.VocabularySize, tokenizer.ControlTokenCount));
        int[] ids = tokenizer.Encode("aé\n");
        Assert.Equal(Encoding.UTF8.GetBytes("aé\n").Select(b => b + 8), ids);
        Assert.Equal("aé\n", tokenizer.Decode(ids));
    }

    [Theory]
    [InlineData("tokenizer.ggml.model", "llama", "expected 'gpt2', a Tekken tokenizer, found 'llama'")]
    [InlineData("tokenizer.ggml.pre", "llama-bpe", "expected 'tekken', a Tekken tokenizer, found 'llama-bpe'")]
    [InlineData("tokenizer.ggml.pre", null, "no such key")]
    [InlineData("tokenizer.ggml.tokens", null, "no such key")]
    [InlineData("tokenizer.ggml.token_type", null, "no such key")]
    public void Load_AnotherTokenizer_IsRefused(string key, string? value, string message)
    {
        GgufBuilder builder = value is null ? GgufBuilder.Decoder().Remove(key) : GgufBuilder.Decoder().Set(key, value);
        GgufException exception = Assert.Throws<GgufException>(() => Load(builder));
        Assert.Equal(key, exception.Place);
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_BrokenVocabulary_NamesTheFileAndTheKey()
    {
        using var temporary = new TemporaryFile(GgufBuilder.Decoder().Set("tokenizer.ggml.tokens", ["a", "b"]).Build());
        using var file = new GgufFile(temporary.Path);
        GgufException exception = Assert.Throws<GgufException>(() => GgufTokenizer.Load(file));
        Assert.Equal((temporary.Path, "tokenizer.ggml.tokens"), (exception.File, exception.Place));
        Assert.IsType<TokenizerFileException>(exception.InnerException);
    }

    private static Tokenizer Load(GgufBuilder builder)
    {
        using var temporary = new TemporaryFile(builder.Build());
        using var file = new GgufFile(temporary.Path);
        return GgufTokenizer.Load(file);
    }
}
