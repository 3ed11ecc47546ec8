using System.Collections.Concurrent;

namespace Tramontane.LoadGenerator;

/// <summary>Lets requests of several classes arrive for a while and waits for the last answer.</summary>
internal sealed class Load(Client client, int seed)
{
    private readonly ConcurrentBag<Outcome> _outcomes = [];

    public async Task<IReadOnlyCollection<Outcome>> RunAsync(IReadOnlyList<RequestClass> classes, TimeSpan duration, CancellationToken cancellationToken)
    {
        using var arrivals = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        arrivals.CancelAfter(duration);
        await Task.WhenAll(classes.Select((kind, index) => kind.Parallel > 0
            ? Task.WhenAll(Enumerable.Range(0, kind.Parallel).Select(stream => RepeatAsync(kind, (index * 100_000) + (stream * 1000), arrivals.Token, cancellationToken)))
            : ArriveAsync(kind, index, arrivals.Token, cancellationToken)));
        return _outcomes;
    }

    private async Task RepeatAsync(RequestClass kind, int firstIndex, CancellationToken noMore, CancellationToken cancellationToken)
    {
        for (int i = firstIndex; !noMore.IsCancellationRequested; i++)
        {
            _outcomes.Add(await client.RunAsync(kind, kind.Prompt(seed, i), i, cancellationToken));
        }
    }

    // A Poisson process: the time to the next arrival does not depend on what has come before, nor on the server.
    private async Task ArriveAsync(RequestClass kind, int classIndex, CancellationToken noMore, CancellationToken cancellationToken)
    {
        var random = new Random((seed * 31) + classIndex);
        var underWay = new List<Task>();
        try
        {
            for (int i = 0; ; i++)
            {
                await Task.Delay(TimeSpan.FromSeconds(-Math.Log(1 - random.NextDouble()) / kind.RatePerSecond), noMore);
                int index = (classIndex * 100_000) + i;
                underWay.Add(Task.Run(async () => _outcomes.Add(await client.RunAsync(kind, kind.Prompt(seed, index), index, cancellationToken)), cancellationToken));
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await Task.WhenAll(underWay);
        }
    }
}
