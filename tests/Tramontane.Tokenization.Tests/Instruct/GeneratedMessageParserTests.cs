using Tramontane.Tokenization.Instruct;

namespace Tramontane.Tokenization.Tests.Instruct;

public sealed class GeneratedMessageParserTests
{
    private static readonly Tokenizer s_tokenizer = TestTokenizer.Instance;
    private static readonly GeneratedMessageParser s_parser = new(s_tokenizer);

    [Fact]
    public void TryParse_OwnSpelling_IsKept()
    {
        int[] ids = [9, .. s_tokenizer.Encode("f"), 32, .. s_tokenizer.Encode("{\"a\":  \"é\"}"), 2];
        Assert.True(s_parser.TryParse(ids, out GeneratedMessage? message, out _));
        Assert.Equal(new ToolCall("null", "f", "{\"a\":  \"é\"}"), message.ToolCalls.Single());
    }

    [Fact]
    public void TryParse_Fault_KeepsTheText()
    {
        int[] ids = [.. s_tokenizer.Encode("Hm. "), 9, .. s_tokenizer.Encode("f{}"), 2];
        Assert.False(s_parser.TryParse(ids, out _, out GeneratedMessageError? error));
        Assert.Equal("Hm. [TOOL_CALLS]f{}", error.Text);
        Assert.Equal((GeneratedMessageErrorKind.MalformedCall, 0), (error.Kind, error.CallIndex));
    }

    [Fact]
    public void TryParse_RandomIds_AreReadOrRefusedNeverThrown()
    {
        int[] likely = [9, 32, 33, 2, 3, -1, 131_072, s_tokenizer.Encode("f")[0], .. s_tokenizer.Encode("{\"a\":1}")];
        for (int seed = 0; seed < 5_000; seed++)
        {
            var random = new Random(seed);
            int[] ids = [.. Enumerable.Range(0, random.Next(12)).Select(_ => random.Next(3) > 0 ? likely[random.Next(likely.Length)] : random.Next(131_072))];
            bool parsed = s_parser.TryParse(ids, out GeneratedMessage? message, out GeneratedMessageError? error);
            Assert.True(parsed ? message is not null && error is null : message is null && error is not null, $"seed {seed}");
            Assert.True(parsed || error!.Kind == GeneratedMessageErrorKind.UnknownToken == ids.Any(id => id is < 0 or >= 131_072), $"seed {seed}");
        }
    }
}
