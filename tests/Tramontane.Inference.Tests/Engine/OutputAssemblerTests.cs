using System.Text;
using Tramontane.Inference.Engine;
using Tramontane.Inference.Sampling;
using Tramontane.Tokenization;

namespace Tramontane.Inference.Tests.Engine;

public sealed class OutputAssemblerTests
{
    private const int ControlCount = 40;
    private static readonly string[] s_snippets = ["a", "b", "ab", "aab", "c", " ", "\n", "é", "字", "😀", "😁", "{\"x\": 1}", "stop", "st", "op"];
    private static readonly Tokenizer s_tokenizer = RandomVocabulary();

    [Fact]
    public void Append_AnyTokensOfOneText_CutAtTheFirstStopText()
    {
        for (int seed = 0; seed < 6_000; seed++)
        {
            var random = new Random(seed);
            string text = RandomText(random, random.Next(20));
            string[] stops = [.. Enumerable.Range(0, random.Next(4)).Select(_ => RandomText(random, random.Next(1, 4)))];
            int cut = stops.Select(s => text.IndexOf(s, StringComparison.Ordinal)).Where(i => i >= 0).DefaultIfEmpty(-1).Min();
            string expected = cut < 0 ? text : text[..cut];
            int[] ids = Cut(text, random);
            Answer answer = Run([.. ids, SpecialTokens.Eos], stops);
            Assert.True(expected == answer.Text, $"seed {seed}: expected '{expected}', got '{answer.Text}'");
            Assert.True(answer.Reason == FinishReason.Stop, $"seed {seed}");
            AssertTokensCoverText(ids, answer, expected, isCut: cut >= 0, seed);
        }
    }

    [Fact]
    public void Append_AnyTokensOfOneAnswerWithCalls_GiveTheSameTextAndCalls()
    {
        for (int seed = 0; seed < 3_000; seed++)
        {
            var random = new Random(seed);
            var script = new List<object>(); // texts and control tokens
            for (int i = random.Next(1, 14); i > 0; i--)
            {
                int[] control = [SpecialTokens.ToolCalls, SpecialTokens.ToolCalls, SpecialTokens.Arguments, SpecialTokens.CallId, SpecialTokens.BeginInstruction];
                script.Add(random.Next(2) == 0 ? RandomText(random, random.Next(4)) : control[random.Next(control.Length)]);
            }

            string[] stops = [.. Enumerable.Range(0, random.Next(3)).Select(_ => RandomText(random, random.Next(1, 3)))];
            bool endsItself = random.Next(2) == 0;
            Answer one = Run(Ids(new Random(seed + 1)), stops);
            Answer other = Run(Ids(new Random(seed + 2)), stops);
            Assert.True(one.Text == other.Text, $"seed {seed}: '{one.Text}' and '{other.Text}'");
            Assert.True(one.Calls.SequenceEqual(other.Calls), $"seed {seed}");
            Assert.True(one.Reason == other.Reason, $"seed {seed}");

            int[] Ids(Random cutting)
            {
                IEnumerable<int> ids = script.SelectMany(part => part is int control ? [control] : Cut((string)part, cutting));
                return endsItself ? [.. ids, SpecialTokens.Eos] : [.. ids];
            }
        }
    }

    [Fact]
    public void Append_PossibleBeginningOfAStopText_IsHeldBackUntilItCannotMatch()
    {
        OutputAssembler assembler = New(["stop"]);
        Assert.Equal("a", assembler.Append(Byte('a'))!.Text);
        Assert.Null(assembler.Append(Byte('s')));
        Assert.Null(assembler.Append(Byte('t')));
        GenerationUpdate update = assembler.Append(Byte('a'))!;
        Assert.Equal("sta", update.Text);
        Assert.Equal([Byte('s'), Byte('t'), Byte('a')], update.TokenIds);
        Assert.Null(assembler.Append(Byte('s')));
        update = assembler.Finish();
        Assert.Equal(("s", FinishReason.Length), (update.Text, update.FinishReason));
    }

    [Fact]
    public void Append_EarlierStopTextStillOpen_WaitsForIt()
    {
        Answer whole = Run([.. "xabcde".Select(c => Byte(c))], ["bc", "abcde"]);
        Assert.Equal("x", whole.Text);
        Answer broken = Run([.. "xabcdx".Select(c => Byte(c))], ["bc", "abcde"]);
        Assert.Equal(("xa", FinishReason.Stop), (broken.Text, broken.Reason));
        Answer ended = Run([.. "xabc".Select(c => Byte(c)), SpecialTokens.Eos], ["bc", "abcde"]);
        Assert.Equal(("xa", FinishReason.Stop), (ended.Text, ended.Reason));
    }

    [Fact]
    public void Append_CharacterInSeveralTokens_RidesOnOneUpdateWithAllOfThem()
    {
        OutputAssembler assembler = New([]);
        int[] ids = [.. Encoding.UTF8.GetBytes("😀").Select(b => Byte(b))];
        Assert.Null(assembler.Append(ids[0], Logprobs(ids[0])));
        Assert.Null(assembler.Append(ids[1], Logprobs(ids[1])));
        Assert.Null(assembler.Append(ids[2], Logprobs(ids[2])));
        GenerationUpdate update = assembler.Append(ids[3], Logprobs(ids[3]))!;
        Assert.Equal("😀", update.Text);
        Assert.Equal(ids, update.TokenIds);
        Assert.Equal(ids, update.Logprobs.Select(l => l.Token.TokenId));
        Assert.Null(assembler.Append(ids[0]));
        Assert.Equal("\uFFFD", assembler.Finish().Text);
    }

    [Fact]
    public void Append_EndOfSequence_IsCountedButNotListed()
    {
        OutputAssembler assembler = New([]);
        Assert.NotNull(assembler.Append(Byte('a')));
        GenerationUpdate last = assembler.Append(SpecialTokens.Eos, Logprobs(SpecialTokens.Eos))!;
        Assert.Equal(FinishReason.Stop, last.FinishReason);
        Assert.Empty(last.TokenIds);
        Assert.Empty(last.Logprobs);
        Assert.Equal(2, assembler.CompletionTokens);
        Assert.Throws<InvalidOperationException>(() => assembler.Append(Byte('a')));
        Assert.Throws<InvalidOperationException>(assembler.Finish);
    }

    [Fact]
    public void Append_ToolCall_SendsIdAndNameAtArgsThenArgumentsRaw()
    {
        OutputAssembler assembler = New(["\"x\""]);
        List<GenerationUpdate> updates = Feed(assembler, [.. Call("get_weather", "abcDEF123", "{\"x\": \"é\"}"), SpecialTokens.Eos]);
        ToolCallDelta first = updates[0].ToolCalls.Single();
        Assert.Equal(new ToolCallDelta(0, "abcDEF123", "get_weather", ""), first);
        Assert.Equal(Call("get_weather", "abcDEF123", ""), updates[0].TokenIds);
        Assert.All(updates.Skip(1).SelectMany(u => u.ToolCalls), d => Assert.True(d.Id is null && d.Name is null && d.Index == 0));
        Assert.Equal("{\"x\": \"é\"}", string.Concat(updates.SelectMany(u => u.ToolCalls).Select(d => d.Arguments)));
        Assert.Equal(FinishReason.ToolCalls, updates[^1].FinishReason);
        Assert.Equal("", string.Concat(updates.Select(u => u.Text)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("short")]
    [InlineData("call_12345678")]
    [InlineData("abcdefgh_")]
    [InlineData("äbcdefghi")]
    public void Append_CallWithoutAUsableId_GetsOneFromTheSeed(string? id)
    {
        string First(ulong seed) => Run([.. Call("f", id, "{}"), .. Call("g", id, "{}")], [], seed).Calls[0].Id!;
        Assert.Equal(First(7), First(7));
        Assert.NotEqual(First(7), First(8));
        Assert.True(ToolCallIds.IsWellFormed(First(7)), First(7));
        Assert.Equal(2, Run([.. Call("f", id, "{}"), .. Call("g", id, "{}")], []).Calls.Select(c => c.Id).Distinct().Count());
    }

    [Fact]
    public void Append_SameIdTwice_TheSecondCallGetsItsOwn()
    {
        Answer answer = Run([.. Call("f", "abcdefghi", "{}"), .. Call("g", "abcdefghi", "{}"), SpecialTokens.Eos], []);
        Assert.Equal("abcdefghi", answer.Calls[0].Id);
        Assert.NotEqual("abcdefghi", answer.Calls[1].Id);
        Assert.Equal(["f", "g"], answer.Calls.Select(c => c.Name));
    }

    [Theory]
    [InlineData("9 get", "[TOOL_CALLS]get")] // ended before [ARGS]
    [InlineData("9", "[TOOL_CALLS]")]
    [InlineData("9 32 {}", "[TOOL_CALLS][ARGS]{}")] // no name
    [InlineData("9 · 32 {}", "[TOOL_CALLS] [ARGS]{}")] // a blank name
    [InlineData("9 f 33 x 33 y 32 {}", "[TOOL_CALLS]f[CALL_ID]x[CALL_ID]y{}")] // two ids: [ARGS] then stands in text and has none
    [InlineData("9 f 3 g", "[TOOL_CALLS]f[INST]g")]
    [InlineData("a 9 f{} 9 g", "a[TOOL_CALLS]f{}[TOOL_CALLS]g")]
    public void Append_MalformedCall_IsReleasedAsText(string script, string text)
    {
        int[] ids = [.. script.Split(' ').SelectMany(p => int.TryParse(p, out int control) ? [control] : Bytes(p.Replace('·', ' ')))];
        Answer answer = Run([.. ids, SpecialTokens.Eos], []);
        Assert.Equal(text, answer.Text);
        Assert.Empty(answer.Calls);
        Assert.Equal(FinishReason.Stop, answer.Reason);
        Assert.Equal(ids, answer.TokenIds);
    }

    [Fact]
    public void Append_EndlessName_BecomesText()
    {
        string name = new('n', OutputAssembler.MaxHeaderTokens + 20);
        List<GenerationUpdate> updates = Feed(New([]), [SpecialTokens.ToolCalls, .. Bytes(name)]);
        Assert.Equal("[TOOL_CALLS]" + name, string.Concat(updates.Select(u => u.Text)));
        Assert.True(updates.Count > 10, "what follows the limit is streamed");
    }

    [Fact]
    public void Append_ToolCallsNotAllowed_ControlTokensHaveNoText()
    {
        var assembler = new OutputAssembler(s_tokenizer, new GenerationRequest { PromptTokens = [1] });
        List<GenerationUpdate> updates = Feed(assembler, [Byte('a'), SpecialTokens.ToolCalls, Byte('b'), SpecialTokens.Eos]);
        Assert.Equal("ab", string.Concat(updates.Select(u => u.Text)));
        Assert.Equal([Byte('a'), SpecialTokens.ToolCalls, Byte('b')], updates.SelectMany(u => u.TokenIds));
        Assert.Equal(FinishReason.Stop, updates[^1].FinishReason);
    }

    [Fact]
    public void Finish_InsideArguments_IsLengthAndKeepsWhatCame()
    {
        Answer answer = Run(Call("f", null, "{\"a"), []);
        Assert.Equal(("{\"a", FinishReason.Length), (answer.Calls.Single().Arguments, answer.Reason));
    }

    [Fact]
    public void Append_TextBeforeACall_IsReleasedThoughAStopTextCouldBegin()
    {
        Answer answer = Run([.. Bytes("ok st"), .. Call("f", null, "op"), SpecialTokens.Eos], ["stop"]);
        Assert.Equal(("ok st", "op", FinishReason.ToolCalls), (answer.Text, answer.Calls.Single().Arguments, answer.Reason));
    }

    // Listed tokens are the fed ones in order, each with its log-probabilities, up to the last with released text.
    private static void AssertTokensCoverText(int[] ids, Answer answer, string text, bool isCut, int seed)
    {
        int byteCount = Encoding.UTF8.GetByteCount(text);
        int count = 0, covered = 0;
        while (isCut ? covered < byteCount : count < ids.Length)
        {
            covered += s_tokenizer.TokenBytes(ids[count++]).Length;
        }

        Assert.True(ids.Take(count).SequenceEqual(answer.TokenIds), $"seed {seed}: {answer.TokenIds.Count} of {ids.Length} tokens listed, expected {count}");
        Assert.True(answer.TokenIds.SequenceEqual(answer.Logprobs.Select(l => l.Token.TokenId)), $"seed {seed}: log-probabilities");
    }

    private static Answer Run(int[] ids, string[] stops, ulong seed = 0)
    {
        OutputAssembler assembler = New(stops, seed);
        var updates = new List<GenerationUpdate>();
        int fed = 0;
        foreach (int id in ids)
        {
            if (assembler.Append(id, Logprobs(id)) is GenerationUpdate update)
            {
                Assert.True(IsWholeText(update.Text));
                updates.Add(update);
            }

            fed++;
            if (assembler.FinishReason is not null)
            {
                break;
            }
        }

        if (assembler.FinishReason is null)
        {
            updates.Add(assembler.Finish());
        }

        Assert.Equal(fed, assembler.CompletionTokens);
        Assert.All(updates.SkipLast(1), u => Assert.Null(u.FinishReason));
        var calls = new List<ToolCallDelta>();
        foreach (ToolCallDelta delta in updates.SelectMany(u => u.ToolCalls))
        {
            if (delta.Id is not null)
            {
                Assert.Equal(calls.Count, delta.Index);
                calls.Add(delta);
            }
            else
            {
                Assert.Equal(calls.Count - 1, delta.Index);
                calls[^1] = calls[^1] with { Arguments = calls[^1].Arguments + delta.Arguments };
            }
        }

        return new Answer(
            string.Concat(updates.Select(u => u.Text)), calls, updates[^1].FinishReason,
            [.. updates.SelectMany(u => u.TokenIds)], [.. updates.SelectMany(u => u.Logprobs)]);
    }

    private static List<GenerationUpdate> Feed(OutputAssembler assembler, int[] ids) =>
        [.. ids.Select(id => assembler.Append(id)).OfType<GenerationUpdate>()];

    private static OutputAssembler New(string[] stops, ulong seed = 0) => new(s_tokenizer, new GenerationRequest
    {
        PromptTokens = [SpecialTokens.Bos],
        Stop = stops,
        AllowToolCalls = true,
        Sampling = new SamplingParameters { Seed = seed },
    });

    private static int[] Call(string name, string? id, string arguments)
    {
        int[] idTokens = id is null ? [] : [SpecialTokens.CallId, .. Bytes(id)];
        return [SpecialTokens.ToolCalls, .. Bytes(name), .. idTokens, SpecialTokens.Arguments, .. Bytes(arguments)];
    }

    private static int[] Bytes(string text) => [.. Encoding.UTF8.GetBytes(text).Select(b => Byte(b))];

    private static int Byte(int value) => ControlCount + value;

    private static PositionLogprobs Logprobs(int id) => new(new TokenLogprob(id, -1), []);

    private static bool IsWholeText(string text) => text.EnumerateRunes().Sum(r => r.Utf16SequenceLength) == text.Length
        && Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) == text;

    private static string RandomText(Random random, int parts) =>
        string.Concat(Enumerable.Range(0, parts).Select(_ => s_snippets[random.Next(s_snippets.Length)]));

    /// <summary>One of the many ways to write a text in tokens: a random token that fits, again and again.</summary>
    private static int[] Cut(string text, Random random)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        var ids = new List<int>();
        for (int start = 0; start < bytes.Length;)
        {
            int length = random.Next(1, Math.Min(6, bytes.Length - start) + 1);
            int id = s_byBytes.GetValueOrDefault(Convert.ToHexString(bytes, start, length), Byte(bytes[start]));
            ids.Add(id);
            start += s_tokenizer.TokenBytes(id).Length;
        }

        return [.. ids];
    }

    private static readonly Dictionary<string, int> s_byBytes = Enumerable.Range(ControlCount, s_tokenizer.VocabularySize - ControlCount)
        .ToDictionary(id => Convert.ToHexString(s_tokenizer.TokenBytes(id)));

    // Single bytes and many pieces of likely texts, cut without regard to characters.
    private static Tokenizer RandomVocabulary()
    {
        var random = new Random(1);
        var pieces = new HashSet<string>();
        for (int i = 0; i < 4_000; i++)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(RandomText(random, 4));
            int start = random.Next(bytes.Length);
            int length = random.Next(2, 7);
            if (start + length <= bytes.Length)
            {
                pieces.Add(Convert.ToHexString(bytes, start, length));
            }
        }

        byte[][] ranks = [.. Enumerable.Range(0, 256).Select(b => new[] { (byte)b }), .. pieces.Select(Convert.FromHexString)];
        return new Tokenizer(ranks, SpecialTokens.Names(ControlCount));
    }

    private sealed record Answer(
        string Text, List<ToolCallDelta> Calls, FinishReason? Reason, List<int> TokenIds, List<PositionLogprobs> Logprobs);
}
