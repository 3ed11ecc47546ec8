using System.Text.Json;
using Tramontane.Testing;

namespace Tramontane.Cli.Tests.Commands;

/// <summary>Images on the command line, with the tiny model and its encoder.</summary>
public sealed class ImageCommandTests
{
    private static readonly string s_image = Repository.Golden("tokenizer/images/p_noise_57x29.png");
    private static readonly string s_mmproj = Repository.Golden("model/tiny-s/mmproj-tiny-s.f32.gguf");
    private static readonly string[] s_model = ["--model", Cli.TinyModel, "--mmproj", s_mmproj, "--ctx", "256", "--max-tokens", "4", "--temperature", "0"];

    [Fact]
    public async Task Run_WithImages_CountsTheirTokens()
    {
        int without = await PromptTokensAsync(), with = await PromptTokensAsync("--image", s_image), twice = await PromptTokensAsync("--image", s_image, "--image", s_image);
        Assert.Equal((8, 16), (with - without, twice - without)); // two rows of three squares, each with its end
    }

    [Fact]
    public async Task Run_EncoderBesideTheModel_IsFound()
    {
        using var folder = new TemporaryFolder();
        string model = Path.Combine(folder.Path, "model.gguf");
        File.Copy(Cli.TinyModel, model);
        string[] arguments = ["run", "abc", "--image", s_image, "--model", model, "--ctx", "256", "--max-tokens", "1"];
        (await Cli.RunAsync(arguments)).AssertFailure(1, "--mmproj");
        File.Copy(s_mmproj, Path.Combine(folder.Path, "mmproj-model-f16.gguf"));
        (await Cli.RunAsync(arguments)).Succeeded();
        (await Cli.RunAsync([.. arguments, "--mmproj", "none"])).AssertFailure(1, "--mmproj");
    }

    [Theory]
    [InlineData("no/such.png", "cannot be read")]
    [InlineData("tokenizer/image.json", "no image of a known format")]
    [InlineData("tokenizer/images/p_thin_4000x1.png", "too thin")]
    public async Task Run_BadImage_SaysWhy(string file, string reason)
    {
        string path = file.StartsWith("no/", StringComparison.Ordinal) ? file : Repository.Golden(file);
        (await Cli.RunAsync(["run", "abc", "--image", path, .. s_model])).AssertFailure(1, reason);
    }

    [Fact]
    public async Task Chat_ImageCommand_ShowsItWithTheNextQuestionAndSavesIt()
    {
        using var folder = new TemporaryFolder();
        string saved = Path.Combine(folder.Path, "chat.json");
        Outcome outcome = await Cli.RunWithInputAsync($"/image {s_image}\nabc\ndef\n/save {saved}\n", ["chat", .. s_model]);
        outcome.Succeeded();
        Assert.Contains("57 x 29 pixels, 8 tokens", outcome.Errors, StringComparison.Ordinal);
        using JsonDocument chat = JsonDocument.Parse(await File.ReadAllTextAsync(saved));
        JsonElement content = chat.RootElement.GetProperty("messages")[0].GetProperty("content");
        string url = content[0].GetProperty("image_url").GetProperty("url").GetString()!;
        Assert.Equal(await File.ReadAllBytesAsync(s_image), Convert.FromBase64String(url["data:image/png;base64,".Length..]));
        Assert.Equal("abc", content[1].GetProperty("text").GetString());
        Assert.Equal("def", chat.RootElement.GetProperty("messages")[2].GetProperty("content").GetString());
    }

    [Fact]
    public async Task Chat_WithoutEncoder_SaysWhatToDo()
    {
        Outcome outcome = await Cli.RunWithInputAsync($"/image {s_image}\n", "chat"); // the demo model has no vision
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("--mmproj", outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bench_Vision_HasAFigureForEverySize()
    {
        Outcome outcome = await Cli.RunAsync("bench", "vision", "--mmproj", s_mmproj, "--size", "56x56,200x100", "-t", "1", "--json");
        using JsonDocument report = JsonDocument.Parse(outcome.Succeeded());
        JsonElement[] results = [.. report.RootElement.GetProperty("results").EnumerateArray()];
        Assert.Equal(["56x56", "200x100"], results.Select(r => r.GetProperty("size").GetString()!));
        Assert.All(results, r => Assert.True(r.GetProperty("encode_seconds").GetDouble() > 0 && r.GetProperty("gflops").GetDouble() > 0));
        Assert.Equal([6, 36], results.Select(r => r.GetProperty("tokens").GetInt32()));
        (await Cli.RunAsync("bench", "vision", "--size", "big")).AssertFailure(2, "--size");
    }

    private static async Task<int> PromptTokensAsync(params string[] images)
    {
        Outcome outcome = await Cli.RunAsync(["run", "abc", "--json", .. images, .. s_model]);
        using JsonDocument report = JsonDocument.Parse(outcome.Succeeded());
        return report.RootElement.GetProperty("prompt_tokens").GetInt32();
    }
}
