using System.Text.Json;

namespace Tramontane.Cli.Tests.Commands;

public sealed class BenchCommandTests
{
    [Fact]
    public async Task Json_OfATinyModel_HasAFigureForEveryTest()
    {
        Outcome outcome = await Cli.RunAsync("bench", "--model", Cli.TinyModel, "-p", "40", "-n", "4", "-b", "1,3", "-t", "1", "-r", "2", "--json");
        using JsonDocument report = JsonDocument.Parse(outcome.Succeeded());
        JsonElement root = report.RootElement;
        Assert.Equal(1, root.GetProperty("n_threads").GetInt32());
        Assert.True(root.GetProperty("read_bandwidth_bytes_per_second").GetDouble() > 0);

        // Everything but the embeddings, which are looked up by row; this file has them apart from the head.
        long steps = root.GetProperty("weight_bytes_per_step").GetInt64();
        Assert.InRange(steps, 1, new FileInfo(Cli.TinyModel).Length);

        JsonElement[] results = [.. root.GetProperty("results").EnumerateArray()];
        Assert.Equal(["pp40 1", "tg4 1", "pp40 3", "tg4 3"], results.Select(r => $"{r.GetProperty("test")} {r.GetProperty("batch")}"));
        Assert.All(results, r => Assert.Equal(2, r.GetProperty("samples_ts").GetArrayLength()));
        Assert.All(results, r => Assert.True(r.GetProperty("avg_ts").GetDouble() > 0));
        Assert.All(results, r => Assert.Equal(r.GetProperty("n_gen").GetInt32() == 0, r.GetProperty("bandwidth_share").ValueKind == JsonValueKind.Null));
    }

    [Fact]
    public async Task Json_BehindAContext_SaysHowDeep()
    {
        Outcome outcome = await Cli.RunAsync("bench", "--model", Cli.TinyModel, "-p", "8", "-n", "2", "-d", "40", "-t", "1", "-r", "1", "--json");
        using JsonDocument report = JsonDocument.Parse(outcome.Succeeded());
        JsonElement[] results = [.. report.RootElement.GetProperty("results").EnumerateArray()];
        Assert.Equal(["pp8@40", "tg2@40"], results.Select(r => r.GetProperty("test").GetString()));
        Assert.All(results, r => Assert.Equal(40, r.GetProperty("n_depth").GetInt32()));
        Assert.All(results, r => Assert.True(r.GetProperty("min_cpu_seconds_per_token").GetDouble() >= 0));
    }

    [Fact]
    public async Task Bench_OfNothing_IsAUsageError() => (await Cli.RunAsync("bench", "--model", Cli.TinyModel, "-p", "0", "-n", "0")).AssertFailure(2, "-p and -n");
}
