using System.Text;
using System.Text.Json;
using Tramontane.Grammar.JsonSchema;

namespace Tramontane.Grammar.Tests;

/// <summary>Broken and hostile inputs: an answer or a <see cref="GrammarException"/>, within the limits, and nothing else.</summary>
public sealed class FuzzTests
{
    private static readonly GrammarLimits s_small = new() { MaxExpressionNodes = 50_000, MaxSchemaNodes = 2000, CacheBytes = 4 << 20 };

    [Fact]
    public void FromRegex_RandomText_MatchesOrIsRefused()
    {
        const string Letters = "ab()[]{}|*+?.^$\\dwsDWSpLu{1,3}-,=!<>:0x";
        int compiled = 0;
        for (int seed = 0; seed < 4000; seed++)
        {
            var random = new Random(seed);
            string pattern = new([.. Enumerable.Range(0, random.Next(1, 16)).Select(_ => Letters[random.Next(Letters.Length)])]);
            try
            {
                GrammarMatcher matcher = CompiledGrammar.FromRegex(Texts.Bytes, pattern, s_small).CreateMatcher();
                Follow(matcher, random, 40);
                compiled++;
            }
            catch (GrammarException)
            {
                // refused, with a message
            }
        }

        Assert.True(compiled > 200, $"{compiled} compiled");
    }

    [Fact]
    public void FromJsonSchema_MutatedSchemas_MatchOrAreRefused()
    {
        int compiled = 0;
        for (int seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            byte[] bytes = Encoding.UTF8.GetBytes(new JsonSchema.RandomSchemas(random).Schema().GetRawText());
            for (int i = random.Next(1, 4); i > 0; i--)
            {
                bytes[random.Next(bytes.Length)] = (byte)"{}[]\":,0a-$ # /"[random.Next(15)];
            }

            JsonDocument document;
            try
            {
                document = JsonDocument.Parse(bytes);
            }
            catch (JsonException)
            {
                continue;
            }

            using (document)
            {
                try
                {
                    Follow(CompiledGrammar.FromJsonSchema(Texts.Bytes, document.RootElement, JsonSchemaOptions.Exact, s_small).CreateMatcher(), random, 60);
                    compiled++;
                }
                catch (GrammarException)
                {
                    // refused, with a message
                }
            }
        }

        Assert.True(compiled > 50, $"{compiled} compiled");
    }

    [Theory]
    [InlineData("""{"$ref":"#"}""")]
    [InlineData("""{"allOf":[{"$ref":"#"}]}""")]
    [InlineData("""{"not":{"$ref":"#"}}""")]
    [InlineData("""{"properties":{"a":{"$ref":"#"}},"required":["a"],"type":"object"}""")]
    [InlineData("""{"items":{"$ref":"#"},"minItems":1,"type":"array"}""")]
    [InlineData("""{"type":"string","minLength":5,"maxLength":4}""")]
    [InlineData("""{"type":"integer","minimum":5,"maximum":4}""")]
    [InlineData("""{"type":"integer","minimum":1,"maximum":6,"multipleOf":7}""")]
    [InlineData("""{"type":"strin"}""")]
    [InlineData("""{"type":"string","pattern":"(a"}""")]
    [InlineData("""{"$ref":"http://example.com/schema"}""")]
    [InlineData("""{"enum":[]}""")]
    [InlineData("""{"properties":3}""")]
    [InlineData("""{"minLength":-1}""")]
    [InlineData("""{"type":"array","items":{"type":"object"},"uniqueItems":true}""")]
    [InlineData("3")]
    public void FromJsonSchema_WithoutMeaningOrValue_IsRefused(string schema)
    {
        GrammarException fault = Assert.Throws<GrammarException>(() => Texts.Schema(schema));
        Assert.NotNull(fault.JsonPointer);
    }

    [Fact]
    public void FromJsonSchema_DeepOrLarge_IsRefusedOrWorks()
    {
        string deep = string.Concat(Enumerable.Repeat("{\"items\":", 20_000)) + "{}" + new string('}', 20_000);
        using JsonDocument document = JsonDocument.Parse(deep, new JsonDocumentOptions { MaxDepth = 100_000 });
        Assert.Throws<GrammarException>(() => Texts.Schema(document.RootElement));

        Assert.True(Texts.Schema("""{"type":"string","pattern":"^[a-z]{0,100000}$","maxLength":1000000000}""").Accepts("\"abc\""));
        Assert.Throws<GrammarException>(() => CompiledGrammar.FromRegex(Texts.Bytes, "((a{1,1000}){1,1000}b|c){1,1000}" + new string('(', 1000)));
        string many = "{" + string.Join(",", Enumerable.Range(0, 5000).Select(i => $"\"property{i}\":{{\"type\":\"string\",\"description\":\"{new string('x', 150)}\"}}")) + "}";
        Assert.True(Texts.Schema($$"""{"type":"object","properties":{{many}}}""").Accepts("{\"property77\": \"x\", \"property4999\": \"y\"}"));
    }

    [Fact]
    public void ComputeMask_ExponentialStates_StaysWithinItsMemory()
    {
        // Whether an a stood 30 characters ago: 2^30 states, met a few at a time.
        CompiledGrammar grammar = CompiledGrammar.FromRegex(Texts.Bytes, "(a|b)*a(a|b){30}", new GrammarLimits { CacheBytes = 2 << 20 });
        GrammarMatcher matcher = grammar.CreateMatcher();
        ulong[] mask = new ulong[Texts.Bytes.MaskWords];
        var random = new Random(1);
        for (int i = 0; i < 6000; i++)
        {
            Assert.True(matcher.ComputeMask(mask));
            Assert.True(matcher.TryConsume(random.Next(2) == 0 ? 'a' : 'b'));
            Assert.True(grammar.CacheBytes < 8 << 20, $"{grammar.CacheBytes} bytes after {i} tokens");
        }
    }

    private static void Follow(GrammarMatcher matcher, Random random, int steps)
    {
        ulong[] mask = new ulong[Texts.Bytes.MaskWords];
        for (int i = 0; i < steps && matcher.ComputeMask(mask); i++)
        {
            int[] allowed = [.. Enumerable.Range(0, 257).Where(t => (mask[t >> 6] >> (t & 63) & 1) != 0)];
            Assert.True(matcher.TryConsume(allowed[random.Next(allowed.Length)]));
            if (matcher.IsFinished)
            {
                return;
            }
        }
    }
}
