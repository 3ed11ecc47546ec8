using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Tramontane.Compute.Memory;
using Tramontane.Compute.Threading;

namespace Tramontane.Cli.Benchmarking;

/// <summary>
/// How fast a team of threads reads memory: the limit of decoding, which reads every weight once per step. It reads a
/// buffer far larger than any cache from first to last and counts the best pass, since other programs only take away.
/// </summary>
internal sealed class ReadBandwidth : ITeamJob, IDisposable
{
    private const long BufferBytes = 512L << 20;
    private const int ChunkBytes = 1 << 20;
    private const int Passes = 8;

    private readonly ThreadTeam _team;
    private readonly AlignedBuffer<ulong> _buffer = new(BufferBytes / sizeof(ulong));
    private readonly ulong[] _sums; // one per worker, a cache line apart: so that no read can be left out

    /// <summary>Allocates and touches the buffer.</summary>
    public ReadBandwidth(ThreadTeam team)
    {
        _team = team;
        _sums = new ulong[team.WorkerCount * 8];
        for (long i = 0; i < _buffer.Length; i += ChunkBytes / sizeof(ulong))
        {
            _buffer.Slice(i, ChunkBytes / sizeof(ulong)).Fill((ulong)i);
        }
    }

    /// <summary>Bytes per second.</summary>
    public double Measure()
    {
        double best = 0;
        for (int pass = 0; pass < Passes; pass++)
        {
            long started = Stopwatch.GetTimestamp();
            _team.Run(this, (int)(BufferBytes / ChunkBytes));
            best = Math.Max(best, BufferBytes / Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        return best;
    }

    /// <inheritdoc/>
    void ITeamJob.Execute(int item, int worker)
    {
        ReadOnlySpan<Vector512<ulong>> chunk = MemoryMarshal.Cast<ulong, Vector512<ulong>>(
            _buffer.Slice((long)item * (ChunkBytes / sizeof(ulong)), ChunkBytes / sizeof(ulong)));
        Vector512<ulong> a = default, b = default, c = default, d = default; // four, so that no load waits for an addition
        for (int i = 0; i + 3 < chunk.Length; i += 4)
        {
            a += chunk[i];
            b += chunk[i + 1];
            c += chunk[i + 2];
            d += chunk[i + 3];
        }

        _sums[worker * 8] += Vector512.Sum(a + b + c + d);
    }

    /// <inheritdoc/>
    public void Dispose() => _buffer.Dispose();
}
