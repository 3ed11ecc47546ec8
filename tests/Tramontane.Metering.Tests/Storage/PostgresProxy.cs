using System.Net.Sockets;

namespace Tramontane.Metering.Tests.Storage;

/// <summary>
/// A Unix socket before a cluster's. It passes everything on, until it is told to lose the answer to the next commit, or to hang:
/// what a network between a server and its database does at the worst moment.
/// </summary>
internal sealed class PostgresProxy : IAsyncDisposable
{
    // A simple query with the text COMMIT, as Npgsql sends it: https://www.postgresql.org/docs/current/protocol-message-formats.html
    private static readonly byte[] s_commit = [(byte)'Q', 0, 0, 0, 11, .. "COMMIT\0"u8];

    private readonly string _folder = Directory.CreateTempSubdirectory("tramontane-px-").FullName;
    private readonly string _target;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private volatile TaskCompletionSource _gate = Open();
    private int _commitsToLose;

    /// <param name="target">The folder of the cluster's socket.</param>
    internal static PostgresProxy Before(string target) => new(target);

    private PostgresProxy(string target)
    {
        _target = target;
        _listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(_folder, ".s.PGSQL.5432")));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    /// <summary>What to connect to in the cluster's place.</summary>
    internal string Folder => _folder;

    /// <summary>Commits whose answers were lost.</summary>
    internal int LostCommits { get; private set; }

    /// <summary>The next commit reaches the database; its answer is lost with the connection.</summary>
    internal void LoseNextCommit() => Interlocked.Increment(ref _commitsToLose);

    /// <summary>Nothing passes any more, in either direction, and no connection ends.</summary>
    internal void Hang() => _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What was held back goes on.</summary>
    internal void GoOn() => _gate.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        GoOn();
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static TaskCompletionSource Open()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket client = await _listener.AcceptAsync(_stop.Token);
                _ = RelayAsync(client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task RelayAsync(Socket client)
    {
        using var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using (client)
        {
            try
            {
                await server.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(_target, ".s.PGSQL.5432")), _stop.Token);
                using var end = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
                var link = new Link();
                await Task.WhenAny(PumpAsync(client, server, true, link, end.Token), PumpAsync(server, client, false, link, end.Token));
                await end.CancelAsync();
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // One of the two has left.
            }
        }
    }

    private async Task PumpAsync(Socket from, Socket to, bool isToServer, Link link, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[64 << 10];
        while (await from.ReceiveAsync(buffer, cancellationToken) is var count and > 0)
        {
            await _gate.Task.WaitAsync(cancellationToken);
            ReadOnlyMemory<byte> bytes = buffer.AsMemory(0, count);
            if (isToServer && bytes.Span.EndsWith(s_commit) && Interlocked.Exchange(ref _commitsToLose, 0) > 0)
            {
                link.LosesAnswer = true;
            }
            else if (!isToServer && link.LosesAnswer)
            {
                LostCommits++; // the database has answered, so it has committed
                return;
            }

            for (int sent = 0; sent < count;)
            {
                sent += await to.SendAsync(bytes[sent..], cancellationToken);
            }
        }
    }

    private sealed class Link
    {
        internal volatile bool LosesAnswer;
    }
}
