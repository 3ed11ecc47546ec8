using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Tramontane.Testing;

namespace Tramontane.Tokenization.Tests;

public sealed class TokenizerLoadingTests
{
    private static readonly Tokenizer s_tokenizer = TestTokenizer.Instance;

    [Fact]
    public void FromTekken_WholeVocabulary_EqualsTheCompactForm()
    {
        Tokenizer loaded = Load(TekkenJson(TestTokenizer.Ranks(), extraEntries: 5, imageKey: "image"));
        Assert.Equal(s_tokenizer.VocabularySize, loaded.VocabularySize);
        for (int id = 0; id < loaded.VocabularySize; id++)
        {
            Assert.True(s_tokenizer.TokenBytes(id).SequenceEqual(loaded.TokenBytes(id)), $"token {id}");
            Assert.Equal(s_tokenizer.IsControl(id), loaded.IsControl(id));
        }

        Assert.Equal(s_tokenizer.Encode("Wrongly cut? Never 😀."), loaded.Encode("Wrongly cut? Never 😀."));
        Assert.Equal(1540, loaded.Images.MaxImageSize);
    }

    [Theory]
    [InlineData("multimodal")]
    [InlineData("image")]
    public void FromTekken_EitherImageKey_IsRead(string key)
    {
        JsonObject json = Small(imageKey: key);
        json[key]!["image_patch_size"] = 16;
        json[key]!["max_image_size"] = 1024;
        Tokenizer loaded = Load(json);
        Assert.Equal((16, 1024, 2), (loaded.Images.PatchSize, loaded.Images.MaxImageSize, loaded.Images.SpatialMergeSize));
    }

    [Fact]
    public void FromTekken_PartsInAnyOrderAndUnknownParts_AreRead()
    {
        JsonObject json = Small();
        var turned = new JsonObject { ["audio"] = new JsonObject { ["x"] = new JsonArray(1, 2) } };
        foreach ((string key, JsonNode? value) in json.AsObject().Reverse().ToArray())
        {
            turned[key] = value!.DeepClone();
        }

        Assert.Equal(40 + 256, Load(turned).VocabularySize);
        turned.Remove("special_tokens");
        Assert.Equal("[INST]", Load(turned).TokenText(3));
    }

    public static TheoryData<string, string> BrokenFiles => new()
    {
        { "{\"config\":", "broken JSON" },
        { "[]", "StartArray" },
        { "", "broken JSON" },
        { "{}", "'config.pattern', found none" },
        { "{} x", "broken JSON" },
        { "{\"vocab\":{}}", "an array as 'vocab'" },
        { "{\"vocab\":[1]}", "an object as 'vocab[0]', found the number 1" },
        { "{\"vocab\":[{\"rank\":0}]}", "'token_bytes' in 'vocab[0]'" },
        { "{\"vocab\":[{\"token_bytes\":\"AA==\"}]}", "rank 0 in 'vocab[0]'" },
        { "{\"vocab\":[{\"rank\":7,\"token_bytes\":\"AA==\"}]}", "found rank 7" },
        { "{\"vocab\":[{\"rank\":1e99,\"token_bytes\":\"AA==\"}]}", "the number 1e99" },
        { "{\"vocab\":[{\"rank\":0,\"token_bytes\":\"%%\"}]}", "base64" },
        { "{\"vocab\":[{\"rank\":0,\"token_bytes\":5}]}", "a base64 string" },
        { "{\"config\":{\"pattern\":\"\\ud800\"}}", "Unicode" },
        { "{\"config\":{\"default_vocab_size\":2000000000}}", "an integer from 256 to 16777216" },
        { "{\"config\":{\"default_num_special_tokens\":-1}}", "found the number -1" },
        { "{\"config\":{\"default_num_special_tokens\":9000000}}", "an integer from 0 to 65536" },
        { "{\"special_tokens\":[{\"rank\":1,\"token_str\":\"a\"},{\"rank\":1,\"token_str\":\"b\"}]}", "every special token once" },
        { "{\"special_tokens\":[{\"rank\":1}]}", "no token_str" },
        { "{\"multimodal\":{\"image_patch_size\":0}}", "image_patch_size" },
    };

    [Theory, MemberData(nameof(BrokenFiles))]
    public void FromTekken_BrokenFile_SaysWhatWasExpectedAndFound(string json, string part)
    {
        TokenizerFileException error = Assert.Throws<TokenizerFileException>(
            () => Tokenizer.FromTekken(new MemoryStream(Encoding.UTF8.GetBytes(json)), "models/tekken.json"));
        Assert.StartsWith("models/tekken.json: expected ", error.Message, StringComparison.Ordinal);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FromTekken_ContradictingParts_AreRefused()
    {
        AssertRefused("256 and the 256 entries", json => json["config"]!["default_vocab_size"] = 1000);
        AssertRefused("found 296 - 50 = 246", json => json["config"]!["default_num_special_tokens"] = 50);
        AssertRefused("below rank 40", json => json["special_tokens"]!.AsArray().Add(new JsonObject { ["rank"] = 40, ["token_str"] = "x" }));
        AssertRefused("splitting pattern", json => json["config"]!["pattern"] = "\\w+");
        AssertRefused("single byte 65 at rank 65", json => json["vocab"]![65]!["token_bytes"] = "AA==");
        AssertRefused("same bytes at ranks 256 and 257", json =>
        {
            JsonArray vocabulary = json["vocab"]!.AsArray();
            vocabulary.Add(new JsonObject { ["rank"] = 256, ["token_bytes"] = "YWI=" });
            vocabulary.Add(new JsonObject { ["rank"] = 257, ["token_bytes"] = "YWI=" });
            json["config"]!["default_vocab_size"] = 298;
        });
    }

    [Fact]
    public void FromTekken_DamagedBytes_GiveATokenizerOrATypedError()
    {
        byte[] sound = Encoding.UTF8.GetBytes(Small().ToJsonString());
        for (int seed = 0; seed < 1_500; seed++)
        {
            var random = new Random(seed);
            byte[] damaged = sound[..random.Next(random.Next(2) == 0 ? sound.Length : sound.Length + 1)];
            if (random.Next(4) != 0)
            {
                damaged = (byte[])sound.Clone();
            }

            for (int i = random.Next(1, 6); i > 0 && damaged.Length > 0; i--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            try
            {
                Tokenizer loaded = Tokenizer.FromTekken(new MemoryStream(damaged));
                Assert.True(loaded.Decode(loaded.Encode("sound")) == "sound", $"seed {seed}");
            }
            catch (TokenizerFileException)
            {
            }
            catch (Exception exception)
            {
                Assert.Fail($"seed {seed}: {exception}");
            }
        }
    }

    [Fact]
    public void FromGguf_WholeVocabulary_EqualsTheCompactForm()
    {
        string[] tokens = [.. SpecialTokens.Names(SpecialTokens.Count), .. TestTokenizer.Ranks().Select(r => ByteCharacters.FromBytes(r))];
        int[] types = [.. Enumerable.Range(0, tokens.Length).Select(id => id < SpecialTokens.Count ? 3 : 1)];
        Tokenizer loaded = Tokenizer.FromGguf(tokens, types);
        for (int id = 0; id < loaded.VocabularySize; id++)
        {
            Assert.True(s_tokenizer.TokenBytes(id).SequenceEqual(loaded.TokenBytes(id)), $"token {id}");
        }

        Assert.Equal(SpecialTokens.Count, loaded.ControlTokenCount);
    }

    [Fact]
    public void FromGguf_BrokenLists_AreRefused()
    {
        string[] bytes = [.. Enumerable.Range(0, 256).Select(b => ByteCharacters.FromBytes([(byte)b]))];
        int[] ordinary = [.. Enumerable.Repeat(1, 256)];
        Assert.Equal(256, Tokenizer.FromGguf(bytes, ordinary).VocabularySize);
        Assert.Throws<TokenizerFileException>(() => Tokenizer.FromGguf(bytes, ordinary[1..]));
        Assert.Throws<TokenizerFileException>(() => Tokenizer.FromGguf(bytes[1..], ordinary[1..]));
        Assert.Throws<TokenizerFileException>(() => Tokenizer.FromGguf([.. bytes, "a b"], [.. ordinary, 1]));
        Assert.Throws<TokenizerFileException>(() => Tokenizer.FromGguf([.. bytes, "字"], [.. ordinary, 1]));
        Assert.Throws<TokenizerFileException>(() => Tokenizer.FromGguf([.. bytes, ""], [.. ordinary, 1]));
        Assert.Throws<TokenizerFileException>(() => Tokenizer.FromGguf([], []));
    }

    [Fact]
    public void FromCompact_CutLongOrForeignData_IsRefused()
    {
        byte[] sound = File.ReadAllBytes(Repository.Golden("tokenizer/tekken_vocab.bin.br"));
        Assert.Throws<TokenizerFileException>(() => Tokenizer.FromCompact(new MemoryStream(sound[..(sound.Length / 2)])));
        Assert.Throws<TokenizerFileException>(() => Tokenizer.FromCompact(new MemoryStream(new Random(1).Bytes(1_000))));
        var packed = new MemoryStream();
        using (var brotli = new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            brotli.Write([2, (byte)'a', (byte)'b', (byte)'c']);
        }

        packed.Position = 0;
        Assert.Contains("more bytes", Assert.Throws<TokenizerFileException>(() => Tokenizer.FromCompact(packed, 257, 3)).Message, StringComparison.Ordinal);
    }

    private static void AssertRefused(string part, Action<JsonObject> damage)
    {
        JsonObject json = Small();
        damage(json);
        Assert.Contains(part, Assert.Throws<TokenizerFileException>(() => Load(json)).Message, StringComparison.Ordinal);
    }

    private static Tokenizer Load(JsonNode json) => Tokenizer.FromTekken(new MemoryStream(Encoding.UTF8.GetBytes(json.ToJsonString())));

    private static JsonObject Small(string imageKey = "multimodal") =>
        TekkenJson([.. Enumerable.Range(0, 256).Select(b => new[] { (byte)b })], extraEntries: 0, imageKey, controlCount: 40);

    private static JsonObject TekkenJson(byte[][] ranks, int extraEntries, string imageKey, int controlCount = SpecialTokens.Count)
    {
        var vocabulary = new JsonArray();
        for (int rank = 0; rank < ranks.Length + extraEntries; rank++)
        {
            byte[] bytes = rank < ranks.Length ? ranks[rank] : [0xFF, (byte)rank];
            vocabulary.Add(new JsonObject { ["rank"] = rank, ["token_bytes"] = Convert.ToBase64String(bytes), ["token_str"] = null });
        }

        var special = new JsonArray();
        for (int rank = 0; rank < controlCount; rank++)
        {
            special.Add(new JsonObject { ["rank"] = rank, ["token_str"] = SpecialTokens.NameOf(rank), ["is_control"] = true });
        }

        return new JsonObject
        {
            ["config"] = new JsonObject
            {
                ["pattern"] = TekkenFile.Pattern,
                ["num_vocab_tokens"] = 150_000,
                ["default_vocab_size"] = ranks.Length + controlCount,
                ["default_num_special_tokens"] = controlCount,
                ["version"] = "v11",
            },
            ["vocab"] = vocabulary,
            ["special_tokens"] = special,
            [imageKey] = new JsonObject { ["image_patch_size"] = 14, ["max_image_size"] = 1540, ["spatial_merge_size"] = 2 },
        };
    }
}
