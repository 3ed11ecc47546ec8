using Tramontane.Compute.Memory;
using Tramontane.Inference.Engine;
using Tramontane.Inference.KvCache;
using Tramontane.Inference.Tests.Model;
using Tramontane.Inference.Tests.Scheduling;

namespace Tramontane.Inference.Tests.KvCache;

public sealed class PrefixFileTests : IDisposable
{
    private const int Blocks = 8;

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"tramontane-{Guid.NewGuid():N}.prefixes");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public async Task Restart_WithAFile_FindsThePromptAgainAndAnswersTheSame()
    {
        var options = new EngineOptions
        {
            ModelPath = Path.Combine(GoldenModel.TinyS.Folder, "tiny-s.q8_0.gguf"), ContextLength = 256, MaxBatch = 2, Threads = 1, PrefixFile = _path,
        };
        var request = new GenerationRequest { PromptTokens = [1, .. Enumerable.Range(0, 149).Select(i => 64 + (i * 31 % 448))], MaxTokens = 20 };
        (string cold, _, _) = await AnswerAsync(options, request);
        (string warm, int cached, int restored) = await AnswerAsync(options, request);
        Assert.Equal(cold, warm);
        Assert.Equal(149, cached);
        Assert.True(restored >= 150);
        (_, cached, restored) = await AnswerAsync(options with { KeyValueType = KeyValueType.Q8_0 }, request);
        Assert.Equal((0, 0), (cached, restored)); // other arithmetic: computed again
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, OperatingSystem.IsWindows() ? UnixFileMode.UserRead | UnixFileMode.UserWrite : File.GetUnixFileMode(_path));
    }

    [Fact]
    public void Save_LessThanFits_KeepsTheBeginningsOfTheLatest()
    {
        (PrefixCache cache, KeyValueBlocks blocks) = Filled(out FakeSequence[] texts);
        using KeyValueBlocks filled = blocks;
        new PrefixFile(_path, "model", 3 * blocks.BlockBytes).Save(cache, blocks);
        (PrefixCache restored, BlockPool pool) = Create();
        Assert.Equal((96, null), new PrefixFile(_path, "model", 0).Restore(restored, blocks));
        Assert.Equal((64, 32), (Found(restored, pool, texts[1]), Found(restored, pool, texts[0])));
    }

    [Fact]
    public void Restore_OfAnotherModel_LeavesEverythingOut()
    {
        (PrefixCache cache, KeyValueBlocks blocks) = Filled(out _);
        using KeyValueBlocks filled = blocks;
        new PrefixFile(_path, "model", long.MaxValue).Save(cache, blocks);
        (int count, string? problem) = new PrefixFile(_path, "other", long.MaxValue).Restore(Create().Cache, blocks);
        Assert.Equal(0, count);
        Assert.Contains("another model", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Restore_DamagedFiles_NeverGivesWrongContents()
    {
        (PrefixCache cache, KeyValueBlocks blocks) = Filled(out FakeSequence[] texts);
        using KeyValueBlocks filled = blocks;
        new PrefixFile(_path, "model", long.MaxValue).Save(cache, blocks);
        byte[] good = File.ReadAllBytes(_path);
        for (int seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            byte[] bad = random.Next(3) == 0 ? good[..random.Next(good.Length)] : [.. good];
            for (int i = random.Next(1, 4); i > 0 && bad.Length > 0; i--)
            {
                bad[random.Next(bad.Length)] ^= (byte)random.Next(1, 256);
            }

            File.WriteAllBytes(_path, bad);
            (PrefixCache restored, BlockPool pool) = Create();
            using KeyValueBlocks memory = Memory();
            (int count, string? problem) = new PrefixFile(_path, "model", long.MaxValue).Restore(restored, memory);
            Assert.True(problem is not null || bad.SequenceEqual(good), $"damage was not seen: seed {seed}");
            foreach (FakeSequence text in texts)
            {
                var table = new BlockTable(pool, text.CacheRoot, text.TokenCount);
                restored.ShareFull(table, text, text.TokenCount);
                for (int i = 0; i < table.Count; i++)
                {
                    Assert.True(Bytes(memory, table.Blocks[i]).All(b => b == (byte)(text.TokenCount + i)), $"wrong block: seed {seed}");
                }

                table.Release();
            }

            Assert.True(count <= 160, $"{count}: seed {seed}");
        }
    }

    // Two texts of 64 and 96 tokens, whose blocks are filled with a byte each.
    private static (PrefixCache Cache, KeyValueBlocks Blocks) Filled(out FakeSequence[] texts)
    {
        (PrefixCache cache, BlockPool pool) = Create();
        KeyValueBlocks blocks = Memory();
        texts = [Text(64), Text(96)];
        foreach (FakeSequence text in texts.Reverse())
        {
            var table = new BlockTable(pool, text.CacheRoot, text.TokenCount);
            Assert.True(table.TryEnsureRoom(text.TokenCount));
            for (int i = 0; i < table.Count; i++)
            {
                var data = new byte[blocks.BlockBytes];
                data.AsSpan().Fill((byte)(text.TokenCount + i));
                blocks.Write(table.Blocks[i], data);
            }

            cache.Release(table, text, text.TokenCount);
        }

        Array.Reverse(texts);
        return (cache, blocks);
    }

    private static (PrefixCache Cache, BlockPool Pool) Create()
    {
        var pool = new BlockPool(Blocks);
        return (new PrefixCache(pool, (_, _) => { }), pool);
    }

    private static KeyValueBlocks Memory() => new(KeyValueType.F16, 2, Blocks, 1, 32);

    private static byte[] Bytes(KeyValueBlocks blocks, int block)
    {
        var data = new byte[blocks.BlockBytes];
        blocks.Read(block, data);
        return data;
    }

    private static FakeSequence Text(int length)
    {
        var random = new Random(length);
        return new FakeSequence([.. Enumerable.Range(0, length).Select(_ => random.Next(1000))], 0);
    }

    private static int Found(PrefixCache cache, BlockPool pool, FakeSequence text)
    {
        var table = new BlockTable(pool, text.CacheRoot, text.TokenCount);
        int found = cache.ShareFull(table, text, text.TokenCount);
        table.Release();
        return found;
    }

    private static async Task<(string Answer, int Cached, int Restored)> AnswerAsync(EngineOptions options, GenerationRequest request)
    {
        using InferenceEngine engine = InferenceEngine.Load(options);
        string answer = "";
        int cached = 0;
        await foreach (GenerationUpdate update in engine.Submit(request, default).Updates!)
        {
            answer += update.Text + string.Join(' ', update.TokenIds);
            cached = update.Usage.CachedTokens;
        }

        return (answer, cached, engine.RestoredTokens);
    }
}
