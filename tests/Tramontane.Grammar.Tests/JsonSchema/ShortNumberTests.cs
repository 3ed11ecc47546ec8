using System.Globalization;
using System.Text;
using System.Text.Json;
using Tramontane.Grammar.JsonSchema;

namespace Tramontane.Grammar.Tests.JsonSchema;

/// <summary>Numbers that a model writes come to an end and are finite.</summary>
public sealed class ShortNumberTests
{
    [Theory]
    [InlineData("""{"type":"number"}""")]
    [InlineData("""{"type":"integer"}""")]
    [InlineData("true")]
    [InlineData("""{"type":"number","minimum":-5,"multipleOf":0.25}""")]
    [InlineData("""{"type":"number","exclusiveMinimum":0,"not":{"type":"integer"}}""")]
    [InlineData("""{"enum":[2.5,7]}""")]
    public void Numbers_OfAModelThatLikesDigits_EndAndAreFinite(string schema)
    {
        CompiledGrammar grammar = Texts.Schema(schema, JsonSchemaOptions.Generation);
        ulong[] mask = new ulong[Texts.Bytes.MaskWords];
        for (int seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            GrammarMatcher matcher = grammar.CreateMatcher();
            var text = new StringBuilder();
            while (!matcher.IsFinished)
            {
                Assert.True(matcher.ComputeMask(mask), $"no way on after {text}");
                int[] allowed = [.. Enumerable.Range(0, 257).Where(t => (mask[t >> 6] >> (t & 63) & 1) != 0)];
                int[] digits = [.. allowed.Where(t => t is >= '0' and <= '9' or '.' or '-' or 'e')];
                int token = digits.Length > 0 ? digits[random.Next(digits.Length)] : allowed[^1];
                Assert.True(matcher.TryConsume(token));
                text.Append(token < 256 ? (char)token : ' ');
                Assert.True(text.Length < 48, text.ToString());
            }

            Assert.True(double.IsFinite(double.Parse(text.ToString().Trim(), CultureInfo.InvariantCulture)), text.ToString());
            using JsonDocument value = JsonDocument.Parse(text.ToString());
            Assert.True(PlainValidator.IsValid(JsonDocument.Parse(schema).RootElement, value.RootElement), text.ToString());
        }
    }

    [Theory]
    [InlineData("""{"const":123456789012345678901234567890}""", "123456789012345678901234567890")]
    [InlineData("""{"type":"integer","minimum":1e25,"maximum":10000000000000000000000002}""", "10000000000000000000000001")]
    [InlineData("""{"type":"integer"}""", "-9223372036854775808")]
    [InlineData("""{"type":"number"}""", "0.12345678901234567")]
    [InlineData("""{"type":"number"}""", "-1.5E-12")]
    public void Numbers_ThatTheSchemaNeeds_AreStillPossible(string schema, string number) => Assert.True(Texts.Schema(schema, JsonSchemaOptions.Generation).Accepts(number));

    [Theory]
    [InlineData("""{"type":"number"}""", "1e999")]
    [InlineData("""{"type":"integer"}""", "12345678901234567890")]
    [InlineData("""{"type":"number"}""", "0.123456789012345678")]
    public void Numbers_WithMoreDigits_AreForValidatorsAlone(string schema, string number)
    {
        Assert.False(Texts.Schema(schema, JsonSchemaOptions.Generation).Accepts(number));
        Assert.True(Texts.Schema(schema).Accepts(number) || number.Contains('e', StringComparison.Ordinal));
    }
}
