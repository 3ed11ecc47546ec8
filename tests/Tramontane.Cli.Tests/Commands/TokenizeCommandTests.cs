using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Tramontane.Testing;

namespace Tramontane.Cli.Tests.Commands;

public sealed class TokenizeCommandTests(TekkenFixture tekken) : IClassFixture<TekkenFixture>
{
    [Fact]
    public async Task Jsonl_EveryGoldenText_GivesTheReferenceIds()
    {
        JsonElement[] cases = Cases("encode.json");
        string[] answers = await AskAsync(cases.Select(c => $"{{\"text\":{c.GetProperty("text").GetRawText()}}}"));
        Assert.Equal(cases.Select(c => $"{{\"ids\":{Compact(c.GetProperty("ids"))}}}"), answers);
        Assert.Equal(477, answers.Length);
    }

    [Theory]
    [InlineData("ignore")]
    [InlineData("keep")]
    public async Task Jsonl_EveryGoldenIdList_GivesTheReferenceText(string field)
    {
        JsonElement[] cases = Cases("decode.json");
        string[] options = field == "keep" ? ["--keep-control"] : [];
        string[] answers = await AskAsync(cases.Select(c => $"{{\"ids\":{Compact(c.GetProperty("ids"))}}}"), options);
        Assert.Equal(cases.Select(c => c.GetProperty(field).GetString()), answers.Select(a => Field(a, "text")));
        Assert.Equal(146, answers.Length);
    }

    [Theory]
    [InlineData("test", 205)]
    [InlineData("serving", 5)]
    public async Task Jsonl_EveryGoldenChat_GivesTheReferencePromptOrRefusal(string mode, int count)
    {
        JsonElement[] cases = [.. Cases("chat.json").Where(c => c.GetProperty("mode").GetString() == mode)];
        string[] answers = await AskAsync(cases.Select(Request), "--validation", mode);
        IEnumerable<string> expected = cases.Select(c => c.TryGetProperty("error", out JsonElement error)
            ? $"{c.GetProperty("name")}: {error.GetProperty("type")}"
            : $"{c.GetProperty("name")}: {Compact(c.GetProperty("expect").GetProperty("tokens"))}");
        Assert.Equal(expected, cases.Zip(answers, (c, answer) => $"{c.GetProperty("name")}: {Gist(answer)}"));
        Assert.Equal(count, answers.Length);
    }

    [Fact]
    public async Task Jsonl_BadLines_GetErrorsAndHarmNoOther()
    {
        string[] lines =
        [
            "{\"text\":\"Hello\"}", "", "not json", "[]", "5", "null", "{", "{}", "{\"text\":5}", "{\"ids\":\"x\"}", "{\"ids\":[1.5]}", "{\"ids\":[131072]}",
            "{\"ids\":[-1]}", "{\"ids\":[99999999999]}", "{\"text\":\"a\"} {\"text\":\"b\"}", new string('[', 5000), "{\"messages\":null}", "{\"text\":\"Hello\"}",
        ];
        string[] answers = await AskAsync(lines);
        Assert.Equal(lines.Length, answers.Length);
        Assert.All(answers[1..^1], answer => Assert.NotEqual("", JsonDocument.Parse(answer).RootElement.GetProperty("error").GetProperty("message").GetString()));
        Assert.Equal(["{\"ids\":[22177]}", "{\"ids\":[22177]}"], [answers[0], answers[^1]]);
        Assert.Equal(["JSONDecodeError", "JSONDecodeError", "ValueError"], answers[1..4].Select(Gist));
        Assert.Equal("KeyError", Gist(answers[11]));
    }

    [Fact]
    public async Task Jsonl_Dialogue_IsAnsweredBeforeTheNextLine()
    {
        using Process process = Cli.Start("tokenize", "--tokenizer", tekken.TekkenPath, "--jsonl");
        for (int i = 0; i < 3; i++)
        {
            await process.StandardInput.WriteLineAsync("{\"text\":\"Hello\"}");
            await process.StandardInput.FlushAsync();
            Assert.Equal("{\"ids\":[22177]}", await process.StandardOutput.ReadLineAsync());
        }

        process.StandardInput.Close();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public async Task Text_OfAFile_IsPrintedAsAnArray()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("hello.txt", "Hello, how are you?"u8);
        Outcome outcome = await Cli.RunAsync("tokenize", "--tokenizer", tekken.TekkenPath, "--text", path);
        Assert.Equal("[22177,1044,2606,1584,1636,1063]\n", outcome.Succeeded());
    }

    [Fact]
    public async Task Chat_OfAFile_IsPrintedAsAnArrayAndRefusedInOneLine()
    {
        using var folder = new TemporaryFolder();
        string sound = folder.Write("chat.json", """{"messages":[{"role":"user","content":"Hello, how are you?"}]}"""u8);
        Outcome outcome = await Cli.RunAsync("tokenize", "--tokenizer", tekken.TekkenPath, "--chat", sound);
        Assert.Equal("[1,3,22177,1044,2606,1584,1636,1063,4]\n", outcome.Succeeded());

        string refused = folder.Write("robot.json", """{"messages":[{"role":"robot","content":"Hello"}]}"""u8);
        (await Cli.RunAsync("tokenize", "--tokenizer", tekken.TekkenPath, "--chat", refused)).AssertFailure(1, "ValueError");
    }

    [Fact]
    public async Task Tokenizer_InsideAGguf_IsRead()
    {
        Outcome outcome = await Cli.RunWithInputAsync("{\"text\":\"a\"}\n", "tokenize", "--tokenizer", Cli.TinyModel, "--jsonl");
        Assert.StartsWith("{\"ids\":[", outcome.Succeeded(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tokenizer_BrokenOrMissing_IsNamedInOneLine()
    {
        using var folder = new TemporaryFolder();
        string broken = folder.Write("tekken.json", "{\"vocab\":5}"u8);
        (await Cli.RunAsync("tokenize", "--tokenizer", broken, "--jsonl")).AssertFailure(1, broken);
        (await Cli.RunAsync("tokenize", "--tokenizer", broken + ".none", "--jsonl")).AssertFailure(1, broken + ".none");
    }

    [Fact]
    public async Task Sources_NoneOrTwo_AreAUsageError()
    {
        (await Cli.RunAsync("tokenize", "--tokenizer", tekken.TekkenPath)).AssertFailure(2, "--jsonl");
        (await Cli.RunAsync("tokenize", "--tokenizer", tekken.TekkenPath, "--jsonl", "--text", "x")).AssertFailure(2, "--jsonl");
        (await Cli.RunAsync("tokenize", "--jsonl")).AssertFailure(2, "--tokenizer");
    }

    private async Task<string[]> AskAsync(IEnumerable<string> lines, params string[] options)
    {
        string input = string.Concat(lines.Select(line => line + "\n"));
        Outcome outcome = await Cli.RunWithInputAsync(input, ["tokenize", "--tokenizer", tekken.TekkenPath, "--jsonl", .. options]);
        return outcome.Succeeded().TrimEnd('\n').Split('\n');
    }

    private static JsonElement[] Cases(string name)
    {
        JsonDocument golden = JsonDocument.Parse(File.ReadAllBytes(Repository.Golden("tokenizer/" + name)));
        return [.. golden.RootElement.GetProperty("cases").EnumerateArray()];
    }

    // The goldens write images/NAME.png for a data URL with that file.
    private static string Request(JsonElement item)
    {
        string json = item.TryGetProperty("request_json", out JsonElement raw) ? raw.GetString()! : Compact(item.GetProperty("request"));
        var text = new StringBuilder(json);
        foreach (string path in Directory.EnumerateFiles(Repository.Golden("tokenizer/images")))
        {
            text.Replace($"\"images/{Path.GetFileName(path)}\"", $"\"data:image/png;base64,{Convert.ToBase64String(File.ReadAllBytes(path))}\"");
        }

        return text.ToString();
    }

    private static string Gist(string answer)
    {
        using JsonDocument document = JsonDocument.Parse(answer);
        return document.RootElement.TryGetProperty("error", out JsonElement error) ? error.GetProperty("type").GetString()! : Compact(document.RootElement.GetProperty("ids"));
    }

    private static string? Field(string answer, string name)
    {
        using JsonDocument document = JsonDocument.Parse(answer);
        return document.RootElement.GetProperty(name).GetString();
    }

    // On one line, numbers and escapes as they were written.
    private static string Compact(JsonElement element)
    {
        string text = element.GetRawText();
        bool quoted = false;
        var compact = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '\\')
            {
                compact.Append(c).Append(text[++i]);
                continue;
            }

            quoted ^= c == '"';
            if (quoted || !char.IsWhiteSpace(c))
            {
                compact.Append(c);
            }
        }

        return compact.ToString();
    }
}
