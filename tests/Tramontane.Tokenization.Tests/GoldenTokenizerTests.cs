using System.Text.Json;
using Tramontane.Testing;
using Xunit.Abstractions;

namespace Tramontane.Tokenization.Tests;

/// <summary>Every case of encode.json and decode.json, token for token.</summary>
public sealed class GoldenTokenizerTests(ITestOutputHelper output)
{
    private static readonly Tokenizer s_tokenizer = TestTokenizer.Instance;

    [Fact]
    public void Encode_EveryGoldenText_GivesTheReferenceIds()
    {
        using JsonDocument golden = Golden("encode.json");
        var failures = new List<string>();
        int count = 0;
        foreach (JsonElement item in golden.RootElement.GetProperty("cases").EnumerateArray())
        {
            count++;
            string text = item.GetProperty("text").GetString()!;
            int[] expected = Ids(item);
            int[] actual = s_tokenizer.Encode(text);
            if (!expected.AsSpan().SequenceEqual(actual) || s_tokenizer.Decode(actual) != text)
            {
                failures.Add($"{item.GetProperty("name").GetString()}: expected {expected.Length} ids, got {actual.Length}; "
                    + $"first difference at {expected.AsSpan().CommonPrefixLength(actual)}");
            }
        }

        output.WriteLine($"encode.json: {count - failures.Count} of {count} passed");
        Assert.True(failures.Count == 0, string.Join('\n', failures));
        Assert.Equal(477, count);
    }

    [Theory]
    [InlineData(ControlTokens.Ignore, "ignore")]
    [InlineData(ControlTokens.Keep, "keep")]
    public void Decode_EveryGoldenIdList_GivesTheReferenceText(ControlTokens controlTokens, string field)
    {
        using JsonDocument golden = Golden("decode.json");
        var failures = new List<string>();
        int count = 0;
        foreach (JsonElement item in golden.RootElement.GetProperty("cases").EnumerateArray())
        {
            int[] ids = Ids(item);
            string expected = item.GetProperty(field).GetString()!;
            string actual = s_tokenizer.Decode(ids, controlTokens);
            var detokenizer = new Detokenizer(s_tokenizer, controlTokens);
            string streamed = string.Concat(ids.Select(detokenizer.Append)) + detokenizer.Flush();
            if (actual != expected || streamed != expected)
            {
                failures.Add($"case {count}: expected '{expected}', got '{actual}', streamed '{streamed}'");
            }

            count++;
        }

        output.WriteLine($"decode.json, {field}: {count - failures.Count} of {count} passed");
        Assert.True(failures.Count == 0, string.Join('\n', failures));
        Assert.Equal(146, count);
    }

    private static int[] Ids(JsonElement item) => [.. item.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];

    private static JsonDocument Golden(string name) => JsonDocument.Parse(File.ReadAllBytes(Repository.Golden("tokenizer/" + name)));
}
