using System.Collections.Concurrent;
using System.Diagnostics;
using Tramontane.Metering;
using Tramontane.Metering.Budgets;
using Tramontane.Metering.Keys;
using Tramontane.Metering.Ledger;
using Tramontane.Metering.Prices;

namespace Tramontane.MeteringBenchmark;

/// <summary>Requests that arrive at random times (Poisson) whatever became of those before them, with a key's every limit and credit to be checked.</summary>
internal static class Benchmark
{
    private const string AccountId = "bench";
    private const string Model = "model";

    internal static async Task<int> RunAsync(string? database, double rate, int seconds, int warmup, int generation, CancellationToken cancellationToken)
    {
        string? folder = database is null ? Directory.CreateTempSubdirectory("tramontane-bench-").FullName : null;
        try
        {
            await using Meter meter = await Meter.OpenAsync(new MeterOptions { Database = database ?? Path.Combine(folder!, "metering.db") }, cancellationToken);
            string secret = await PrepareAsync(meter, cancellationToken);
            await MeasureAsync(meter, secret, rate, warmup, generation, cancellationToken);
            GC.Collect();
            long allocated = GC.GetTotalAllocatedBytes(precise: true);
            Sample[] samples = await MeasureAsync(meter, secret, rate, seconds, generation, cancellationToken);
            allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;

            Console.WriteLine($"{samples.Length} requests in {seconds} s, milliseconds:");
            Console.WriteLine($"{"",-14}{"p50",9}{"p90",9}{"p99",9}{"p99.9",9}{"max",9}");
            Print("find key", samples, s => s.Find);
            Print("admit", samples, s => s.Admit);
            Print("settle", samples, s => s.Settle);
            Print("all together", samples, s => s.Find + s.Admit + s.Settle);
            Console.WriteLine($"{allocated / Math.Max(1, samples.Length)} bytes allocated per request, the benchmark's own among them");
            return 0;
        }
        finally
        {
            if (folder is not null)
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private static async Task<string> PrepareAsync(Meter meter, CancellationToken cancellationToken)
    {
        if (await meter.Accounts.GetAsync(AccountId, cancellationToken) is null)
        {
            await meter.Accounts.CreateAsync("Benchmark", prepaid: true, AccountId, cancellationToken);
        }

        await meter.Accounts.AddCreditAsync(AccountId, new NewCredit { Amount = 1_000_000m, Currency = "USD" }, cancellationToken);
        await meter.Prices.AddAsync(new NewPrice { Model = Model, Currency = "USD", Prompt = 0.075m, Cached = 0.0075m, Completion = 0.2m }, cancellationToken);
        var limits = new KeyLimits
        {
            RequestsPerMinute = 1_000_000, RequestsPerDay = 100_000_000, TokensPerMinute = 1_000_000_000, TokensPerDay = 1_000_000_000, ConcurrentRequests = 1_000_000,
            MoneyPerDay = 1_000_000m, MoneyPerMonth = 1_000_000m, MoneyTotal = 1_000_000m,
        };
        return (await meter.Keys.CreateAsync(AccountId, new KeySettings { Name = "benchmark", Limits = limits }, cancellationToken)).Secret;
    }

    private static async Task<Sample[]> MeasureAsync(Meter meter, string secret, double rate, int seconds, int generation, CancellationToken cancellationToken)
    {
        var random = new Random(1);
        var samples = new ConcurrentBag<Sample>();
        List<Task> running = [];
        var clock = Stopwatch.StartNew();
        for (double next = 0; next < seconds; next += -Math.Log(1 - random.NextDouble()) / rate)
        {
            TimeSpan wait = TimeSpan.FromSeconds(next) - clock.Elapsed;
            if (wait > TimeSpan.FromMilliseconds(1))
            {
                await Task.Delay(wait, cancellationToken);
            }

            int open = random.Next(generation + 1);
            running.Add(Task.Run(async () => samples.Add(await RequestAsync(meter, secret, open)), cancellationToken));
        }

        await Task.WhenAll(running);
        return [.. samples];
    }

    private static async Task<Sample> RequestAsync(Meter meter, string secret, int open)
    {
        long start = Stopwatch.GetTimestamp();
        meter.Keys.Find(secret, out ApiKey? key);
        double find = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        var request = new AdmissionRequest
        {
            RequestId = Guid.NewGuid().ToString("N"), AccountId = key!.AccountId, KeyId = key.Id, Model = Model, Dialect = "openai", PromptTokens = 1_200, MaxCompletionTokens = 400,
        };
        start = Stopwatch.GetTimestamp();
        Admission admission = await meter.AdmitAsync(request);
        double admit = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        Reservation reservation = admission.Reservation ?? throw new InvalidOperationException(admission.Refusal!.Message);
        await Task.Delay(open);
        start = Stopwatch.GetTimestamp();
        await meter.SettleAsync(reservation, new Settlement(RequestOutcome.Completed, new TokenCounts(1_200, 1_000, 80)));
        return new Sample(find, admit, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    private static void Print(string name, Sample[] samples, Func<Sample, double> of)
    {
        double[] sorted = [.. samples.Select(of).Order()];
        Console.WriteLine($"{name,-14}{At(0.5),9:0.000}{At(0.9),9:0.000}{At(0.99),9:0.000}{At(0.999),9:0.000}{sorted[^1],9:0.000}");

        double At(double quantile) => sorted[Math.Min(sorted.Length - 1, (int)(quantile * sorted.Length))];
    }

    /// <summary>What a request waited for, in milliseconds.</summary>
    private readonly record struct Sample(double Find, double Admit, double Settle);
}
