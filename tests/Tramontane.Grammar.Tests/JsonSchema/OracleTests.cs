using System.Text;
using System.Text.Json;
using Tramontane.Grammar.JsonSchema;

namespace Tramontane.Grammar.Tests.JsonSchema;

/// <summary>Random schemas: the matcher and a plain validator decide alike, and whatever masks let through is valid.</summary>
public sealed class OracleTests
{
    private const int Schemas = 1500;

    [Fact]
    public void Accepts_RandomSchemasAndValues_AsAPlainValidatorDoes()
    {
        int compiled = 0, accepted = 0, rejected = 0;
        for (int seed = 0; seed < Schemas; seed++)
        {
            var random = new RandomSchemas(new Random(seed));
            JsonElement schema = random.Schema();
            CompiledGrammar? grammar = TryCompile(schema, JsonSchemaOptions.Exact, out bool isEmpty);
            if (grammar is null && !isEmpty)
            {
                continue;
            }

            compiled++;
            for (int i = 0; i < 12; i++)
            {
                JsonElement value = random.Value();
                bool expected = PlainValidator.IsValid(schema, value);
                bool actual = grammar?.Accepts(Texts.Compact(value)) ?? false;
                Assert.True(expected == actual, $"seed {seed}: {schema.GetRawText()} should {(expected ? "accept" : "reject")} {Texts.Compact(value)}");
                (accepted, rejected) = expected ? (accepted + 1, rejected) : (accepted, rejected + 1);
            }
        }

        Assert.True(compiled > Schemas * 8 / 10, $"only {compiled} of {Schemas} compiled");
        Assert.True(accepted > 500 && rejected > 500, $"{accepted} accepted, {rejected} rejected");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Masks_OfRandomSchemas_LeadToValidValuesOnly(bool forGeneration)
    {
        ulong[] mask = new ulong[Texts.Bytes.MaskWords];
        int finished = 0;
        for (int seed = 0; seed < Schemas / 3; seed++)
        {
            var random = new Random(seed);
            JsonElement schema = new RandomSchemas(random).Schema();
            CompiledGrammar? grammar = TryCompile(schema, forGeneration ? JsonSchemaOptions.Generation : JsonSchemaOptions.Exact, out _);
            for (int i = 0; grammar is not null && i < 3; i++)
            {
                string? text = Walk(grammar, random, mask, seed, schema);
                if (text is not null)
                {
                    finished++;
                    using JsonDocument document = JsonDocument.Parse(text);
                    Assert.True(PlainValidator.IsValid(schema, document.RootElement), $"seed {seed}: {schema.GetRawText()} let through {text}");
                }
            }
        }

        Assert.True(finished > Schemas / 3, $"only {finished} texts came to an end");
    }

    // A random text by the masks, leaning towards its end; null when it has become long.
    private static string? Walk(CompiledGrammar grammar, Random random, ulong[] mask, int seed, JsonElement schema)
    {
        GrammarMatcher matcher = grammar.CreateMatcher();
        var bytes = new List<byte>();
        while (bytes.Count < 400)
        {
            Assert.True(matcher.ComputeMask(mask), $"seed {seed}: {schema.GetRawText()} has no way on after {Encoding.UTF8.GetString([.. bytes])}");
            int[] allowed = [.. Enumerable.Range(0, 257).Where(t => (mask[t >> 6] >> (t & 63) & 1) != 0)];
            for (int t = 0; t < 257 && bytes.Count % 7 == 0; t++)
            {
                Assert.True(allowed.Contains(t) == matcher.Clone().TryConsume(t), $"seed {seed}: mask and matcher differ on {t} after {Encoding.UTF8.GetString([.. bytes])}");
            }

            int[] ends = [.. allowed.Where(t => t is 256 or '}' or ']' or '"')];
            int token = ends.Length > 0 && random.Next(2) == 0 ? ends[random.Next(ends.Length)] : allowed[random.Next(allowed.Length)];
            Assert.True(matcher.TryConsume(token));
            if (matcher.IsFinished)
            {
                return Encoding.UTF8.GetString([.. bytes]);
            }

            bytes.Add((byte)token);
        }

        return null;
    }

    private static CompiledGrammar? TryCompile(JsonElement schema, JsonSchemaOptions options, out bool isEmpty)
    {
        isEmpty = false;
        try
        {
            return Texts.Schema(schema, options);
        }
        catch (GrammarException fault)
        {
            isEmpty = fault.Message.Contains("No value fits", StringComparison.Ordinal);
            return null;
        }
    }
}
