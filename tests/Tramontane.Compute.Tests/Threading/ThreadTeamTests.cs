using Tramontane.Compute.Threading;

namespace Tramontane.Compute.Tests.Threading;

public sealed class ThreadTeamTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Run_ManyJobs_DoesEachItemOnce(int workers)
    {
        using var team = new ThreadTeam(workers);
        for (int count = 0; count < 300; count++)
        {
            var job = new CountingJob(count);
            team.Run(job, count);
            Assert.All(job.Done, times => Assert.Equal(1, times));
            Assert.True(job.HighestWorker < workers);
        }
    }

    [Fact]
    public void Run_MoreWorkersThanProcessors_DoesEachItemOnce()
    {
        // Most workers come too late for most jobs, and some in the middle of the next.
        using var team = new ThreadTeam(32);
        for (int i = 0; i < 5_000; i++)
        {
            var job = new CountingJob(2 + (i % 5));
            team.Run(job, job.Done.Length);
            Assert.All(job.Done, times => Assert.Equal(1, times));
        }
    }

    [Fact]
    public void Run_ThrowingItem_RethrowsAndGoesOnWorking()
    {
        using var team = new ThreadTeam(3);
        for (int i = 0; i < 50; i++)
        {
            Assert.Throws<FormatException>(() => team.Run(new ThrowingJob(), 20));
            var job = new CountingJob(20);
            team.Run(job, 20);
            Assert.All(job.Done, times => Assert.Equal(1, times));
        }
    }

    [Fact]
    public void Run_AfterDispose_Throws()
    {
        var team = new ThreadTeam(2);
        team.Dispose();
        team.Dispose();
        Assert.Throws<ObjectDisposedException>(() => team.Run(new CountingJob(1), 1));
    }

    [Fact]
    public void PhysicalCoreCount_Here_IsWithinTheProcessors() =>
        Assert.InRange(Processors.PhysicalCoreCount, 1, Environment.ProcessorCount);

    private sealed class CountingJob(int count) : ITeamJob
    {
        private int _highestWorker;

        public int[] Done { get; } = new int[count];

        public int HighestWorker => _highestWorker;

        public void Execute(int item, int worker)
        {
            Interlocked.Increment(ref Done[item]);
            int seen = Volatile.Read(ref _highestWorker);
            while (worker > seen)
            {
                seen = Interlocked.CompareExchange(ref _highestWorker, worker, seen);
            }
        }
    }

    private sealed class ThrowingJob : ITeamJob
    {
        public void Execute(int item, int worker) => throw (item == 7 ? new FormatException() : new FormatException("another"));
    }
}
