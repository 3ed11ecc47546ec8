using System.Text;
using System.Text.Json;
using Tramontane.Grammar.JsonSchema;

namespace Tramontane.Grammar.Tests;

/// <summary>Patterns with look-ahead, complements and large counts: their masks are right, and the work that they take is bounded.</summary>
public sealed class SlowPatternTests
{
    private const int End = 256;

    // Every byte, an end, words of ASCII and other letters, whole and cut, and what ends a string.
    private static readonly byte[][] s_tokens = [.. MakeTokens(600)], s_manyTokens = [.. MakeTokens(30_000)];
    private static readonly TokenVocabulary s_vocabulary = Of(s_tokens), s_manyVocabulary = Of(s_manyTokens);

    [Theory]
    [InlineData("""{"type":"string","pattern":"^(?!.*foo)(?=.*bar).{10,420}$"}""")]
    [InlineData("""{"type":"string","pattern":"^(?!.*(aaa|bbb|ccc|ddd)).{100,300}$"}""")]
    [InlineData("""{"type":"string","minLength":150,"maxLength":500,"not":{"pattern":"fo?o"}}""")]
    [InlineData("""{"type":"string","minLength":300,"pattern":"^(ab|.c|\u00e9+)*$"}""")]
    [InlineData("""{"type":"string","minLength":5,"maxLength":400,"pattern":"^(..)*$"}""")]
    [InlineData("""{"type":"string","minLength":200,"maxLength":201,"pattern":"^(...)*$"}""")]
    [InlineData("""{"type":"string","maxLength":300,"pattern":"^.{1,3}(x.{150,}|y.{160,})$"}""")]
    [InlineData("""{"type":"string","pattern":"^ab.{200,900}$","maxLength":500}""")]
    [InlineData("""{"type":"string","minLength":150,"pattern":"^(x{1,100}|y.*)$"}""")]
    [InlineData("""{"anyOf":[{"type":"string","pattern":"^(?=.*q)[^x]{3,600}$"},{"type":"integer"}]}""")]
    public void ComputeMask_OfCountsBesideConditions_AgreesWithTryConsume(string schema)
    {
        CompiledGrammar grammar = CompiledGrammar.FromJsonSchema(s_vocabulary, JsonDocument.Parse(schema).RootElement);
        ulong[] mask = new ulong[s_vocabulary.MaskWords];
        for (int seed = 0; seed < 2; seed++)
        {
            var random = new Random(seed);
            GrammarMatcher matcher = grammar.CreateMatcher();
            for (int step = 0; !matcher.IsFinished && step < 260; step++)
            {
                Assert.True(matcher.ComputeMask(mask), $"seed {seed}, step {step}: no way on");
                int[] masked = [.. Enumerable.Range(0, s_tokens.Length).Where(t => (mask[t >> 6] >> (t & 63) & 1) != 0)];
                int stride = step < 4 ? 1 : 3;
                for (int token = step % stride; token < s_tokens.Length; token += stride)
                {
                    bool fits = matcher.Clone().TryConsume(token);
                    Assert.True(fits == masked.Contains(token), $"seed {seed}, step {step}: token {token} '{Encoding.UTF8.GetString(s_tokens[token])}' {(fits ? "fits" : "does not fit")}");
                }

                int[] inside = [.. masked.Where(t => t != End && !s_tokens[t].Contains((byte)'"'))];
                int[] choice = inside.Length > 0 && random.Next(40) > 0 ? inside : masked;
                Assert.True(matcher.TryConsume(choice[random.Next(choice.Length)]));
            }
        }
    }

    [Theory]
    [InlineData("""{"type":"string","pattern":"^(?!.*foo)(?=.*bar).{10,5000}$"}""")]
    [InlineData("""{"type":"string","pattern":"^(?!.*(aaa|bbb|ccc|ddd)).{100,300}$"}""")]
    [InlineData("""{"type":"string","minLength":50,"maxLength":2000,"not":{"pattern":"foo"}}""")]
    [InlineData("""{"type":"string","maxLength":500,"allOf":[{"pattern":"a.*b"},{"pattern":"c.*d"},{"pattern":"e.*f"}]}""")]
    [InlineData("""{"type":"string","pattern":"^(?=.*[A-Z])(?=.*[a-z])(?=.*[0-9])(?=.*[!@#$%]).{8,64}$"}""")]
    [InlineData("""{"type":"string","pattern":"a.{30}$"}""")]
    public void ComputeMask_OfSuchPatterns_TakesFewTransitions(string schema)
    {
        CompiledGrammar grammar = CompiledGrammar.FromJsonSchema(s_manyVocabulary, JsonDocument.Parse(schema).RootElement, JsonSchemaOptions.Generation);
        ulong[] mask = new ulong[s_manyVocabulary.MaskWords];
        var random = new Random(1);
        GrammarMatcher matcher = grammar.CreateMatcher();
        long most = 0, all = 0;
        for (int step = 0; step < 60 && !matcher.IsFinished; step++)
        {
            Assert.True(matcher.ComputeMask(mask));
            most = Math.Max(most, grammar.Machine.Lexer.Work);
            all += grammar.Machine.Lexer.Work;
            int token = random.Next(s_manyTokens.Length);
            while ((mask[token >> 6] >> (token & 63) & 1) == 0)
            {
                token = (token + 1) % s_manyTokens.Length;
            }

            Assert.True(matcher.TryConsume(token));
        }

        Assert.True(most < 250_000 && all < 600_000, $"{most} transitions for one mask, {all} for all");
    }

    [Theory]
    [InlineData("""{"properties":{"n":{"type":"integer","allOf":[{"multipleOf":97},{"multipleOf":89},{"multipleOf":83}]}}}""", "/properties/n")]
    [InlineData("""{"items":{"type":"integer","multipleOf":9973,"not":{"multipleOf":9967}}}""", "/items")]
    [InlineData("""{"items":{"type":"string","not":{"pattern":"(a|b).{18}c"},"minLength":30,"maxLength":3000}}""", "/items")]
    public void FromJsonSchema_OfTooManyStates_IsRefusedAtItsPlace(string schema, string place)
    {
        var limits = new GrammarLimits { MaxExpressionNodes = 250_000, MaxWork = 500_000 };
        GrammarException fault = Assert.Throws<GrammarException>(() => CompiledGrammar.FromJsonSchema(s_vocabulary, JsonDocument.Parse(schema).RootElement, JsonSchemaOptions.Generation, limits));
        Assert.StartsWith(place, fault.JsonPointer, StringComparison.Ordinal);
    }

    [Fact]
    public void MultipleOf_Several_AreOneOfTheirLeastCommonMultiple()
    {
        CompiledGrammar grammar = Texts.Schema("""{"type":"number","allOf":[{"multipleOf":0.25},{"multipleOf":0.1},{"multipleOf":3}]}""");
        for (int tenths = 0; tenths <= 2000; tenths++)
        {
            string text = FormattableString.Invariant($"{tenths / 10}.{tenths % 10}");
            Assert.True(grammar.Accepts(text) == (tenths % 30 == 0), text);
        }
    }

    [Fact]
    public void Work_BeyondItsLimit_ThrowsAndChangesNothing()
    {
        using JsonDocument schema = JsonDocument.Parse("""{"type":"string","pattern":"a.*b"}""");
        CompiledGrammar free = CompiledGrammar.FromJsonSchema(s_manyVocabulary, schema.RootElement);
        CompiledGrammar limited = CompiledGrammar.FromJsonSchema(s_manyVocabulary, schema.RootElement, limits: new GrammarLimits { MaxWork = 200 });
        GrammarMatcher matcher = limited.CreateMatcher(), other = free.CreateMatcher();
        ulong[] mask = new ulong[s_manyVocabulary.MaskWords], expected = new ulong[s_manyVocabulary.MaskWords];
        int refusals = 0;
        foreach (byte value in "\"abcd efgh"u8)
        {
            Assert.True(other.ComputeMask(expected));
            for (int tries = 0; ; tries++)
            {
                try
                {
                    matcher.ComputeMask(mask);
                    break;
                }
                catch (GrammarException)
                {
                    refusals++; // what was found is kept, so that trying again comes further each time
                    Assert.True(tries < 500);
                }
            }

            Assert.Equal(expected, mask);
            Assert.True(matcher.TryConsume(value) && other.TryConsume(value));
        }

        Assert.True(refusals > 0, $"{refusals} refusals");
    }

    private static TokenVocabulary Of(byte[][] tokens) => new(tokens.Length, id => tokens[id], id => id == End, End);

    private static IEnumerable<byte[]> MakeTokens(int count)
    {
        for (int value = 0; value < 257; value++)
        {
            yield return [(byte)value];
        }

        string[] parts = ["a", "b", "c", "d", "fo", "foo", "ba", "bar", "ab", "é", "世", "🙂", "x", "y", "q", " ", "Z", "7", "\\n", "\\u00", "0", ".", "!", "e", "th", "ing"];
        var random = new Random(5);
        for (int i = 257; i < count; i++)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, random.Next(1, 6)).Select(_ => parts[random.Next(parts.Length)])) + (random.Next(20) == 0 ? "\"" : ""));
            yield return random.Next(10) == 0 ? bytes[random.Next(bytes.Length)..] : bytes;
        }
    }
}
