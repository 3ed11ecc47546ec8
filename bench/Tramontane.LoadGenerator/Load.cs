using System.Collections.Concurrent;

namespace Tramontane.LoadGenerator;

/// <summary>Lets requests of several classes arrive for a while and waits for the last answer.</summary>
internal sealed class Load(Client client, int seed)
{
    private readonly ConcurrentBag<Outcome> _outcomes = [];
    private readonly ConcurrentDictionary<(RequestClass Class, int Index), string> _texts = [];
    private int _started;

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
            await SendAsync(kind, i, cancellationToken);
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
                underWay.Add(Task.Run(() => SendAsync(kind, index, cancellationToken), cancellationToken));
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await Task.WhenAll(underWay);
        }
    }

    private async Task SendAsync(RequestClass kind, int index, CancellationToken cancellationToken)
    {
        var random = new Random((seed * 17) + Interlocked.Increment(ref _started));
        int? leaveAfter = random.NextDouble() < kind.AbortShare ? random.Next(0, Math.Max(1, kind.OutputTokens / 2)) : null;
        int request = kind.Distinct > 0 ? index % kind.Distinct : index;
        Outcome outcome = await client.RunAsync(kind, kind.Prompt(seed, request), request, leaveAfter, cancellationToken);

        // The same prompt and seed must give the same text, whatever else runs; a part of an answer must be its beginning.
        if (outcome.Error is null && _texts.GetOrAdd((kind, request), outcome.Text) != outcome.Text)
        {
            outcome = outcome with { Error = "another text for the same request" };
        }
        else if (outcome.Error == Outcome.Left && _texts.TryGetValue((kind, request), out string? whole) && !whole.StartsWith(outcome.Text, StringComparison.Ordinal))
        {
            outcome = outcome with { Error = "another beginning for the same request" };
        }

        _outcomes.Add(outcome);
    }
}
