using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Tramontane.Metering;
using Tramontane.Metering.Budgets;
using Tramontane.Metering.Keys;
using Tramontane.Metering.Ledger;
using Tramontane.Metering.Prices;
using Tramontane.Metering.Tests.Storage;

namespace Tramontane.Cli.Tests.Commands;

/// <summary><c>tramontane serve</c> is killed (SIGKILL) while it streams. What clients were told that they pay is in the ledger, and nothing is held.</summary>
public abstract class ServeCrashTests(ITestDatabaseSource source)
{
    private const int Clients = 8;
    private const decimal Credit = 1_000m;

    private readonly ConcurrentDictionary<string, decimal?> _told = new(); // request id -> the cost that its client saw; null when it saw none

    [Fact]
    public async Task Serve_KilledUnderStreams_LosesNothingAndHoldsNothing()
    {
        await using ITestDatabase database = await source.CreateAsync();
        string secret, keyId;
        await using (Meter meter = await Meter.OpenAsync(new MeterOptions { Database = database.Name }))
        {
            await meter.Accounts.CreateAsync("Acme", prepaid: true, id: "acme");
            await meter.Accounts.AddCreditAsync("acme", new NewCredit { Amount = Credit, Currency = "USD" });
            await meter.Prices.AddAsync(new NewPrice { Model = "mistralai/Mistral-Small-3.2-24B-Instruct-2506", Currency = "USD", Prompt = 1.234567m, Completion = 9.876543m });
            IssuedKey issued = await meter.Keys.CreateAsync("acme", new KeySettings { Name = "crash", Limits = new KeyLimits { ConcurrentRequests = Clients } });
            (secret, keyId) = (issued.Secret, issued.Key.Id);
        }

        for (int round = 1; round <= 2; round++)
        {
            await StreamAndKillAsync(database.Name, secret, answers: 20 * round);
            // A minute later, when the lease of the killed server has run out wherever that counts.
            await using Meter next = await Meter.OpenAsync(new MeterOptions { Database = database.Name, TimeProvider = new LaterTime() });
            await CheckAsync(next, keyId);
        }
    }

    private async Task StreamAndKillAsync(string database, string secret, int answers)
    {
        string[] where = File.Exists(database) ? ["--data", Path.GetDirectoryName(database)!] : ["--database", database];
        using Process server = Cli.Start(["serve", "--model", Cli.TinyModel, "--port", "0", "--ctx", "256", .. where]);
        Task<string> errors = server.StandardError.ReadToEndAsync();
        try
        {
            string line = await server.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException(await errors);
            using var client = new HttpClient { BaseAddress = new Uri(line.Split(' ')[^1]) };
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
            int ended = 0;
            await Task.WhenAll(Enumerable.Range(0, Clients).Select(worker => Task.Run(async () =>
            {
                var random = new Random((answers * Clients) + worker);
                while (await StreamAsync(client, random))
                {
                    if (Interlocked.Increment(ref ended) == answers)
                    {
                        server.Kill(); // SIGKILL on Unix, under the streams of the others
                    }
                }
            })));
            Assert.True(ended >= answers, $"the server ended by itself after {ended} answers: {await errors}");
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync();
        }
    }

    /// <summary>One request; false when the server is gone.</summary>
    private async Task<bool> StreamAsync(HttpClient client, Random random)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions")
            {
                Content = new StringContent($$"""{"model":"mistral-small-2506","prompt":[1,2,3],"max_tokens":{{random.Next(1, 240)}},"ignore_eos":true,"stream":true}""", Encoding.UTF8, "application/json"),
            };
            using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            Assert.True(response.IsSuccessStatusCode, $"{response.StatusCode}");
            string id = response.Headers.GetValues("x-request-id").Single();
            _told[id] = null;
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
            while (await reader.ReadLineAsync() is { } line)
            {
                if (line.StartsWith("data: {", StringComparison.Ordinal))
                {
                    using JsonDocument chunk = JsonDocument.Parse(line[6..]);
                    if (chunk.RootElement.TryGetProperty("usage", out JsonElement usage) && usage.ValueKind == JsonValueKind.Object && usage.TryGetProperty("cost", out JsonElement cost))
                    {
                        _told[id] = decimal.Parse(cost.GetRawText(), CultureInfo.InvariantCulture);
                    }
                }
                else if (line == "data: [DONE]")
                {
                    Assert.NotNull(_told[id]);
                    return true;
                }
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // Killed.
        }

        return false;
    }

    private async Task CheckAsync(Meter meter, string keyId)
    {
        List<LedgerRecord> records = await meter.Usage.RecordsAsync(new UsageQuery(), limit: UsageReports.LargestPage);
        Dictionary<string, LedgerRecord> byId = records.ToDictionary(r => r.RequestId); // throws when one counts twice
        Assert.All(_told, told => Assert.Equal(told.Value ?? byId[told.Key].Cost.Total, byId[told.Key].Cost.Total));
        Assert.All(records.Where(r => r.Outcome == RequestOutcome.Crashed), r => Assert.True(r.Cost.Total == 0 && _told.GetValueOrDefault(r.RequestId) is null));
        Account account = (await meter.Accounts.GetAsync("acme"))!;
        Assert.Equal((Credit - records.Sum(r => r.Cost.Total), 0m), (account.Balance, account.Reserved));
        for (int i = 0; i < Clients; i++) // nothing is open: as many as ever may start
        {
            var request = new AdmissionRequest
            {
                RequestId = $"{Guid.NewGuid():N}", AccountId = "acme", KeyId = keyId, Model = "m", Dialect = "openai", PromptTokens = 1, MaxCompletionTokens = 1,
            };
            Assert.NotNull((await meter.AdmitAsync(request)).Reservation);
        }
    }

    private sealed class LaterTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromMinutes(1);
    }
}

public sealed class SqliteServeCrashTests() : ServeCrashTests(new SqliteSource());

[Collection(PostgresCollection.Name)]
public sealed class PostgresServeCrashTests(PostgresCluster cluster) : ServeCrashTests(new PostgresSource(cluster, isOwn: true));
