using Tramontane.Metering.Budgets;
using Tramontane.Metering.Ledger;
using Tramontane.Metering.Prices;

namespace Tramontane.Metering.Tests.Budgets;

/// <summary>
/// A server under load that tells what it was promised: <c>admitted ID</c> and <c>settled ID COST</c>, each after the call has
/// returned. It never ends; <see cref="CrashTests"/> kills it.
/// </summary>
internal static class CrashingServer
{
    internal const string InstanceName = "crashing";

    /// <summary>Arguments: the database, the account, its key, a prefix for ids.</summary>
    internal static async Task Main(string[] arguments)
    {
        await using Meter meter = await Meter.OpenAsync(new MeterOptions { Database = arguments[0], InstanceName = InstanceName });
        using Stream output = Console.OpenStandardOutput();
        await Task.WhenAll(Enumerable.Range(0, 24).Select(worker => Task.Run(() => RunAsync(meter, output, arguments, worker))));
    }

    private static async Task RunAsync(Meter meter, Stream output, string[] arguments, int worker)
    {
        var random = new Random(worker);
        for (int i = 0; ; i++)
        {
            var request = new AdmissionRequest
            {
                RequestId = $"{arguments[3]}-{worker}-{i}", AccountId = arguments[1], KeyId = arguments[2], Model = MeterTest.Model, Dialect = "openai",
                PromptTokens = random.Next(1, 500), MaxCompletionTokens = random.Next(1, 500),
            };
            Admission admission = await meter.AdmitAsync(request);
            Tell(output, $"admitted {request.RequestId}");
            if (random.Next(4) == 0)
            {
                await Task.Delay(5); // some are open at any time
            }

            var counts = new TokenCounts(request.PromptTokens, random.Next(request.PromptTokens), random.Next(request.MaxCompletionTokens));
            LedgerRecord record = await meter.SettleAsync(admission.Reservation!, new Settlement((RequestOutcome)random.Next(4), counts));
            Tell(output, $"settled {request.RequestId} {Money.Format(record.Cost.Total)}");
        }
    }

    private static void Tell(Stream output, string line)
    {
        lock (output)
        {
            output.Write(System.Text.Encoding.UTF8.GetBytes(line + "\n")); // one write: the pipe has it whole or not at all
        }
    }
}
