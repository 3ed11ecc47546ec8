using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Tramontane.Cli.Tests.Commands;

public sealed class ServeCommandTests
{
    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task Serve_OnAFreePort_PrintsOneLineAnswersAndStopsOnASignal(string signal)
    {
        using Process process = Cli.Start("serve", "--model", Cli.TinyModel, "--port", "0", "--ctx", "256", "--served-model-name", "tiny");
        Uri url = await ReadyAsync(process);
        using var client = new HttpClient { BaseAddress = url };
        using HttpResponseMessage reply = await AskAsync(client, key: null);
        string body = await reply.Content.ReadAsStringAsync();
        Assert.True(reply.StatusCode == HttpStatusCode.OK, body);
        using JsonDocument answer = JsonDocument.Parse(body);
        Assert.Equal(4, answer.RootElement.GetProperty("usage").GetProperty("completion_tokens").GetInt32());

        Cli.Signal(process, signal);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Assert.Equal("", await process.StandardOutput.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        string text = await errors;
        Assert.Contains("Memory", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', text);
    }

    [Fact]
    public async Task Serve_WithKeys_AsksForOneOfThem()
    {
        using Process process = Cli.Start(
            "serve", "--model", Cli.TinyModel, "--port", "0", "--ctx", "256", "--served-model-name", "tiny", "--api-key", "first", "--api-key", "second");
        using var client = new HttpClient { BaseAddress = await ReadyAsync(process) };
        foreach ((string? key, HttpStatusCode expected) in new[] { ("first", HttpStatusCode.OK), ("second", HttpStatusCode.OK), ("third", HttpStatusCode.Unauthorized), (null, HttpStatusCode.Unauthorized) })
        {
            using HttpResponseMessage reply = await AskAsync(client, key);
            Assert.Equal(expected, reply.StatusCode);
        }

        process.Kill();
        await process.WaitForExitAsync();
    }

    [Fact]
    public async Task Serve_WithBothKindsOfKeys_LetsOneAdministrate()
    {
        using Process process = Cli.Start(
            "serve", "--model", Cli.TinyModel, "--port", "0", "--ctx", "256", "--served-model-name", "tiny", "--api-key", "user", "--admin-key", "operator");
        using var client = new HttpClient { BaseAddress = await ReadyAsync(process) };
        foreach ((string key, HttpStatusCode expected) in new[] { ("user", HttpStatusCode.Forbidden), ("operator", HttpStatusCode.OK) })
        {
            using HttpResponseMessage answer = await AskAsync(client, key);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/admin/keys") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", key) } };
            using HttpResponseMessage keys = await client.SendAsync(request);
            Assert.Equal(expected, keys.StatusCode);
        }

        process.Kill();
        await process.WaitForExitAsync();
    }

    [Fact]
    public async Task Serve_OnATakenPort_SaysSoInOneLine()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        Outcome outcome = await Cli.RunAsync("serve", "--model", Cli.TinyModel, "--port", $"{port}", "--ctx", "256");
        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Output));
        Assert.StartsWith($"tramontane: Cannot listen on port {port}", outcome.Errors.TrimEnd('\n').Split('\n')[^1], StringComparison.Ordinal);
    }

    internal static async Task<Uri> ReadyAsync(Process process)
    {
        string? line = await process.StandardOutput.ReadLineAsync();
        Assert.True(line is not null, line is null ? await process.StandardError.ReadToEndAsync() : "");
        return new Uri(line![line!.IndexOf("http://", StringComparison.Ordinal)..]);
    }

    internal static async Task<HttpResponseMessage> AskAsync(HttpClient client, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions");
        request.Content = new StringContent("""{"model":"tiny","prompt":[1,2,3],"max_tokens":4,"ignore_eos":true}""", Encoding.UTF8, "application/json");
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        return await client.SendAsync(request);
    }
}
