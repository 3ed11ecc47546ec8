using System.Text;
using System.Text.Json;
using Tramontane.Grammar;
using Tramontane.Grammar.JsonSchema;
using Tramontane.Inference.Engine;
using Tramontane.Testing;
using Tramontane.Tokenization;

namespace Tramontane.Inference.Tests.Engine;

/// <summary>Constraints over the model's own vocabulary of 131,072 tokens.</summary>
public sealed class ConstrainedAnswerTests
{
    private static readonly Lazy<(Tokenizer Tokenizer, TokenVocabulary Vocabulary)> s_tekken = new(() =>
    {
        using FileStream stream = File.OpenRead(Repository.Golden("tokenizer/tekken_vocab.bin.br"));
        Tokenizer tokenizer = Tokenizer.FromCompact(stream);
        return (tokenizer, new TokenVocabulary(tokenizer.VocabularySize, tokenizer.TokenBytes, tokenizer.IsControl, SpecialTokens.Eos));
    });

    [Theory]
    [InlineData("{\"a\":\"", "The quick brown fox jumps over 12345 lazy dogs, naïvely and 한국어")]
    [InlineData("{\"a\":\"", "internationalization")]
    [InlineData("{\"a\": \"", "x")]
    public void CopyForced_OfATextThatMustCome_IsWhatTheTokenizerMakesOfIt(string before, string constant)
    {
        (Tokenizer tokenizer, TokenVocabulary vocabulary) = s_tekken.Value;
        using JsonDocument schema = JsonDocument.Parse($$$"""{"type":"object","properties":{"a":{"const":"{{{constant}}}"},"b":{"type":"string"}},"required":["a","b"]}""");
        CompiledGrammar grammar = CompiledGrammar.FromJsonSchema(vocabulary, schema.RootElement, JsonSchemaOptions.Generation);
        var answer = new ConstrainedAnswer(new Constraint(grammar), tokenizer);
        foreach (int token in tokenizer.Encode(before))
        {
            answer.Append(token);
        }

        var forced = new List<int>();
        answer.CopyForced(forced);
        int bytes = forced.Sum(token => tokenizer.TokenBytes(token).Length);
        string text = constant + "\",";
        Assert.True(bytes <= Encoding.UTF8.GetByteCount(text));
        Assert.Equal(constant.Length > 20, forced.Count > 3);
        foreach (string after in (string[])["", "\"b\": \"", " \"b\":\"more"])
        {
            // Whatever comes next, the tokens of the whole begin with these.
            Assert.Equal(forced, tokenizer.Encode(text + after).Take(forced.Count));
        }

        forced.ForEach(answer.Append); // and they fit
    }

    [Theory]
    [InlineData("✅", "❌")] // drawn byte by byte, and different in the last byte but one
    [InlineData("😀", "🎉")]
    [InlineData("鬱", "鬲")]
    [InlineData("é", "è")]
    public void CopyForced_InsideACharacter_WaitsForItsEnd(string one, string other)
    {
        (Tokenizer tokenizer, TokenVocabulary vocabulary) = s_tekken.Value;
        using JsonDocument schema = JsonDocument.Parse($$$"""{"type":"object","properties":{"ok":{"enum":["{{{one}}}","{{{other}}}"]}},"required":["ok"]}""");
        CompiledGrammar grammar = CompiledGrammar.FromJsonSchema(vocabulary, schema.RootElement, JsonSchemaOptions.Generation);
        Dictionary<byte, int> byteTokens = Enumerable.Range(0, vocabulary.TokenCount)
            .Where(t => !tokenizer.IsControl(t) && tokenizer.TokenBytes(t).Length == 1).ToDictionary(t => tokenizer.TokenBytes(t)[0]);
        foreach (string chosen in (string[])[one, other])
        {
            var answer = new ConstrainedAnswer(new Constraint(grammar), tokenizer);
            byte[] text = Encoding.UTF8.GetBytes($$$"""{"ok":"{{{chosen}}}"}""");
            var forced = new List<int>();
            for (int at = 0; at < text.Length;)
            {
                answer.CopyForced(forced);
                foreach (int token in forced.Count > 0 ? [.. forced] : (int[])[byteTokens[text[at]]])
                {
                    Assert.True(text.AsSpan(at).StartsWith(tokenizer.TokenBytes(token)), $"token {token} at {at} of {chosen}");
                    answer.Append(token); // throws when it does not fit
                    at += tokenizer.TokenBytes(token).Length;
                }
            }
        }
    }

    [Fact]
    public void Forbidden_BeforeTheTriggerAndAfter_IsFreeAndThenTheGrammars()
    {
        (Tokenizer tokenizer, TokenVocabulary vocabulary) = s_tekken.Value;
        CompiledGrammar grammar = CompiledGrammar.FromNode(vocabulary, new GrammarNode.Sequence(
            new GrammarNode.Token(SpecialTokens.ToolCalls), new GrammarNode.Text("f"), new GrammarNode.Token(SpecialTokens.Arguments)));
        var answer = new ConstrainedAnswer(new Constraint(grammar, SpecialTokens.ToolCalls), tokenizer);
        ulong[] free = new ulong[vocabulary.MaskWords], scratch = new ulong[vocabulary.MaskWords];
        answer.Append(tokenizer.Encode("free text")[0]);
        Assert.True(answer.Forbidden(free, scratch).SequenceEqual(free));
        answer.Append(SpecialTokens.ToolCalls);
        ReadOnlySpan<ulong> forbidden = answer.Forbidden(free, scratch);
        int f = tokenizer.Encode("f")[0];
        for (int token = 0; token < vocabulary.TokenCount; token++)
        {
            Assert.Equal(token != f, ((forbidden[token >> 6] >> (token & 63)) & 1) != 0);
        }

        answer.Append(f);
        answer.Append(SpecialTokens.Arguments);
        Assert.Equal(0UL, (answer.Forbidden(free, scratch)[0] >> SpecialTokens.Eos) & 1); // it may end
        Assert.Throws<InvalidOperationException>(() => answer.Append(f));
    }
}
