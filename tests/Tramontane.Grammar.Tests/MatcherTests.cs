using System.Text;
using System.Text.Json;
using Tramontane.Grammar.JsonSchema;

namespace Tramontane.Grammar.Tests;

public sealed class MatcherTests
{
    // Tokens of several bytes, two of the same bytes, one control token and one end token.
    private static readonly string[] s_tokens = ["{", "}", "\"", ":", ",", "a", "b", "{\"", "\":", "\": ", "a\":", "\",", "\"}", "1", "12", "\",\"", "ab", "ab", "é", "<stop>", "<tool>", "\"a\":1}", " ", "[", "]", "],", "true"];

    private static TokenVocabulary Vocabulary { get; } = new(s_tokens.Length, id => Encoding.UTF8.GetBytes(s_tokens[id]), id => s_tokens[id].StartsWith('<'), 19);

    [Fact]
    public void ComputeMask_ManySchemas_AgreesWithTryConsumeForEveryToken()
    {
        ulong[] mask = new ulong[Vocabulary.MaskWords];
        int compared = 0;
        for (int seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            JsonElement schema = new JsonSchema.RandomSchemas(random).Schema();
            CompiledGrammar grammar;
            try
            {
                grammar = CompiledGrammar.FromJsonSchema(Vocabulary, schema);
            }
            catch (GrammarException)
            {
                continue;
            }

            GrammarMatcher matcher = grammar.CreateMatcher();
            for (int step = 0; step < 30 && matcher.ComputeMask(mask); step++)
            {
                int[] consumed = [.. Enumerable.Range(0, s_tokens.Length).Where(t => matcher.Clone().TryConsume(t))];
                int[] masked = [.. Enumerable.Range(0, s_tokens.Length).Where(t => (mask[t >> 6] >> (t & 63) & 1) != 0)];
                Assert.True(consumed.AsSpan().SequenceEqual(masked), $"seed {seed}, step {step}: {schema.GetRawText()}");
                Assert.True(matcher.TryConsume(masked[random.Next(masked.Length)]));
                compared++;
            }
        }

        Assert.True(compared > 1000);
    }

    [Fact]
    public void Rollback_AnyNumberOfTokens_ComesBackToTheSameMasks()
    {
        CompiledGrammar grammar = Texts.Schema("""{"type":"object","properties":{"a":{"type":"array","items":{"type":"integer"}},"b":{"const":"x"}},"required":["a"]}""");
        byte[] text = "{\"a\": [1,22],\"b\": \"x\"}"u8.ToArray();
        var masks = new List<ulong[]>();
        GrammarMatcher matcher = grammar.CreateMatcher();
        foreach (byte b in text)
        {
            ulong[] mask = new ulong[Texts.Bytes.MaskWords];
            matcher.ComputeMask(mask);
            masks.Add(mask);
            Assert.True(matcher.TryConsume(b));
        }

        Assert.True(matcher.TryConsume(Texts.End));
        Assert.True(matcher.IsFinished);
        var random = new Random(3);
        ulong[] again = new ulong[Texts.Bytes.MaskWords];
        for (int i = 0; i < 200; i++)
        {
            matcher.Rollback(random.Next(matcher.TokenCount + 1));
            matcher.ComputeMask(again);
            Assert.Equal(matcher.TokenCount < text.Length ? masks[matcher.TokenCount] : again, again);
            while (matcher.TokenCount < text.Length && random.Next(4) > 0)
            {
                Assert.True(matcher.TryConsume(text[matcher.TokenCount]));
            }
        }
    }

    [Fact]
    public void ForcedBytes_AfterTheBrace_AreTheOnlyKey()
    {
        CompiledGrammar grammar = Texts.Schema("""{"type":"object","properties":{"name":{"const":"Mistral"}},"required":["name"],"additionalProperties":false}""", JsonSchemaOptions.Generation);
        byte[] bytes = new byte[64];
        GrammarMatcher matcher = grammar.CreateMatcher();
        Assert.Equal("{\"name\":", Encoding.UTF8.GetString(bytes, 0, matcher.ForcedBytes(bytes))); // then a space or the value
        Assert.All("{\"name\":\""u8.ToArray(), b => Assert.True(matcher.TryConsume(b)));
        Assert.Equal("Mistral\"}", Encoding.UTF8.GetString(bytes, 0, matcher.ForcedBytes(bytes)));
    }

    [Fact]
    public void ComputeMask_InTheSteadyState_AllocatesNothing()
    {
        CompiledGrammar grammar = Texts.Schema("""{"type":"array","items":{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"number"}},"required":["a","b"],"additionalProperties":false}}""");
        byte[] item = "{\"a\": \"some text\",\"b\": 12.5},"u8.ToArray();
        GrammarMatcher matcher = grammar.CreateMatcher();
        ulong[] mask = new ulong[Texts.Bytes.MaskWords];
        Assert.True(matcher.TryConsume('['));
        long before = 0;
        for (int round = 0; round < 40; round++)
        {
            before = round == 20 ? GC.GetAllocatedBytesForCurrentThread() : before;
            foreach (byte b in item)
            {
                matcher.ComputeMask(mask);
                Assert.True(matcher.TryConsume(b));
            }

            if (round % 4 == 3)
            {
                matcher.Rollback(item.Length * 4); // the history stays short
            }
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void FromChoices_TwoThatShareABeginning_AcceptsThemAlone()
    {
        CompiledGrammar grammar = CompiledGrammar.FromChoices(Texts.Bytes, ["yes", "yesterday", "né"]);
        Assert.True(grammar.Accepts("yes"));
        Assert.True(grammar.Accepts("yesterday"));
        Assert.True(grammar.Accepts("né"));
        Assert.False(grammar.Accepts("yest"));
        Assert.Throws<GrammarException>(() => CompiledGrammar.FromChoices(Texts.Bytes, []));
    }

    [Theory]
    [InlineData("[a-c]+", "abc", true)]
    [InlineData("[a-c]+", "abd", false)]
    [InlineData("^(?!foo)[a-z]{3}$", "fox", true)]
    [InlineData("^(?!foo)[a-z]{3}$", "foo", false)]
    [InlineData(@"\p{Lu}\p{Ll}*", "Été", true)]
    [InlineData("(?i)straße", "STRAßE", true)]
    [InlineData("a{2,3}", "aaaa", false)]
    [InlineData(@"\u{1F600}+", "😀😀", true)]
    [InlineData("", "", true)]
    public void FromRegex_WholeTexts_MatchAsTheyShould(string pattern, string text, bool expected) =>
        Assert.Equal(expected, CompiledGrammar.FromRegex(Texts.Bytes, pattern).Accepts(text));

    [Theory]
    [InlineData("(a", 1)]
    [InlineData(@"ab\b", 4)]
    [InlineData(@"(a)\1", 5)]
    [InlineData("a**b)", 5)]
    [InlineData("[z-a]", 5)]
    public void FromRegex_WithoutMeaning_IsRefusedWithItsColumn(string pattern, int column) =>
        Assert.Equal(column, Assert.Throws<GrammarException>(() => CompiledGrammar.FromRegex(Texts.Bytes, pattern)).Column);
}
