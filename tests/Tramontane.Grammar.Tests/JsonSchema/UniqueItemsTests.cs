using System.Text;
using System.Text.Json;
using Tramontane.Grammar.JsonSchema;

namespace Tramontane.Grammar.Tests.JsonSchema;

/// <summary>Arrays of distinct items where items have a few values.</summary>
public sealed class UniqueItemsTests
{
    private static readonly string[] s_values = ["0", "1", "2", "1.0", "true", "false", "null", "\"a\"", "\"b\"", "[1]", "{\"x\":1}", "-1"];

    [Theory]
    [InlineData("""{"type":"array","uniqueItems":true,"items":{"enum":[1,"a",null,[1],1.0]}}""")]
    [InlineData("""{"type":"array","uniqueItems":true,"items":{"type":"boolean"},"minItems":1}""")]
    [InlineData("""{"type":"array","uniqueItems":true,"items":{"type":"integer","minimum":-0.5,"maximum":2.5},"minItems":2}""")]
    [InlineData("""{"type":"array","uniqueItems":true,"items":{"type":["boolean","null"]},"maxItems":2}""")]
    [InlineData("""{"type":"array","uniqueItems":true,"prefixItems":[{"type":"boolean"},{"enum":["a",true]},{"enum":["a","b",false]}],"items":false,"minItems":2}""")]
    [InlineData("""{"type":"array","uniqueItems":true,"items":{"anyOf":[{"const":"a"},{"enum":["a","b",0]}],"not":{"const":"b"}}}""")]
    [InlineData("""{"type":"array","uniqueItems":true,"items":{"enum":["a","b","c",2],"type":"string","pattern":"[ab]"}}""")]
    [InlineData("""{"allOf":[{"items":{"enum":[0,1,2,{"x":1}]}},{"uniqueItems":true,"maxItems":3}],"type":"array"}""")]
    public void Accepts_ArraysOfUpToThreeItems_AsAPlainValidatorDoes(string schema)
    {
        CompiledGrammar grammar = Texts.Schema(schema);
        JsonElement root = JsonDocument.Parse(schema).RootElement;
        int accepted = 0;
        foreach (string text in Arrays(3))
        {
            bool expected = PlainValidator.IsValid(root, JsonDocument.Parse(text).RootElement);
            Assert.True(expected == grammar.Accepts(text), $"{schema} should {(expected ? "accept" : "reject")} {text}");
            accepted += expected ? 1 : 0;
        }

        Assert.True(accepted > 1);
    }

    [Theory]
    [InlineData("""{"type":"array","uniqueItems":true,"items":{"enum":["a","b","c","d"]},"minItems":4}""")]
    [InlineData("""{"type":"array","uniqueItems":true,"items":{"type":"integer","minimum":1,"maximum":30},"minItems":25}""")]
    [InlineData("""{"type":"array","uniqueItems":true,"prefixItems":[{"enum":["a","b"]},{"enum":["b","c"]},{"enum":["c","a"]}],"items":false,"minItems":3}""")]
    public void Masks_OfSuchArrays_NeverLeadIntoADeadEnd(string schema)
    {
        CompiledGrammar grammar = Texts.Schema(schema, JsonSchemaOptions.Generation);
        JsonElement root = JsonDocument.Parse(schema).RootElement;
        ulong[] mask = new ulong[Texts.Bytes.MaskWords];
        for (int seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            GrammarMatcher matcher = grammar.CreateMatcher();
            var text = new StringBuilder();
            while (!matcher.IsFinished)
            {
                Assert.True(matcher.ComputeMask(mask), $"seed {seed}: no way on after {text}");
                int[] allowed = [.. Enumerable.Range(0, 257).Where(t => (mask[t >> 6] >> (t & 63) & 1) != 0)];
                int token = allowed[random.Next(allowed.Length)];
                Assert.True(matcher.TryConsume(token));
                text.Append(token < 256 ? (char)token : ' ');
            }

            Assert.True(PlainValidator.IsValid(root, JsonDocument.Parse(text.ToString()).RootElement), text.ToString());
        }
    }

    [Theory]
    [InlineData("""{"properties":{"a":{"type":"array","uniqueItems":true}}}""", "/properties/a/uniqueItems")]
    [InlineData("""{"items":{"uniqueItems":true,"items":{"type":"string"}}}""", "/items/uniqueItems")]
    [InlineData("""{"items":{"uniqueItems":true,"items":{"type":"integer","minimum":0,"maximum":100}}}""", "/items/uniqueItems")]
    [InlineData("""{"uniqueItems":true,"items":{"type":"boolean"},"contains":{"const":true}}""", "/uniqueItems")]
    [InlineData("""{"properties":{"a":{"minProperties":2}}}""", "/properties/a")]
    [InlineData("""{"properties":{"a":{"type":"object","required":["b"],"properties":{"b":{"type":"integer","minimum":2,"maximum":1}}}},"required":["a"],"type":"object"}""", "/properties/a/properties/b")]
    [InlineData("""{"minItems":1,"type":"array","items":{"type":"string","minLength":3,"maxLength":1}}""", "/items")]
    [InlineData("""{"properties":{"a":{"$ref":"#/$defs/x"}},"$defs":{"x":{"allOf":[{"$ref":"#/$defs/x"}]}}}""", "/$defs/x")]
    [InlineData("""{"properties":{"a":{"enum":[1e9999]}}}""", "/properties/a")]
    public void Refusals_NameTheirPlace(string schema, string place)
    {
        GrammarException fault = Assert.Throws<GrammarException>(() => Texts.Schema(schema));
        Assert.StartsWith(place, fault.JsonPointer, StringComparison.Ordinal);
        Assert.StartsWith(place, fault.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Arrays(int most)
    {
        List<string[]> shorter = [[]];
        for (int length = 0; length <= most; length++)
        {
            foreach (string[] items in shorter)
            {
                yield return $"[{string.Join(",", items)}]";
            }

            shorter = [.. shorter.SelectMany(items => s_values.Select(value => (string[])[.. items, value]))];
        }
    }
}
