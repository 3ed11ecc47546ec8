using Tramontane.Server.Requests;
using Tramontane.Server.Tests.Contract;

namespace Tramontane.Server.Tests.Requests;

public sealed class LargeWorkTests
{
    [Fact, ContractRow("http.large_bodies")]
    public async Task Work_ThatIsLarge_HasFewPlacesAndLetsSmallWorkPass()
    {
        using var work = new LargeWork();
        using var go = new ManualResetEventSlim();
        int running = 0, most = 0;
        int Do()
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            go.Wait();
            return Interlocked.Decrement(ref running);
        }

        Task[] large = [.. Enumerable.Range(0, Environment.ProcessorCount + 4).Select(_ => Task.Factory.StartNew(
            () => work.RunAsync(LargeWork.Threshold, Do, CancellationToken.None).AsTask(), TaskCreationOptions.LongRunning).Unwrap())];
        Assert.Equal(7, await work.RunAsync(LargeWork.Threshold - 1, () => 7, CancellationToken.None));
        go.Set();
        await Task.WhenAll(large);
        Assert.InRange(most, 1, Math.Max(1, Environment.ProcessorCount / 2));
    }
}
