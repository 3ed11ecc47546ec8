using System.Diagnostics;
using System.Globalization;

namespace Tramontane.LoadGenerator;

/// <summary>Watches the memory of a process on this machine, and in the end whether it idles (Linux).</summary>
internal sealed class ServerWatch : IDisposable
{
    private static readonly TimeSpan s_idleTime = TimeSpan.FromSeconds(5);

    private readonly int _process;
    private readonly List<long> _kilobytes = [];
    private readonly Timer _timer;

    public ServerWatch(int process)
    {
        _process = process;
        _timer = new Timer(_ => Sample(), null, TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    /// <summary>Memory in four parts of the time, then the processor time of some idle seconds.</summary>
    public async Task<string> ReportAsync()
    {
        await _timer.DisposeAsync();
        TimeSpan before = ProcessorTime();
        await Task.Delay(s_idleTime);
        double idle = (ProcessorTime() - before) / s_idleTime;
        string[] parts = [.. _kilobytes.Chunk(Math.Max(1, (_kilobytes.Count + 3) / 4)).Select(part => (part.Max() / 1024).ToString(CultureInfo.InvariantCulture))];
        return string.Create(CultureInfo.InvariantCulture,
            $"own memory at most, by quarters of the time: {string.Join(", ", parts)} MiB; idle afterwards: {idle:P2} of a processor");
    }

    public void Dispose() => _timer.Dispose();

    // Without what is mapped from files: the weights are the page cache's.
    private void Sample()
    {
        string? line = Array.Find(File.ReadAllLines($"/proc/{_process}/status"), l => l.StartsWith("RssAnon:", StringComparison.Ordinal));
        _kilobytes.Add(long.Parse(line!["RssAnon:".Length..^2].Trim(), CultureInfo.InvariantCulture));
    }

    private TimeSpan ProcessorTime()
    {
        using Process process = Process.GetProcessById(_process);
        return process.TotalProcessorTime;
    }
}
