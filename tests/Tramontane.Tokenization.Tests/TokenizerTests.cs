using System.Text;

namespace Tramontane.Tokenization.Tests;

public sealed class TokenizerTests
{
    private static readonly Tokenizer s_tokenizer = TestTokenizer.Instance;

    [Fact]
    public void Encode_EveryWholeToken_GivesItselfBack()
    {
        var strict = new UTF8Encoding(false, throwOnInvalidBytes: true);
        int whole = 0;
        for (int id = SpecialTokens.Count; id < s_tokenizer.VocabularySize; id++)
        {
            string text;
            try
            {
                text = strict.GetString(s_tokenizer.TokenBytes(id));
            }
            catch (DecoderFallbackException)
            {
                continue; // a fragment of a character
            }

            whole++;
            Assert.True(s_tokenizer.Encode(text) is [int only] && only == id, $"token {id}, '{text}'");
        }

        Assert.Equal(128_637, whole);
    }

    [Fact]
    public void Encode_RandomText_DecodesToItself()
    {
        for (int seed = 0; seed < 4_000; seed++)
        {
            var random = new Random(seed);
            string text = RandomText.Next(random, random.Next(0, 60));
            string sound = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)); // lone surrogates are U+FFFD
            int[] ids = s_tokenizer.Encode(text);
            Assert.True(sound == s_tokenizer.Decode(ids), $"seed {seed}");
            Assert.True(ids.AsSpan().SequenceEqual(s_tokenizer.Encode(sound)), $"lone surrogates, seed {seed}");
            Assert.True(ids.All(id => !s_tokenizer.IsControl(id)), $"control token, seed {seed}");
        }
    }

    [Fact]
    public void Encode_NamesOfControlTokens_AreOrdinaryText()
    {
        for (int id = 0; id < SpecialTokens.Count; id++)
        {
            string name = s_tokenizer.TokenText(id);
            Assert.DoesNotContain(s_tokenizer.Encode($"{name} x{name}"), s_tokenizer.IsControl);
        }
    }

    [Fact]
    public void Encode_IntoList_AppendsAfterWhatIsThere()
    {
        List<int> ids = [SpecialTokens.Bos];
        s_tokenizer.Encode("Hello", ids);
        s_tokenizer.Encode("", ids);
        Assert.Equal([1, 22177], ids);
    }

    [Fact]
    public void Detokenizer_RandomIds_EqualsDecodeAndNeverSplitsACharacter()
    {
        for (int seed = 0; seed < 2_000; seed++)
        {
            var random = new Random(seed);
            // Low ids are control tokens and single bytes, so that cut and wrong UTF-8 comes up all the time.
            int[] ids = [.. Enumerable.Range(0, random.Next(1, 30)).Select(_ => random.Next(random.Next(2) == 0 ? 1_256 : s_tokenizer.VocabularySize))];
            foreach (ControlTokens controlTokens in (ControlTokens[])[ControlTokens.Ignore, ControlTokens.Keep])
            {
                var detokenizer = new Detokenizer(s_tokenizer, controlTokens);
                var pieces = new List<string>();
                foreach (int id in ids)
                {
                    pieces.Add(detokenizer.Append(id));
                }

                pieces.Add(detokenizer.Flush());
                Assert.True(string.Concat(pieces) == s_tokenizer.Decode(ids, controlTokens), $"seed {seed}");
                Assert.True(pieces.TrueForAll(p => p.Length == 0 || !(char.IsLowSurrogate(p[0]) || char.IsHighSurrogate(p[^1]))), $"seed {seed}");
                Assert.False(detokenizer.HasPending);
            }
        }
    }

    [Fact]
    public void Detokenizer_EmojiInFourBytes_ComesWhole()
    {
        var detokenizer = new Detokenizer(s_tokenizer);
        int[] ids = [.. Encoding.UTF8.GetBytes("😀").Select(b => SpecialTokens.Count + b)];
        Assert.Equal(["", "", "", "😀"], ids.Select(detokenizer.Append));
        Assert.Equal(["", "\uFFFDa"], new[] { ids[0], SpecialTokens.Count + 'a' }.Select(detokenizer.Append));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(131_072)]
    [InlineData(int.MinValue)]
    [InlineData(int.MaxValue)]
    public void EveryMethod_IdOutsideTheVocabulary_IsRefusedByName(int id)
    {
        UnknownTokenException refusal = Assert.Throws<UnknownTokenException>(() => s_tokenizer.Decode([1_000, id]));
        Assert.Equal(id, refusal.TokenId);
        Assert.Contains("131071", refusal.Message, StringComparison.Ordinal);
        Assert.Throws<UnknownTokenException>(() => s_tokenizer.IsControl(id));
        Assert.Throws<UnknownTokenException>(() => s_tokenizer.TokenText(id));
        Assert.Throws<UnknownTokenException>(() => s_tokenizer.TokenBytes(id).Length);
        Assert.Throws<UnknownTokenException>(() => new Detokenizer(s_tokenizer).Append(id));
    }

    [Fact]
    public void TokenText_ControlAndFragment_AreReadable()
    {
        Assert.Equal("[TOOL_CALLS]", s_tokenizer.TokenText(SpecialTokens.ToolCalls));
        Assert.Equal("<SPECIAL_20>", s_tokenizer.TokenText(20));
        Assert.Equal("\uFFFD", s_tokenizer.TokenText(SpecialTokens.Count + 0xFF));
        Assert.Equal("Hello", s_tokenizer.TokenText(22177));
    }

    [Fact]
    public void Encode_FromManyThreads_GivesTheSameIds()
    {
        string[] texts = [.. Enumerable.Range(0, 64).Select(seed => RandomText.Next(new Random(seed), 200))];
        int[][] alone = [.. texts.Select(t => s_tokenizer.Encode(t))];
        var together = new int[texts.Length][];
        Parallel.For(0, texts.Length, i => together[i] = s_tokenizer.Encode(texts[i]));
        Assert.Equal(alone, together);
    }
}
