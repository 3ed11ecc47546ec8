using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tramontane.Server.Console.SampleCode;
using Tramontane.Testing;

namespace Tramontane.Server.Tests.Console.SampleCode;

/// <summary>JSON values as literals: the server and the playground's script write the same.</summary>
public sealed class JsonLiteralTests
{
    private static readonly JsonSerializerOptions s_relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // Names that PHP takes for indices and JavaScript for something else; null: any text.
    private static readonly string?[] s_keys = ["0", "1", "10", "-1", "01", "__proto__", "constructor", "", null, null, null, null];

    [Fact]
    public void Literal_AsJson_IsJson()
    {
        var random = new Random(11);
        for (int i = 0; i < 400; i++)
        {
            JsonNode? value = Value(random, depth: 4);
            string literal = JsonLiteral.Of("json", value, "  ");
            Assert.True(JsonNode.DeepEquals(value, JsonNode.Parse(literal)), literal);
        }
    }

    [Fact]
    public async Task Literals_OfRandomValues_AreThoseOfTheScript()
    {
        var random = new Random(2506);
        JsonNode?[] values = [.. Enumerable.Range(0, 400).Select(_ => Value(random, depth: 4))];
        string[] languages = ["json", "javascript", "python", "php"];
        const string Script = """
            import { literal } from "./src/Tramontane.Server/Console/Assets/playground/samples.js";
            let text = "";
            for await (const piece of process.stdin.setEncoding("utf8")) text += piece;
            const values = JSON.parse(text);
            console.log(JSON.stringify(["json", "javascript", "python", "php"].map((language) => values.map((v) => literal(language, v, "    ")))));
            """;
        string output = await RunAsync("node", Script, new JsonArray([.. values.Select(v => v?.DeepClone())]).ToJsonString());
        string[][] theirs = JsonSerializer.Deserialize<string[][]>(output)!;
        for (int i = 0; i < languages.Length; i++)
        {
            Assert.Equal(theirs[i], values.Select(v => JsonLiteral.Of(languages[i], v, "    ")));
        }
    }

    [Theory]
    [InlineData("python", "python3", "import json\nfor v in VALUES:\n  print(json.dumps(v, ensure_ascii=False))")]
    [InlineData("php", "php", "foreach (VALUES as $v) { echo json_encode($v, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_PRESERVE_ZERO_FRACTION | JSON_UNESCAPED_LINE_TERMINATORS), \"\\n\"; }")]
    [InlineData("javascript", "node", "for (const v of VALUES) console.log(JSON.stringify(v))")]
    public async Task Literals_ReadByTheirLanguage_AreTheValue(string language, string program, string code)
    {
        var random = new Random(7);
        JsonNode?[] values = [.. Enumerable.Range(0, 100).Select(_ => Value(random, depth: 3))];
        string literal = JsonLiteral.Of(language, new JsonArray([.. values.Select(v => v?.DeepClone())]));
        string[] lines = (await RunAsync(program, code.Replace("VALUES", literal, StringComparison.Ordinal), "")).TrimEnd('\n').Split('\n');
        Assert.Equal(values.Length, lines.Length);
        Assert.All(values.Zip(lines), pair => Assert.True(JsonNode.DeepEquals(pair.First, JsonNode.Parse(pair.Second)), $"{pair.First?.ToJsonString(s_relaxed)} became {pair.Second}"));
    }

    private static JsonNode? Value(Random random, int depth)
    {
        switch (random.Next(depth > 0 ? 8 : 6))
        {
            case 0:
                return null;
            case 1:
                return random.Next(2) == 0;
            case 2:
                return random.Next(-1000, 1000);
            case 3:
                return random.Next(-1000, 1000) / 8.0;
            case 4 or 5:
                return Text(random);
            case 6:
                return new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => Value(random, depth - 1))]);
            default:
                var members = new JsonObject();
                for (int i = random.Next(4); i > 0; i--)
                {
                    members[s_keys[random.Next(s_keys.Length)] ?? "k" + Text(random)] = Value(random, depth - 1);
                }

                // In JavaScript's order: numbers first.
                return new JsonObject(members.OrderBy(m => m.Key is "0" or "1" or "10" ? m.Key.Length + m.Key[0] : 99).Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone())));
        }
    }

    private static string Text(Random random)
    {
        string[] pieces = ["a", "Z", "7", " ", "\"", "'", "\\", "\n", "\r", "\t", "\u0001", "\u001f", "\u007f", "\u2028", "$", "${x}", "{{body}}", "é", "中", "🎉", "</script>", "#", "//", "\\n", "%s", "JSON"];
        return string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => pieces[random.Next(pieces.Length)]));
    }

    private static async Task<string> RunAsync(string program, string code, string input)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("tramontane-literals");
        try
        {
            string file = Path.Combine(folder.FullName, program == "node" ? "run.mjs" : "run");
            await File.WriteAllTextAsync(file, (program == "php" ? "<?php " : "") + code.Replace("\"./src/", $"\"{Repository.Root}/src/", StringComparison.Ordinal));
            var start = new ProcessStartInfo(program, [file]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
            start.Environment["PYTHONUTF8"] = "1";
            using Process process = Process.Start(start)!;
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            Task<string> errors = process.StandardError.ReadToEndAsync();
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
            await process.WaitForExitAsync();
            Assert.True(process.ExitCode == 0, await errors);
            return await output;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
