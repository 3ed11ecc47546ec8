using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Tramontane.Testing;

namespace Tramontane.Cli.Tests.Commands;

/// <summary>
/// The commands that the server's pages print (<see cref="PageCode.CommandLines"/>), run with these very arguments.
/// <c>./tramontane</c> is the built program, FILE and KEY are a model and a key of the test; an option alone gets a value and is
/// given to <c>serve</c>; servers listen on a free port.
/// </summary>
public sealed class PrintedCommandTests
{
    private const string Key = "a-key-of-this-test";
    private const string PublicUrl = "https://llm.example.com";

    private static readonly string s_vision = Repository.Golden("model/tiny-s/mmproj-tiny-s.f16.gguf");

    public static TheoryData<string> Lines => [.. PageCode.CommandLines];

    [Theory, MemberData(nameof(Lines))]
    public async Task Command_AsPrinted_DoesWhatItSays(string line)
    {
        using var folder = new TemporaryFolder();
        string kept = Path.Combine(folder.Path, "prefixes"), model = Path.Combine(folder.Path, "FILE.gguf");
        File.Copy(Cli.TinyModel, model); // away from its vision encoder, which would be found beside it
        string[] words = [.. line.Split(' ').SelectMany(word => word switch
        {
            "./tramontane" => [],
            "FILE.gguf" => [model],
            "FILE" => [s_vision],
            "KEY" => [Key],
            "--mmproj" when line == "--mmproj" => [word, s_vision],
            "--public-url" => [word, PublicUrl],
            "--prefix-file" => [word, kept],
            _ => (string[])[word],
        })];
        switch (words)
        {
            case ["serve", ..]:
                await ServeAsync(line, words[1..]);
                break;
            case [['-', '-', ..], ..]:
                await ServeAsync(line, ["--model", model, "--ctx", "2048", .. words]);
                Assert.Equal(line == "--prefix-file", File.Exists(kept));
                break;
            case ["inspect", ..]:
                Assert.Contains("Decoder     3 layers", (await Cli.RunAsync(words)).Succeeded(), StringComparison.Ordinal);
                break;
            case ["bench", ..]:
                Assert.Matches("tg128 +1 +[0-9.]+", (await Cli.RunAsync(words)).Succeeded());
                break;
            case ["keys", "create", ..]:
                Assert.Matches("^tm-[A-Za-z0-9_-]{43}\n$", (await Cli.RunAsync(words)).Succeeded());
                break;
            case ["keys", "list"]:
                string[] data = ["--data", folder.Path];
                string secret = (await Cli.RunAsync(["keys", "create", .. data])).Succeeded().Trim();
                string list = (await Cli.RunAsync([.. words, .. data])).Succeeded();
                Assert.Contains(secret[..7], list, StringComparison.Ordinal);
                Assert.DoesNotContain(secret, list, StringComparison.Ordinal);
                break;
            default:
                Assert.Fail($"no test knows what '{line}' does");
                break;
        }
    }

    /// <summary>Serves, answers as the arguments say, and stops on a signal.</summary>
    private static async Task ServeAsync(string line, string[] arguments)
    {
        using Process process = Cli.Start(["serve", .. arguments, "--port", "0", "--served-model-name", "tiny"]);
        Task<string>? errors = null;
        try
        {
            Uri url = await ServeCommandTests.ReadyAsync(process);
            errors = process.StandardError.ReadToEndAsync();
            using var client = new HttpClient { BaseAddress = new UriBuilder(url) { Host = "127.0.0.1" }.Uri };
            bool hasKey = arguments.Contains(Key);
            using HttpResponseMessage refused = await ServeCommandTests.AskAsync(client, key: null);
            Assert.Equal(hasKey ? HttpStatusCode.Unauthorized : HttpStatusCode.OK, refused.StatusCode);
            using HttpResponseMessage reply = await ServeCommandTests.AskAsync(client, hasKey ? Key : null);
            Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
            string page = await client.GetStringAsync(new Uri("/index.md", UriKind.Relative));
            Assert.Equal(line.Contains("--public-url", StringComparison.Ordinal), page.Contains(PublicUrl, StringComparison.Ordinal));
            client.DefaultRequestHeaders.Authorization = hasKey ? new("Bearer", Key) : null;
            using JsonDocument models = JsonDocument.Parse(await client.GetStringAsync(new Uri("/v1/models", UriKind.Relative)));
            JsonElement model = models.RootElement.GetProperty("data")[0];
            Assert.Equal(line.Contains("--mmproj", StringComparison.Ordinal), model.GetProperty("capabilities").GetProperty("vision").GetBoolean());
            if (line.Contains("--ctx", StringComparison.Ordinal))
            {
                Assert.Equal(16384, model.GetProperty("max_model_len").GetInt32());
            }

            Cli.Signal(process, "INT");
            await process.WaitForExitAsync();
            Assert.Equal(0, process.ExitCode);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
                await process.WaitForExitAsync();
            }

            await (errors ?? Task.CompletedTask);
        }
    }
}
