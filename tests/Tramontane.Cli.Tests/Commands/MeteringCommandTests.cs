using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Tramontane.Cli.Commands;
using Tramontane.Metering;
using Tramontane.Metering.Budgets;
using Tramontane.Metering.Ledger;
using Tramontane.Metering.Prices;

namespace Tramontane.Cli.Tests.Commands;

/// <summary>Keys, prices and the ledger from the command line, beside a server that runs.</summary>
public sealed class MeteringCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tramontane-metering-cli");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task AnOperatorsDay()
    {
        string[] data = ["--data", _folder.FullName];
        using Process server = Cli.Start(["serve", "--model", Cli.TinyModel, "--port", "0", "--ctx", "256", .. data]);
        try
        {
            string url = (await server.StandardOutput.ReadLineAsync())!.Split(' ')[^1];
            using var client = new HttpClient { BaseAddress = new Uri(url) };
            Assert.Equal(HttpStatusCode.OK, (await CompleteAsync(client, null)).Status); // open until there is a key

            string secret = (await Cli.RunAsync(["keys", "create", "--name", "day", "--requests-per-minute", "100", .. data])).Succeeded().Trim();
            string id = (await Cli.RunAsync(["keys", "list", .. data])).Succeeded().Split(' ')[0];
            Assert.DoesNotContain(secret, (await Cli.RunAsync(["keys", "list", .. data])).Succeeded(), StringComparison.Ordinal);
            (await Cli.RunAsync(["prices", "set", "--currency", "USD", "--prompt", "0.075", "--completion", "0.2", .. data])).Succeeded();
            await UntilAsync(client, null, HttpStatusCode.Unauthorized);
            await UntilAsync(client, secret, HttpStatusCode.OK, "\"currency\":\"USD\"");

            string usage = (await Cli.RunAsync(["usage", "--by", "key", .. data])).Succeeded();
            Assert.Contains(id, usage, StringComparison.Ordinal);
            Assert.Contains("USD", usage, StringComparison.Ordinal);

            string backup = Path.Combine(_folder.FullName, "copy.db");
            (await Cli.RunAsync(["backup", backup, .. data])).Succeeded();
            (await Cli.RunAsync(["restore", backup, .. data])).AssertFailure(1, "server");
            (await Cli.RunAsync(["serve", "--model", Cli.TinyModel, "--port", "0", .. data])).AssertFailure(1, "--data");

            (await Cli.RunAsync(["keys", "revoke", id, .. data])).Succeeded();
            await UntilAsync(client, secret, HttpStatusCode.Unauthorized);
            Cli.Signal(server, "INT");
            await server.WaitForExitAsync();
            (await Cli.RunAsync(["restore", backup, .. data])).Succeeded();
            Assert.Contains("valid", (await Cli.RunAsync(["keys", "list", .. data])).Succeeded(), StringComparison.Ordinal); // as it was before
        }
        finally
        {
            if (!server.HasExited)
            {
                server.Kill();
            }
        }
    }

    [Theory]
    [InlineData("keys revoke key_none", 1, "key_none")]
    [InlineData("keys create --account nobody", 1, "nobody")]
    [InlineData("prices set --currency usd --prompt 1 --completion 1", 1, "urrency")]
    [InlineData("prices set --currency USD --prompt cheap --completion 1", 2, "--prompt")]
    [InlineData("prices set --currency USD --prompt 0,075 --completion 1", 2, "0,075")]
    [InlineData("prices set --currency USD --prompt 1 --completion 1 --cached 1e3", 2, "1e3")]
    [InlineData("keys create --money-per-month 1,5", 2, "1,5")]
    [InlineData("usage --data a --database b", 2, "--data and --database")]
    [InlineData("usage --database Host=/nowhere;Database=none", 1, "database")]
    [InlineData("restore nothing.db --database Host=x", 2, "pg_restore")]
    [InlineData("restore nothing.db", 1, "nothing.db")]
    public async Task WhatCannotBeIsSaidInOneLine(string arguments, int exitCode, string expected) =>
        (await Cli.RunAsync(arguments.Split(' '))).AssertFailure(exitCode, expected);

    [Fact]
    public async Task PricesAreForTheModelThatIsNamedByWhateverName()
    {
        string[] set = ["prices", "set", "--currency", "USD", "--prompt", "0.075", "--completion", "0.2", "--data", _folder.FullName];
        Assert.EndsWith("holds for mistralai/Mistral-Small-3.2-24B-Instruct-2506\n", (await Cli.RunAsync(set)).Succeeded(), StringComparison.Ordinal);
        Assert.EndsWith("holds for mistralai/Mistral-Small-3.2-24B-Instruct-2506\n", (await Cli.RunAsync([.. set, "--for", "mistral-small-2506"])).Succeeded(), StringComparison.Ordinal);
        await using (Meter meter = await Meter.OpenAsync(new MeterOptions { Database = Path.Combine(_folder.FullName, "metering.db") }))
        {
            Admission admission = await meter.AdmitAsync(new AdmissionRequest { RequestId = "demo", Model = "tramontane-demo", Dialect = "openai", PromptTokens = 1, MaxCompletionTokens = 1 });
            await meter.SettleAsync(admission.Reservation!, new Settlement(RequestOutcome.Completed, new TokenCounts(1, 0, 1)));
        }

        Outcome wrong = await Cli.RunAsync(set);
        wrong.Succeeded();
        Assert.Contains("--for tramontane-demo", wrong.Errors, StringComparison.Ordinal);
        Outcome right = await Cli.RunAsync([.. set, "--for", "tramontane-demo"]);
        Assert.EndsWith("holds for tramontane-demo\n", right.Succeeded(), StringComparison.Ordinal);
        Assert.Equal("", right.Errors);
    }

    [Theory]
    [InlineData("2026-05-08T00:30:00+02:00", 1, "2026-05-07")]
    [InlineData("2026-05-08T23:30:00-05:00", 1, "2026-05-09")]
    [InlineData("2026-05-08T12:00:00Z", 30, "2026-04-09")]
    public void DaysOfUsageBeginInUtcWhateverTheZone(string now, int days, string expected) => Assert.Equal(
        DateTimeOffset.Parse(expected + "T00:00:00Z", CultureInfo.InvariantCulture),
        UsageCommand.FirstDay(DateTimeOffset.Parse(now, CultureInfo.InvariantCulture), days));

    // The server looks for other processes' changes twice a second.
    private static async Task UntilAsync(HttpClient client, string? key, HttpStatusCode expected, string text = "")
    {
        for ((HttpStatusCode status, string body) = await CompleteAsync(client, key);
            status != expected || !body.Contains(text, StringComparison.Ordinal);
            (status, body) = await CompleteAsync(client, key))
        {
            await Task.Yield();
        }
    }

    private static async Task<(HttpStatusCode Status, string Body)> CompleteAsync(HttpClient client, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions")
        {
            Content = new StringContent("""{"model":"mistral-small-2506","prompt":"a","max_tokens":1}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        using HttpResponseMessage response = await client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
